//! A single core: its inputs and outputs.

#![allow(dead_code, reason = "every test program uses its own part of this module")]
#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

pub(crate) mod peers;
pub(crate) mod registrar;
pub(crate) mod rsplib;
pub(crate) mod scope;

use std::fmt::Debug;
use std::net::IpAddr;
use std::time::Duration;

use protocol::{
    AssociationEvent, AssociationId, Core, DownCause, Endpoint, MulticastGroup, Output, Time,
    TransportAddress,
};
use wire::asap::{Message, Registration};
use wire::enrp;
use wire::parameter::{
    Policy, PoolElementParameter, RegistrationLife, SctpTransport, ServerInformation, TransportUse,
    UserTransport,
};
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier};

/// A core and the time.
pub(crate) struct Stand<C: Core> {
    pub(crate) core: C,
    pub(crate) now: Time,
}

/// The outputs of a core, sorted.
#[derive(Debug)]
pub(crate) struct Outcome<E> {
    pub(crate) sent: Vec<(AssociationId, Message)>,
    pub(crate) data: Vec<(AssociationId, Ppid, Vec<u8>)>,
    pub(crate) connects: Vec<(AssociationId, Endpoint, TransportAddress)>,
    pub(crate) shutdowns: Vec<AssociationId>,
    pub(crate) aborts: Vec<AssociationId>,
    pub(crate) multicasts: Vec<Message>,
    /// ENRP messages over associations.
    pub(crate) enrp_sent: Vec<(AssociationId, enrp::Message)>,
    /// ENRP messages by multicast.
    pub(crate) presences: Vec<enrp::Message>,
    pub(crate) events: Vec<E>,
}

impl<C: Core<Event: Debug>> Stand<C> {
    pub(crate) fn new(core: C) -> Self {
        let now = Time::ZERO;
        Self { core, now }
    }

    pub(crate) fn outcome(&mut self) -> Outcome<C::Event> {
        let mut outcome = Outcome {
            sent: Vec::new(),
            data: Vec::new(),
            connects: Vec::new(),
            shutdowns: Vec::new(),
            aborts: Vec::new(),
            multicasts: Vec::new(),
            enrp_sent: Vec::new(),
            presences: Vec::new(),
            events: Vec::new(),
        };
        while let Some(output) = self.core.poll_output() {
            match output {
                Output::Connect {
                    association,
                    endpoint,
                    peer,
                } => outcome.connects.push((association, endpoint, peer)),
                Output::Send {
                    association,
                    ppid: Ppid::ASAP,
                    bytes,
                } => outcome
                    .sent
                    .push((association, Message::decode(&bytes).unwrap().message)),
                Output::Send {
                    association,
                    ppid: Ppid::ENRP,
                    bytes,
                } => outcome
                    .enrp_sent
                    .push((association, enrp::Message::decode(&bytes).unwrap().message)),
                Output::Send {
                    association,
                    ppid,
                    bytes,
                } => outcome.data.push((association, ppid, bytes)),
                Output::Shutdown { association } => outcome.shutdowns.push(association),
                Output::Abort { association } => outcome.aborts.push(association),
                Output::Multicast {
                    group: MulticastGroup::Enrp,
                    bytes,
                } => outcome
                    .presences
                    .push(enrp::Message::decode(&bytes).unwrap().message),
                Output::Multicast { bytes, .. } => {
                    outcome.multicasts.push(Message::decode(&bytes).unwrap().message);
                }
                Output::Event(event) => outcome.events.push(event),
            }
        }
        outcome
    }

    pub(crate) fn up(
        &mut self,
        association: AssociationId,
        endpoint: Endpoint,
        address: &str,
    ) -> Outcome<C::Event> {
        let event = AssociationEvent::Up {
            association,
            endpoint,
            peer: peer(address, 5000),
        };
        self.core.handle_association(self.now, event);
        self.outcome()
    }

    pub(crate) fn down(&mut self, association: AssociationId, cause: DownCause) -> Outcome<C::Event> {
        let event = AssociationEvent::Down { association, cause };
        self.core.handle_association(self.now, event);
        self.outcome()
    }

    pub(crate) fn restarted(&mut self, association: AssociationId) -> Outcome<C::Event> {
        let event = AssociationEvent::Restarted { association };
        self.core.handle_association(self.now, event);
        self.outcome()
    }

    pub(crate) fn receive(&mut self, association: AssociationId, message: &Message) -> Outcome<C::Event> {
        self.receive_bytes(association, Ppid::ASAP, &message.encode())
    }

    pub(crate) fn receive_bytes(
        &mut self,
        association: AssociationId,
        ppid: Ppid,
        bytes: &[u8],
    ) -> Outcome<C::Event> {
        self.core.handle_input(self.now, association, ppid, bytes);
        self.outcome()
    }

    /// Advances time, handling all timers; returns everything that happened.
    pub(crate) fn pass(&mut self, duration: Duration) -> Outcome<C::Event> {
        let end = self.now + duration;
        let mut all = self.outcome();
        while let Some(next) = self.core.poll_timeout().filter(|&next| next <= end) {
            self.now = self.now.max(next);
            self.core.handle_timeout(self.now);
            let outcome = self.outcome();
            all.sent.extend(outcome.sent);
            all.data.extend(outcome.data);
            all.connects.extend(outcome.connects);
            all.shutdowns.extend(outcome.shutdowns);
            all.aborts.extend(outcome.aborts);
            all.multicasts.extend(outcome.multicasts);
            all.enrp_sent.extend(outcome.enrp_sent);
            all.presences.extend(outcome.presences);
            all.events.extend(outcome.events);
        }
        self.now = end;
        all
    }
}

pub(crate) fn peer(address: &str, port: u16) -> TransportAddress {
    TransportAddress {
        addresses: vec![ip(address)],
        port,
    }
}

pub(crate) fn ip(address: &str) -> IpAddr {
    address.parse().unwrap()
}

pub(crate) fn handle() -> PoolHandle {
    PoolHandle::new(b"EchoPool").unwrap()
}

pub(crate) fn sctp(addresses: &[&str]) -> UserTransport {
    let addresses = addresses.iter().map(|address| ip(address));
    UserTransport::Sctp(SctpTransport::new(7000, TransportUse::DataPlusControl, addresses).unwrap())
}

/// The transport address of a registrar or a pool element for ASAP or ENRP.
pub(crate) fn data_only(address: &str, port: u16) -> SctpTransport {
    SctpTransport::new(port, TransportUse::DataOnly, [ip(address)]).unwrap()
}

pub(crate) fn server_information(registrar: u32, address: &str) -> ServerInformation {
    ServerInformation {
        identifier: RegistrarIdentifier(registrar),
        transport: data_only(address, enrp::PORT),
    }
}

pub(crate) fn element(identifier: u32, address: &str) -> PoolElementParameter {
    PoolElementParameter {
        identifier: PeIdentifier(identifier),
        home_registrar: RegistrarIdentifier::UNDETERMINED,
        registration_life: RegistrationLife(60_000),
        user_transport: sctp(&[address]),
        policy: Policy::RoundRobin,
        asap_transport: None,
    }
}

pub(crate) fn registration(identifier: u32, address: &str) -> Message {
    Message::Registration(Registration {
        pool_handle: handle(),
        pool_element: element(identifier, address),
    })
}
