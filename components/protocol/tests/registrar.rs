//! The registrar on its own: admission, selection, announcements.

mod support;

use std::time::Duration;

use protocol::registrar::{Event, Registrar, RemovalReason};
use protocol::{AssociationId, Config, Core, DownCause, Endpoint, MulticastGroup, Time};
use support::registrar::{
    ONE, TWO, USER, answer, milliseconds, register, registrar, removals, resolve, settings, with,
};
use support::{Stand, data_only, element, handle, ip, registration, sctp};
use wire::asap::{Deregistration, Message, Resolution, ServerAnnounce};
use wire::parameter::{CauseCode, Policy, PolicyType, TransportAddress, UserTransport};
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier};

#[test]
fn a_registration_makes_the_registrar_the_home_registrar() {
    let mut stand = registrar();
    assert_eq!(
        register(&mut stand, ONE, &registration(1, "10.0.0.1")),
        (false, vec![])
    );
    let entry = stand
        .core
        .handlespace()
        .element(&handle(), PeIdentifier(1))
        .unwrap();
    assert_eq!(entry.home_registrar, RegistrarIdentifier(0x0a00_0001));
    let asap = entry.asap_transport.as_ref().unwrap();
    assert_eq!((asap.port(), asap.addresses()[0]), (5000, ip("10.0.0.1")));
    assert_ne!(stand.core.checksum(), 0xffff);
}

/// rsplib has a name for this policy, but no form on the wire.
const UNSUPPORTED: Policy = Policy::Unknown {
    policy_type: PolicyType(0xb000_2004),
    data: Vec::new(),
};

#[test]
fn whoever_does_not_fit_into_the_pool_learns_the_cause() {
    let mut stand = registrar();
    register(&mut stand, ONE, &registration(1, "10.0.0.1"));
    let refusals = [
        (
            with(|r| r.pool_element.policy = Policy::LeastUsed { load: 0 }),
            CauseCode::INCONSISTENT_POOLING_POLICY,
        ),
        (
            with(|r| {
                let address = TransportAddress::new(ip("10.0.0.2"), 7000).unwrap();
                r.pool_element.user_transport = UserTransport::Tcp(address);
            }),
            CauseCode::INCONSISTENT_TRANSPORT_TYPE,
        ),
        (
            with(|r| {
                r.pool_element.user_transport = UserTransport::Sctp(data_only("10.0.0.2", 7000));
            }),
            CauseCode::INCONSISTENT_DATA_CONTROL,
        ),
        (
            with(|r| r.pool_element.user_transport = sctp(&["10.9.9.9"])),
            CauseCode::INVALID_VALUES,
        ),
        (
            with(|r| r.pool_element.identifier = PeIdentifier(1)),
            CauseCode::NON_UNIQUE_PE_IDENTIFIER,
        ),
        (
            with(|r| {
                r.pool_handle = PoolHandle::new(b"Other").unwrap();
                r.pool_element.policy = UNSUPPORTED;
            }),
            CauseCode::INVALID_VALUES,
        ),
    ];
    for (message, code) in refusals {
        assert_eq!(
            register(&mut stand, TWO, &message),
            (true, vec![code]),
            "{message:?}"
        );
        assert_eq!(stand.core.handlespace().len(), 1);
    }
}

#[test]
fn addresses_that_are_not_the_associations_are_cut_with_a_warning_to_people_only() {
    let mut stand = registrar();
    let message = with(|r| r.pool_element.user_transport = sctp(&["10.9.9.9", "10.0.0.2"]));
    let outcome = stand.receive(TWO, &message);
    let [(_, Message::RegistrationResponse(response))] = &outcome.sent[..] else {
        panic!("{outcome:?}")
    };
    // rsplib's pool elements take any cause for a refusal.
    assert_eq!((response.rejected, &response.causes[..]), (false, &[][..]));
    let warned = outcome.events.iter().any(|event| {
        matches!(event, Event::Registered { warnings, .. } if warnings[0].code == CauseCode::INVALID_VALUES)
    });
    assert!(warned, "{:?}", outcome.events);
    let entry = stand
        .core
        .handlespace()
        .element(&handle(), PeIdentifier(2))
        .unwrap();
    assert_eq!(entry.user_transport, sctp(&["10.0.0.2"]));
}

