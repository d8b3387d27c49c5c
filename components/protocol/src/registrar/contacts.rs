//! Places where registrars are, or were, without knowing which: those that were configured, and those of peers that
//! were given up. They are called from time to time, so that the two halves of a divided network find each other again
//! also without multicast.

use crate::{Config, Time, TransportAddress};

/// A peer that was given up is called so often; with the growing pauses that is for some minutes of heartbeats.
const MOST_FAILURES: u32 = 12;
/// Pauses between calls grow up to this many heartbeats.
const LONGEST_PAUSE: u32 = 16;

/// All places.
#[derive(Debug)]
pub(super) struct Contacts {
    contacts: Vec<Contact>,
}

#[derive(Debug)]
struct Contact {
    place: TransportAddress,
    /// Configured: never forgotten.
    permanent: bool,
    failures: u32,
    next: Time,
}

impl Contacts {
    pub(super) fn new(configured: impl IntoIterator<Item = TransportAddress>) -> Self {
        let contact = |place| Contact {
            place,
            permanent: true,
            failures: 0,
            next: Time::ZERO,
        };
        Self {
            contacts: configured.into_iter().map(contact).collect(),
        }
    }

    /// Remembers where a registrar was; there is room for so many.
    pub(super) fn remember(&mut self, now: Time, place: TransportAddress, room: usize) {
        if self
            .contacts
            .iter()
            .any(|contact| same_place(&contact.place, &place))
        {
            return;
        }
        let former = |contact: &&Contact| !contact.permanent;
        if self.contacts.iter().filter(former).count() >= room {
            let oldest = self.contacts.iter().position(|contact| !contact.permanent);
            if let Some(oldest) = oldest {
                self.contacts.remove(oldest);
            }
        }
        self.contacts.push(Contact {
            place,
            permanent: false,
            failures: 0,
            next: now,
        });
    }

    /// The places that are to be called now.
    pub(super) fn due(&self, now: Time) -> Vec<TransportAddress> {
        let due = self.contacts.iter().filter(|contact| contact.next <= now);
        due.map(|contact| contact.place.clone()).collect()
    }

    /// Nobody was there, or nobody answered.
    pub(super) fn failed(&mut self, now: Time, place: &TransportAddress, config: &Config) {
        for contact in &mut self.contacts {
            if same_place(&contact.place, place) {
                let pause = 1 << contact.failures.min(LONGEST_PAUSE.ilog2());
                // Somewhat less than a heartbeat, since calls are made with heartbeats.
                contact.next = now + config.peer_heartbeat_cycle * pause / 2;
                contact.failures = contact.failures.saturating_add(1);
            }
        }
        self.contacts
            .retain(|contact| contact.permanent || contact.failures < MOST_FAILURES);
    }

    /// A registrar is there: a place of a former peer need not be remembered as long as it is in the peer list.
    pub(super) fn reached(&mut self, place: &TransportAddress) {
        self.contacts
            .retain(|contact| contact.permanent || !same_place(&contact.place, place));
        for contact in &mut self.contacts {
            if same_place(&contact.place, place) {
                contact.failures = 0;
                contact.next = Time::ZERO;
            }
        }
    }

    /// Whether every configured place has been called in vain.
    pub(super) fn are_exhausted(&self) -> bool {
        let mut permanent = self.contacts.iter().filter(|contact| contact.permanent);
        permanent.all(|contact| contact.failures > 0)
    }
}

/// Whether two transport addresses can be of one SCTP endpoint.
pub(super) fn same_place(one: &TransportAddress, other: &TransportAddress) -> bool {
    one.port == other.port && share_an_address(one, other)
}

/// Whether two transport addresses can be of one host.
pub(super) fn share_an_address(one: &TransportAddress, other: &TransportAddress) -> bool {
    let mut addresses = one.addresses.iter();
    addresses.any(|address| {
        let mut others = other.addresses.iter();
        others.any(|other| other.to_canonical() == address.to_canonical())
    })
}
