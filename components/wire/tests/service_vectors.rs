//! The test vectors of the services' protocols and of the Component Status Protocol, in both directions; and
//! arbitrary bytes.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use wire::csp::{ComponentIdentifier, Group, Report};
use wire::fractal_generator::{Algorithm, Complex, Data, Parameter};
use wire::{Malformed, Ppid, calc_app, csp, fractal_generator, ping_pong, scripting};

const PROTOCOLS: [&str; 5] = ["CSP", "FGP", "PPP", "CALCAPP", "SSP"];

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("vectors/vectors.json")).unwrap()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let digits = hex.as_str().unwrap().as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 64-bit values are written as text.
fn long(number: u64) -> String {
    format!("{number:#018x}")
}

/// Decodes a message: returns its fields as JSON, without those of the header, and the bytes it encodes to.
fn decode(protocol: &str, bytes: &[u8]) -> Result<(Option<&'static str>, Value, Vec<u8>), Malformed> {
    Ok(match protocol {
        "CSP" => {
            let report = Report::decode(bytes)?;
            (None, report_fields(&report), report.encode())
        }
        "FGP" => {
            let message = fractal_generator::Message::decode(bytes)?;
            (Some(message.name()), fractal_fields(&message), message.encode())
        }
        "PPP" => {
            let message = ping_pong::Message::decode(bytes)?;
            (Some(message.name()), ping_pong_fields(&message), message.encode())
        }
        "CALCAPP" => {
            let message = calc_app::Message::decode(bytes)?;
            let calc_app::Message {
                job_id,
                job_size,
                completed,
                ..
            } = message;
            let fields =
                json!({ "job_id": job_id, "job_size": long(job_size), "completed": long(completed) });
            (Some(message.name()), fields, message.encode())
        }
        "SSP" => {
            let message = scripting::Message::decode(bytes)?;
            (Some(message.name()), scripting_fields(&message), message.encode())
        }
        other => panic!("no such protocol: {other}"),
    })
}

fn report_fields(report: &Report) -> Value {
    let associations: Vec<Value> = report
        .associations
        .iter()
        .map(|association| {
            json!({
                "receiver_id": long(association.receiver.number()),
                "duration_us": long(association.duration_us.unwrap_or(u64::MAX)),
                "flags": 0,
                "protocol": association.protocol,
                "ppid": association.ppid.0,
            })
        })
        .collect();
    let group = match report.component.group {
        Group::Registrar => 1,
        Group::PoolElement => 2,
        Group::PoolUser => 3,
        Group::Other(other) => other,
    };
    json!({
        "flag_bits": { "F": report.is_final },
        "version": 0x200,
        "sender_id": long(report.component.number()),
        "sender_group": group,
        "sender_object": long(report.component.object),
        "sender_timestamp_us": long(report.uptime_us),
        "report_interval_us": report.interval_us,
        "location": report.location,
        "status": report.status,
        "workload_raw": report.workload.map_or(0xffff, |workload| (workload.load() * 65534.0).round() as u16),
        "workload": report.workload.map(|workload| (workload.load() * 1e6).round() / 1e6),
        "associations": associations,
    })
}

fn parameter_fields(parameter: &Parameter) -> Value {
    json!({
        "width": parameter.width,
        "height": parameter.height,
        "max_iterations": parameter.max_iterations,
        "algorithm_id": parameter.algorithm.number(),
        "c1_real": parameter.c1.re,
        "c1_imag": parameter.c1.im,
        "c2_real": parameter.c2.re,
        "c2_imag": parameter.c2.im,
        "n": parameter.n,
    })
}

fn fractal_fields(message: &fractal_generator::Message) -> Value {
    let data = |start_x: u32, start_y: u32, pixels: &[u32]| json!({ "start_x": start_x, "start_y": start_y, "points": pixels.len(), "buffer": pixels });
    match message {
        fractal_generator::Message::Parameter(parameter) => parameter_fields(parameter),
        fractal_generator::Message::Data(Data {
            start_x,
            start_y,
            pixels,
        }) => data(*start_x, *start_y, pixels),
        fractal_generator::Message::Finalizer => data(u32::MAX, u32::MAX, &[]),
    }
}

