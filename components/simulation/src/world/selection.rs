//! Asks registrars, as a pool user that takes no time.

use protocol::{AssociationEvent, AssociationId, Core, DownCause, Endpoint, Output, TransportAddress};
use wire::asap::{HandleResolution, Message, Resolution};
use wire::{PeIdentifier, Ppid};

use super::World;
use crate::node::Program;
use crate::{Network, NodeId};

/// An association that the network will not use.
const ASKING: AssociationId = AssociationId::incoming(u64::MAX);

impl World {
    /// Asks a registrar for one pool element a number of times; returns those that it names.
    pub fn ask(&mut self, id: NodeId, times: usize) -> Vec<PeIdentifier> {
        let request = Message::HandleResolution(HandleResolution {
            subscribe: false,
            pool_handle: self.pool.clone(),
            items: Some(1),
        })
        .encode();
        let node = &mut self.nodes[id.0];
        let now = node.clock.local_time(self.now);
        let Some(Program::Registrar(registrar)) = &mut node.program else {
            return Vec::new();
        };
        registrar.handle_association(
            now,
            AssociationEvent::Up {
                association: ASKING,
                endpoint: Endpoint::Asap,
                peer: TransportAddress {
                    addresses: vec![Network::address(id)],
                    port: 1,
                },
            },
        );
        let mut named = Vec::new();
        for _ in 0..times {
            registrar.handle_input(now, ASKING, Ppid::ASAP, &request);
            while let Some(output) = registrar.poll_output() {
                if let Output::Send {
                    association: ASKING,
                    bytes,
                    ..
                } = output
                    && let Ok(decoded) = Message::decode(&bytes)
                    && let Message::HandleResolutionResponse(response) = decoded.message
                    && let Resolution::Resolved { pool_elements, .. } = response.outcome
                {
                    named.extend(pool_elements.first().map(|element| element.identifier));
                }
            }
        }
        let cause = DownCause::Graceful;
        registrar.handle_association(
            now,
            AssociationEvent::Down {
                association: ASKING,
                cause,
            },
        );
        self.drain(id);
        named
    }
}