#[test]
fn a_pool_of_weights_that_are_all_zero_is_answered_like_an_empty_one() {
    for weighted in [
        |weight| Policy::WeightedRandom { weight },
        |weight| Policy::WeightedRoundRobin { weight },
    ] {
        let mut stand = registrar();
        let of_weight = |weight| {
            with(|r| {
                r.pool_element = element(1, "10.0.0.1");
                r.pool_element.policy = weighted(weight);
            })
        };
        assert_eq!(register(&mut stand, ONE, &of_weight(0)), (false, vec![]));
        let sent = stand.receive(USER, &resolve(None, true)).sent;
        let [(_, Message::HandleResolutionResponse(response))] = &sent[..] else {
            panic!("{sent:?}");
        };
        let Resolution::Failed(causes) = &response.outcome else {
            panic!("{response:?}");
        };
        assert_eq!(causes[0].code, CauseCode::UNKNOWN_POOL_HANDLE);
        stand.receive(ONE, &of_weight(u32::MAX));
        assert_eq!(answer(&stand.receive(USER, &resolve(None, false)).sent), [1]);
    }
}

#[test]
fn whoever_registers_with_another_policy_has_left_with_the_first_one() {
    let mut stand = registrar();
    register(&mut stand, ONE, &registration(1, "10.0.0.1"));
    register(&mut stand, TWO, &registration(2, "10.0.0.2"));
    let random = |number, address| {
        with(|r| {
            r.pool_element = element(number, address);
            r.pool_element.policy = Policy::Random;
        })
    };
    let outcome = stand.receive(ONE, &random(1, "10.0.0.1"));
    assert_eq!(removals(&outcome.events), [RemovalReason::OtherPolicy]);
    assert_eq!(answer(&stand.receive(USER, &resolve(None, false)).sent), [2]);
    // The last one of the old pool founds it again.
    assert_eq!(register(&mut stand, TWO, &random(2, "10.0.0.2")), (false, vec![]));
    assert_eq!(register(&mut stand, ONE, &random(1, "10.0.0.1")), (false, vec![]));
    let pool = stand.core.handlespace().pool(&handle()).unwrap();
    assert_eq!((pool.policy(), pool.len()), (&Policy::Random, 2));
}

#[test]
fn a_registrar_that_only_its_own_host_reaches_takes_loopback_addresses() {
    let mut settings = settings();
    settings.enrp.transport = Some(data_only("127.0.0.2", 9901));
    let mut stand = Stand::new(Registrar::new(Time::ZERO, settings, Config::default(), 1));
    stand.up(ONE, Endpoint::Asap, "127.0.0.1");
    assert_eq!(
        register(&mut stand, ONE, &registration(1, "127.0.0.1")),
        (false, vec![])
    );
}

#[test]
fn loopback_addresses_need_the_setting() {
    let config = Config::default();
    let mut stand = Stand::new(Registrar::new(Time::ZERO, settings(), config, 1));
    stand.up(ONE, Endpoint::Asap, "127.0.0.1");
    let message = registration(1, "127.0.0.1");
    assert_eq!(
        register(&mut stand, ONE, &message),
        (true, vec![CauseCode::INVALID_VALUES])
    );
}

#[test]
fn strangers_are_refused_if_somebody_in_particular_is_admitted() {
    let mut settings = settings();
    settings.admitted = vec![ip("10.0.0.1")];
    let mut stand = Stand::new(Registrar::new(Time::ZERO, settings, Config::demo(), 1));
    stand.up(ONE, Endpoint::Asap, "10.0.0.1");
    stand.up(TWO, Endpoint::Asap, "10.0.0.2");
    assert_eq!(
        register(&mut stand, TWO, &registration(2, "10.0.0.2")),
        (true, vec![CauseCode::SECURITY])
    );
    assert!(!register(&mut stand, ONE, &registration(1, "10.0.0.1")).0);
}

