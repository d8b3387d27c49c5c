//! Arbitration of takeovers, message by message; and takeovers of live registrars.

mod support;

use protocol::registrar::{Event, GivenUp, PeerState, TakeoverPhase};
use protocol::{AssociationId, Config, Core, DownCause, Endpoint, Registrar, TakeoverOrder, Time};
use support::peers::{OTHER, PEER, bodies, connect, hear, identifiers, owned, presence, quiet, say, update};
use support::registrar::{milliseconds, register, removals};
use support::{Outcome, Stand, registration};
use wire::RegistrarIdentifier;
use wire::asap::Message;
use wire::enrp::{Body, UpdateAction};

const TARGET: RegistrarIdentifier = RegistrarIdentifier(9);
const TARGETS: AssociationId = AssociationId::incoming(9);

/// Registrar 5 with peers 2 (over PEER), 8 (over OTHER) and the target, which owns a pool element.
fn stand(config: Config) -> Stand<Registrar> {
    let mut stand = Stand::new(Registrar::new(Time::ZERO, quiet(5), config, 1));
    connect(&mut stand, 2, PEER);
    connect(&mut stand, 8, OTHER);
    connect(&mut stand, TARGET.0, TARGETS);
    let element = owned(30, TARGET.0);
    say(
        &mut stand,
        TARGET.0,
        TARGETS,
        update(UpdateAction::AddPe, element),
    );
    stand
}

/// The target's association is lost, and it is unreachable.
fn lose_target(stand: &mut Stand<Registrar>) -> Outcome<Event> {
    let lost = stand.down(TARGETS, DownCause::Unreachable);
    let [(call, Endpoint::Enrp, _)] = lost.connects[..] else {
        panic!("{lost:?}");
    };
    assert_eq!(state(stand, TARGET), Some(PeerState::Probed));
    stand.down(call, DownCause::Refused)
}

fn state(stand: &Stand<Registrar>, registrar: RegistrarIdentifier) -> Option<PeerState> {
    let mut peers = stand.core.peers();
    peers
        .find(|peer| peer.identifier() == registrar)
        .map(|peer| peer.state())
}

fn phases(events: &[Event]) -> Vec<TakeoverPhase> {
    let phase = |event: &Event| match event {
        Event::Takeover { phase, .. } => Some(*phase),
        _ => None,
    };
    events.iter().filter_map(phase).collect()
}

#[test]
fn a_lost_association_and_a_refused_call_start_the_takeover_at_once() {
    let mut stand = stand(Config::demo());
    let begun = lose_target(&mut stand);
    assert_eq!(
        phases(&begun.events),
        [TakeoverPhase::Initiated {
            pool_elements: 1,
            due: 2
        }]
    );
    assert_eq!(
        bodies(begun.enrp_sent),
        [Body::InitTakeover(TARGET), Body::InitTakeover(TARGET)]
    );
    assert_eq!(state(&stand, TARGET), Some(PeerState::BeingTakenOver));
    let first = hear(&mut stand, 2, PEER, Body::InitTakeoverAck(TARGET));
    assert_eq!(
        phases(&first.events),
        [TakeoverPhase::Acknowledged {
            by: RegistrarIdentifier(2),
            due: 1
        }]
    );
    // An acknowledgement is only counted once per peer.
    assert!(phases(&hear(&mut stand, 2, PEER, Body::InitTakeoverAck(TARGET)).events).is_empty());
    let last = hear(&mut stand, 8, OTHER, Body::InitTakeoverAck(TARGET));
    assert!(phases(&last.events).contains(&TakeoverPhase::Won { pool_elements: 1 }));
    assert_eq!(identifiers(&stand), [(30, 5)]);
    assert_eq!(state(&stand, TARGET), None);
    // This registrar connects to the pool element, and asks it.
    let [(call, Endpoint::Asap, ref place)] = last.connects[..] else {
        panic!("{last:?}");
    };
    assert_eq!(*place, support::peer("10.0.0.50", 4000));
    assert_eq!(
        bodies(last.enrp_sent),
        [Body::TakeoverServer(TARGET), Body::TakeoverServer(TARGET)]
    );
    let asked = stand.up(call, Endpoint::Asap, "10.0.0.50");
    assert!(matches!(&asked.sent[..], [(to, Message::EndpointKeepAlive(k))] if *to == call && k.home));
    let settled = stand.receive(call, &support::registrar::acknowledgement(30));
    assert_eq!(
        phases(&settled.events).last(),
        Some(&TakeoverPhase::Complete { adopted: 1, lost: 0 })
    );
}

