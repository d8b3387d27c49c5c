//! rsplib's requirements for the messages of a registrar. It discards the whole message if one of them is violated.
//!
//! This leaves out what our registrars pass on nevertheless: longer pool handles (D-18) and transports that rsplib
//! does not know (D-20).

use wire::asap::{Message, Resolution};
use wire::enrp::{self, Body};
use wire::parameter::{PoolElementParameter, SctpTransport, ServerInformation, TransportUse, UserTransport};

/// The maximum number of addresses in a transport.
const MOST_ADDRESSES: usize = 64;

#[track_caller]
fn check_sctp(transport: &SctpTransport) {
    let count = transport.addresses().len();
    assert!((1..=MOST_ADDRESSES).contains(&count), "{count} addresses");
    assert_ne!(transport.port(), 0);
}

#[track_caller]
fn check_element(element: &PoolElementParameter) {
    assert_ne!(element.identifier.0, 0);
    if let UserTransport::Sctp(sctp) = &element.user_transport {
        check_sctp(sctp);
    }
}

/// Checks a pool element in a message between registrars.
#[track_caller]
fn check_told_element(element: &PoolElementParameter) {
    check_element(element);
    assert!(element.home_registrar.is_determined(), "home registrar 0");
    let asap_transport = element.asap_transport.as_ref().expect("an ASAP transport");
    check_control_only(asap_transport);
}

/// Checks the transport of a registrar, or that of a pool element for ASAP.
#[track_caller]
fn check_control_only(transport: &SctpTransport) {
    check_sctp(transport);
    assert_eq!(transport.transport_use(), TransportUse::DataOnly);
}

#[track_caller]
fn check_server(server: &ServerInformation) {
    check_control_only(&server.transport);
}

#[track_caller]
pub(crate) fn check_asap(message: &Message) {
    if let Message::HandleResolutionResponse(response) = message
        && let Resolution::Resolved {
            overall_policy,
            pool_elements,
        } = &response.outcome
    {
        assert!(overall_policy.is_some(), "D-05: always sent");
        pool_elements.iter().for_each(check_element);
    }
}

#[track_caller]
pub(crate) fn check_enrp(message: &enrp::Message) {
    match &message.body {
        Body::Presence(presence) => {
            assert!(presence.pe_checksum.is_some(), "D-11: always sent");
            let server = presence.server_information.as_ref();
            check_server(server.expect("D-11: always sent"));
        }
        Body::HandleTableResponse(response) => {
            for entry in &response.entries {
                entry.pool_elements.iter().for_each(check_told_element);
            }
        }
        Body::HandleUpdate(update) => {
            assert!(!update.takeover_suggested, "D-24: never set");
            check_told_element(&update.pool_element);
        }
        Body::ListResponse(response) => response.servers.iter().for_each(check_server),
        Body::HandleTableRequest(_)
        | Body::ListRequest
        | Body::InitTakeover(_)
        | Body::InitTakeoverAck(_)
        | Body::TakeoverServer(_)
        | Body::Error(_) => {}
    }
}
