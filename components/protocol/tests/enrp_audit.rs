//! Updates between registrars, and how copies are repaired when some were missed.

mod support;

use protocol::registrar::{Event, RemovalReason, SynchronizationProgress};
use protocol::{AssociationId, Config, DownCause, Endpoint, Registrar};
use support::peers::{
    OTHER, PEER, connect, identifiers, owned, presence, receive_enrp, say, update, with_config, with_peer,
};
use support::registrar::{USER, answer, milliseconds, removals, report, resolve};
use support::scope::{Scope, registrar_settings};
use support::{Stand, handle};
use wire::enrp::{Body, HandleTableRequest, HandleTableResponse, Message, PoolEntry, Presence, UpdateAction};
use wire::parameter::{PoolElementParameter, ServerInformation};
use wire::{PeIdentifier, Ppid, RegistrarIdentifier};

fn table(more_to_send: bool, pool_elements: Vec<PoolElementParameter>) -> HandleTableResponse {
    let entry = PoolEntry {
        pool_handle: handle(),
        pool_elements,
    };
    HandleTableResponse {
        rejected: false,
        more_to_send,
        entries: vec![entry],
    }
}

fn own_table_requests(sent: &[Body]) -> usize {
    let wanted = Body::from(HandleTableRequest {
        own_children_only: true,
    });
    sent.iter().filter(|body| **body == wanted).count()
}

#[test]
fn registrations_reach_all_registrars_and_their_ends_too() {
    let mut scope = Scope::new();
    scope.start(1);
    scope.start(2);
    scope.start(3);
    scope.pass(1000);
    scope.start_pool_element(11, 2);
    scope.pass(20);
    for node in 1..=3 {
        assert_eq!(scope.view(node), [(11, 2)]);
    }
    scope.stop(11);
    scope.pass(20);
    for node in 1..=3 {
        assert_eq!(scope.view(node), []);
    }
    assert!(scope.events_of(1).any(|event| matches!(
        event,
        Event::Removed {
            reason: RemovalReason::RemovedByOwner,
            ..
        }
    )));
}

#[test]
fn pool_users_are_told_of_the_pool_elements_of_all_registrars() {
    let mut stand = with_peer();
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(5, 2)));
    assert_eq!(answer(&stand.receive(USER, &resolve(None, true)).sent), [5]);
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(6, 2)));
    assert_eq!(answer(&stand.pass(milliseconds(10)).sent), [5, 6]);
    receive_enrp(&mut stand, update(UpdateAction::DelPe, owned(5, 2)));
    assert_eq!(answer(&stand.pass(milliseconds(110)).sent), [6]);
}

#[test]
fn only_the_owner_adds_and_deletes() {
    let mut stand = with_peer();
    stand.up(OTHER, Endpoint::Enrp, "10.0.0.3");
    say(&mut stand, 3, OTHER, presence(0xffff));
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(5, 2)));
    say(&mut stand, 3, OTHER, update(UpdateAction::AddPe, owned(6, 2)));
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(7, 1)));
    assert_eq!(identifiers(&stand), [(5, 2)]);
    say(&mut stand, 3, OTHER, update(UpdateAction::DelPe, owned(5, 2)));
    say(&mut stand, 3, OTHER, update(UpdateAction::DelPe, owned(5, 3)));
    assert_eq!(identifiers(&stand), [(5, 2)]);
    say(&mut stand, 3, OTHER, update(UpdateAction::AddPe, owned(5, 3)));
    receive_enrp(&mut stand, update(UpdateAction::DelPe, owned(5, 2)));
    assert_eq!(
        identifiers(&stand),
        [(5, 3)],
        "a late delete of the previous owner"
    );
}

#[test]
fn a_wrong_checksum_leads_to_a_synchronization_that_repairs_everything() {
    let mut stand = with_peer();
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(5, 2)));
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(6, 2)));
    assert_eq!(own_table_requests(&receive_enrp(&mut stand, presence(0x1234))), 1);
    assert_eq!(
        own_table_requests(&receive_enrp(&mut stand, presence(0x1234))),
        0,
        "one at a time"
    );
    assert_eq!(
        own_table_requests(&receive_enrp(&mut stand, table(true, vec![owned(6, 2)]))),
        1
    );
    // Updates that arrive in the meantime are not lost; what belongs to others is not accepted.
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(8, 2)));
    receive_enrp(
        &mut stand,
        table(false, vec![owned(7, 2), owned(9, 3), owned(10, 1)]),
    );
    assert_eq!(identifiers(&stand), [(6, 2), (7, 2), (8, 2)]);
}