#[test]
fn only_the_pool_element_itself_deregisters() {
    let mut stand = registrar();
    register(&mut stand, ONE, &registration(1, "10.0.0.1"));
    let deregistration = Message::Deregistration(Deregistration {
        pool_handle: handle(),
        pe_identifier: PeIdentifier(1),
    });
    let refused = stand.receive(TWO, &deregistration);
    let [(_, Message::DeregistrationResponse(response))] = &refused.sent[..] else {
        panic!("{refused:?}");
    };
    assert_eq!(response.causes[0].code, CauseCode::SECURITY);
    for _ in 0..2 {
        // The second time, it is already gone, as requested.
        let done = stand.receive(ONE, &deregistration);
        let [(_, Message::DeregistrationResponse(response))] = &done.sent[..] else {
            panic!("{done:?}");
        };
        assert!(response.causes.is_empty());
        assert!(stand.core.handlespace().is_empty());
    }
}

#[test]
fn answers_have_as_many_entries_as_wanted_within_limits() {
    let mut stand = registrar();
    for identifier in 1..=200 {
        // At the rate that is answered immediately.
        stand.pass(milliseconds(100));
        register(&mut stand, ONE, &registration(identifier, "10.0.0.1"));
    }
    let mut count = |items| answer(&stand.receive(USER, &resolve(items, false)).sent).len();
    assert_eq!(
        [count(None), count(Some(0)), count(Some(1)), count(Some(u32::MAX))],
        [3, 3, 1, 128]
    );
}

#[test]
fn an_unknown_pool_is_cause_9() {
    let outcome = registrar().receive(USER, &resolve(None, true));
    let [(_, Message::HandleResolutionResponse(response))] = &outcome.sent[..] else {
        panic!("{outcome:?}");
    };
    assert!(!response.subscribed);
    assert!(
        matches!(&response.outcome, Resolution::Failed(causes) if causes[0].code == CauseCode::UNKNOWN_POOL_HANDLE)
    );
}

#[test]
fn subscribers_hear_of_changes_until_the_pool_is_gone() {
    let mut stand = registrar();
    register(&mut stand, ONE, &registration(1, "10.0.0.1"));
    assert_eq!(answer(&stand.receive(USER, &resolve(None, true)).sent), [1]);
    register(&mut stand, TWO, &registration(2, "10.0.0.2"));
    assert_eq!(answer(&stand.pass(milliseconds(10)).sent), [1, 2]);
    stand.down(ONE, DownCause::Graceful);
    assert!(stand.pass(milliseconds(50)).sent.is_empty(), "not so fast");
    assert_eq!(answer(&stand.pass(milliseconds(60)).sent), [2]);
    stand.down(TWO, DownCause::Graceful);
    let last = stand.pass(milliseconds(200));
    assert!(matches!(&last.sent[..], [(USER, Message::HandleResolutionResponse(r))] if !r.subscribed));
    stand.up(ONE, Endpoint::Asap, "10.0.0.1");
    register(&mut stand, ONE, &registration(1, "10.0.0.1"));
    assert!(stand.pass(milliseconds(200)).sent.is_empty());
}

#[test]
fn registrations_beyond_the_rate_are_answered_late_and_in_order() {
    let mut stand = registrar();
    let mut answers = Vec::new();
    let responses = |sent: Vec<(AssociationId, Message)>| {
        let identifier = |(_, message)| match message {
            Message::RegistrationResponse(response) => Some(response.pe_identifier.0),
            _ => None,
        };
        sent.into_iter().filter_map(identifier).collect::<Vec<_>>()
    };
    for identifier in 1..=15 {
        answers.extend(responses(
            stand.receive(ONE, &registration(identifier, "10.0.0.1")).sent,
        ));
    }
    assert_eq!(answers.len(), 10);
    answers.extend(responses(stand.pass(milliseconds(500)).sent));
    assert_eq!(answers, (1..=15).collect::<Vec<u32>>());
}

