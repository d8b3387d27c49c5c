//! Transport addresses where registrars are, or were, without their identifiers: configured ones, and those of peers
//! that were given up. This registrar tries to connect to them from time to time, so that the two halves of a
//! divided network find each other again even without multicast.

use crate::{Config, Time, TransportAddress};

/// The maximum number of attempts to reach a peer that was given up; with the growing pauses, these take some
/// minutes.
const MOST_FAILURES: u32 = 12;
/// The maximum pause between attempts, in heartbeats.
const LONGEST_PAUSE: u32 = 16;

/// All contacts.
#[derive(Debug)]
pub(super) struct Contacts {
    contacts: Vec<Contact>,
}

#[derive(Debug)]
struct Contact {
    place: TransportAddress,
    /// Configured, and therefore never forgotten.
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

    /// Remembers the transport address of a registrar, if there is room.
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

    /// Returns the transport addresses to connect to now.
    pub(super) fn due(&self, now: Time) -> Vec<TransportAddress> {
        let due = self.contacts.iter().filter(|contact| contact.next <= now);
        due.map(|contact| contact.place.clone()).collect()
    }

    /// An attempt was refused or not answered.
    pub(super) fn failed(&mut self, now: Time, place: &TransportAddress, config: &Config) {
        for contact in &mut self.contacts {
            if same_place(&contact.place, place) {
                let pause = 1 << contact.failures.min(LONGEST_PAUSE.ilog2());
                // Somewhat less than a heartbeat, since attempts are made with heartbeats.
                contact.next = now + config.peer_heartbeat_cycle * pause / 2;
                contact.failures = contact.failures.saturating_add(1);
            }
        }
        self.contacts
            .retain(|contact| contact.permanent || contact.failures < MOST_FAILURES);
    }

    /// A registrar was reached: the address of a former peer need not be remembered while it is in the peer list.
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

    /// Returns whether all configured transport addresses have been tried without success.
    pub(super) fn are_exhausted(&self) -> bool {
        let mut permanent = self.contacts.iter().filter(|contact| contact.permanent);
        permanent.all(|contact| contact.failures > 0)
    }
}

/// Returns whether two transport addresses may belong to the same SCTP endpoint.
pub(super) fn same_place(one: &TransportAddress, other: &TransportAddress) -> bool {
    one.port == other.port && share_an_address(one, other)
}

/// Returns whether two transport addresses may belong to the same host.
pub(super) fn share_an_address(one: &TransportAddress, other: &TransportAddress) -> bool {
    let mut addresses = one.addresses.iter();
    addresses.any(|address| {
        let mut others = other.addresses.iter();
        others.any(|other| other.to_canonical() == address.to_canonical())
    })
}
