//! Properties of arbitrary bytes and arbitrary messages.

#[path = "robustness/arbitrary.rs"]
mod arbitrary;

use arbitrary::{asap_message, enrp_message, pe_identifier, policy, pool_handle};
use proptest::collection::vec;
use proptest::prelude::*;
use wire::checksum::PeChecksum;
use wire::parameter::{ErrorCause, Parameter};
use wire::{
    Decoded, Reaction, Rejection, asap, calc_app, csp, enrp, fractal_generator, ping_pong, scripting,
};

/// Checks that a response to the sender of a message fits into a message, whatever it quotes.
fn check_answer<M>(decoded: &Result<Decoded<M>, Rejection>) -> Result<(), TestCaseError> {
    let causes: &[ErrorCause] = match decoded {
        Ok(decoded) => &decoded.report,
        Err(rejection) => match &rejection.reaction {
            Reaction::DiscardSilently => &[],
            Reaction::Report(causes) => causes,
            Reaction::Refuse(cause) => std::slice::from_ref(cause),
        },
    };
    if causes.is_empty() {
        return Ok(());
    }
    let message = asap::Message::from(asap::Error {
        causes: causes.to_vec(),
    });
    let bytes = message.encode();
    prop_assert!(bytes.len() <= wire::LARGEST_MESSAGE);
    let again = asap::Message::decode(&bytes);
    prop_assert_eq!(again.map(|decoded| decoded.message), Ok(message));
    Ok(())
}

/// Checks that whatever is accepted of these bytes can be encoded, and decoded again to the same.
macro_rules! check_reading {
    ($decode:path, $encode:path, $bytes:expr) => {
        if let Ok(accepted) = $decode($bytes) {
            let again = $decode(&$encode(&accepted));
            prop_assert_eq!(again, Ok(accepted));
        }
    };
}

/// Checks that nothing panics, and that what is accepted survives encoding and decoding.
fn check_bytes(bytes: &[u8]) -> Result<(), TestCaseError> {
    let decoded = asap::Message::decode(bytes);
    check_answer(&decoded)?;
    if let Ok(Decoded { message, .. }) = decoded {
        let _shown = message.to_string();
        let again = asap::Message::decode(&message.encode());
        prop_assert_eq!(again.map(|decoded| decoded.message), Ok(message));
    }
    let decoded = enrp::Message::decode(bytes);
    check_answer(&decoded)?;
    if let Ok(Decoded { message, .. }) = decoded {
        let _shown = message.to_string();
        let again = enrp::Message::decode(&message.encode());
        prop_assert_eq!(again.map(|decoded| decoded.message), Ok(message));
    }
    if let Ok(Decoded { message, .. }) = Parameter::decode(bytes) {
        let _shown = message.to_string();
        let again = Parameter::decode(&message.encode());
        prop_assert_eq!(again.map(|decoded| decoded.message), Ok(message));
    }
    check_reading!(csp::Report::decode, csp::Report::encode, bytes);
    check_reading!(ping_pong::Message::decode, ping_pong::Message::encode, bytes);
    check_reading!(
        ping_pong::StateCookie::decode,
        ping_pong::StateCookie::encode,
        bytes
    );
    check_reading!(calc_app::Message::decode, calc_app::Message::encode, bytes);
    check_reading!(
        calc_app::StateCookie::decode,
        calc_app::StateCookie::encode,
        bytes
    );
    check_reading!(scripting::Message::decode, scripting::Message::encode, bytes);
    check_reading!(
        fractal_generator::Message::decode,
        fractal_generator::Message::encode,
        bytes
    );
    check_reading!(
        fractal_generator::StateCookie::decode,
        fractal_generator::StateCookie::encode,
        bytes
    );
    Ok(())
}

/// Bytes that superficially look like a message: a known type and a matching length.
fn framed_bytes() -> impl Strategy<Value = Vec<u8>> {
    (1_u8..0x10, any::<u8>(), vec(any::<u8>(), 0..200)).prop_map(|(kind, flags, value)| {
        let length = u16::try_from(4 + value.len()).expect("a short message");
        let mut bytes = vec![kind, flags];
        bytes.extend(length.to_be_bytes());
        bytes.extend(value);
        bytes
    })
}

/// A message that consists of parameters of any type and any content.
fn bytes_of_parameters() -> impl Strategy<Value = Vec<u8>> {
    let known_type = prop_oneof![0_u16..0x12, Just(0x803f), any::<u16>()];
    let parameter = (known_type, vec(any::<u8>(), 0..24));
    (1_u8..0x10, any::<u8>(), vec(parameter, 0..8)).prop_map(|(kind, flags, parameters)| {
        let mut bytes = vec![kind, flags, 0, 0];
        for (parameter_type, value) in parameters {
            let length = u16::try_from(4 + value.len()).expect("a short parameter");
            bytes.extend(parameter_type.to_be_bytes());
            bytes.extend(length.to_be_bytes());
            bytes.extend(value);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        let length = u16::try_from(bytes.len()).expect("a short message");
        bytes.splice(2..4, length.to_be_bytes());
        bytes
    })
}

/// One parameter of any known type with any content, also on its own.
fn bytes_of_one_parameter() -> impl Strategy<Value = Vec<u8>> {
    let known_type = prop_oneof![1_u16..0x11, Just(0x803f)];
    (known_type, vec(any::<u8>(), 0..40)).prop_map(|(parameter_type, value)| {
        let length = u16::try_from(4 + value.len()).expect("a short parameter");
        [&parameter_type.to_be_bytes()[..], &length.to_be_bytes(), &value].concat()
    })
}

/// A status report with arbitrary content where permitted, and texts that are hard to display.
fn bytes_of_a_report() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        vec(any::<u8>(), 128),
        vec(0_u8..0x20, 128),
        vec(0x80_u8..0xff, 128),
        vec(0x20_u8..0x7f, 128),
    ];
    let texts = (text.clone(), text);
    (
        any::<[u8; 2]>(),
        vec(any::<u8>(), 20),
        texts,
        any::<u16>(),
        0_u16..6,
    )
        .prop_flat_map(|(head, fixed, (location, status), workload, count)| {
            vec(any::<u8>(), usize::from(count) * csp::Report::ENTRY_SIZE).prop_map(move |entries| {
                [
                    &[1, head[0], 0, head[1], 0, 0, 2, 0][..],
                    &fixed,
                    &location,
                    &status,
                    &workload.to_be_bytes(),
                    &count.to_be_bytes(),
                    &entries,
                ]
                .concat()
            })
        })
}

