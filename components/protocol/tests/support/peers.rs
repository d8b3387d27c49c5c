//! A registrar among peers that are played by a test, message by message.

use protocol::registrar::{Event, Settings};
use protocol::{AssociationId, Config, Endpoint, Registrar, Time};
use wire::enrp::{Body, HandleUpdate, Message, Presence, UpdateAction};
use wire::parameter::PoolElementParameter;
use wire::{Ppid, RegistrarIdentifier};

use super::registrar::USER;
use super::scope::registrar_settings;
use super::{Outcome, Stand, data_only, element, handle};

pub(crate) const PEER: AssociationId = AssociationId::incoming(7);
pub(crate) const OTHER: AssociationId = AssociationId::incoming(8);

pub(crate) fn quiet(identifier: u32) -> Settings {
    let mut settings = registrar_settings(identifier);
    settings.enrp.multicast = false;
    settings.announce = false;
    settings
}

/// Registrar 1 in service, with an association on which the test plays registrar 2, and one of a pool user.
pub(crate) fn with_peer() -> Stand<Registrar> {
    with_config(Config::demo())
}

pub(crate) fn with_config(config: Config) -> Stand<Registrar> {
    let mut stand = Stand::new(Registrar::new(Time::ZERO, quiet(1), config, 1));
    stand.up(USER, Endpoint::Asap, "10.0.0.99");
    connect(&mut stand, 2, PEER);
    stand
}

/// A registrar connects and introduces itself.
pub(crate) fn connect(stand: &mut Stand<Registrar>, registrar: u32, over: AssociationId) {
    stand.up(over, Endpoint::Enrp, &format!("10.0.0.{registrar}"));
    say(stand, registrar, over, presence(0xffff));
}

pub(crate) fn hear(
    stand: &mut Stand<Registrar>,
    sender: u32,
    over: AssociationId,
    body: impl Into<Body>,
) -> Outcome<Event> {
    let message = Message {
        sender: RegistrarIdentifier(sender),
        receiver: RegistrarIdentifier::UNDETERMINED,
        body: body.into(),
    };
    stand.receive_bytes(over, Ppid::ENRP, &message.encode())
}

/// Returns the response to a message of a registrar.
pub(crate) fn say(
    stand: &mut Stand<Registrar>,
    sender: u32,
    over: AssociationId,
    body: impl Into<Body>,
) -> Vec<Body> {
    bodies(hear(stand, sender, over, body).enrp_sent)
}

pub(crate) fn bodies(sent: Vec<(AssociationId, Message)>) -> Vec<Body> {
    sent.into_iter().map(|(_, message)| message.body).collect()
}

/// Returns the response to a message of registrar 2.
pub(crate) fn receive_enrp(stand: &mut Stand<Registrar>, body: impl Into<Body>) -> Vec<Body> {
    say(stand, 2, PEER, body)
}

pub(crate) fn presence(checksum: u16) -> Presence {
    Presence {
        reply_required: false,
        pe_checksum: Some(checksum),
        server_information: None,
    }
}

pub(crate) fn owned(identifier: u32, owner: u32) -> PoolElementParameter {
    PoolElementParameter {
        home_registrar: RegistrarIdentifier(owner),
        asap_transport: Some(data_only("10.0.0.50", 4000)),
        ..element(identifier, "10.0.0.50")
    }
}

pub(crate) fn update(action: UpdateAction, pool_element: PoolElementParameter) -> HandleUpdate {
    HandleUpdate {
        takeover_suggested: false,
        action,
        pool_handle: handle(),
        pool_element,
    }
}

/// Returns the pool elements with their owners.
pub(crate) fn identifiers(stand: &Stand<Registrar>) -> Vec<(u32, u32)> {
    let elements = stand.core.handlespace().elements_after(None);
    elements
        .map(|(_, element)| (element.identifier.0, element.home_registrar.0))
        .collect()
}
