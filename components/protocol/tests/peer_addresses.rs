//! Which addresses count as those of the other end: confirmed ones, but none that are merely named.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

mod support;

use protocol::registrar::Registrar;
use protocol::{AssociationEvent, AssociationId, Core, DownCause, Endpoint};
use support::peers::{
    OTHER, PEER, connect, hear, identifiers, owned, presence, receive_enrp, update, with_peer,
};
use support::registrar::{ONE, register, registrar, with};
use support::{Stand, handle, ip, sctp};
use wire::enrp::{ListResponse, UpdateAction};
use wire::parameter::{CauseCode, SctpTransport, ServerInformation, TransportUse};
use wire::{PeIdentifier, RegistrarIdentifier};

/// Returns a registrar as its peers list it.
fn information(registrar: u32, port: u16, addresses: &[&str]) -> ServerInformation {
    ServerInformation {
        identifier: RegistrarIdentifier(registrar),
        transport: SctpTransport::new(
            port,
            TransportUse::DataOnly,
            addresses.iter().map(|address| ip(address)),
        )
        .unwrap(),
    }
}

/// Registrar 2 names others. Returns the resulting connection attempts.
fn name(stand: &mut Stand<Registrar>, servers: Vec<ServerInformation>) -> Vec<AssociationId> {
    let rejected = false;
    let outcome = hear(stand, 2, PEER, ListResponse { rejected, servers });
    outcome.connects.into_iter().map(|(call, _, _)| call).collect()
}

fn confirm(stand: &mut Stand<Registrar>, association: AssociationId, address: &str) {
    let address = ip(address);
    let event = AssociationEvent::Confirmed { association, address };
    stand.core.handle_association(stand.now, event);
    assert!(stand.outcome().aborts.is_empty());
}

#[test]
fn naming_a_hosts_address_does_not_use_up_the_associations_of_that_host() {
    let mut stand = with_peer();
    let servers = (0..30).map(|n| information(100 + n, 20_000 + n as u16, &["10.0.0.66", "10.0.0.3"]));
    assert!(name(&mut stand, servers.collect()).len() >= 16);
    let outcome = stand.up(OTHER, Endpoint::Enrp, "10.0.0.3");
    assert!(outcome.aborts.is_empty());
}

#[test]
fn who_was_named_with_somebody_elses_address_is_not_found_there_later() {
    let mut stand = with_peer();
    let calls = name(&mut stand, vec![information(3, 9901, &["10.0.0.3", "10.0.0.66"])]);
    stand.up(calls[0], Endpoint::Enrp, "10.0.0.3");
    hear(&mut stand, 3, calls[0], presence(0xffff));
    hear(&mut stand, 3, calls[0], update(UpdateAction::AddPe, owned(5, 3)));
    stand.down(calls[0], DownCause::Timeout);
    // From the address that was named, but from which registrar 3 has never sent.
    stand.up(OTHER, Endpoint::Enrp, "10.0.0.66");
    hear(&mut stand, 3, OTHER, update(UpdateAction::DelPe, owned(5, 3)));
    assert_eq!(identifiers(&stand), [(5, 3)]);
}

#[test]
fn a_pool_element_registers_the_addresses_that_are_confirmed_by_then() {
    let mut stand = registrar();
    let both = with(|registration| {
        registration.pool_element.identifier = PeIdentifier(1);
        registration.pool_element.user_transport = sctp(&["10.0.0.1", "10.1.0.1"]);
    });
    let transports = |stand: &Stand<Registrar>| {
        let handlespace = stand.core.handlespace();
        let element = handlespace.element(&handle(), PeIdentifier(1)).unwrap();
        (
            element.user_transport.clone(),
            element.asap_transport.as_ref().unwrap().addresses().to_vec(),
        )
    };
    // The pool element gets no warning: rsplib's take any cause for a refusal.
    assert_eq!(register(&mut stand, ONE, &both), (false, vec![]));
    assert_eq!(transports(&stand), (sctp(&["10.0.0.1"]), vec![ip("10.0.0.1")]));

    confirm(&mut stand, ONE, "10.1.0.1");
    assert_eq!(register(&mut stand, ONE, &both), (false, vec![]));
    let addresses = vec![ip("10.0.0.1"), ip("10.1.0.1")];
    assert_eq!(transports(&stand), (sctp(&["10.0.0.1", "10.1.0.1"]), addresses));

    // It is recognized from there as well, but no other registrar is.
    let from = |stand: &mut Stand<Registrar>, number, address| {
        let association = AssociationId::incoming(number);
        stand.up(association, Endpoint::Asap, address);
        let again = with(|registration| {
            registration.pool_element.identifier = PeIdentifier(1);
            registration.pool_element.user_transport = sctp(&[address]);
        });
        register(stand, association, &again)
    };
    let not_unique = (true, vec![CauseCode::NON_UNIQUE_PE_IDENTIFIER]);
    assert_eq!(from(&mut stand, 20, "10.1.0.9"), not_unique);
    assert_eq!(from(&mut stand, 21, "10.1.0.1"), (false, vec![]));
}

#[test]
fn a_registrar_is_itself_at_all_of_its_confirmed_addresses() {
    let mut stand = with_peer();
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(5, 2)));
    confirm(&mut stand, PEER, "10.1.0.2");
    stand.up(OTHER, Endpoint::Enrp, "10.1.0.2");
    hear(&mut stand, 2, OTHER, update(UpdateAction::DelPe, owned(5, 2)));
    assert_eq!(identifiers(&stand), []);
    connect(&mut stand, 3, AssociationId::incoming(9));
}