#[test]
fn a_pool_element_that_does_not_accept_is_removed_everywhere() {
    let mut stand = stand(Config::demo());
    lose_target(&mut stand);
    say(&mut stand, 2, PEER, Body::InitTakeoverAck(TARGET));
    let won = hear(&mut stand, 8, OTHER, Body::InitTakeoverAck(TARGET));
    let call = won.connects[0].0;
    let patience = Config::demo().keep_alive_timeout;
    let gone = stand.pass(patience);
    assert!(matches!(
        removals(&gone.events)[..],
        [protocol::registrar::RemovalReason::NotAdopted]
    ));
    let deletes = bodies(gone.enrp_sent)
        .into_iter()
        .filter(|body| matches!(body, Body::HandleUpdate(update) if update.action == UpdateAction::DelPe));
    assert_eq!(deletes.count(), 2);
    assert!(gone.aborts.contains(&call), "the call is given up");
}

#[test]
fn of_two_that_want_the_same_the_larger_one_goes_first() {
    for (order, outranks_us) in [
        (
            TakeoverOrder::LargerIdentifierWins,
            [(8, OTHER, true), (2, PEER, false)],
        ),
        (
            TakeoverOrder::SmallerIdentifierWins,
            [(8, OTHER, false), (2, PEER, true)],
        ),
    ] {
        for (sender, over, yields) in outranks_us {
            let config = Config {
                takeover_order: order,
                ..Config::demo()
            };
            let mut stand = stand(config);
            lose_target(&mut stand);
            let outcome = hear(&mut stand, sender, over, Body::InitTakeover(TARGET));
            if yields {
                assert_eq!(
                    phases(&outcome.events),
                    [
                        TakeoverPhase::GivenUp(GivenUp::Outranked),
                        TakeoverPhase::Conceded {
                            to: RegistrarIdentifier(sender)
                        }
                    ]
                );
                assert_eq!(bodies(outcome.enrp_sent), [Body::InitTakeoverAck(TARGET)]);
                let taken = hear(&mut stand, sender, over, Body::TakeoverServer(TARGET));
                assert!(phases(&taken.events).contains(&TakeoverPhase::TakenOver {
                    by: RegistrarIdentifier(sender),
                    pool_elements: 1
                }));
                assert_eq!(identifiers(&stand), [(30, sender)]);
            } else {
                assert!(outcome.enrp_sent.is_empty());
                assert!(phases(&outcome.events).is_empty());
            }
        }
    }
}

#[test]
fn a_sign_of_life_of_the_target_ends_the_takeover() {
    let mut stand = stand(Config::demo());
    lose_target(&mut stand);
    let again = AssociationId::incoming(10);
    stand.up(again, Endpoint::Enrp, "10.0.0.9");
    let alive = hear(&mut stand, TARGET.0, again, presence(0xffff));
    assert_eq!(
        phases(&alive.events),
        [TakeoverPhase::GivenUp(GivenUp::TargetAlive)]
    );
    assert_eq!(state(&stand, TARGET), Some(PeerState::Active));
    say(&mut stand, 2, PEER, Body::InitTakeoverAck(TARGET));
    say(&mut stand, 8, OTHER, Body::InitTakeoverAck(TARGET));
    assert_eq!(identifiers(&stand), [(30, TARGET.0)]);
}

#[test]
fn those_that_come_back_during_a_takeover_are_asked_again() {
    let mut stand = stand(Config::demo());
    stand.down(OTHER, DownCause::Timeout);
    lose_target(&mut stand);
    let back = AssociationId::incoming(20);
    stand.up(back, Endpoint::Enrp, "10.0.0.8");
    assert!(say(&mut stand, 8, back, presence(0xffff)).contains(&Body::InitTakeover(TARGET)));
    say(&mut stand, 2, PEER, Body::InitTakeoverAck(TARGET));
    let acknowledged = hear(&mut stand, 8, back, Body::InitTakeoverAck(TARGET));
    assert!(phases(&acknowledged.events).contains(&TakeoverPhase::Won { pool_elements: 1 }));
}

