//! Messages and parameters in the form of the test vectors: JSON with every field on the wire.
//!
//! Lengths are computed here from the fields, not taken from the encoder, so that the two check each other.

use std::net::IpAddr;

use serde_json::{Value, json};
use wire::parameter::{
    CauseCode, ErrorCause, Parameter, Policy, PoolElementParameter, SctpTransport, ServerInformation,
    TransportAddress, TransportUse, UserTransport,
};
use wire::{PeIdentifier, PoolHandle, asap, enrp};

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|digits| u8::from_str_radix(str::from_utf8(digits).unwrap(), 16).unwrap())
        .collect()
}

/// Returns the length of a structure with this many bytes before these inner ones: padding counts between them, not
/// at the end.
fn length(fixed: u64, inner: &[Value]) -> u64 {
    inner.iter().fold(fixed, |sum, value| {
        sum.next_multiple_of(4) + value["length"].as_u64().unwrap()
    })
}

/// Merges the members of one object into another.
fn merge(object: &mut Value, members: Value) {
    let Value::Object(members) = members else {
        panic!("{members} is no object");
    };
    object.as_object_mut().unwrap().extend(members);
}

fn with_members(mut object: Value, members: Value) -> Value {
    merge(&mut object, members);
    object
}

fn address(address: &IpAddr) -> Value {
    let (kind, name, length) = match address {
        IpAddr::V4(_) => (1, "IPv4 Address", 8),
        IpAddr::V6(_) => (2, "IPv6 Address", 20),
    };
    json!({"type": kind, "name": name, "length": length, "address": address.to_string()})
}

fn sctp(transport: &SctpTransport) -> Value {
    let addresses: Vec<Value> = transport.addresses().iter().map(address).collect();
    let transport_use = match transport.transport_use() {
        TransportUse::DataOnly => 0,
        TransportUse::DataPlusControl => 1,
    };
    json!({
        "type": 4, "name": "SCTP Transport", "length": length(8, &addresses), "port": transport.port(),
        "transport_use": transport_use, "params": addresses,
    })
}

fn transport(transport: &UserTransport) -> Value {
    let one_address = |kind: u16, name: &str, fixed, to: &TransportAddress| {
        let inner = vec![address(&to.address())];
        json!({
            "type": kind, "name": name, "length": length(fixed, &inner), "port": to.port(), "reserved": 0,
            "params": inner,
        })
    };
    match transport {
        UserTransport::Dccp {
            address,
            service_code,
        } => with_members(
            one_address(3, "DCCP Transport", 12, address),
            json!({"service_code": service_code}),
        ),
        UserTransport::Sctp(transport) => sctp(transport),
        UserTransport::Tcp(address) => one_address(5, "TCP Transport", 8, address),
        UserTransport::Udp(address) => one_address(6, "UDP Transport", 8, address),
        UserTransport::UdpLite(address) => one_address(7, "UDP-Lite Transport", 8, address),
        UserTransport::Opaque(opaque) => json!({
            "type": 16, "name": "Opaque Transport", "length": 4 + opaque.len(), "value_hex": hex(opaque),
        }),
    }
}