fn ping_pong_fields(message: &ping_pong::Message) -> Value {
    match message {
        ping_pong::Message::Ping { message_number, data } => {
            json!({ "message_no": long(*message_number), "data_hex": hex(data) })
        }
        ping_pong::Message::Pong {
            message_number,
            reply_number,
            data,
        } => {
            json!({ "message_no": long(*message_number), "reply_no": long(*reply_number), "data_hex": hex(data) })
        }
    }
}

fn scripting_fields(message: &scripting::Message) -> Value {
    match message {
        scripting::Message::NotReady { reason, info } => {
            let reason = match reason {
                scripting::Reason::FullyLoaded => 1,
                scripting::Reason::OutOfResources => 2,
                scripting::Reason::Other(other) => *other,
            };
            json!({ "reason": reason, "info": info })
        }
        scripting::Message::Ready { info } => json!({ "info": info }),
        scripting::Message::Upload { data } | scripting::Message::Download { data } => {
            json!({ "data_hex": hex(data) })
        }
        scripting::Message::KeepAlive | scripting::Message::KeepAliveAck { status: None } => json!({}),
        scripting::Message::KeepAliveAck { status: Some(status) } => json!({ "status": status }),
        scripting::Message::Status { exit_status } => json!({ "status": exit_status }),
        scripting::Message::Environment { hash, upload_needed } => {
            json!({ "hash_hex": hex(hash), "flags": u8::from(*upload_needed) })
        }
    }
}

/// The fields of a vector, without those of the header that decoding does not keep.
fn expected(decoded: &Value, ours: &Value) -> Value {
    let mut fields: Map<String, Value> = decoded.as_object().unwrap().clone();
    for header in ["type", "type_name", "length", "flags"] {
        if ours.get(header).is_none() {
            fields.remove(header);
        }
    }
    Value::Object(fields)
}

#[test]
fn valid_vectors_decode_and_encode() {
    let mut checked = 0;
    for vector in vectors() {
        let (name, protocol) = (
            vector["name"].as_str().unwrap(),
            vector["protocol"].as_str().unwrap(),
        );
        if !PROTOCOLS.contains(&protocol) || vector["valid"] != json!(true) {
            continue;
        }
        let bytes = bytes(&vector["hex"]);
        let (type_name, fields, encoded) = decode(protocol, &bytes).expect(name);
        if let Some(type_name) = type_name {
            assert_eq!(vector["decoded"]["type_name"], json!(type_name), "{name}");
        }
        // Fractional numbers are compared as the parser of the vectors reads them.
        let fields: Value = serde_json::from_str(&fields.to_string()).unwrap();
        assert_eq!(fields, expected(&vector["decoded"], &fields), "{name}");
        assert_eq!(hex(&encoded), hex(&bytes), "{name}");
        checked += 1;
    }
    assert_eq!(checked, 45);
}

#[test]
fn invalid_vectors_are_malformed_in_the_way_they_say() {
    let violations = [
        ("bad_csp_truncated", "ignore", Malformed::Truncated),
        (
            "bad_csp_bad_version",
            "ignore",
            Malformed::Identification("version"),
        ),
        ("bad_csp_association_count", "ignore", Malformed::Truncated),
        // Only pool elements receive a Parameter, and abort the session; only pool users receive Data, and ignore
        // it.
        (
            "bad_fgp_parameter_too_big",
            "abort the session",
            Malformed::OutOfRange("width"),
        ),
        (
            "bad_fgp_parameter_short",
            "abort the session",
            Malformed::Truncated,
        ),
        (
            "bad_fgp_data_points_mismatch",
            "ignore the message",
            Malformed::Truncated,
        ),
    ];
    let mut checked = 0;
    for vector in vectors() {
        let (name, protocol) = (
            vector["name"].as_str().unwrap(),
            vector["protocol"].as_str().unwrap(),
        );
        if !PROTOCOLS.contains(&protocol) || vector["valid"] == json!(true) {
            continue;
        }
        let (_, reaction, malformed) = violations
            .iter()
            .find(|violation| violation.0 == name)
            .expect(name);
        assert!(vector["expect"].as_str().unwrap().ends_with(reaction), "{name}");
        assert_eq!(
            decode(protocol, &bytes(&vector["hex"])).unwrap_err(),
            *malformed,
            "{name}"
        );
        checked += 1;
    }
    assert_eq!(checked, violations.len());
}

