//! A registrar with associations to two pool elements and a pool user.

use std::time::Duration;

use protocol::registrar::{EnrpSettings, Event, Registrar, RemovalReason, Settings};
use protocol::{AssociationId, Config, Endpoint, Time};
use wire::asap::{
    EndpointKeepAliveAck, EndpointUnreachable, HandleResolution, Message, Registration, Resolution,
};
use wire::parameter::CauseCode;
use wire::{PeIdentifier, RegistrarIdentifier, enrp};

use super::{Stand, element, handle};

pub(crate) const ONE: AssociationId = AssociationId::incoming(1);
pub(crate) const TWO: AssociationId = AssociationId::incoming(2);
pub(crate) const USER: AssociationId = AssociationId::incoming(3);

pub(crate) fn settings() -> Settings {
    Settings {
        identifier: RegistrarIdentifier(0x0a00_0001),
        announce: false,
        announced_transport: None,
        enrp: EnrpSettings::without_mentors(enrp::PORT, None),
        admitted: Vec::new(),
    }
}

/// A registrar with associations to two pool elements and a pool user.
pub(crate) fn with_config(config: Config) -> Stand<Registrar> {
    let mut stand = Stand::new(Registrar::new(Time::ZERO, settings(), config, 1));
    stand.up(ONE, Endpoint::Asap, "10.0.0.1");
    stand.up(TWO, Endpoint::Asap, "10.0.0.2");
    stand.up(USER, Endpoint::Asap, "10.0.0.3");
    stand
}

pub(crate) fn registrar() -> Stand<Registrar> {
    with_config(Config::demo())
}

pub(crate) fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The response to a registration: whether it was refused, and the causes.
pub(crate) fn register(
    stand: &mut Stand<Registrar>,
    from: AssociationId,
    message: &Message,
) -> (bool, Vec<CauseCode>) {
    let outcome = stand.receive(from, message);
    match &outcome.sent[..] {
        [(to, Message::RegistrationResponse(response))] if *to == from => {
            let codes = response.causes.iter().map(|cause| cause.code).collect();
            (response.rejected, codes)
        }
        other => panic!("{other:?}"),
    }
}

pub(crate) fn with(change: impl FnOnce(&mut Registration)) -> Message {
    let mut registration = Registration {
        pool_handle: handle(),
        pool_element: element(2, "10.0.0.2"),
    };
    change(&mut registration);
    Message::Registration(registration)
}

pub(crate) fn resolve(items: Option<u32>, subscribe: bool) -> Message {
    Message::HandleResolution(HandleResolution {
        subscribe,
        pool_handle: handle(),
        items,
    })
}

pub(crate) fn report(identifier: u32) -> Message {
    Message::EndpointUnreachable(EndpointUnreachable {
        pool_handle: handle(),
        pe_identifier: PeIdentifier(identifier),
    })
}

pub(crate) fn acknowledgement(identifier: u32) -> Message {
    Message::EndpointKeepAliveAck(EndpointKeepAliveAck {
        pool_handle: handle(),
        pe_identifier: PeIdentifier(identifier),
    })
}

/// Returns the identifiers in the only message sent, which is a positive response.
pub(crate) fn answer(sent: &[(AssociationId, Message)]) -> Vec<u32> {
    match sent {
        [(_, Message::HandleResolutionResponse(response))] => match &response.outcome {
            Resolution::Resolved {
                pool_elements,
                overall_policy,
            } => {
                assert!(overall_policy.is_some(), "D-05: always sent");
                assert!(
                    pool_elements
                        .iter()
                        .all(|element| element.asap_transport.is_none())
                );
                pool_elements.iter().map(|element| element.identifier.0).collect()
            }
            Resolution::Failed(causes) => panic!("{causes:?}"),
        },
        other => panic!("{other:?}"),
    }
}

pub(crate) fn removals(events: &[Event]) -> Vec<RemovalReason> {
    let reason = |event: &Event| match event {
        Event::Removed { reason, .. } => Some(*reason),
        _ => None,
    };
    events.iter().filter_map(reason).collect()
}
