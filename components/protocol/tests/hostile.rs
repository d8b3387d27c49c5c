//! Whatever arrives in whatever state: no core panics or sends more responses than are due.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

mod support;

use std::time::Duration;

use protocol::{
    AssociationId, Config, Core, DownCause, Endpoint, MulticastGroup, PoolElement, PoolUser, Registrar, Time,
    pool_element, pool_user,
};
use support::registrar::settings;
use support::{Stand, handle, peer, sctp};
use wire::parameter::Policy;
use wire::{PeIdentifier, Ppid};

/// Returns all messages of the protocol reference, good and bad, as bytes.
fn vectors() -> Vec<Vec<u8>> {
    let text = include_str!("../../wire/tests/vectors/vectors.json");
    let hex = text.split("\"hex\": \"").skip(1);
    hex.map(|rest| {
        let digits = rest.split('"').next().unwrap();
        let byte = |index| u8::from_str_radix(&digits[index..index + 2], 16).unwrap();
        (0..digits.len()).step_by(2).map(byte).collect()
    })
    .collect()
}

/// Sends everything, whole and damaged, on associations of every kind, while time passes and associations end.
fn besiege<C: Core<Event: std::fmt::Debug>>(mut stand: Stand<C>, associations: &[AssociationId]) {
    let mut answers = 0;
    let mut sent = 0;
    let vectors = vectors();
    assert!(vectors.len() > 200);
    for (round, message) in vectors.iter().chain(&vectors).enumerate() {
        let flip = |position: usize| {
            let mut damaged = message.clone();
            if let Some(byte) = damaged.get_mut(position) {
                *byte ^= 1 << (round % 8);
            }
            damaged
        };
        let variants = [
            message.clone(),
            message[..message.len() / 2].to_vec(),
            flip(3),
            flip(message.len() / 2),
        ];
        for bytes in variants {
            for &association in associations {
                for ppid in [Ppid::ASAP, Ppid::ENRP] {
                    // A registrar aborts associations with the wrong protocol.
                    if ppid == Ppid::ASAP || round % 50 == 49 {
                        let outcome = stand.receive_bytes(association, ppid, &bytes);
                        answers += outcome.sent.len();
                        sent += 1;
                    }
                }
            }
            let source = "10.0.0.77:1234".parse().unwrap();
            stand
                .core
                .handle_datagram(stand.now, MulticastGroup::Asap, source, &bytes);
            stand
                .core
                .handle_datagram(stand.now, MulticastGroup::Enrp, source, &bytes);
        }
        stand.pass(Duration::from_millis(40));
        if round % 7 == 0 {
            let association = associations[round % associations.len()];
            stand.down(association, DownCause::PeerAbort);
            stand.up(association, Endpoint::Asap, "10.0.0.1");
        }
    }
    assert!(answers < 2 * sent, "{answers} answers to {sent} messages");
    stand.pass(Duration::from_secs(60));
}

fn associations() -> Vec<AssociationId> {
    let incoming = (0..4).map(AssociationId::incoming);
    incoming.chain((0..4).map(AssociationId::outgoing)).collect()
}

#[test]
fn a_registrar_stands_any_message_in_any_state() {
    let core = Registrar::new(Time::ZERO, settings(), Config::demo(), 1);
    let mut stand = Stand::new(core);
    for association in associations() {
        stand.up(association, Endpoint::Asap, "10.0.0.1");
    }
    besiege(stand, &associations());
}

#[test]
fn a_pool_element_stands_any_message_in_any_state() {
    let settings = pool_element::Settings {
        pool_handle: handle(),
        identifier: PeIdentifier(0x1122_3344),
        user_transport: sctp(&["10.0.0.1"]),
        policy: Policy::RoundRobin,
        registrars: vec![peer("10.0.0.8", 3863)],
    };
    let core = PoolElement::new(Time::ZERO, settings, Config::demo(), 1);
    let mut stand = Stand::new(core);
    stand.outcome();
    for association in associations() {
        let service = association.number() % 4 == 1;
        let endpoint = if service {
            Endpoint::Service
        } else {
            Endpoint::Asap
        };
        stand.up(association, endpoint, "10.0.0.8");
    }
    besiege(stand, &associations());
}

#[test]
fn a_pool_user_stands_any_message_in_any_state() {
    let settings = pool_user::Settings {
        registrars: vec![peer("10.0.0.8", 3863)],
    };
    let core = PoolUser::new(Time::ZERO, settings, Config::demo(), 1);
    let mut stand = Stand::new(core);
    stand.core.open_session(Time::ZERO, handle());
    stand.outcome();
    for association in associations() {
        stand.up(association, Endpoint::Asap, "10.0.0.8");
    }
    besiege(stand, &associations());
}

#[test]
fn forged_announcements_lead_to_a_bounded_number_of_attempts() {
    let settings = pool_user::Settings::default();
    let core = PoolUser::new(Time::ZERO, settings, Config::demo(), 1);
    let mut stand = Stand::new(core);
    let mut attempts = 0;
    for second in 0..10 {
        for forged in 0..200 {
            let announcement = [10, 0, 0, 8, 0, 0, 1, forged];
            let source = format!("10.9.{second}.{forged}:3863").parse().unwrap();
            stand
                .core
                .handle_datagram(stand.now, MulticastGroup::Asap, source, &announcement);
            for (association, _, _) in stand.outcome().connects {
                attempts += 1;
                attempts += stand.down(association, DownCause::Refused).connects.len();
            }
        }
        attempts += stand.pass(Duration::from_secs(1)).connects.len();
    }
    assert!(attempts <= 12 * 32, "{attempts}");
}
