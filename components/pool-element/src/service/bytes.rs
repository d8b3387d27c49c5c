//! Echo, Discard, Daytime and Chargen: services that transfer bytes and have no state to keep.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use feed::PoolElementWork;
use protocol::{AssociationId, Time};
use wire::Ppid;

use super::{Host, Service};

/// The behaviour of such a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Sends back what it receives.
    Echo,
    /// Ignores what it receives.
    Discard,
    /// Sends the time and ends the session.
    Daytime,
    /// Sends characters as fast as the pool user accepts them.
    Chargen,
}

/// A service that transfers bytes.
#[derive(Debug)]
pub(crate) struct ByteService {
    behaviour: Behaviour,
    sessions: BTreeSet<AssociationId>,
    /// When Chargen continues: a buffer that was never full does not report that it has room.
    next_burst: Time,
    /// Messages that were sent, or discarded.
    messages: u64,
}

/// The length of a Chargen message in bytes.
const LINE: u8 = 98;
const CHARGEN_MESSAGE: usize = 1024;
/// The number of Chargen messages to send before returning to the driver.
const BURST: usize = 16;
/// The pause between two bursts.
const PAUSE: Duration = Duration::from_millis(10);

impl ByteService {
    /// Creates a service with this behaviour.
    pub(crate) const fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            sessions: BTreeSet::new(),
            next_burst: Time::ZERO,
            messages: 0,
        }
    }

    fn generate(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        if self.behaviour == Behaviour::Chargen && host.is_writable(session) {
            self.messages += BURST as u64;
            for _ in 0..BURST {
                host.send(session, Ppid::UNSPECIFIED, characters());
            }
        }
    }
}

impl Service for ByteService {
    #[expect(
        clippy::disallowed_methods,
        reason = "the time of day is what the service is for"
    )]
    fn begin_session(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        self.sessions.insert(session);
        if self.behaviour == Behaviour::Daytime {
            let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let text = daytime(since_epoch.as_secs(), since_epoch.subsec_micros());
            host.send(session, Ppid::UNSPECIFIED, text.into_bytes());
            host.close(session);
            self.messages += 1;
        }
        self.generate(host, session);
    }

    fn handle_data(&mut self, host: &mut Host<'_, '_>, session: AssociationId, ppid: Ppid, bytes: &[u8]) {
        if matches!(self.behaviour, Behaviour::Echo | Behaviour::Discard) {
            self.messages += 1;
        }
        if self.behaviour == Behaviour::Echo {
            host.send(session, ppid, bytes.to_vec());
        }
    }

    fn handle_writable(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        self.generate(host, session);
    }

    fn end_session(&mut self, _host: &mut Host<'_, '_>, session: AssociationId) {
        self.sessions.remove(&session);
    }

    fn handle_timeout(&mut self, host: &mut Host<'_, '_>) {
        self.next_burst = host.now() + PAUSE;
        let sessions: Vec<AssociationId> = self.sessions.iter().copied().collect();
        for session in sessions {
            self.generate(host, session);
        }
    }

    fn poll_timeout(&self) -> Option<Time> {
        (self.behaviour == Behaviour::Chargen && !self.sessions.is_empty()).then_some(self.next_burst)
    }

    fn running(&self) -> usize {
        self.sessions.len()
    }

    fn work(&self, _now: Time) -> Option<PoolElementWork> {
        Some(super::messages(self.messages))
    }
}

fn characters() -> Vec<u8> {
    (0..CHARGEN_MESSAGE)
        .map(|index| 30 + (index % usize::from(LINE)) as u8)
        .collect()
}

/// Formats the time (UTC) as rsplib does, such as `Monday, 23-November-2026 03:15:00.123456`.
fn daytime(seconds: u64, microseconds: u32) -> String {
    const WEEKDAYS: [&str; 7] = [
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
    ];
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let days = seconds / 86_400;
    // Days are counted from 1 March of the year 0, so that leap days are the last days of their years.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = (march_month + 2) % 12;
    let year = era * 400 + year_of_era + u64::from(month < 2);
    let name =
        |names: &'static [&'static str], index: u64| names.get(index as usize).copied().unwrap_or_default();
    format!(
        "{}, {day:02}-{}-{year} {:02}:{:02}:{:02}.{microseconds:06}\n",
        name(&WEEKDAYS, days % 7),
        name(&MONTHS, month),
        seconds / 3_600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_told_in_the_form_of_rsplib() {
        let told = |seconds| daytime(seconds, 123_456);
        assert_eq!(told(1_795_403_700), "Monday, 23-November-2026 03:15:00.123456\n");
        assert_eq!(told(951_782_400), "Tuesday, 29-February-2000 00:00:00.123456\n");
        assert_eq!(told(0), "Thursday, 01-January-1970 00:00:00.123456\n");
    }

    #[test]
    fn characters_run_from_30_to_127_again_and_again() {
        let characters = characters();
        assert_eq!(characters.len(), 1024);
        assert_eq!((characters[0], characters[97], characters[98]), (30, 127, 30));
    }
}
