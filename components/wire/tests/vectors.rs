//! The test vectors of ASAP, ENRP and RFC 5354's parameters, in both directions.
//!
//! Where our encoder differs from a vector of rsplib's, or our decoder leaves something out, the vector is listed in
//! [`EXCEPTIONS`] with the number of the deviation.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

#[path = "vectors/decoded.rs"]
mod decoded;

use serde_json::{Value, json};
use wire::parameter::{CauseCode, ErrorCause, Parameter, Policy, PolicyType};
use wire::{PeIdentifier, PoolHandle, Reaction, Rejection, Violation, asap, enrp};

/// A vector that does not come back unchanged, and the form in which it does.
struct Exception {
    vector: &'static str,
    deviation: &'static str,
    /// Changes the vector's `decoded` to ours.
    decoded: fn(&mut Value),
    /// Changes the vector's bytes to ours.
    encoded: fn(&mut Vec<u8>),
}

const EXCEPTIONS: [Exception; 3] = [
    Exception {
        vector: "asap_handle_resolution_unaligned_rsplib",
        deviation: "D-02: rsplib counts the padding after the last parameter",
        decoded: |decoded| decoded["length"] = json!(21),
        encoded: |bytes| bytes[3] = 21,
    },
    Exception {
        vector: "asap_cookie_unaligned_rsplib",
        deviation: "D-02: rsplib counts the padding after the last parameter",
        decoded: |decoded| decoded["length"] = json!(19),
        encoded: |bytes| bytes[3] = 19,
    },
    Exception {
        vector: "asap_business_card_rsplib",
        deviation: "D-21: the policy behind the handle is passed over",
        decoded: |decoded| {
            decoded["params"].as_array_mut().unwrap().remove(1);
            decoded["length"] = json!(76);
        },
        encoded: |bytes| {
            bytes.drain(16..24);
            bytes[3] = 76;
        },
    },
];

/// Members of a cookie vector that describe the cookie's meaning for the service; for ASAP, it is opaque.
const CONTENT_OF_COOKIES: [&str; 4] = ["fgp_cookie", "ppp_cookie", "calcapp_cookie", "cookie_decoded"];

fn vectors() -> Vec<Value> {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors/vectors.json")).unwrap();
    vectors
        .into_iter()
        .filter(|vector| matches!(vector["protocol"].as_str(), Some("ASAP" | "ENRP" | "PARAM")))
        .collect()
}

fn text<'a>(vector: &'a Value, member: &str) -> &'a str {
    vector[member].as_str().unwrap()
}

/// Decodes the bytes of a vector: returns their content as JSON, and encoded again.
fn decode(protocol: &str, bytes: &[u8]) -> Result<(Value, Vec<u8>, Vec<ErrorCause>), Rejection> {
    match protocol {
        "ASAP" => asap::Message::decode(bytes)
            .map(|it| (decoded::asap(&it.message), it.message.encode(), it.report)),
        "ENRP" => enrp::Message::decode(bytes)
            .map(|it| (decoded::enrp(&it.message), it.message.encode(), it.report)),
        _ => Parameter::decode(bytes)
            .map(|it| (decoded::parameter(&it.message), it.message.encode(), it.report)),
    }
}

#[test]
fn valid_vectors_decode_and_encode() {
    let mut checked = 0;
    let mut exceptions = 0;
    let mut contents_of_cookies = 0;
    for vector in vectors().iter().filter(|vector| vector["valid"] == json!(true)) {
        let name = text(vector, "name");
        let mut bytes = decoded::bytes(text(vector, "hex"));
        let mut expected = vector["decoded"].clone();
        assert_eq!(json!(bytes.len()), vector["length_on_wire"], "{name}");
        let (value, encoded, report) = decode(text(vector, "protocol"), &bytes)
            .unwrap_or_else(|rejection| panic!("{name}: {rejection:?}"));
        for member in CONTENT_OF_COOKIES {
            let members = expected.as_object_mut().unwrap();
            contents_of_cookies += usize::from(members.remove(member).is_some());
        }
        let mut deviation = "no deviation";
        if let Some(exception) = EXCEPTIONS.iter().find(|exception| exception.vector == name) {
            assert_eq!(vector["profile"], "rsplib", "{name}");
            deviation = exception.deviation;
            (exception.decoded)(&mut expected);
            (exception.encoded)(&mut bytes);
            exceptions += 1;
        }
        assert_eq!(value, expected, "{name} decodes otherwise; {deviation}");
        assert_eq!(
            decoded::hex(&encoded),
            decoded::hex(&bytes),
            "{name} encodes otherwise; {deviation}"
        );
        assert_eq!(report, [], "{name}");
        checked += 1;
    }
    assert_eq!(checked, 156);
    assert_eq!(exceptions, EXCEPTIONS.len());
    assert_eq!(contents_of_cookies, 7);
}

