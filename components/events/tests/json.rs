//! Every event that is news can be serialized to JSON and deserialized unchanged.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

use std::time::Duration;

use events::pool_user::{FailoverReason, FailoverTimes, ResolutionFailure, SessionId};
use events::registrar::{
    GivenUp, PeerState, RemovalReason, StartUpPhase, SynchronizationProgress, TakeoverPhase,
};
use events::{
    AssociationId, DownCause, Identifiers, Occurrence, TransportAddress, pool_element, pool_user, registrar,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::parameter::{CauseCode, ErrorCause, Policy};
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier};

const ASSOCIATION: AssociationId = AssociationId::incoming(3);
const REGISTRAR: RegistrarIdentifier = RegistrarIdentifier(0x0a);
const ELEMENT: PeIdentifier = PeIdentifier(0x0b);
const SESSION: SessionId = SessionId(1);
const WHILE: Duration = Duration::from_micros(1_234);

fn pool() -> PoolHandle {
    PoolHandle::new(b"EchoPool").unwrap()
}

fn causes() -> Vec<ErrorCause> {
    vec![
        ErrorCause::bare(CauseCode::SECURITY),
        ErrorCause::invalid_policy(&Policy::RoundRobin),
    ]
}

fn place() -> TransportAddress {
    TransportAddress {
        addresses: vec!["10.0.0.1".parse().unwrap()],
        port: 3863,
    }
}

/// Serializes and deserializes all events that are news; returns how many there are.
fn tell<E>(events: &[E]) -> usize
where
    E: Occurrence + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let mut news = 0;
    for event in events {
        assert!(!event.sentence(&Identifiers).is_empty());
        if event.is_news() {
            let json = serde_json::to_string(event).unwrap();
            assert_eq!(serde_json::from_str::<E>(&json).unwrap(), *event, "{json}");
            news += 1;
        }
    }
    news
}

fn takeover(phase: TakeoverPhase) -> registrar::Event {
    registrar::Event::Takeover {
        target: REGISTRAR,
        phase,
    }
}

#[test]
fn what_happens_in_a_registrar() {
    use registrar::Event;
    let (pool_handle, pe_identifier) = (pool(), ELEMENT);
    let news = [
        Event::Registered {
            pool_handle: pool(),
            pe_identifier,
            policy: Policy::LeastUsed { load: 7 },
            association: ASSOCIATION,
            warnings: causes(),
        },
        Event::RegistrationRefused {
            pool_handle: pool(),
            pe_identifier,
            causes: causes(),
        },
        Event::DeregistrationRefused {
            pool_handle: pool(),
            pe_identifier,
            causes: causes(),
        },
        Event::PeerPoolElementPassedOver {
            pool_handle: pool(),
            pe_identifier,
            owner: REGISTRAR,
            policy: Policy::Priority { priority: 9 },
            causes: causes(),
        },
        Event::Removed {
            pool_handle: pool(),
            pe_identifier,
            reason: RemovalReason::AssociationLost(DownCause::PeerAbort),
        },
        Event::ProbeSent {
            pool_handle: pool(),
            pe_identifier,
            reported: true,
        },
        Event::UnreachableReported {
            association: ASSOCIATION,
            pool_handle: pool(),
            pe_identifier,
            reports: 2,
        },
        Event::OwnerChanged {
            pool_handle,
            pe_identifier,
            owner: REGISTRAR,
        },
        Event::StartUp {
            phase: StartUpPhase::LookingForMentor,
        },
        Event::StartUp {
            phase: StartUpPhase::InService {
                mentor: Some(REGISTRAR),
                pool_elements: 3,
                took: WHILE,
            },
        },
        Event::PeerChanged {
            registrar: REGISTRAR,
            before: None,
            state: Some(PeerState::Active),
        },
        Event::PeerChanged {
            registrar: REGISTRAR,
            before: Some(PeerState::Probed),
            state: None,
        },
        Event::Synchronization {
            owner: REGISTRAR,
            progress: SynchronizationProgress::Finished { added: 1, removed: 2 },
        },
        takeover(TakeoverPhase::Initiated {
            pool_elements: 3,
            due: 1,
        }),
        takeover(TakeoverPhase::Acknowledged {
            by: REGISTRAR,
            due: 0,
        }),
        takeover(TakeoverPhase::Won { pool_elements: 3 }),
        takeover(TakeoverPhase::PoolElementSettled {
            pe_identifier,
            adopted: true,
        }),
        takeover(TakeoverPhase::Complete { adopted: 1, lost: 2 }),
        takeover(TakeoverPhase::GivenUp(GivenUp::TargetAlive)),
        takeover(TakeoverPhase::Conceded { to: REGISTRAR }),
        takeover(TakeoverPhase::TakenOver {
            by: REGISTRAR,
            pool_elements: 3,
        }),
    ];
    assert_eq!(tell(&news), news.len());
    let others = [
        Event::AssociationUp {
            association: ASSOCIATION,
            peer: place(),
        },
        Event::Resolved {
            association: ASSOCIATION,
            pool_handle: pool(),
            selected: vec![ELEMENT],
        },
        Event::DistanceMeasured {
            pool_handle: pool(),
            pe_identifier,
            distance: 50,
        },
        Event::Discarded {
            association: None,
            why: "odd".into(),
        },
        Event::Stopped,
    ];
    assert_eq!(tell(&others), 0);
}