#[test]
fn cookies_of_the_services_decode_and_encode() {
    let mut checked = 0;
    for vector in vectors() {
        let name = vector["name"].as_str().unwrap();
        let decoded = &vector["decoded"];
        let cookie = || bytes(&decoded["params"][0]["cookie_hex"]);
        let fractal = ["fgp_cookie", "cookie_decoded"].iter().find_map(|member| {
            decoded
                .get(member)
                .filter(|cookie| cookie["id"] == json!("<FG-TD1>"))
        });
        if let Some(fields) = fractal {
            let state = fractal_generator::StateCookie::decode(&cookie()).expect(name);
            let parameter = parameter_fields(&state.parameter);
            assert_eq!(parameter, expected(&fields["parameter"], &parameter), "{name}");
            assert_eq!(fields["current_x"], json!(state.current_x), "{name}");
            assert_eq!(fields["current_y"], json!(state.current_y), "{name}");
            assert_eq!(state.encode(), cookie(), "{name}");
        } else if let Some(fields) = decoded.get("ppp_cookie") {
            let state = ping_pong::StateCookie::decode(&cookie()).expect(name);
            assert_eq!(
                *fields,
                json!({ "id": "<PP-TD1>", "reply_no": long(state.reply_number) }),
                "{name}"
            );
            assert_eq!(state.encode(), cookie(), "{name}");
        } else if let Some(fields) = decoded.get("calcapp_cookie") {
            let state = calc_app::StateCookie::decode(&cookie()).expect(name);
            let calc_app::StateCookie {
                job_id,
                job_size,
                completed,
            } = state;
            let ours = json!({ "job_id": job_id, "job_size": long(job_size), "completed": long(completed) });
            assert_eq!(*fields, ours, "{name}");
            assert_eq!(state.encode(), cookie(), "{name}");
        } else {
            continue;
        }
        checked += 1;
    }
    assert_eq!(checked, 7);
}

#[test]
fn texts_of_a_report_are_cut_between_characters() {
    let component = ComponentIdentifier::from_number(0x0300_0000_0000_0007);
    let report = Report {
        location: "ä".repeat(100),
        status: "x".repeat(500),
        ..Report::last(component, 1, 2)
    };
    let decoded = Report::decode(&report.encode()).unwrap();
    assert_eq!(
        (decoded.location, decoded.status),
        ("ä".repeat(63), "x".repeat(127))
    );
}

#[test]
fn a_report_has_at_most_256_associations() {
    let component = ComponentIdentifier::registrar(wire::RegistrarIdentifier(1));
    let entry = csp::AssociationEntry {
        receiver: component,
        duration_us: None,
        protocol: csp::PROTOCOL_SCTP,
        ppid: Ppid::ENRP,
    };
    let report = Report {
        associations: vec![entry; 300],
        ..Report::last(component, 1, 2)
    };
    let mut bytes = report.encode();
    assert_eq!(Report::decode(&bytes).unwrap().associations.len(), 256);
    bytes.extend_from_within(288..312);
    bytes[286..288].copy_from_slice(&257_u16.to_be_bytes());
    assert_eq!(
        Report::decode(&bytes),
        Err(Malformed::OutOfRange("number of associations"))
    );
}

