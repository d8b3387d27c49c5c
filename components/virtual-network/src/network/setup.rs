//! How associations are established (RFC 9260 section 5): there is at most one between the same addresses and ports.

use std::time::Duration;

use protocol::{AssociationEvent, AssociationId, DownCause, Endpoint, Time, TransportAddress};
use rand::RngExt;

use super::{Arrival, Death, Network, NodeId, Status, Transit};
use crate::link::{End, EndState, Link, Parcel, Side};

/// The interval of attempts to reach a node that does not answer.
const SETUP_RETRY: Duration = Duration::from_millis(100);
/// The maximum duration of these attempts.
const SETUP_TIMEOUT: Duration = Duration::from_secs(10);

impl Network {
    /// Begins to open an association from a node.
    pub fn connect(
        &mut self,
        now: Time,
        node: NodeId,
        association: AssociationId,
        endpoint: Endpoint,
        target: TransportAddress,
    ) {
        self.created += 1;
        let id = self.created;
        let port = self.outgoing_port(node, endpoint);
        let taken = self
            .ends_of(node)
            .any(|end| self.is_between(end, port, &target) && self.end(end).state != EndState::Closed);
        let end = |state, port| End {
            node,
            association,
            endpoint,
            port,
            state,
        };
        let state = if taken { EndState::Closed } else { EndState::Open };
        let detour = self.conditions.detour.mul_f64(self.rng.random());
        let link = Link {
            // The other end is known once the attempt reaches it.
            ends: [end(state, port), end(EndState::Gone, target.port)],
            established: false,
            opened: now,
            target,
            detour,
            busy_until: [now; 2],
            held: Default::default(),
            blockage: 0,
            blocked: false,
        };
        self.links.insert(id, link);
        self.ends.insert((node, association), (id, 0));
        if taken {
            let down = Parcel::Down(DownCause::LocalAbort);
            self.enqueue(now, Transit::Parcel(id, 0, down));
        } else {
            let delay = self.delay();
            self.enqueue(now + delay + detour, Transit::Setup(id));
        }
    }

    pub(super) fn set_up(&mut self, now: Time, id: u64) -> Option<(NodeId, Arrival)> {
        let link = self.links.get(&id)?;
        let opener = link.ends[0].node;
        if link.ends[0].state != EndState::Open {
            return None;
        }
        let target = self.node_at(&link.target);
        let status = target.map(|node| self.places[node.0].status);
        let silent = match (target, status) {
            (Some(target), Some(status)) => {
                status == Status::Dead(Death::Unplugged)
                    || status == Status::Frozen
                    || self.is_cut(opener, target)
                    || self.is_frozen(opener)
            }
            _ => true,
        };
        if silent {
            self.call_again(now, id);
            return None;
        }
        let target = target?;
        let port = link.target.port;
        let mut listens = self.places[target.0].ports.listens.iter();
        let endpoint = listens.find(|(listening, _)| *listening == port);
        let refused = status != Some(Status::Running);
        let Some(&(_, endpoint)) = endpoint.filter(|_| !refused) else {
            self.post(now, id, 0, Parcel::Down(DownCause::Refused));
            return None;
        };
        let from = TransportAddress {
            addresses: vec![Self::address(opener)],
            port: link.ends[0].port,
        };
        let earlier = self
            .ends_of(target)
            .find(|&end| self.is_between(end, port, &from));
        let mut restarted = false;
        let association = match earlier {
            None => {
                self.created += 1;
                AssociationId::incoming(self.created)
            }
            Some((other, side)) => {
                let established = self.links[&other].established;
                let end = self.end((other, side));
                if end.state != EndState::Open {
                    self.call_again(now, id);
                    return None;
                }
                // Either both have connected to each other, or the opener has forgotten the association that the
                // target still has.
                restarted = established;
                let association = end.association;
                self.links.get_mut(&other)?.ends[side].state = EndState::Gone;
                self.forget_if_gone(other);
                association
            }
        };
        self.ends.insert((target, association), (id, 1));
        let link = self.links.get_mut(&id)?;
        link.established = true;
        link.ends[1] = End {
            node: target,
            association,
            endpoint,
            port,
            state: EndState::Open,
        };
        self.post(now, id, 0, Parcel::Up);
        if restarted {
            let event = AssociationEvent::Restarted { association };
            Some((target, Arrival::Association(event)))
        } else {
            self.deliver(now, id, 1, Parcel::Up)
        }
    }

    fn call_again(&mut self, now: Time, id: u64) {
        if now - self.links[&id].opened > SETUP_TIMEOUT {
            self.post(now, id, 0, Parcel::Down(DownCause::Timeout));
        } else {
            self.enqueue(now + SETUP_RETRY, Transit::Setup(id));
        }
    }

    fn outgoing_port(&self, node: NodeId, endpoint: Endpoint) -> u16 {
        if self.places[node.0].ports.ephemeral {
            let number = u16::try_from(self.created % 16_384).expect("less than 16,384");
            49_152 + number
        } else {
            self.port(node, endpoint)
        }
    }

    fn end(&self, (id, side): (u64, Side)) -> &End {
        &self.links[&id].ends[side]
    }

    /// Returns whether an end belongs to an association, or an attempt, between its own port and a peer.
    fn is_between(&self, (id, side): (u64, Side), port: u16, peer: &TransportAddress) -> bool {
        let link = &self.links[&id];
        if link.ends[side].port != port {
            return false;
        }
        if !link.established {
            return link.target == *peer;
        }
        let other = &link.ends[1 - side];
        other.port == peer.port && peer.addresses.contains(&Self::address(other.node))
    }

    fn node_at(&self, peer: &TransportAddress) -> Option<NodeId> {
        let mut nodes = peer
            .addresses
            .iter()
            .filter_map(|&address| Self::node_with(address));
        nodes.find(|node| node.0 < self.places.len())
    }
}