#[test]
fn what_happens_in_a_pool_element() {
    use pool_element::Event;
    let news = [
        Event::Hunting,
        Event::HuntFailed {
            rounds: 2,
            next_round: WHILE,
        },
        Event::RegistrarConnected {
            association: ASSOCIATION,
            peer: place(),
        },
        Event::RegistrarIdentified {
            association: ASSOCIATION,
            registrar: REGISTRAR,
        },
        Event::RegistrarLost {
            association: ASSOCIATION,
            cause: DownCause::Timeout,
        },
        Event::HomeRegistrarChanged {
            association: ASSOCIATION,
            registrar: REGISTRAR,
        },
        Event::Registered {
            association: ASSOCIATION,
            registrar: Some(REGISTRAR),
            first: true,
            warnings: causes(),
        },
        Event::RegistrationRefused {
            pool_handle: pool(),
            policy: Policy::Priority { priority: 3 },
            causes: causes(),
            retry_in: WHILE,
        },
        Event::RegistrationFailed { attempts: 2 },
        Event::RegistrationExpired,
        Event::LeftPool,
        Event::Deregistered { confirmed: true },
    ];
    assert_eq!(tell(&news), news.len());
    let others = [
        Event::SessionStarted {
            association: ASSOCIATION,
            peer: place(),
        },
        Event::CookieEcho {
            association: ASSOCIATION,
            cookie: vec![1],
        },
        Event::Data {
            association: ASSOCIATION,
            ppid: Ppid::ASAP,
            bytes: vec![1],
        },
        Event::Stopped,
    ];
    assert_eq!(tell(&others), 0);
}

#[test]
fn what_happens_in_a_pool_user() {
    use pool_user::Event;
    let times = FailoverTimes {
        from: ELEMENT,
        noticing: WHILE,
        resolving: WHILE,
        connecting: WHILE,
        cookie_echoed: true,
    };
    let failed = |again| Event::ResolutionFailed {
        session: SESSION,
        pool_handle: pool(),
        failure: ResolutionFailure::Refused(CauseCode::SECURITY),
        again,
        retry_in: WHILE,
    };
    let news = [
        Event::Hunting,
        failed(false),
        Event::SessionUp {
            session: SESSION,
            pe_identifier: ELEMENT,
            association: ASSOCIATION,
            cookie_echoed: true,
            failover: Some(times),
        },
        Event::FailoverStarted {
            session: SESSION,
            pe_identifier: ELEMENT,
            reason: FailoverReason::AssociationDown(DownCause::Unreachable),
            has_cookie: true,
            silent_for: WHILE,
        },
        Event::FailoverStarted {
            session: SESSION,
            pe_identifier: ELEMENT,
            reason: FailoverReason::Application("asked for".into()),
            has_cookie: false,
            silent_for: WHILE,
        },
        Event::FailoverComplete {
            session: SESSION,
            to: ELEMENT,
            times,
            responding: WHILE,
        },
        Event::UnreachableReported {
            session: SESSION,
            pe_identifier: ELEMENT,
        },
        Event::SessionClosed { session: SESSION },
    ];
    assert_eq!(tell(&news), news.len());
    let others = [
        failed(true),
        Event::Data {
            session: SESSION,
            pe_identifier: ELEMENT,
            ppid: Ppid::ASAP,
            bytes: vec![1],
        },
        Event::Discarded {
            association: Some(ASSOCIATION),
            why: "odd".into(),
        },
    ];
    assert_eq!(tell(&others), 0);
}
