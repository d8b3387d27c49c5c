//! Prints what happens, on request.

use std::fmt::Display;

use protocol::MulticastGroup;
use virtual_network::Arrival;
use wire::{Decoded, Ppid, Rejection, asap, enrp};

use super::World;
use crate::NodeId;

impl World {
    pub(super) fn fault(&mut self, concerned: &[NodeId], what: impl Display) {
        self.last_fault = self.now;
        let is_registrar = |id: &NodeId| self.nodes[id.0].role.registrar().is_some();
        if concerned.iter().any(is_registrar) {
            self.last_registrar_fault = self.now;
        }
        if self.trace {
            println!("{:?} *** {concerned:?} {what}", self.now);
        }
    }

    pub(super) fn trace_arrival(&self, id: NodeId, arrival: &Arrival) {
        let text = match arrival {
            Arrival::Association(event) => format!("{event:?}"),
            Arrival::Message(association, ppid, bytes) => {
                format!("{association:?}: {}", message(*ppid, bytes))
            }
            Arrival::Datagram(group, source, bytes) => {
                let ppid = match group {
                    MulticastGroup::Asap => Ppid::ASAP,
                    MulticastGroup::Enrp => Ppid::ENRP,
                };
                format!("datagram from {source}: {}", message(ppid, bytes))
            }
        };
        println!("{:?} -> {id:?} {text}", self.now);
    }
}

fn message(ppid: Ppid, bytes: &[u8]) -> String {
    match ppid {
        Ppid::ASAP => describe(asap::Message::decode(bytes), asap::Message::name),
        Ppid::ENRP => describe(enrp::Message::decode(bytes), enrp::Message::name),
        _ => format!("{ppid}, {} bytes", bytes.len()),
    }
}

fn describe<M: Display>(decoded: Result<Decoded<M>, Rejection>, name: impl Fn(&M) -> &'static str) -> String {
    match decoded {
        Ok(decoded) => format!("{} {}", name(&decoded.message), decoded.message),
        Err(rejection) => rejection.to_string(),
    }
}