fn policy(policy: &Policy) -> Value {
    let data = match *policy {
        Policy::RoundRobin | Policy::Random => json!({}),
        Policy::WeightedRoundRobin { weight } | Policy::WeightedRandom { weight } => {
            json!({"weight": weight})
        }
        Policy::Priority { priority } => json!({"priority": priority}),
        Policy::LeastUsed { load } | Policy::RandomizedLeastUsed { load } => json!({"load": load}),
        Policy::LeastUsedDegradation {
            load,
            load_degradation,
        }
        | Policy::PriorityLeastUsed {
            load,
            load_degradation,
        }
        | Policy::RandomizedPriorityLeastUsed {
            load,
            load_degradation,
        }
        | Policy::RandomizedLeastUsedDegradation {
            load,
            load_degradation,
        }
        | Policy::PriorityLeastUsedDegradation {
            load,
            load_degradation,
        }
        | Policy::RandomizedPriorityLeastUsedDegradation {
            load,
            load_degradation,
        } => json!({"load": load, "load_degradation": load_degradation}),
        Policy::WeightedRandomDpf {
            weight,
            weight_dpf,
            distance,
        } => json!({"weight": weight, "weight_dpf": weight_dpf, "distance": distance}),
        Policy::LeastUsedDpf {
            load,
            load_dpf,
            distance,
        } => json!({"load": load, "load_dpf": load_dpf, "distance": distance}),
        Policy::LeastUsedDegradationDpf {
            load,
            load_degradation,
            load_dpf,
            distance,
        } => json!({
            "load": load, "load_degradation": load_degradation, "load_dpf": load_dpf, "distance": distance,
        }),
        Policy::Unknown { .. } => panic!("no vector has an unknown policy in a valid message"),
    };
    let length = 8 + 4 * data.as_object().unwrap().len();
    with_members(
        json!({
            "type": 8, "name": "Pool Member Selection Policy", "length": length,
            "policy_type": policy.policy_type().0, "policy_name": policy.name(),
        }),
        data,
    )
}

fn pool_handle(pool_handle: &PoolHandle) -> Value {
    let bytes = pool_handle.as_bytes();
    let is_text = bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
    json!({
        "type": 9, "name": "Pool Handle", "length": 4 + bytes.len(), "handle_hex": hex(bytes),
        "handle_text": is_text.then(|| pool_handle.to_string()),
    })
}

fn pool_element(pool_element: &PoolElementParameter) -> Value {
    let mut inner = vec![
        transport(&pool_element.user_transport),
        policy(&pool_element.policy),
    ];
    inner.extend(pool_element.asap_transport.as_ref().map(sctp));
    json!({
        "type": 10, "name": "Pool Element", "length": length(16, &inner), "pe_id": pool_element.identifier.0,
        "home_enrp_server_id": pool_element.home_registrar.0,
        "registration_life": pool_element.registration_life.0, "params": inner,
    })
}

fn server_information(server: &ServerInformation) -> Value {
    let inner = vec![sctp(&server.transport)];
    json!({
        "type": 11, "name": "Server Information", "length": length(8, &inner), "server_id": server.identifier.0,
        "params": inner,
    })
}

fn cause(cause: &ErrorCause) -> Value {
    let mut value = json!({
        "code": cause.code.0, "name": cause.code.name().unwrap(), "length": 4 + cause.information.len(),
        "info_hex": hex(&cause.information),
    });
    let carries_a_parameter = matches!(
        cause.code,
        CauseCode::UNRECOGNIZED_PARAMETER
            | CauseCode::INVALID_VALUES
            | CauseCode::INCONSISTENT_POOLING_POLICY
            | CauseCode::INCONSISTENT_TRANSPORT_TYPE
    );
    if carries_a_parameter && !cause.information.is_empty() {
        let quoted = match cause.parameter() {
            Some(known) => parameter(&known),
            None => quoted(&cause.information),
        };
        merge(&mut value, json!({"info_params": [quoted]}));
    }
    value
}

/// A parameter in an error cause, which is indeed unacceptable.
fn quoted(information: &[u8]) -> Value {
    let (header, value) = information.split_at(4);
    match (u16::from_be_bytes([header[0], header[1]]), value) {
        (0x000e, [0, 0, 0, 0]) => pe_identifier(&PeIdentifier(0)),
        (unknown, _) => json!({
            "type": unknown, "name": "Unknown", "length": information.len(), "value_hex": hex(value),
        }),
    }
}

fn operation_error(causes: &[ErrorCause]) -> Value {
    let causes: Vec<Value> = causes.iter().map(cause).collect();
    json!({"type": 12, "name": "Operation Error", "length": length(4, &causes), "causes": causes})
}

/// The Operation Error of a response, which is left out if it is empty.
fn if_any(causes: &[ErrorCause]) -> Option<Value> {
    (!causes.is_empty()).then(|| operation_error(causes))
}

