//! Requests to a registrar.

use std::net::IpAddr;

use wire::asap::{
    Deregistration, EndpointKeepAlive, EndpointKeepAliveAck, HandleResolution, Message, Registration,
};
use wire::parameter::{
    Policy, PoolElementParameter, RegistrationLife, SctpTransport, TransportUse, UserTransport,
};
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

/// Identifiers of the pool elements begin here.
const FIRST: u32 = 0x6000_0000;

/// Who asks.
pub(crate) struct Requester {
    pub(crate) address: IpAddr,
    pub(crate) pool: PoolHandle,
}

impl Requester {
    pub(crate) fn registration(&self, number: u32) -> Message {
        let port = 1024 + u16::try_from(number % 60_000).unwrap_or_default();
        let transport = SctpTransport::new(port, TransportUse::DataOnly, [self.address]);
        Message::Registration(Registration {
            pool_handle: self.pool.clone(),
            pool_element: PoolElementParameter {
                identifier: PeIdentifier(FIRST + number),
                home_registrar: RegistrarIdentifier::UNDETERMINED,
                registration_life: RegistrationLife(300_000),
                user_transport: UserTransport::Sctp(transport.expect("an address that others can use")),
                policy: Policy::RoundRobin,
                asap_transport: None,
            },
        })
    }

    pub(crate) fn deregistration(&self, number: u32) -> Message {
        Message::Deregistration(Deregistration {
            pool_handle: self.pool.clone(),
            pe_identifier: PeIdentifier(FIRST + number),
        })
    }
}

#[allow(
    dead_code,
    reason = "not every program that includes this asks for everything"
)]
impl Requester {
    pub(crate) fn resolution(&self) -> Message {
        Message::HandleResolution(HandleResolution {
            subscribe: false,
            pool_handle: self.pool.clone(),
            items: None,
        })
    }

    /// What a registrar wants to hear that asks whether a pool element is alive. In the RFC's form it does not say which one
    /// it asks for: all of them are.
    pub(crate) fn acknowledgements(question: EndpointKeepAlive, count: u32) -> Vec<Message> {
        let ours = (0..count).map(|number| PeIdentifier(FIRST + number));
        let asked = question.pe_identifier;
        ours.filter(|identifier| asked.is_none_or(|asked| asked == *identifier))
            .map(|pe_identifier| {
                Message::EndpointKeepAliveAck(EndpointKeepAliveAck {
                    pool_handle: question.pool_handle.clone(),
                    pe_identifier,
                })
            })
            .collect()
    }
}
