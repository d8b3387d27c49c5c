//! Which packets a listener gets.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use feed::{Direction, Packet};

/// Which packets are wanted, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View<Id = u32> {
    /// Which.
    pub selection: Selection<Id>,
    /// How often.
    pub copies: Copies,
}

/// How often a packet is shown that several selected components report: the one that sent it and those that received it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Copies {
    /// As its sender saw it; as its receiver saw it only if it was lost or altered on the way.
    ///
    /// Wireshark takes the second copy for a retransmission, and does not decode what it carries.
    #[default]
    Once,
    /// As each of them saw it, on an interface each.
    Each,
}

/// Which packets are wanted. Components have numbers in a running demonstration, and names in a recording.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection<Id = u32> {
    /// All packets of all components.
    #[default]
    Everything,
    /// The packets that these components sent and received.
    Components(BTreeSet<Id>),
    /// The packets between two components as they are seen at the first: as if one captured there.
    ///
    /// The addresses of the other one are those which its own packets have. What the first one sends there is shown even
    /// if it never arrives, but only once the other one has been heard, or its address been told.
    Link {
        /// The component whose packets are shown.
        at: Id,
        /// The component with which they are exchanged.
        with: Id,
    },
}

/// An address and port of a component: of UDP if there is UDP, otherwise of SCTP.
pub(crate) type Endpoint = (IpAddr, u16);

/// Decides on packets, and learns from them where components are.
#[derive(Debug)]
pub(crate) struct Filter<Id> {
    view: View<Id>,
    /// The addresses of the other end of the link; or those from which selected components send what is shown once.
    known: BTreeSet<Endpoint>,
}

/// What a packet is to a filter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) direction: Direction,
    /// The component's own address.
    pub(crate) own: Endpoint,
    /// The other one.
    pub(crate) remote: Endpoint,
}

impl<Id> From<Selection<Id>> for View<Id> {
    fn from(selection: Selection<Id>) -> Self {
        Self {
            selection,
            copies: Copies::default(),
        }
    }
}

impl<Id: Ord> Selection<Id> {
    /// Returns whether anything can be learned from the packets of this component.
    pub(crate) fn concerns(&self, component: &Id) -> bool {
        match self {
            Self::Everything => true,
            Self::Components(components) => components.contains(component),
            Self::Link { at, with } => component == at || component == with,
        }
    }

    /// Returns whether packets of this component are shown, at least some of them.
    pub(crate) fn shows(&self, component: &Id) -> bool {
        match self {
            Self::Everything => true,
            Self::Components(components) => components.contains(component),
            Self::Link { at, .. } => component == at,
        }
    }
}

impl<Id: Ord> Filter<Id> {
    /// The maximum number of addresses that are known.
    const MOST: usize = 4_096;

    pub(crate) const fn new(view: View<Id>) -> Self {
        Self {
            view,
            known: BTreeSet::new(),
        }
    }

    /// Whether it has to learn before it can decide.
    pub(crate) fn learns(&self) -> bool {
        matches!(self.view.selection, Selection::Link { .. }) || self.view.copies == Copies::Once
    }

    /// Learns the address of the other end of a link otherwise than from its packets.
    pub(crate) fn learn_address(&mut self, address: SocketAddr) {
        self.known.insert(endpoint(address));
    }

    /// Learns from a packet of a component.
    pub(crate) fn learn(&mut self, component: &Id, ends: Ends) {
        let is_told = match &self.view.selection {
            Selection::Link { with, .. } => component == with,
            selection => {
                let sends = ends.direction == Direction::Sent;
                self.view.copies == Copies::Once && sends && selection.shows(component)
            }
        };
        if is_told && self.known.len() < Self::MOST {
            self.known.insert(ends.own);
        }
    }

    /// Decides on a packet of a component, which may tell something that its sender did not know.
    pub(crate) fn passes(&self, component: &Id, ends: Ends, tells_more: bool) -> bool {
        if !self.view.selection.shows(component) {
            return false;
        }
        match (&self.view.selection, self.view.copies) {
            (Selection::Link { .. }, _) => self.known.contains(&ends.remote),
            (_, Copies::Each) => true,
            (_, Copies::Once) => {
                let is_original = ends.direction == Direction::Sent || !self.known.contains(&ends.remote);
                is_original || tells_more
            }
        }
    }

    pub(crate) const fn selection(&self) -> &Selection<Id> {
        &self.view.selection
    }
}

/// Returns what a packet is to a filter.
pub(crate) const fn ends<Bytes>(packet: &Packet<Bytes>) -> Ends {
    let (own, remote) = match packet.direction {
        Direction::Sent => (packet.source, packet.destination),
        Direction::Received => (packet.destination, packet.source),
    };
    Ends {
        direction: packet.direction,
        own: endpoint(own),
        remote: endpoint(remote),
    }
}

/// Returns an address as packets of both IP versions have it.
const fn endpoint(address: SocketAddr) -> Endpoint {
    (address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Endpoint = (IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 1)), 9899);
    const B: Endpoint = (IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2)), 9899);
    const C: Endpoint = (IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2)), 9900);

    const fn sent(own: Endpoint, remote: Endpoint) -> Ends {
        Ends {
            direction: Direction::Sent,
            own,
            remote,
        }
    }

    const fn received(own: Endpoint, remote: Endpoint) -> Ends {
        Ends {
            direction: Direction::Received,
            own,
            remote,
        }
    }

    #[test]
    fn a_link_shows_what_one_end_exchanges_with_the_addresses_of_the_other() {
        let mut filter = Filter::new(Selection::Link { at: 1, with: 2 }.into());
        assert!(filter.learns() && !filter.passes(&1, sent(A, B), false));
        filter.learn(&1, sent(A, B));
        filter.learn(&3, sent(C, A));
        filter.learn(&2, received(B, A));
        assert!(filter.passes(&1, sent(A, B), false) && filter.passes(&1, received(A, B), false));
        // Another component on the same host, and the other end.
        assert!(!filter.passes(&1, sent(A, C), false));
        assert!(!filter.passes(&2, sent(B, A), false));
        assert!(!filter.passes(&3, sent(C, B), false));
        assert!(filter.selection().concerns(&2) && !filter.selection().concerns(&3));
    }

    #[test]
    fn the_addresses_that_are_known_are_bounded() {
        let mut filter = Filter::new(Selection::Link { at: 1, with: 2 }.into());
        for port in 0..u16::MAX {
            filter.learn(&2, sent((A.0, port), B));
        }
        assert_eq!(filter.known.len(), Filter::<u32>::MOST);
    }

    #[test]
    fn a_packet_is_shown_once_unless_its_receiver_tells_more_or_its_sender_tells_nothing() {
        let mut filter = Filter::new(Selection::Components([1, 3].into()).into());
        filter.learn(&1, sent(A, C));
        filter.learn(&2, sent(B, C));
        assert!(filter.passes(&1, sent(A, C), false) && !filter.passes(&2, sent(B, C), false));
        assert!(!filter.passes(&3, received(C, A), false));
        assert!(filter.passes(&3, received(C, A), true));
        // Its sender was not selected.
        assert!(filter.passes(&3, received(C, B), false));
        // What only received there may be another one.
        filter.learn(&3, received(C, A));
        assert!(filter.passes(&1, received(A, C), false));
    }

    #[test]
    fn each_copy_is_shown_if_that_is_wanted() {
        let mut filter = Filter::new(View {
            selection: Selection::Everything,
            copies: Copies::Each,
        });
        filter.learn(&1, sent(A, B));
        assert!(!filter.learns() && filter.passes(&2, received(B, A), false));
    }
}