#[test]
fn those_that_are_silent_themselves_are_not_waited_for() {
    let mut stand = stand(Config::demo());
    lose_target(&mut stand);
    say(&mut stand, 2, PEER, Body::InitTakeoverAck(TARGET));
    let expired = stand.pass(milliseconds(701));
    assert!(phases(&expired.events).contains(&TakeoverPhase::Won { pool_elements: 1 }));
}

#[test]
fn one_that_is_heard_and_does_not_agree_prevents_the_takeover() {
    let mut stand = stand(Config::demo());
    lose_target(&mut stand);
    say(&mut stand, 2, PEER, Body::InitTakeoverAck(TARGET));
    stand.pass(milliseconds(300));
    say(&mut stand, 8, OTHER, presence(0xffff));
    let expired = stand.pass(milliseconds(401));
    assert_eq!(
        phases(&expired.events),
        [TakeoverPhase::GivenUp(GivenUp::NotAcknowledged)]
    );
    assert_eq!(state(&stand, TARGET), None);
    assert_eq!(
        identifiers(&stand),
        [(30, TARGET.0)],
        "until its registration life is over"
    );
}

#[test]
fn whom_one_hears_is_asked_before_one_agrees() {
    let mut stand = stand(Config::demo());
    let doubted = hear(&mut stand, 2, PEER, Body::InitTakeover(TARGET));
    let [(over, ref question)] = doubted.enrp_sent[..] else {
        panic!("{doubted:?}");
    };
    assert_eq!(over, TARGETS);
    assert!(matches!(&question.body, Body::Presence(presence) if presence.reply_required));
    // It is alive: the initiator hears a presence, but no acknowledgement.
    let answered = hear(&mut stand, TARGET.0, TARGETS, presence(0x1234));
    let to_initiator: Vec<_> = answered
        .enrp_sent
        .iter()
        .filter(|(over, _)| *over == PEER)
        .collect();
    assert!(matches!(&to_initiator[..], [(_, message)] if matches!(message.body, Body::Presence(_))));
    // A takeover without any acknowledgement changes nothing.
    say(&mut stand, 2, PEER, Body::TakeoverServer(TARGET));
    assert_eq!(identifiers(&stand), [(30, TARGET.0)]);
    assert_eq!(state(&stand, TARGET), Some(PeerState::Active));
    // It is silent: acknowledged.
    hear(&mut stand, 2, PEER, Body::InitTakeover(TARGET));
    let agreed = stand.pass(milliseconds(351));
    assert!(bodies(agreed.enrp_sent).contains(&Body::InitTakeoverAck(TARGET)));
    say(&mut stand, 2, PEER, Body::TakeoverServer(TARGET));
    assert_eq!(identifiers(&stand), [(30, 2)]);
}

#[test]
fn an_initiator_that_dies_leaves_the_target_to_the_others() {
    let mut stand = stand(Config::demo());
    stand.down(TARGETS, DownCause::Timeout);
    hear(&mut stand, 2, PEER, Body::InitTakeover(TARGET));
    assert_eq!(state(&stand, TARGET), Some(PeerState::BeingTakenOver));
    let lost = stand.down(PEER, DownCause::Unreachable);
    let call = lost.connects[0].0;
    stand.down(call, DownCause::Refused);
    assert_eq!(state(&stand, TARGET), Some(PeerState::Probed));
    let takeover = stand.pass(milliseconds(501));
    assert!(phases(&takeover.events).contains(&TakeoverPhase::Initiated {
        pool_elements: 1,
        due: 1
    }));
}

#[test]
fn a_registrar_that_is_to_be_taken_over_says_at_once_that_it_lives() {
    let mut stand = stand(Config::demo());
    let own = RegistrarIdentifier(5);
    let alive = say(&mut stand, 2, PEER, Body::InitTakeover(own));
    assert_eq!(alive.len(), 3);
    assert!(alive.iter().all(|body| matches!(body, Body::Presence(_))));
}

