//! What holds for any bytes and any message.

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

/// What goes back to the sender of a message fits into a message, whatever it quotes.
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

/// Nothing here panics, and what decodes comes back from its own bytes.
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
    let _parameter = Parameter::decode(bytes);
    let _report = csp::Report::decode(bytes);
    let _message = fractal_generator::Message::decode(bytes);
    let _cookie = fractal_generator::StateCookie::decode(bytes);
    let _message = ping_pong::Message::decode(bytes);
    let _cookie = ping_pong::StateCookie::decode(bytes);
    let _message = calc_app::Message::decode(bytes);
    let _cookie = calc_app::StateCookie::decode(bytes);
    let _message = scripting::Message::decode(bytes);
    Ok(())
}

/// Bytes that look like a message from afar: a known type and a length that fits.
fn framed_bytes() -> impl Strategy<Value = Vec<u8>> {
    (1_u8..0x10, any::<u8>(), vec(any::<u8>(), 0..200)).prop_map(|(kind, flags, value)| {
        let length = u16::try_from(4 + value.len()).expect("a short message");
        let mut bytes = vec![kind, flags];
        bytes.extend(length.to_be_bytes());
        bytes.extend(value);
        bytes
    })
}

/// A message made of parameters of any type and any content.
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

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
    // 16,382 parameters that all want to be reported, and one that stops.
    let mut bytes = vec![5, 0, 0xff, 0xfc];
    while bytes.len() < 0xfff8 {
        bytes.extend([0xca, 0xbc, 0, 4]);
    }
    bytes.extend([0x4a, 0xbc, 0, 4]);
    let decoded = asap::Message::decode(&bytes);
    assert!(decoded.is_err());
    check_answer(&decoded).expect("within bounds");
}
