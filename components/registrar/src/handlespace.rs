//! What a control centre is told of the handlespace.

use std::time::Duration;

use feed::{Event, HandlespaceEntry};
use protocol::{Registrar, Time};
use wire::parameter::fraction_of_scale;

/// Tells of the handlespace when it has changed, but not too often.
#[derive(Debug, Default)]
pub(crate) struct HandlespaceTeller {
    changed: bool,
    next: Time,
}

/// The shortest time between two tellings.
const INTERVAL: Duration = Duration::from_millis(100);
/// Pool elements that are told of one by one; the numbers count all.
const MOST_ENTRIES: usize = 200;

impl HandlespaceTeller {
    /// Something has changed.
    pub(crate) const fn note_change(&mut self) {
        self.changed = true;
    }

    /// When there is something to tell.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.changed.then_some(self.next)
    }

    /// What there is to tell at this time.
    pub(crate) fn poll_event(&mut self, now: Time, registrar: &Registrar) -> Option<Event> {
        if !self.changed || now < self.next {
            return None;
        }
        self.changed = false;
        self.next = now + INTERVAL;
        Some(describe(registrar))
    }
}

fn describe(registrar: &Registrar) -> Event {
    let handlespace = registrar.handlespace();
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let entries = handlespace
        .elements_after(None)
        .take(MOST_ENTRIES)
        .map(|(pool_handle, element)| HandlespaceEntry {
            pool_handle: pool_handle.to_string(),
            pe_identifier: element.identifier.0,
            home_registrar: element.home_registrar.0,
            policy: element.policy.to_string(),
            load: element.policy.load().map(fraction_of_scale),
        })
        .collect();
    Event::Handlespace {
        pools: number(handlespace.pool_count()),
        pool_elements: number(handlespace.len()),
        owned: number(handlespace.owned_count(registrar.identifier())),
        peers: number(registrar.registrars_heard()),
        checksum: registrar.checksum(),
        entries,
    }
}

#[cfg(test)]
mod tests {
    use protocol::Config;
    use protocol::registrar::{EnrpSettings, Settings};
    use wire::RegistrarIdentifier;
    use wire::parameter::{SctpTransport, TransportUse};

    use super::*;

    #[test]
    fn changes_in_quick_succession_are_told_once() {
        let settings = Settings {
            identifier: RegistrarIdentifier(1),
            announce: false,
            announced_transport: None,
            enrp: EnrpSettings::without_mentors(SctpTransport {
                port: 9901,
                transport_use: TransportUse::DataOnly,
                addresses: Vec::new(),
            }),
            admitted: Vec::new(),
        };
        let registrar = Registrar::new(Time::ZERO, settings, Config::demo(), 1);
        let mut teller = HandlespaceTeller::default();
        let at = |milliseconds| Time::from_origin(Duration::from_millis(milliseconds));
        assert_eq!(teller.poll_timeout(), None);
        teller.note_change();
        assert!(teller.poll_event(at(500), &registrar).is_some());
        teller.note_change();
        teller.note_change();
        assert_eq!(teller.poll_event(at(550), &registrar), None);
        assert_eq!(teller.poll_timeout(), Some(at(600)));
        assert!(teller.poll_event(at(600), &registrar).is_some());
        assert_eq!(teller.poll_timeout(), None);
    }
}