#[test]
fn a_position_outside_the_picture_is_no_cookie() {
    let cookie = fractal_generator::StateCookie {
        parameter: Parameter {
            width: 400,
            height: 250,
            max_iterations: 1024,
            algorithm: Algorithm::Mandelbrot,
            c1: Complex { re: -1.5, im: 1.5 },
            c2: Complex { re: 1.5, im: -1.5 },
            n: 2.0,
        },
        current_x: 0,
        current_y: 250,
    };
    assert_eq!(
        fractal_generator::StateCookie::decode(&cookie.encode()),
        Ok(cookie)
    );
    for (current_x, current_y) in [(400, 0), (1, 250), (0, 251), (u32::MAX, u32::MAX)] {
        let outside = fractal_generator::StateCookie {
            current_x,
            current_y,
            ..cookie
        };
        let decoded = fractal_generator::StateCookie::decode(&outside.encode());
        assert_eq!(decoded, Err(Malformed::OutOfRange("position")));
    }
    let mut longer = cookie.encode();
    longer.push(0);
    assert_eq!(
        fractal_generator::StateCookie::decode(&longer),
        Err(Malformed::Length)
    );
}

/// Bytes that are likely to get past the header: type, length and, for reports, size.
fn bytes_of_a_message() -> impl Strategy<Value = Vec<u8>> {
    let body = prop::collection::vec(any::<u8>(), 0..400);
    (0..9_u8, any::<bool>(), body).prop_map(|(message_type, is_honest, body)| {
        let length = if is_honest { (body.len() + 4) as u16 } else { 60 };
        let mut bytes = vec![message_type, 0];
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend(body);
        bytes
    })
}

proptest! {
    #[test]
    fn any_bytes_decode_or_not_and_what_decodes_comes_back(bytes in bytes_of_a_message()) {
        for protocol in PROTOCOLS {
            if let Ok((_, _, encoded)) = decode(protocol, &bytes) {
                // Bytes that are not text become different text, which may be truncated; but only once.
                let (_, fields, encoded) = decode(protocol, &encoded).unwrap();
                prop_assert_eq!(decode(protocol, &encoded).unwrap().1, fields);
            }
        }
        let _ = fractal_generator::StateCookie::decode(&bytes);
        let _ = ping_pong::StateCookie::decode(&bytes);
        let _ = calc_app::StateCookie::decode(&bytes);
    }

    #[test]
    fn changed_vectors_do_no_harm(index in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), value: u8, cut: bool) {
        let vectors = vectors();
        let vector = index.get(&vectors);
        let mut bytes = bytes(&vector["hex"]);
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = value }
        for protocol in PROTOCOLS {
            if let Ok((_, _, encoded)) = decode(protocol, &bytes) {
                prop_assert!(decode(protocol, &encoded).is_ok());
            }
        }
    }

    #[test]
    fn fractal_messages_come_back(
        start_x: u32,
        start_y in 0..u32::MAX,
        pixels in prop::collection::vec(any::<u32>(), 0..=Data::MOST_POINTS),
    ) {
        let message = fractal_generator::Message::Data(Data { start_x, start_y, pixels });
        prop_assert_eq!(fractal_generator::Message::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn reports_come_back(
        number: u64,
        is_final: bool,
        uptime_us: u64,
        interval_us: u32,
        location in "\\PC{0,31}",
        status in "\\PC{0,31}",
        load in prop::option::of(0.0..=1.0_f64),
        associations in prop::collection::vec((any::<u64>(), prop::option::of(0..u64::MAX), any::<u16>(), any::<u32>()), 0..5),
    ) {
        let report = Report {
            component: ComponentIdentifier::from_number(number),
            is_final,
            uptime_us,
            interval_us,
            location,
            status,
            workload: load.map(csp::Workload::from_load),
            associations: associations
                .into_iter()
                .map(|(receiver, duration_us, protocol, ppid)| csp::AssociationEntry {
                    receiver: ComponentIdentifier::from_number(receiver),
                    duration_us,
                    protocol,
                    ppid: Ppid(ppid),
                })
                .collect(),
        };
        prop_assert_eq!(Report::decode(&report.encode()), Ok(report));
    }
}