#[test]
fn a_registrar_that_was_taken_over_sends_its_pool_elements_away() {
    let mut stand = stand(Config::demo());
    let own = RegistrarIdentifier(5);
    let element = AssociationId::incoming(30);
    stand.up(element, Endpoint::Asap, "10.0.0.60");
    register(&mut stand, element, &registration(31, "10.0.0.60"));
    // Without an announcement it is false.
    assert!(
        hear(&mut stand, 2, PEER, Body::TakeoverServer(own))
            .aborts
            .is_empty()
    );
    // Even with an announcement, as long as this registrar has been heard all the time.
    say(&mut stand, 2, PEER, Body::InitTakeover(own));
    let refused = hear(&mut stand, 2, PEER, Body::TakeoverServer(own));
    assert!(refused.aborts.is_empty());
    assert_eq!(identifiers(&stand), [(30, TARGET.0), (31, 5)]);
    // Frozen and thawed: both messages have been waiting.
    stand.now = stand.now + std::time::Duration::from_secs(4);
    say(&mut stand, 2, PEER, Body::InitTakeover(own));
    let over = hear(&mut stand, 2, PEER, Body::TakeoverServer(own));
    assert_eq!(over.aborts, [element]);
    assert_eq!(identifiers(&stand), [(30, TARGET.0), (31, 2)]);
    assert_eq!(stand.core.checksum(), 0xffff);
    assert!(
        bodies(over.enrp_sent)
            .iter()
            .all(|body| matches!(body, Body::Presence(_))),
        "what belongs to others is not theirs to delete"
    );
}

#[test]
fn the_message_may_also_come_after_the_first_heartbeat_since_the_thaw() {
    let mut stand = stand(Config::demo());
    let own = RegistrarIdentifier(5);
    let element = AssociationId::incoming(30);
    stand.up(element, Endpoint::Asap, "10.0.0.60");
    register(&mut stand, element, &registration(31, "10.0.0.60"));
    stand.now = stand.now + std::time::Duration::from_secs(4);
    stand.core.handle_timeout(stand.now);
    stand.outcome();
    say(&mut stand, 2, PEER, Body::InitTakeover(own));
    assert_eq!(
        hear(&mut stand, 2, PEER, Body::TakeoverServer(own)).aborts,
        [element]
    );
}

#[test]
fn a_pool_element_that_a_peer_claims_is_asked_if_it_stays() {
    let mut stand = stand(Config::demo());
    let element = AssociationId::incoming(30);
    stand.up(element, Endpoint::Asap, "10.0.0.60");
    register(&mut stand, element, &registration(31, "10.0.0.60"));
    say(&mut stand, 2, PEER, update(UpdateAction::AddPe, owned(31, 2)));
    assert_eq!(identifiers(&stand), [(30, TARGET.0), (31, 2)]);
    let asked = stand.pass(Config::demo().keep_alive_timeout);
    assert!(matches!(&asked.sent[..], [(to, Message::EndpointKeepAlive(k))] if *to == element && k.home));
    let reclaimed = stand.receive(element, &support::registrar::acknowledgement(31));
    assert_eq!(identifiers(&stand), [(30, TARGET.0), (31, 5)]);
    let adds = bodies(reclaimed.enrp_sent)
        .into_iter()
        .filter(|body| matches!(body, Body::HandleUpdate(update) if update.action == UpdateAction::AddPe));
    assert_eq!(adds.count(), 3);
    // The same claim is not believed again until the pool element registers again.
    say(&mut stand, 2, PEER, update(UpdateAction::AddPe, owned(31, 2)));
    assert_eq!(identifiers(&stand), [(30, TARGET.0), (31, 5)]);
    register(&mut stand, element, &registration(31, "10.0.0.60"));
    say(&mut stand, 2, PEER, update(UpdateAction::AddPe, owned(31, 2)));
    assert_eq!(identifiers(&stand), [(30, TARGET.0), (31, 2)]);
}

#[test]
fn a_pool_element_that_has_left_for_a_peer_is_not_asked() {
    let mut stand = stand(Config::demo());
    let element = AssociationId::incoming(30);
    stand.up(element, Endpoint::Asap, "10.0.0.60");
    register(&mut stand, element, &registration(31, "10.0.0.60"));
    say(&mut stand, 2, PEER, update(UpdateAction::AddPe, owned(31, 2)));
    let left = stand.down(element, DownCause::PeerAbort);
    assert!(left.enrp_sent.is_empty(), "no late delete");
    assert!(removals(&left.events).is_empty());
    assert!(stand.pass(milliseconds(1000)).sent.is_empty());
    assert_eq!(identifiers(&stand), [(30, TARGET.0), (31, 2)]);
}

