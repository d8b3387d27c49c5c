//! State changes that a feed had no room for, to be written later.

use std::collections::BTreeMap;

use events::registrar;
use feed::{AssociationId, Event, Stamped};

/// The latest value of each state that has not been written to the feed yet.
///
/// For a state that changes faster than the feed is read, only the latest value matters, but that must not be lost:
/// the reader would believe the previous one forever. Hence at most one event per state is retained.
#[derive(Debug, Default)]
pub(crate) struct Retained {
    entries: BTreeMap<Subject, Stamped>,
}

/// The state that an event reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    Status,
    Load,
    Limits,
    Policy,
    Work,
    Handlespace,
    StartUp,
    Peers,
    Impairments,
    /// Whether an association is up.
    Association(AssociationId),
    /// The component at its other end.
    Peer(AssociationId),
}

/// The result of merging an event.
#[derive(Debug, PartialEq)]
pub(crate) enum Merged {
    /// The retained event covers it; this many events need not be written any more.
    Superseded(u64),
    /// There is no retained event to merge it with.
    News(Stamped),
}

impl Subject {
    /// Returns the state that an event reports; `None` if it reports a single occurrence.
    pub(crate) const fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::Status { .. } => Self::Status,
            Event::Load { .. } => Self::Load,
            Event::Limits(_) => Self::Limits,
            Event::Policy { .. } => Self::Policy,
            Event::PoolElementWork(_) | Event::PoolUserWork(_) => Self::Work,
            Event::Handlespace { .. } => Self::Handlespace,
            Event::Registrar(registrar::Event::StartUp { .. }) => Self::StartUp,
            Event::Peers { .. } => Self::Peers,
            Event::Impairments { .. } => Self::Impairments,
            Event::AssociationUp { association, .. } | Event::AssociationDown { association, .. } => {
                Self::Association(*association)
            }
            Event::AssociationPeer { association, .. } => Self::Peer(*association),
            Event::Hello { .. }
            | Event::Message { .. }
            | Event::Registrar(_)
            | Event::PoolElement(_)
            | Event::PoolUser(_)
            | Event::ImageStarted { .. }
            | Event::Pixels { .. }
            | Event::ImageCompleted { .. }
            | Event::ImageVerified { .. }
            | Event::Dropped { .. }
            | Event::Beat
            | Event::Problem { .. }
            | Event::Goodbye { .. } => return None,
        })
    }

    /// Returns whether each event contains the whole state, so that there may be many of them within a short time.
    pub(crate) const fn is_repeated(self) -> bool {
        match self {
            Self::Status
            | Self::Load
            | Self::Limits
            | Self::Policy
            | Self::Work
            | Self::Handlespace
            | Self::StartUp
            | Self::Peers
            | Self::Impairments => true,
            Self::Association(_) | Self::Peer(_) => false,
        }
    }
}

impl Retained {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Retains an event.
    pub(crate) fn insert(&mut self, subject: Subject, stamped: Stamped) {
        self.entries.insert(subject, stamped);
    }

    /// Updates the retained events with an event that is related to one of them.
    pub(crate) fn merge(&mut self, stamped: Stamped) -> Merged {
        let Some(subject) = Subject::of(&stamped.event) else {
            return Merged::News(stamped);
        };
        match (&stamped.event, self.entries.get_mut(&subject)) {
            (Event::AssociationDown { association, .. }, retained) => {
                // The reader does not know the association, and need not learn about it.
                let is_unknown = retained.is_some();
                let peers = u64::from(self.entries.remove(&Subject::Peer(*association)).is_some());
                match is_unknown {
                    true => {
                        self.entries.remove(&subject);
                        Merged::Superseded(2 + peers)
                    }
                    false => Merged::News(stamped),
                }
            }
            (_, Some(retained)) => {
                *retained = stamped;
                Merged::Superseded(1)
            }
            (_, None) => Merged::News(stamped),
        }
    }

    /// Takes the event that has been waiting longest.
    pub(crate) fn take_first(&mut self) -> Option<(Subject, Stamped)> {
        let first = self.entries.iter().min_by_key(|(_, stamped)| stamped.at);
        let subject = *first?.0;
        self.entries.remove_entry(&subject)
    }
}

#[cfg(test)]
mod tests {
    use feed::{
        ComponentIdentity, DownCause, Protocol, RegistrarStatus, Status, Timestamp, TransportAddress,
    };
    use wire::RegistrarIdentifier;

    use super::*;

    fn stamped(at: u64, event: Event) -> Stamped {
        Stamped {
            at: Timestamp::from_micros(at),
            event,
        }
    }

    fn end() -> TransportAddress {
        TransportAddress {
            addresses: Vec::new(),
            port: 1,
        }
    }

    fn up(association: u64) -> Event {
        Event::AssociationUp {
            association: association.into(),
            protocol: Protocol::Asap,
            local: end(),
            remote: end(),
            inbound: false,
            peer: None,
        }
    }

    fn down(association: u64) -> Event {
        Event::AssociationDown {
            association: association.into(),
            remote: end(),
            cause: DownCause::Timeout,
        }
    }

    fn peer(association: u64) -> Event {
        Event::AssociationPeer {
            association: association.into(),
            peer: ComponentIdentity::Registrar(RegistrarIdentifier(1)),
        }
    }

    fn retain(retained: &mut Retained, stamped: Stamped) -> bool {
        match retained.merge(stamped) {
            Merged::News(stamped) => {
                if let Some(subject) = Subject::of(&stamped.event) {
                    retained.insert(subject, stamped);
                }
                true
            }
            Merged::Superseded(_) => false,
        }
    }

    #[test]
    fn the_latest_of_each_state_is_told_in_the_order_of_their_times() {
        let mut retained = Retained::default();
        let status = |peers| Event::Status {
            ready: true,
            status: Status::Registrar(RegistrarStatus::InService {
                pool_elements: 1,
                pools: 1,
                peers,
            }),
        };
        retain(&mut retained, stamped(1, status(1)));
        retain(&mut retained, stamped(2, up(7)));
        retain(&mut retained, stamped(3, peer(7)));
        assert!(!retain(&mut retained, stamped(4, status(2))));
        let told: Vec<Event> = std::iter::from_fn(|| retained.take_first())
            .map(|(_, stamped)| stamped.event)
            .collect();
        assert_eq!(told, [up(7), peer(7), status(2)]);
    }

    #[test]
    fn an_association_that_the_reader_has_never_heard_of_vanishes_with_its_end() {
        let mut retained = Retained::default();
        retain(&mut retained, stamped(1, up(7)));
        retain(&mut retained, stamped(2, peer(7)));
        assert_eq!(retained.merge(stamped(3, down(7))), Merged::Superseded(3));
        assert!(retained.is_empty());
    }

    #[test]
    fn the_end_of_an_association_that_the_reader_knows_is_told() {
        let mut retained = Retained::default();
        retain(&mut retained, stamped(2, peer(7)));
        assert!(retain(&mut retained, stamped(3, down(7))));
        assert_eq!(retained.take_first().unwrap().1.event, down(7));
        assert!(retained.is_empty());
    }
}