fn cookie(cookie: &[u8]) -> Value {
    json!({"type": 13, "name": "Cookie", "length": 4 + cookie.len(), "cookie_hex": hex(cookie)})
}

fn pe_identifier(identifier: &PeIdentifier) -> Value {
    json!({"type": 14, "name": "PE Identifier", "length": 8, "pe_id": identifier.0})
}

fn pe_checksum(checksum: u16) -> Value {
    json!({"type": 15, "name": "PE Checksum", "length": 6, "checksum": checksum})
}

fn handle_resolution_option(items: u32) -> Value {
    json!({"type": 0x803f, "name": "Handle Resolution Option", "length": 8, "items": items})
}

pub(crate) fn parameter(parameter: &Parameter) -> Value {
    match parameter {
        Parameter::Address(value) => address(value),
        Parameter::Transport(value) => transport(value),
        Parameter::Policy(value) => policy(value),
        Parameter::PoolHandle(value) => pool_handle(value),
        Parameter::PoolElement(value) => pool_element(value),
        Parameter::ServerInformation(value) => server_information(value),
        Parameter::OperationError(causes) => operation_error(causes),
        Parameter::Cookie(value) => cookie(value),
        Parameter::PeIdentifier(value) => pe_identifier(value),
        Parameter::PeChecksum(value) => pe_checksum(*value),
        Parameter::HandleResolutionOption(items) => handle_resolution_option(*items),
        other => panic!("{other:?} has no vector"),
    }
}

/// A message with this many fixed bytes, these flags from bit 0 upwards, and these parameters.
fn message(
    message_type: u8,
    name: &str,
    fixed: u64,
    flags: &[(&str, bool)],
    parameters: Vec<Value>,
) -> Value {
    let bits = (0..).zip(flags).map(|(bit, (_, set))| u8::from(*set) << bit);
    let flag_bits: serde_json::Map<String, Value> = flags
        .iter()
        .map(|(name, set)| ((*name).to_owned(), json!(set)))
        .collect();
    json!({
        "type": message_type, "type_name": name, "flags": bits.sum::<u8>(), "flag_bits": flag_bits,
        "length": length(fixed, &parameters), "params": parameters,
    })
}