/// The expected result of a bad vector.
enum Expected {
    Discard(Violation),
    /// Cause 3 with this parameter, to the pool element that registers.
    RefuseRegistration(u16, &'static str),
    /// Cause 3 with this parameter, in a message that has no subject.
    Refuse(u16, &'static str),
    Report(Violation, ErrorCause),
    /// The message is accepted in this form, with this report.
    Accept(&'static str, Vec<ErrorCause>),
}

fn reaction_to(name: &str, bytes: &[u8]) -> Expected {
    use Expected::{Accept, Discard, Refuse, RefuseRegistration, Report};
    let handle_resolution = "050000100009000c4563686f506f6f6c";
    match name {
        "bad_message_too_short" => Discard(Violation::Truncated),
        "bad_message_length_below_4"
        | "bad_message_length_beyond_data"
        | "bad_tlv_length_below_4"
        | "bad_tlv_length_beyond_message"
        | "bad_nested_length_overrun"
        | "bad_enrp_presence_truncated"
        | "bad_cause_length_zero" => Discard(Violation::Length),
        "bad_empty_pool_handle" => Refuse(0x0009, "00090004"),
        "bad_registration_without_pe" => Discard(Violation::MissingParameter(0x000a)),
        "bad_policy_too_short" => RefuseRegistration(0x0008, "0008000c4000000200000001"),
        "bad_sctp_transport_without_address" => RefuseRegistration(0x0004, "000400081b580001"),
        "bad_tcp_transport_two_addresses" => {
            RefuseRegistration(0x0005, "000500181f90000000010008c000020a00010008c000020b")
        }
        "bad_ipv4_wrong_length" => RefuseRegistration(0x0001, "000100060102"),
        // The registrar refuses it: see `registrations_with_unknown_policies_can_be_refused`.
        "bad_unknown_policy" => Accept(
            "010000380009000c4563686f506f6f6c000a002811223344000000000000012c000400101b58000100010008c000020a\
             000800083ffffff0",
            vec![],
        ),
        "bad_unknown_parameter_stop" => Discard(Violation::UnrecognizedParameter(0x0abc)),
        "bad_unknown_parameter_stop_report" => Report(
            Violation::UnrecognizedParameter(0x4abc),
            ErrorCause::unrecognized_parameter(&decoded::bytes("4abc000800000001")),
        ),
        "bad_unknown_parameter_skip" => Accept(handle_resolution, vec![]),
        "bad_unknown_parameter_skip_report" => Accept(
            handle_resolution,
            vec![ErrorCause::unrecognized_parameter(&decoded::bytes(
                "cabc000800000001",
            ))],
        ),
        "bad_unknown_message_discard" => Discard(Violation::UnknownMessage(0x30)),
        "bad_unknown_message_report" => Report(
            Violation::UnknownMessage(0x70),
            ErrorCause::unrecognized_message(bytes),
        ),
        "bad_enrp_update_bad_action" => Discard(Violation::ReservedValue),
        "bad_enrp_table_pe_before_handle" => Discard(Violation::UnrecognizedParameter(0x000a)),
        "bad_enrp_table_reject_with_data" => Accept("0301000c0a0000010b000002", vec![]),
        _ => panic!("{name} is bad in a way not known here"),
    }
}

#[test]
fn bad_vectors_get_the_reaction_they_expect() {
    let mut checked = 0;
    for vector in vectors().iter().filter(|vector| vector["valid"] == json!(false)) {
        let name = text(vector, "name");
        let bytes = decoded::bytes(text(vector, "hex"));
        let outcome = match text(vector, "protocol") {
            "ASAP" => asap::Message::decode(&bytes).map(|it| (it.message.encode(), it.report)),
            _ => enrp::Message::decode(&bytes).map(|it| (it.message.encode(), it.report)),
        };
        let refused =
            |parameter: &str| Reaction::Refuse(ErrorCause::invalid_values(&decoded::bytes(parameter)));
        match (reaction_to(name, &bytes), outcome) {
            (Expected::Discard(violation), Err(rejection)) => {
                assert_eq!(rejection.violation, violation, "{name}");
                assert_eq!(rejection.reaction, Reaction::DiscardSilently, "{name}");
            }
            (Expected::RefuseRegistration(parameter_type, parameter), Err(rejection)) => {
                assert_eq!(
                    rejection.violation,
                    Violation::InvalidValue(parameter_type),
                    "{name}"
                );
                assert_eq!(rejection.reaction, refused(parameter), "{name}");
                assert_eq!(rejection.message_type, Some(0x01), "{name}");
                let subject = rejection.subject;
                assert_eq!(subject.pool_handle, PoolHandle::new(b"EchoPool").ok(), "{name}");
                assert_eq!(subject.pe_identifier, Some(PeIdentifier(0x1122_3344)), "{name}");
            }
            (Expected::Refuse(parameter_type, parameter), Err(rejection)) => {
                assert_eq!(
                    rejection.violation,
                    Violation::InvalidValue(parameter_type),
                    "{name}"
                );
                assert_eq!(rejection.reaction, refused(parameter), "{name}");
                assert_eq!(rejection.subject, wire::Subject::default(), "{name}");
            }
            (Expected::Report(violation, cause), Err(rejection)) => {
                assert_eq!(rejection.violation, violation, "{name}");
                assert_eq!(rejection.reaction, Reaction::Report(vec![cause]), "{name}");
            }
            (Expected::Accept(form, report), Ok((encoded, reported))) => {
                assert_eq!(decoded::hex(&encoded), form, "{name}");
                assert_eq!(reported, report, "{name}");
            }
            (_, outcome) => panic!("{name}: {outcome:?}"),
        }
        checked += 1;
    }
    assert_eq!(checked, 24);
}

#[test]
fn registrations_with_unknown_policies_can_be_refused() {
    let vectors = vectors();
    let vector = vectors
        .iter()
        .find(|vector| vector["name"] == "bad_unknown_policy");
    let bytes = decoded::bytes(text(vector.unwrap(), "hex"));
    let asap::Message::Registration(registration) = asap::Message::decode(&bytes).unwrap().message else {
        panic!("no registration");
    };
    let policy = registration.pool_element.policy;
    let unknown = Policy::Unknown {
        policy_type: PolicyType(0x3fff_fff0),
        data: vec![],
    };
    assert_eq!(policy, unknown);
    let cause = ErrorCause::invalid_policy(&policy);
    assert_eq!(cause.code, CauseCode::INVALID_VALUES);
    assert_eq!(decoded::hex(&cause.information), "000800083ffffff0");
}

#[test]
fn cut_and_flipped_vectors_have_a_defined_outcome() {
    let decode_as_all = |bytes: &[u8]| {
        if let Ok(decoded) = asap::Message::decode(bytes) {
            let again = asap::Message::decode(&decoded.message.encode());
            assert_eq!(again.unwrap().message, decoded.message);
            let _line = decoded.message.to_string();
        }
        if let Ok(decoded) = enrp::Message::decode(bytes) {
            let again = enrp::Message::decode(&decoded.message.encode());
            assert_eq!(again.unwrap().message, decoded.message);
            let _line = decoded.message.to_string();
        }
        if let Ok(decoded) = Parameter::decode(bytes) {
            let again = Parameter::decode(&decoded.message.encode());
            assert_eq!(again.unwrap().message, decoded.message);
            let _line = decoded.message.to_string();
        }
    };
    for vector in vectors() {
        let bytes = decoded::bytes(text(&vector, "hex"));
        for end in 0..bytes.len() {
            decode_as_all(&bytes[..end]);
        }
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            decode_as_all(&flipped);
        }
    }
}