#[test]
fn what_waits_of_a_process_that_has_restarted_is_forgotten() {
    let mut stand = registrar();
    stand.receive(ONE, &resolve(None, true));
    for identifier in 1..=15 {
        stand.receive(ONE, &registration(identifier, "10.0.0.1"));
    }
    assert_eq!(stand.core.handlespace().len(), 10);
    stand.restarted(ONE);
    assert!(stand.core.handlespace().is_empty());
    register(&mut stand, TWO, &registration(20, "10.0.0.2"));
    assert!(stand.pass(milliseconds(500)).sent.is_empty());
    assert_eq!(stand.core.handlespace().len(), 1);
}

#[test]
fn the_wrong_payload_protocol_ends_the_association() {
    let mut stand = registrar();
    register(&mut stand, ONE, &registration(1, "10.0.0.1"));
    let outcome = stand.receive_bytes(ONE, Ppid::ENRP, &[1, 0, 0, 4]);
    assert_eq!(outcome.aborts, [ONE]);
    assert!(stand.core.handlespace().is_empty());
}

#[test]
fn unknown_things_are_reported_or_not_as_their_types_say() {
    let mut stand = registrar();
    assert!(
        stand
            .receive_bytes(USER, Ppid::ASAP, &[0x3f, 0, 0, 4])
            .sent
            .is_empty()
    );
    let reported = stand.receive_bytes(USER, Ppid::ASAP, &[0x55, 0, 0, 4]);
    assert!(
        matches!(&reported.sent[..], [(USER, Message::Error(e))] if e.causes[0].code == CauseCode::UNRECOGNIZED_MESSAGE)
    );
    let mut bytes = resolve(None, false).encode();
    bytes.extend([0xc1, 0x23, 0, 4]);
    let length = u16::try_from(bytes.len()).unwrap();
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    let both = stand.receive_bytes(USER, Ppid::ASAP, &bytes).sent;
    assert!(matches!(both[0].1, Message::HandleResolutionResponse(_)));
    assert!(matches!(&both[1].1, Message::Error(e) if e.causes[0].code == CauseCode::UNRECOGNIZED_PARAMETER));
}

#[test]
fn announcements_get_rarer_with_every_other_registrar() {
    let mut settings = settings();
    settings.announce = true;
    let mut stand = Stand::new(Registrar::new(Time::ZERO, settings, Config::demo(), 1));
    assert_eq!(stand.pass(Duration::ZERO).multicasts.len(), 1);
    let alone = stand.pass(Duration::from_secs(10)).multicasts.len();
    assert!((17..=23).contains(&alone), "{alone}");
    let mut together = 0;
    for _ in 0..10 {
        let announcement = Message::ServerAnnounce(ServerAnnounce {
            registrar: RegistrarIdentifier(2),
            transports: Vec::new(),
        });
        let source = "10.0.0.9:3863".parse().unwrap();
        stand
            .core
            .handle_datagram(stand.now, MulticastGroup::Asap, source, &announcement.encode());
        together += stand.pass(Duration::from_secs(1)).multicasts.len();
    }
    assert!((8..=12).contains(&together), "{together}");
    assert_eq!(stand.core.registrars_heard(), 1);
    stand.pass(Duration::from_secs(5));
    assert_eq!(stand.core.registrars_heard(), 0);
}

#[test]
fn a_stop_shuts_associations_down_and_does_not_wait_for_ever() {
    let mut stand = registrar();
    stand.core.stop(stand.now);
    assert_eq!(stand.outcome().shutdowns, [ONE, TWO, USER]);
    stand.down(ONE, DownCause::Graceful);
    let end = stand.pass(Duration::from_secs(1));
    assert_eq!(end.aborts, [TWO, USER]);
    assert_eq!(end.events.last(), Some(&Event::Stopped));
    assert_eq!(stand.core.poll_timeout(), None);
}