/// The messages and cookies of the demonstration services in the test vectors.
fn bytes_of_services() -> Vec<Vec<u8>> {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("vectors/vectors.json")).expect("the vectors are JSON");
    let vectors = vectors.as_array().expect("the vectors are a list").iter();
    let of_services = vectors.filter(|vector| {
        let protocol = vector["protocol"].as_str();
        matches!(protocol, Some("FGP" | "PPP" | "CALCAPP" | "SSP" | "CSP"))
    });
    let hex = of_services.filter_map(|vector| vector["hex"].as_str());
    hex.map(|digits| {
        let pairs = digits.as_bytes().chunks(2);
        let byte = |pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
        pairs
            .map(|pair| byte(pair).expect("hexadecimal digits"))
            .collect()
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_parameter_by_itself_has_a_defined_outcome(bytes in bytes_of_one_parameter()) {
        check_bytes(&bytes)?;
    }

    #[test]
    fn any_status_report_has_a_defined_outcome(bytes in bytes_of_a_report()) {
        prop_assert!(csp::Report::decode(&bytes).is_ok());
        check_bytes(&bytes)?;
    }

    #[test]
    fn messages_of_services_with_changed_bytes_have_a_defined_outcome(
        mut bytes in prop::sample::select(bytes_of_services()),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        check_bytes(&bytes)?;
    }

    #[test]
    fn any_bytes_have_a_defined_outcome(bytes in vec(any::<u8>(), 0..400)) {
        check_bytes(&bytes)?;
    }

    #[test]
    fn any_framed_bytes_have_a_defined_outcome(bytes in framed_bytes()) {
        check_bytes(&bytes)?;
    }

    #[test]
    fn any_parameters_have_a_defined_outcome(bytes in bytes_of_parameters()) {
        check_bytes(&bytes)?;
    }

    #[test]
    fn every_asap_message_comes_back_as_it_went(message in asap_message()) {
        let decoded = Decoded { message: message.clone(), report: vec![] };
        prop_assert_eq!(asap::Message::decode(&message.encode()), Ok(decoded));
    }

    #[test]
    fn every_enrp_message_comes_back_as_it_went(message in enrp_message()) {
        let decoded = Decoded { message: message.clone(), report: vec![] };
        prop_assert_eq!(enrp::Message::decode(&message.encode()), Ok(decoded));
    }

    #[test]
    fn messages_with_changed_bytes_have_a_defined_outcome(
        asap in asap_message(),
        enrp in enrp_message(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        for mut bytes in [asap.encode(), enrp.encode()] {
            for (place, value) in &changes {
                let place = place.index(bytes.len());
                bytes[place] = *value;
            }
            check_bytes(&bytes)?;
            bytes.truncate(cut.index(bytes.len()));
            check_bytes(&bytes)?;
        }
    }

    #[test]
    fn every_policy_that_can_be_asked_for_is_understood(policy in policy()) {
        if let Some(argument) = policy.argument() {
            let understood = argument.parse::<wire::parameter::Policy>();
            let again = understood.as_ref().ok().and_then(wire::parameter::Policy::argument);
            prop_assert_eq!(again, Some(argument));
            prop_assert_eq!(understood.map(|it| it.policy_type()), Ok(policy.policy_type()));
        }
    }

    #[test]
    fn a_checksum_forgets_who_has_left(
        stay in vec((pool_handle(), pe_identifier()), 0..8),
        leave in vec((pool_handle(), pe_identifier()), 0..8),
    ) {
        let mut expected = PeChecksum::default();
        let mut changing = PeChecksum::default();
        for (pool_handle, identifier) in stay.iter().chain(&leave) {
            changing.add(pool_handle, *identifier);
        }
        for (pool_handle, identifier) in stay.iter().rev() {
            expected.add(pool_handle, *identifier);
        }
        for (pool_handle, identifier) in &leave {
            changing.remove(pool_handle, *identifier);
        }
        prop_assert_eq!(changing.value(), expected.value());
    }
}

#[test]
fn the_largest_message_of_unknown_parameters_is_answered_within_bounds() {
    // 16,382 parameters that all have to be reported, and one that stops.
    let mut bytes = vec![5, 0, 0xff, 0xfc];
    while bytes.len() < 0xfff8 {
        bytes.extend([0xca, 0xbc, 0, 4]);
    }
    bytes.extend([0x4a, 0xbc, 0, 4]);
    let decoded = asap::Message::decode(&bytes);
    assert!(decoded.is_err());
    check_answer(&decoded).expect("within bounds");
}