pub(crate) fn asap(asap: &asap::Message) -> Value {
    use asap::Message;
    let kind = asap.message_type();
    let plain = |parameters| message(kind, asap.name(), 4, &[], parameters);
    let flagged = |flag, set, parameters| message(kind, asap.name(), 4, &[(flag, set)], parameters);
    let about_pe =
        |handle: &PoolHandle, identifier: &PeIdentifier| vec![pool_handle(handle), pe_identifier(identifier)];
    match asap {
        Message::Registration(message) => plain(vec![
            pool_handle(&message.pool_handle),
            pool_element(&message.pool_element),
        ]),
        Message::Deregistration(message) => plain(about_pe(&message.pool_handle, &message.pe_identifier)),
        Message::RegistrationResponse(message) => {
            let mut parameters = about_pe(&message.pool_handle, &message.pe_identifier);
            parameters.extend(if_any(&message.causes));
            flagged("R", message.rejected, parameters)
        }
        Message::DeregistrationResponse(message) => {
            let mut parameters = about_pe(&message.pool_handle, &message.pe_identifier);
            parameters.extend(if_any(&message.causes));
            plain(parameters)
        }
        Message::HandleResolution(message) => {
            let mut parameters = vec![pool_handle(&message.pool_handle)];
            parameters.extend(message.items.map(handle_resolution_option));
            flagged("S", message.subscribe, parameters)
        }
        Message::HandleResolutionResponse(message) => {
            let mut parameters = vec![pool_handle(&message.pool_handle)];
            match &message.outcome {
                asap::Resolution::Resolved {
                    overall_policy,
                    pool_elements,
                } => {
                    parameters.extend(overall_policy.as_ref().map(policy));
                    parameters.extend(pool_elements.iter().map(pool_element));
                }
                asap::Resolution::Failed(causes) => parameters.push(operation_error(causes)),
            }
            flagged("A", message.subscribed, parameters)
        }
        Message::EndpointKeepAlive(keep_alive) => {
            let mut parameters = vec![pool_handle(&keep_alive.pool_handle)];
            parameters.extend(keep_alive.pe_identifier.as_ref().map(pe_identifier));
            with_members(
                message(kind, asap.name(), 8, &[("H", keep_alive.home)], parameters),
                json!({"server_id": keep_alive.registrar.0}),
            )
        }
        Message::EndpointKeepAliveAck(message) => {
            plain(about_pe(&message.pool_handle, &message.pe_identifier))
        }
        Message::EndpointUnreachable(message) => {
            plain(about_pe(&message.pool_handle, &message.pe_identifier))
        }
        Message::ServerAnnounce(announce) => {
            let transports = announce.transports.iter().map(|announced| match announced {
                asap::AnnouncedTransport::Sctp(value) => sctp(value),
                asap::AnnouncedTransport::Tcp(address) => transport(&UserTransport::Tcp(*address)),
            });
            with_members(
                message(kind, asap.name(), 8, &[], transports.collect()),
                json!({"server_id": announce.registrar.0}),
            )
        }
        Message::Cookie(message) => plain(vec![cookie(&message.cookie)]),
        Message::CookieEcho(message) => plain(vec![cookie(&message.cookie)]),
        Message::BusinessCard(message) => {
            let mut parameters = vec![pool_handle(&message.pool_handle)];
            parameters.extend(message.pool_elements.iter().map(pool_element));
            plain(parameters)
        }
        Message::Error(message) => plain(vec![operation_error(&message.causes)]),
    }
}

pub(crate) fn enrp(enrp: &enrp::Message) -> Value {
    use enrp::Body;
    let of = |fixed, flags: &[(&str, bool)], parameters| {
        message(enrp.body.message_type(), enrp.name(), fixed, flags, parameters)
    };
    let value = match &enrp.body {
        Body::Presence(presence) => {
            let mut parameters: Vec<Value> = presence.pe_checksum.map(pe_checksum).into_iter().collect();
            parameters.extend(presence.server_information.as_ref().map(server_information));
            of(12, &[("R", presence.reply_required)], parameters)
        }
        Body::HandleTableRequest(request) => of(12, &[("W", request.own_children_only)], vec![]),
        Body::HandleTableResponse(response) => {
            let mut parameters = vec![];
            for entry in &response.entries {
                parameters.push(pool_handle(&entry.pool_handle));
                parameters.extend(entry.pool_elements.iter().map(pool_element));
            }
            let flags = [("R", response.rejected), ("M", response.more_to_send)];
            of(12, &flags, parameters)
        }
        Body::HandleUpdate(update) => {
            let action = match update.action {
                enrp::UpdateAction::AddPe => 0,
                enrp::UpdateAction::DelPe => 1,
            };
            let parameters = vec![
                pool_handle(&update.pool_handle),
                pool_element(&update.pool_element),
            ];
            with_members(
                of(16, &[("T", update.takeover_suggested)], parameters),
                json!({"update_action": action, "reserved": 0}),
            )
        }
        Body::ListRequest => of(12, &[], vec![]),
        Body::ListResponse(response) => {
            let servers = response.servers.iter().map(server_information).collect();
            of(12, &[("R", response.rejected)], servers)
        }
        Body::InitTakeover(target) | Body::InitTakeoverAck(target) | Body::TakeoverServer(target) => {
            with_members(of(16, &[], vec![]), json!({"target_id": target.0}))
        }
        Body::Error(causes) => of(12, &[], vec![operation_error(causes)]),
    };
    let addressing = json!({"sender_id": enrp.sender.0, "receiver_id": enrp.receiver.0});
    with_members(value, addressing)
}