#[test]
fn an_equal_checksum_changes_nothing() {
    let mut stand = with_peer();
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(5, 2)));
    let checksum = stand.core.handlespace().checksum(RegistrarIdentifier(2));
    assert!(receive_enrp(&mut stand, presence(checksum)).is_empty());
    let peer = stand.core.peers().next().unwrap();
    assert_eq!(peer.announced_checksum(), Some(checksum));
}

#[test]
fn a_synchronization_that_fails_leaves_everything_and_is_tried_again() {
    let mut stand = with_peer();
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(5, 2)));
    receive_enrp(&mut stand, presence(0x1234));
    let rejected = HandleTableResponse {
        rejected: true,
        more_to_send: false,
        entries: Vec::new(),
    };
    receive_enrp(&mut stand, rejected);
    assert_eq!(identifiers(&stand), [(5, 2)]);
    stand.pass(milliseconds(501));
    assert_eq!(own_table_requests(&receive_enrp(&mut stand, presence(0x1234))), 1);
    let given_up = stand.pass(milliseconds(501));
    assert!(given_up.events.contains(&Event::Synchronization {
        owner: RegistrarIdentifier(2),
        progress: SynchronizationProgress::GivenUp,
    }));
    assert_eq!(identifiers(&stand), [(5, 2)]);
    let late = receive_enrp(&mut stand, table(false, vec![]));
    assert!(late.is_empty());
    assert_eq!(identifiers(&stand), [(5, 2)], "nobody asks for it any more");
}

#[test]
fn a_checksum_that_is_never_right_costs_less_and_less() {
    let mut stand = with_peer();
    let mut requests = 0;
    for _ in 0..200 {
        let asked = own_table_requests(&receive_enrp(&mut stand, presence(0x1234)));
        requests += asked;
        if asked > 0 {
            receive_enrp(&mut stand, table(false, vec![]));
        }
        stand.pass(milliseconds(100));
    }
    // Twenty seconds are 50 heartbeats.
    assert!((4..=10).contains(&requests), "{requests}");
}

#[test]
fn tables_without_end_end() {
    let mut stand = with_peer();
    receive_enrp(&mut stand, presence(0x1234));
    let mut parts = 0;
    while own_table_requests(&receive_enrp(&mut stand, table(true, vec![owned(5, 2)]))) > 0 {
        parts += 1;
        assert!(parts < 100);
    }
    assert!(parts < 5, "{parts}");
}

#[test]
fn tables_larger_than_the_limits_are_cut_and_that_is_said_once() {
    let config = Config {
        max_pool_elements: 16,
        ..Config::demo()
    };
    let mut stand = with_config(config);
    receive_enrp(&mut stand, presence(0x1234));
    let many = (1..=50).map(|number| owned(number, 2)).collect();
    let message = Message {
        sender: RegistrarIdentifier(2),
        receiver: RegistrarIdentifier(1),
        body: table(true, many).into(),
    };
    let outcome = stand.receive_bytes(PEER, Ppid::ENRP, &message.encode());
    let complaints = |event: &&Event| matches!(event, Event::Discarded { .. });
    assert!(
        outcome.events.iter().filter(complaints).count() <= 2,
        "{:?}",
        outcome.events
    );
    // An eighth is reserved for registrations.
    assert_eq!(stand.core.handlespace().len(), 14);
}

#[test]
fn what_did_not_fit_in_is_asked_for_again_as_soon_as_there_is_room() {
    // Reserving an eighth for others than peers.
    let mut stand = with_config(Config {
        max_pool_elements: 4,
        ..Config::demo()
    });
    connect(&mut stand, 3, OTHER);
    for identifier in 11..=14 {
        say(
            &mut stand,
            3,
            OTHER,
            update(UpdateAction::AddPe, owned(identifier, 3)),
        );
    }
    assert_eq!(identifiers(&stand).len(), 4);
    // The pauses between unsuccessful attempts have grown.
    let mut attempts = 0;
    for _ in 0..100 {
        attempts += own_table_requests(&receive_enrp(&mut stand, presence(0x1234)));
        receive_enrp(&mut stand, table(false, vec![owned(5, 2)]));
        stand.pass(milliseconds(100));
        let right = stand.core.handlespace().checksum(RegistrarIdentifier(3));
        say(&mut stand, 3, OTHER, presence(right));
    }
    assert!(attempts < 8, "{attempts}");
    say(&mut stand, 3, OTHER, update(UpdateAction::DelPe, owned(11, 3)));
    stand.pass(milliseconds(300));
    assert_eq!(own_table_requests(&receive_enrp(&mut stand, presence(0x1234))), 1);
    receive_enrp(&mut stand, table(false, vec![owned(5, 2)]));
    assert!(identifiers(&stand).contains(&(5, 2)));
}

