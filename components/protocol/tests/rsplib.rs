//! What rsplib sends beyond the RFCs: early traffic, and its internal error codes (D-16).

mod support;

use std::time::Duration;

use protocol::{
    AssociationId, Config, Endpoint, PoolElement, PoolUser, Time, pool_element, pool_user, registrar,
};
use support::peers::{PEER, with_peer};
use support::registrar::{ONE, TWO, USER, register, registrar, resolve};
use support::{Stand, handle, peer, registration, sctp};
use wire::asap::{Error, HandleResolutionResponse, Message, RegistrationResponse, Resolution};
use wire::parameter::{CauseCode, ErrorCause, Policy};
use wire::{PeIdentifier, Ppid, enrp};

/// Internal codes of rsplib that it sends as error causes.
const INTERNAL: [u16; 11] = [
    0x0010, 0x0011, 0x100a, 0x100b, 0xf000, 0xf003, 0xf004, 0xf005, 0xf006, 0xf007, 0xf008,
];
/// Payload protocol identifiers of the drafts: ASAP, ENRP, and the services of the demonstrations.
const OLD: [u32; 6] = [
    0xfaee_b5d1,
    0xfaee_b5d2,
    0x2909_7601,
    0x2909_7602,
    0x2909_7603,
    0x2909_7604,
];

fn cause(code: u16) -> ErrorCause {
    ErrorCause::bare(CauseCode(code))
}

#[test]
fn a_registrar_ends_associations_with_traffic_of_the_drafts() {
    for ppid in OLD.into_iter().chain([0, Ppid::ENRP.0]) {
        let mut stand = registrar();
        register(&mut stand, ONE, &registration(1, "10.0.0.1"));
        let bytes = registration(2, "10.0.0.2").encode();
        let outcome = stand.receive_bytes(TWO, Ppid(ppid), &bytes);
        assert_eq!(outcome.aborts, [TWO], "{ppid:#x}");
        assert!(outcome.sent.is_empty());
        // No other pool element is affected.
        assert_eq!(stand.core.handlespace().len(), 1);
        assert_eq!(
            support::registrar::answer(&stand.receive(USER, &resolve(None, false)).sent),
            [1]
        );
    }
    for ppid in OLD.into_iter().chain([0]) {
        let mut stand = with_peer();
        let outcome = stand.receive_bytes(PEER, Ppid(ppid), &[1, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, 0]);
        assert_eq!(outcome.aborts, [PEER], "{ppid:#x}");
    }
}

#[test]
fn a_registrar_notes_internal_codes_and_does_not_answer() {
    for code in INTERNAL {
        let causes = vec![cause(code)];
        let mut stand = registrar();
        let outcome = stand.receive(
            ONE,
            &Message::Error(Error {
                causes: causes.clone(),
            }),
        );
        assert!(matches!(
            outcome.events[..],
            [registrar::Event::ErrorReceived { association: ONE, .. }]
        ));
        assert!(outcome.sent.is_empty() && outcome.aborts.is_empty());

        let mut stand = with_peer();
        let outcome = support::peers::hear(&mut stand, 2, PEER, enrp::Body::Error(causes));
        assert!(outcome.enrp_sent.is_empty() && outcome.aborts.is_empty());
    }
}

#[test]
fn associations_that_say_nothing_are_ended() {
    let config = Config {
        autoclose: Duration::from_secs(30),
        ..Config::demo()
    };
    let mut stand = support::registrar::with_config(config);
    let outcome = stand.pass(Duration::from_secs(40));
    for silent in [ONE, TWO, USER] {
        assert!(outcome.shutdowns.contains(&silent), "{silent:?}");
    }
    // A sender that may be a registrar must introduce itself soon.
    let mut stand = with_peer();
    let mute = AssociationId::incoming(20);
    stand.up(mute, Endpoint::Enrp, "10.0.0.20");
    assert!(stand.pass(Duration::from_secs(5)).aborts.contains(&mute));
}

fn pool_element() -> (Stand<PoolElement>, AssociationId) {
    let settings = pool_element::Settings {
        pool_handle: handle(),
        identifier: PeIdentifier(7),
        user_transport: sctp(&["10.0.0.1"]),
        policy: Policy::RoundRobin,
        registrars: vec![peer("10.0.0.8", 3863)],
    };
    let mut stand = Stand::new(PoolElement::new(Time::ZERO, settings, Config::demo(), 1));
    let home = stand.outcome().connects[0].0;
    stand.up(home, Endpoint::Asap, "10.0.0.8");
    (stand, home)
}

#[test]
fn a_registration_that_is_refused_for_an_internal_reason_is_repeated_with_t4_only() {
    let t4 = Config::demo().t4_reregistration;
    for code in INTERNAL {
        let (mut stand, home) = pool_element();
        let refusal = Message::RegistrationResponse(RegistrationResponse {
            rejected: true,
            pool_handle: handle(),
            pe_identifier: PeIdentifier(7),
            causes: vec![cause(code)],
        });
        let outcome = stand.receive(home, &refusal);
        assert!(
            matches!(
                outcome.events[..],
                [pool_element::Event::RegistrationRefused { retry_in, .. }] if retry_in == t4
            ),
            "{code:#x}"
        );
        assert!(outcome.aborts.is_empty() && stand.pass(t4 / 2).sent.is_empty());
    }
}

#[test]
fn traffic_of_the_drafts_is_data_to_a_session_and_nothing_to_a_registration() {
    for ppid in OLD {
        let (mut stand, home) = pool_element();
        let outcome = stand.receive_bytes(home, Ppid(ppid), &[3, 0, 0, 4]);
        assert!(outcome.sent.is_empty() && !stand.core.is_registered());
        let session = AssociationId::incoming(1);
        stand.up(session, Endpoint::Service, "10.0.0.9");
        let outcome = stand.receive_bytes(session, Ppid(ppid), b"whatever");
        let data = |event: &pool_element::Event| matches!(event, pool_element::Event::Data { ppid: Ppid(it), .. } if *it == ppid);
        assert!(outcome.events.iter().any(data), "{ppid:#x}: {outcome:?}");
    }
}

#[test]
fn a_resolution_that_fails_for_an_internal_reason_is_asked_for_again() {
    for code in INTERNAL {
        let settings = pool_user::Settings {
            registrars: vec![peer("10.0.0.8", 3863)],
        };
        let mut stand = Stand::new(PoolUser::new(Time::ZERO, settings, Config::demo(), 1));
        let home = stand.outcome().connects[0].0;
        stand.up(home, Endpoint::Asap, "10.0.0.8");
        stand.core.open_session(stand.now, handle());
        stand.outcome();
        let failed = Message::HandleResolutionResponse(HandleResolutionResponse {
            subscribed: false,
            pool_handle: handle(),
            outcome: Resolution::Failed(vec![cause(code)]),
        });
        let outcome = stand.receive(home, &failed);
        let refused = |event: &pool_user::Event| {
            let pool_user::Event::ResolutionFailed { failure, .. } = event else {
                return false;
            };
            *failure == pool_user::ResolutionFailure::Refused(CauseCode(code))
        };
        assert!(outcome.events.iter().any(refused), "{code:#x}: {outcome:?}");
        let again = stand.pass(Duration::from_secs(5));
        let request =
            |(_, message): &(AssociationId, Message)| matches!(message, Message::HandleResolution(_));
        assert!(again.sent.iter().any(request), "{code:#x}");
    }
}