#[test]
fn a_registrar_that_stood_still_gives_the_others_time_again() {
    let mut stand = stand(Config::demo());
    let element = AssociationId::incoming(30);
    stand.up(element, Endpoint::Asap, "10.0.0.60");
    register(&mut stand, element, &registration(31, "10.0.0.60"));
    // All peers have been asked, and then this registrar is frozen for a minute.
    let asked = stand.pass(milliseconds(1100));
    assert!(bodies(asked.enrp_sent).len() >= 3);
    stand.now = stand.now + std::time::Duration::from_secs(60);
    stand.core.handle_timeout(stand.now);
    let thawed = stand.outcome();
    assert!(phases(&thawed.events).is_empty());
    assert!(removals(&thawed.events).is_empty());
    assert!(thawed.aborts.is_empty());
    // Their answers were waiting.
    for (registrar, over) in [(2, PEER), (8, OTHER), (TARGET.0, TARGETS)] {
        say(&mut stand, registrar, over, presence(0xffff));
        assert_eq!(
            state(&stand, RegistrarIdentifier(registrar)),
            Some(PeerState::Active)
        );
    }
    stand.receive(element, &support::registrar::acknowledgement(31));
    assert!(removals(&stand.pass(milliseconds(200)).events).is_empty());
}

#[test]
fn one_that_is_alone_waits_for_a_target_that_it_can_send_to() {
    let mut stand = Stand::new(Registrar::new(Time::ZERO, quiet(5), Config::demo(), 1));
    connect(&mut stand, TARGET.0, TARGETS);
    say(
        &mut stand,
        TARGET.0,
        TARGETS,
        update(UpdateAction::AddPe, owned(30, TARGET.0)),
    );
    let silent = stand.pass(milliseconds(1700));
    assert_eq!(
        phases(&silent.events),
        [TakeoverPhase::Initiated {
            pool_elements: 1,
            due: 0
        }]
    );
    assert!(bodies(silent.enrp_sent).contains(&Body::InitTakeover(TARGET)));
    let won = stand.pass(milliseconds(500));
    assert!(phases(&won.events).contains(&TakeoverPhase::Won { pool_elements: 1 }));
}

#[test]
fn thousands_of_pool_elements_are_called_a_few_at_a_time() {
    const MANY: u32 = 5000;
    let mut stand = Stand::new(Registrar::new(Time::ZERO, quiet(5), Config::demo(), 1));
    connect(&mut stand, TARGET.0, TARGETS);
    let address = |number: u32| format!("10.1.{}.{}", number / 250, number % 250 + 1);
    for number in 1..=MANY {
        let mut element = owned(number, TARGET.0);
        element.asap_transport = Some(support::data_only(&address(number), 4000));
        say(
            &mut stand,
            TARGET.0,
            TARGETS,
            update(UpdateAction::AddPe, element),
        );
    }
    let mut outcome = lose_target(&mut stand);
    let mut calls: Vec<(AssociationId, protocol::TransportAddress)> = Vec::new();
    let mut complete = Vec::new();
    let mut next = 0;
    loop {
        complete.extend(
            phases(&outcome.events)
                .into_iter()
                .filter(|phase| matches!(phase, TakeoverPhase::Complete { .. })),
        );
        let asap = |(_, endpoint, _): &(AssociationId, Endpoint, protocol::TransportAddress)| {
            *endpoint == Endpoint::Asap
        };
        calls.extend(
            outcome
                .connects
                .into_iter()
                .filter(asap)
                .map(|(call, _, place)| (call, place)),
        );
        assert!(calls.len() - next <= 64);
        let Some((call, place)) = calls.get(next) else {
            break;
        };
        let (call, address) = (*call, place.addresses[0].to_string());
        next += 1;
        // Every tenth is dead as well.
        outcome = if next % 10 == 0 {
            stand.down(call, DownCause::Refused)
        } else {
            let asked = stand.up(call, Endpoint::Asap, &address);
            let [(_, Message::EndpointKeepAlive(_))] = &asked.sent[..] else {
                panic!("{asked:?}");
            };
            let host = stand
                .core
                .handlespace()
                .elements_after(None)
                .find(|(_, element)| {
                    let transport = element.asap_transport.as_ref();
                    transport.is_some_and(|transport| transport.addresses() == place.addresses)
                });
            let identifier = host.map(|(_, element)| element.identifier.0);
            stand.receive(
                call,
                &support::registrar::acknowledgement(identifier.unwrap_or(0)),
            )
        };
    }
    assert_eq!(
        complete,
        [TakeoverPhase::Complete {
            adopted: 4500,
            lost: 500
        }]
    );
    assert_eq!(stand.core.handlespace().owned_count(RegistrarIdentifier(5)), 4500);
}
