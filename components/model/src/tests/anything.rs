//! Updates of any kind in any order, of few components, so that they meet each other.

use events::pool_user::{self, FailoverReason, FailoverTimes, SessionId};
use events::registrar::{self as registrar_events, SynchronizationProgress};
use feed::{
    GivenUp, Impairment, Limits, LinkTarget, PeerEntry, PeerState, PoolElementWork, PoolUserWork,
    StartUpPhase, TakeoverPhase, WorkUnit,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use wire::csp::{AssociationEntry, ComponentIdentifier, Group, Report, Workload};
use wire::parameter::Policy;

use super::*;
use crate::{Comparison, Proof, Severity, SystemState};

/// Two pool users, two registrars and two pool elements.
const COMPONENTS: u32 = 6;

fn component() -> impl Strategy<Value = ComponentId> {
    (1..=COMPONENTS).prop_map(ComponentId)
}

fn role(id: ComponentId) -> ComponentRole {
    match id.0 {
        1 | 2 => ComponentRole::PoolUser,
        3 | 4 => ComponentRole::Registrar,
        _ => ComponentRole::PoolElement,
    }
}

/// A registrar has another identity now and then.
fn identity(id: ComponentId, life: u32) -> feed::ComponentIdentity {
    let life = if role(id) == ComponentRole::Registrar {
        life
    } else {
        0
    };
    feed::ComponentIdentity::new(role(id), (identifier(id) + life).into()).expect("a small number")
}

/// The component with which another one has most to do.
fn partner(id: ComponentId) -> ComponentId {
    ComponentId(match id.0 {
        1 => 5,
        2 => 6,
        3 => 4,
        4 => 3,
        5 => 1,
        _ => 2,
    })
}

fn others(id: ComponentId) -> impl Strategy<Value = ComponentId> {
    prop_oneof![3 => Just(partner(id)), 1 => component()]
}

/// The number of the association to a component, for all others.
fn number(there: ComponentId) -> feed::AssociationId {
    u64::from(there.0).into()
}

fn some_registrar() -> impl Strategy<Value = RegistrarIdentifier> {
    (3..=4_u32, 0..2_u32).prop_map(|(id, life)| RegistrarIdentifier(identifier(ComponentId(id)) + life))
}

fn some_pool_element() -> impl Strategy<Value = PeIdentifier> {
    (5..=6_u32).prop_map(|id| pool_element(ComponentId(id)))
}

fn session() -> impl Strategy<Value = SessionId> {
    (0..3_u32).prop_map(SessionId)
}

fn short() -> impl Strategy<Value = Duration> {
    (0..3_000_000_u64).prop_map(Duration::from_micros)
}

fn phase() -> impl Strategy<Value = TakeoverPhase> {
    prop_oneof![
        3 => (0..3_u32, 0..2_u32).prop_map(|(pool_elements, due)| TakeoverPhase::Initiated { pool_elements, due }),
        2 => some_registrar().prop_map(|by| TakeoverPhase::Acknowledged { by, due: 0 }),
        2 => (0..3_u32).prop_map(|pool_elements| TakeoverPhase::Won { pool_elements }),
        2 => (some_pool_element(), any::<bool>()).prop_map(|(pe_identifier, adopted)| {
            TakeoverPhase::PoolElementSettled { pe_identifier, adopted }
        }),
        2 => Just(TakeoverPhase::Complete { adopted: 1, lost: 0 }),
        1 => Just(TakeoverPhase::GivenUp(GivenUp::Outranked)),
        1 => some_registrar().prop_map(|to| TakeoverPhase::Conceded { to }),
        1 => some_registrar().prop_map(|by| TakeoverPhase::TakenOver { by, pool_elements: 1 }),
    ]
}

fn of_a_registrar() -> impl Strategy<Value = Event> {
    let event = prop_oneof![
        1 => Just(StartUpPhase::LookingForMentor).prop_map(|phase| registrar_events::Event::StartUp { phase }),
        1 => (some_registrar(), option::of(Just(PeerState::Probed))).prop_map(|(registrar, state)| {
            let before = Some(PeerState::Active);
            registrar_events::Event::PeerChanged { registrar, before, state }
        }),
        1 => some_registrar().prop_map(|owner| {
            let progress = SynchronizationProgress::Finished { added: 1, removed: 0 };
            registrar_events::Event::Synchronization { owner, progress }
        }),
        3 => (some_registrar(), phase())
            .prop_map(|(target, phase)| registrar_events::Event::Takeover { target, phase }),
    ];
    let peers = vec((some_registrar(), any::<bool>(), 0..2_u16), 0..3).prop_map(|peers| Event::Peers {
        peers: peers
            .into_iter()
            .map(|(identifier, heard, local_checksum)| PeerEntry {
                identifier,
                state: if heard {
                    PeerState::Active
                } else {
                    PeerState::Probed
                },
                association: None,
                announced_checksum: Some(1),
                local_checksum,
                pool_elements: 1,
            })
            .collect(),
    });
    let entries = vec((5..=6_u32, 3..=4_u32), 0..4)
        .prop_map(|entries| {
            entries
                .into_iter()
                .map(|(element, home)| entry(ComponentId(element), ComponentId(home)))
        })
        .prop_map(|entries| handlespace(entries.collect()));
    prop_oneof![3 => event.prop_map(Event::Registrar), 1 => peers, 1 => entries]
}

fn of_a_pool_user() -> impl Strategy<Value = Event> {
    let times =
        (some_pool_element(), short(), short()).prop_map(|(from, noticing, resolving)| FailoverTimes {
            from,
            noticing,
            resolving,
            connecting: resolving,
            cookie_echoed: true,
        });
    let event = prop_oneof![
        (session(), some_pool_element()).prop_map(|(session, pe_identifier)| pool_user::Event::SessionUp {
            session,
            pe_identifier,
            association: 1.into(),
            cookie_echoed: false,
            failover: None,
        }),
        (session(), some_pool_element(), short()).prop_map(|(session, pe_identifier, silent_for)| {
            pool_user::Event::FailoverStarted {
                session,
                pe_identifier,
                reason: FailoverReason::AssociationDown(DownCause::Timeout),
                has_cookie: true,
                silent_for,
            }
        }),
        (session(), some_pool_element(), times, short()).prop_map(|(session, to, times, responding)| {
            pool_user::Event::FailoverComplete {
                session,
                to,
                times,
                responding,
            }
        }),
        session().prop_map(|session| pool_user::Event::SessionClosed { session }),
    ];
    prop_oneof![
        2 => event.prop_map(Event::PoolUser),
        1 => (0..2_u32).prop_map(|image| Event::ImageStarted {
            image,
            width: 8,
            height: 4,
            max_iterations: 9,
            algorithm: "Mandelbrot".into(),
            sessions: 2,
        }),
        1 => (0..3_u32, 0..2_u64).prop_map(|(image, missing)| Event::ImageCompleted {
            image,
            duration: ms(7),
            failovers: 0,
            missing,
            left_out: 0,
        }),
        1 => (0..3_u32).prop_map(|image| Event::ImageVerified { image, wrong: 1 }),
        1 => (0..9_u64, 0..9_u32).prop_map(|(completed, queued)| Event::PoolUserWork(PoolUserWork {
            unit: WorkUnit::Pixels,
            queued,
            running: 1,
            requested: completed + 1,
            completed,
            rejected: 0,
            done: completed as f64 / 3.0,
            handling: Duration::from_micros(completed * 7),
            queueing: Duration::from_micros(completed),
        })),
    ]
}

fn of_a_pool_element() -> impl Strategy<Value = Event> {
    prop_oneof![
        (0.0..=1.0_f64, 0..4_u32).prop_map(|(load, sessions)| Event::Load {
            load,
            sessions,
            capacity: 4,
        }),
        (0..9_u64, option::of(1e3..1e9_f64)).prop_map(|(completed, capacity)| {
            Event::PoolElementWork(PoolElementWork {
                unit: WorkUnit::Calculations,
                capacity,
                running: 1,
                done: completed as f64 * 0.7,
                completed,
                rejected: 0,
            })
        }),
        option::of(0..3_u32).prop_map(|max_jobs| Event::Limits(Limits {
            max_jobs,
            calculations_per_second: Some(1_000),
            ..Limits::default()
        })),
        (0..3_u32).prop_map(|load| Event::Policy {
            policy: Policy::LeastUsedDegradation {
                load,
                load_degradation: load / 2,
            },
        }),
    ]
}

fn of_anybody(id: ComponentId) -> impl Strategy<Value = (Event, Vec<u8>)> {
    let event = prop_oneof![
        3 => (0..2_u32).prop_map(move |life| Event::Hello {
            component: identity(id, life),
            version: "1".into(),
            pid: 1,
            addresses: vec![ip(id)],
            transport: "user".into(),
            pool_handle: PoolHandle::new(b"pool").ok(),
            policy: Some("LeastUsed".into()),
        }),
        1 => any::<bool>().prop_map(|ready| Event::Status {
            ready,
            status: feed::Status::Registrar(feed::RegistrarStatus::Stopping),
        }),
        4 => (others(id), option::of(component())).prop_map(move |(there, peer)| {
            Event::AssociationUp {
                association: number(there),
                protocol: Protocol::Asap,
                local: end(id),
                remote: end(there),
                inbound: id > there,
                peer: peer.map(|peer| identity(peer, 0)),
            }
        }),
        1 => component().prop_map(|there| Event::AssociationPeer {
            association: number(there),
            peer: identity(there, 0),
        }),
        1 => component().prop_map(|there| Event::AssociationDown {
            association: number(there),
            remote: end(there),
            cause: DownCause::Unreachable,
        }),
        1 => (0..3_u64).prop_map(|events| Event::Dropped { events }),
        1 => Just(Event::Beat),
        1 => vec((option::of(component()), 0.0..=1.0_f64, any::<bool>()), 0..3).prop_map(|links| Event::Impairments {
            links: links
                .into_iter()
                .map(|(to, loss, cut)| {
                    let target = to.map_or(LinkTarget::All, |to| LinkTarget::Peer(ip(to)));
                    (target, Impairment { loss, cut, ..Impairment::default() })
                })
                .collect(),
        }),
        1 => Just(Event::Problem { text: "no space left".into() }),
        1 => Just(Event::Goodbye { reason: feed::FINISHED.into() }),
    ];
    let own: BoxedStrategy<Event> = match role(id) {
        ComponentRole::Registrar => of_a_registrar().boxed(),
        ComponentRole::PoolElement => of_a_pool_element().boxed(),
        ComponentRole::PoolUser => of_a_pool_user().boxed(),
    };
    let message = (any::<bool>(), prop::bool::weighted(0.9), others(id), 1..3_u32).prop_map(
        |(sent, association, there, size)| Event::Message {
            direction: if sent {
                Direction::Sent
            } else {
                Direction::Received
            },
            association: association.then(|| number(there)),
            remote: end(there),
            ppid: wire::Ppid::ASAP,
            name: "ASAP_REGISTRATION".into(),
            summary: "of a pool element".into(),
            size,
        },
    );
    let pixels = (0..2_u32, 0..8_u32, 0..4_u32, session(), some_pool_element()).prop_map(
        |(image, x, y, session, pe_identifier)| Event::Pixels {
            image,
            x,
            y,
            tile_x: 0,
            tile_width: 8,
            session,
            pe_identifier,
        },
    );
    prop_oneof![
        3 => event.prop_map(|event| (event, Vec::new())),
        4 => own.prop_map(|event| (event, Vec::new())),
        4 => (message, vec(any::<u8>(), 0..9)),
        2 => (pixels, vec(any::<u8>(), 8..=8)),
    ]
}

fn change(id: ComponentId) -> impl Strategy<Value = Change> {
    let ending = prop_oneof![
        Just(Ending::Clean),
        Just(Ending::Killed),
        Just(Ending::Crashed {
            why: "exit status: 1".into()
        }),
    ];
    let fault = prop_oneof![Just(Fault::Kill), Just(Fault::Freeze), Just(Fault::Stop)];
    let proof = prop_oneof![
        Just(Proof::UnderWay),
        Just(Proof::Made(Comparison {
            pixels: 32,
            wrong: 1,
            missing: 0,
            first: None,
        })),
    ];
    let rare = prop_oneof![
        Just(Change::Added {
            name: format!("{} {}", role(id), id.0),
            spec: Box::new(ComponentSpec::new(role(id))),
        }),
        Just(Change::Removed),
        Just(Change::Restored),
        Just(Change::Timers(Box::new(
            ComponentSpec::new(role(id)).args.timers()
        ))),
        (0..3_u32).prop_map(|weight| Change::Policy(Policy::WeightedRandom { weight })),
        Just(Change::Stopping),
        Just(Change::Heard),
        short().prop_map(|silence| Change::Silent {
            silence,
            system: SystemState::Stopped,
        }),
        (option::of(component()), any::<bool>()).prop_map(|(to, cut)| Change::LinkFault {
            fault: Fault::Impair,
            target: to.map_or(LinkTarget::All, |to| LinkTarget::Peer(ip(to))),
            impairment: Impairment {
                cut,
                loss: 0.5,
                ..Impairment::default()
            },
        }),
        any::<bool>().prop_map(|next| Change::PictureHeld { next }),
        Just(Change::PictureLetGo),
        (0..3_u32, proof).prop_map(|(image, proof)| Change::PictureCompared { image, proof }),
        Just(Change::FeedBroken { why: "zeros".into() }),
        option::of(0.0..=1.0_f64).prop_map(Change::LoadTold),
        Just(Change::Refused {
            why: "no such policy".into()
        }),
        Just(Change::Told {
            severity: Severity::Problem,
            text: "did not stop within 3 s and was killed".into(),
        }),
    ];
    prop_oneof![
        40 => (of_anybody(id), 0..9_u64).prop_map(|((event, bytes), earlier)| {
            // The time is only a difference until the update's own is known.
            let stamped = Stamped { at: moment(earlier), event };
            Change::Feed(Box::new(Frame { stamped, bytes }))
        }),
        3 => rare,
        1 => Just(Change::LogLine("INFO: in service".into())),
        1 => (1..9_u32).prop_map(|pid| Change::Spawned { pid }),
        1 => ending.prop_map(Change::Ended),
        1 => fault.prop_map(Change::Fault),
        1 => Just(Change::Frozen),
        1 => Just(Change::Thawed),
    ]
}

fn report() -> impl Strategy<Value = Report> {
    let entries = vec(1..9_u64, 0..3).prop_map(|receivers| {
        receivers
            .into_iter()
            .map(|object| AssociationEntry {
                receiver: ComponentIdentifier {
                    group: Group::Registrar,
                    object,
                },
                duration_us: Some(7),
                protocol: wire::csp::PROTOCOL_SCTP,
                ppid: wire::Ppid::ASAP,
            })
            .collect()
    });
    (1..4_u64, any::<bool>(), entries).prop_map(|(object, is_final, associations)| Report {
        component: ComponentIdentifier {
            group: Group::PoolElement,
            object,
        },
        is_final,
        uptime_us: 1_000,
        interval_us: 250_000,
        location: "alpha: 192.0.2.1:3863".into(),
        status: "registered".into(),
        workload: Some(Workload::from_load(0.5)),
        associations,
    })
}

/// Returns updates at random, after those that add all components and let them say hello.
pub(super) fn updates() -> impl Strategy<Value = Vec<Update>> {
    let of_a_component = component().prop_flat_map(|id| (Just(id), change(id)));
    let update = prop_oneof![
        30 => of_a_component.prop_map(|(component, change)| Update::Component {
            component,
            at: Timestamp::default(),
            change,
        }),
        1 => report().prop_map(|report| Update::Report {
            at: Timestamp::default(),
            source: IpAddr::from([192, 0, 2, 1]),
            report: Box::new(report),
        }),
        1 => Just(Update::ReportsDue { at: Timestamp::default() }),
        1 => (short(), any::<bool>()).prop_map(|(duration, all)| Update::Slept {
            at: Timestamp::default(),
            duration,
            all,
        }),
        1 => Just(Update::Notice {
            at: Timestamp::default(),
            severity: Severity::Normal,
            text: "another scenario".into(),
        }),
    ];
    let beginning = (1..=COMPONENTS).map(ComponentId).flat_map(|id| {
        let name = format!("{} {}", role(id), id.0);
        let spec = Box::new(ComponentSpec::new(role(id)));
        let hello = Event::Hello {
            component: identity(id, 0),
            version: String::new(),
            pid: id.0,
            addresses: vec![ip(id)],
            transport: "user".into(),
            pool_handle: PoolHandle::new(b"pool").ok(),
            policy: None,
        };
        let stamped = Stamped {
            at: Timestamp::default(),
            event: hello,
        };
        let frame = Frame {
            stamped,
            bytes: Vec::new(),
        };
        let changes = [
            Change::Added { name, spec },
            Change::Spawned { pid: id.0 },
            Change::Feed(Box::new(frame)),
        ];
        changes.map(|change| Update::Component {
            component: id,
            at: Timestamp::default(),
            change,
        })
    });
    let beginning: Vec<Update> = beginning.collect();
    // Usually soon after each other, seldom so late that something has expired.
    let step = prop_oneof![20 => 0..300_u64, 1 => 0..90_000_u64];
    vec((update, step), 1..400).prop_map(move |later| {
        let mut now = moment(1_000_000);
        let beginning = beginning.iter().cloned().map(|update| (update, 1));
        beginning
            .chain(later)
            .map(|(mut update, milliseconds)| {
                now += ms(milliseconds);
                match &mut update {
                    Update::Component { at, change, .. } => {
                        *at = now;
                        if let Change::Feed(frame) = change {
                            frame.stamped.at = now - (frame.stamped.at - Timestamp::default());
                        }
                    }
                    Update::Notice { at, .. }
                    | Update::Report { at, .. }
                    | Update::Slept { at, .. }
                    | Update::ReportsDue { at } => *at = now,
                }
                update
            })
            .collect()
    })
}
