//! Which packets a listener gets.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use feed::{Direction, Packet};

/// Which packets are wanted. Components have numbers in a running demonstration, and names in a recording.
///
/// A packet is reported by the component that sent it and by the one that received it, since it may be lost or altered
/// in between: whoever selects both gets it twice, on two interfaces.
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
    /// if it never arrives, but only once the other one has been heard.
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
    selection: Selection<Id>,
    /// The addresses of the other end of the link.
    known: BTreeSet<Endpoint>,
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
    /// The maximum number of addresses of a component.
    const MOST: usize = 1_024;

    pub(crate) const fn new(selection: Selection<Id>) -> Self {
        Self {
            selection,
            known: BTreeSet::new(),
        }
    }

    /// Learns from a packet of a component, which sent it or received it at this address.
    pub(crate) fn learn(&mut self, component: &Id, own: Endpoint) {
        if let Selection::Link { with, .. } = &self.selection
            && component == with
            && self.known.len() < Self::MOST
        {
            self.known.insert(own);
        }
    }

    /// Decides on a packet of a component, which sent it to this address or received it from there.
    pub(crate) fn passes(&self, component: &Id, remote: Endpoint) -> bool {
        self.selection.shows(component)
            && match &self.selection {
                Selection::Everything | Selection::Components(_) => true,
                Selection::Link { .. } => self.known.contains(&remote),
            }
    }

    pub(crate) const fn selection(&self) -> &Selection<Id> {
        &self.selection
    }
}

/// Returns the component's own end of a packet, and the other one.
pub(crate) const fn ends<Bytes>(packet: &Packet<Bytes>) -> (SocketAddr, SocketAddr) {
    match packet.direction {
        Direction::Sent => (packet.source, packet.destination),
        Direction::Received => (packet.destination, packet.source),
    }
}

/// Returns an address as packets of both IP versions have it.
pub(crate) const fn endpoint(address: SocketAddr) -> Endpoint {
    (address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Endpoint = (IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 1)), 9899);
    const B: Endpoint = (IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2)), 9899);
    const C: Endpoint = (IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2)), 9900);

    #[test]
    fn a_link_shows_what_one_end_exchanges_with_the_addresses_of_the_other() {
        let mut filter = Filter::new(Selection::Link { at: 1, with: 2 });
        assert!(!filter.passes(&1, B));
        filter.learn(&1, A);
        filter.learn(&3, C);
        filter.learn(&2, B);
        assert!(filter.passes(&1, B));
        // Another component on the same host, and the other end.
        assert!(!filter.passes(&1, C));
        assert!(!filter.passes(&2, A));
        assert!(!filter.passes(&3, B));
        assert!(filter.selection().concerns(&2) && !filter.selection().concerns(&3));
    }

    #[test]
    fn the_addresses_of_a_component_are_bounded() {
        let mut filter = Filter::new(Selection::Link { at: 1, with: 2 });
        for port in 0..u16::MAX {
            filter.learn(&2, (A.0, port));
        }
        assert_eq!(filter.known.len(), Filter::<u32>::MOST);
    }

    #[test]
    fn selected_components_are_shown_with_all_their_packets() {
        let filter = Filter::new(Selection::Components([1, 3].into()));
        assert!(filter.passes(&1, B) && filter.passes(&3, C) && !filter.passes(&2, A));
        assert!(Filter::new(Selection::Everything).passes(&2, A));
    }
}