#[test]
fn requesters_get_their_table_part_by_part() {
    let config = Config {
        handle_table_bytes: 300,
        ..Config::demo()
    };
    let mut stand = with_config(config);
    for number in 1..=10 {
        receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(number, 2)));
    }
    let all = HandleTableRequest {
        own_children_only: false,
    };
    let part = |stand: &mut Stand<Registrar>| match &receive_enrp(stand, all.clone())[..] {
        [Body::HandleTableResponse(response)] => {
            let elements = response.entries.iter().flat_map(|entry| &entry.pool_elements);
            let identifiers: Vec<PeIdentifier> = elements.map(|element| element.identifier).collect();
            (identifiers, response.more_to_send)
        }
        other => panic!("{other:?}"),
    };
    let mut got = Vec::new();
    loop {
        let (identifiers, more) = part(&mut stand);
        assert!(!identifiers.is_empty());
        got.extend(identifiers);
        if !more {
            break;
        }
    }
    assert_eq!(got, (1..=10).map(PeIdentifier).collect::<Vec<_>>());
    // A download that pauses for too long starts again.
    let (first, _) = part(&mut stand);
    let checksum = stand_checksum(&stand);
    receive_enrp(&mut stand, presence(checksum));
    stand.pass(milliseconds(501));
    assert_eq!(part(&mut stand).0, first);
    let own = HandleTableRequest {
        own_children_only: true,
    };
    let [Body::HandleTableResponse(response)] = &receive_enrp(&mut stand, own)[..] else {
        panic!();
    };
    assert!(response.entries.is_empty() && !response.more_to_send);
}

fn stand_checksum(stand: &Stand<Registrar>) -> u16 {
    stand.core.handlespace().checksum(RegistrarIdentifier(2))
}

#[test]
fn what_an_owner_leaves_behind_ends_with_its_registration_life() {
    let mut stand = with_peer();
    let mut brief = owned(5, 9);
    brief.registration_life = wire::parameter::RegistrationLife(800);
    // Registrar 9 is unknown: its pool element came with the table of a mentor, or registrar 9 was given up.
    let ninth = AssociationId::incoming(9);
    stand.up(ninth, Endpoint::Enrp, "10.0.0.9");
    say(&mut stand, 9, ninth, update(UpdateAction::AddPe, brief));
    assert_eq!(identifiers(&stand), [(5, 9)]);
    // Its owner is dead; registrar 2 is heard and does not acknowledge a takeover: the owner is given up.
    stand.down(ninth, DownCause::Timeout);
    for _ in 0..7 {
        receive_enrp(&mut stand, presence(0xffff));
        stand.pass(milliseconds(200));
    }
    let expired = stand.pass(milliseconds(800));
    assert_eq!(removals(&expired.events), [RemovalReason::Expired]);
}

#[test]
fn a_foreign_pool_element_that_is_reported_too_often_is_not_named_any_more() {
    let mut stand = with_peer();
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(5, 2)));
    for _ in 0..3 {
        assert!(removals(&stand.receive(USER, &report(5)).events).is_empty());
    }
    let last = stand.receive(USER, &report(5));
    assert_eq!(removals(&last.events), [RemovalReason::Reported]);
    // The owner still has it, and the next audit restores it.
    assert_eq!(own_table_requests(&receive_enrp(&mut stand, presence(0x1234))), 1);
    receive_enrp(&mut stand, table(false, vec![owned(5, 2)]));
    assert_eq!(identifiers(&stand), [(5, 2)]);
}

#[test]
fn a_presence_names_checksum_and_transport() {
    let mut stand = with_peer();
    let asks = Presence {
        reply_required: true,
        ..presence(0xffff)
    };
    let [Body::Presence(answer)] = &receive_enrp(&mut stand, asks)[..] else {
        panic!();
    };
    assert_eq!(answer.pe_checksum, Some(0xffff));
    let transport = registrar_settings(1).enrp.transport;
    let information = ServerInformation {
        identifier: RegistrarIdentifier(1),
        transport: transport.expect("it has an address"),
    };
    assert_eq!(answer.server_information, Some(information));
    assert!(!answer.reply_required);
}
