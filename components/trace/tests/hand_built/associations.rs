//! What is seen of associations.

use trace::{Association, AssociationState};

use crate::network::{LOST, Network, PE, PU, Packet, STRANGER, at};

fn states(association: &Association) -> Vec<AssociationState> {
    association.states.iter().map(|(_, state)| *state).collect()
}

#[test]
fn an_association_begins_and_ends() {
    let mut network = Network::default();
    network.introduce([PU, PE], [1, 2]);
    network.passed(10, PU, PE, &Packet::to(2).message(1, "hello"));
    network.passed(20, PU, PE, &Packet::to(2).chunk(7, 0, &[0, 0, 0, 1]));
    network.passed(22, PE, PU, &Packet::to(1).chunk(8, 0, b""));
    network.passed(24, PU, PE, &Packet::to(2).chunk(14, 0, b""));
    let [association] = &network.trace().associations[..] else {
        panic!("{:?}", network.trace().associations);
    };
    use AssociationState::{Closed, CookieEcho, Established, Init, InitAck, Shutdown, ShutdownAck};
    let all = [
        Init,
        InitAck,
        CookieEcho,
        Established,
        Shutdown,
        ShutdownAck,
        Closed,
    ];
    assert_eq!(states(association), all);
    assert_eq!(association.tags, [Some(1), Some(2)]);
    assert_eq!((association.began, association.seen), (at(0), at(24)));
    assert_eq!(association.state_at(at(3)), Some(InitAck));
    assert_eq!(
        association
            .directions
            .each_ref()
            .map(|direction| direction.packets),
        [5, 3]
    );
    assert_eq!(association.directions[0].messages, 1);
    assert!(association.state().is_over());
}

#[test]
fn an_abort_may_have_the_tag_of_what_it_answers() {
    let mut network = Network::default();
    network.introduce([PU, PE], [1, 2]);
    network.passed(10, PU, PE, &Packet::to(2).message(1, "hello"));
    network.passed(12, PE, PU, &Packet::to(2).chunk(6, 1, b""));
    let [association] = &network.trace().associations[..] else {
        panic!("{:?}", network.trace().associations);
    };
    assert_eq!(association.state(), AssociationState::Aborted);
    assert_eq!(association.directions[1].packets, 3);
}

#[test]
fn what_began_before_the_recording_is_under_way() {
    let mut network = Network::default();
    network.passed(10, PE, PU, &Packet::to(1).message(8, "well"));
    network.passed(12, PU, PE, &Packet::to(2).message(50, "hello"));
    let [association] = &network.trace().associations[..] else {
        panic!("{:?}", network.trace().associations);
    };
    assert_eq!(association.state(), AssociationState::Underway);
    assert_eq!(association.tags, [Some(2), Some(1)]);
    assert_eq!(
        association
            .directions
            .each_ref()
            .map(|direction| direction.messages),
        [1, 1]
    );
}

#[test]
fn an_init_that_is_repeated_begins_nothing_new_and_a_restart_does() {
    let mut network = Network::default();
    network.sent_but(0, PU, PE, &Packet::to(0).init(1, 1), LOST);
    network.introduce([PU, PE], [1, 2]);
    assert_eq!(network.trace().associations.len(), 1);
    network.introduce([PU, PE], [3, 4]);
    network.passed(10, PE, PU, &Packet::to(3).message(1, "new"));
    network.passed(12, PE, PU, &Packet::to(1).message(1, "old"));
    let [old, new] = &network.trace().associations[..] else {
        panic!("{:?}", network.trace().associations);
    };
    for association in [old, new] {
        assert_eq!(association.state(), AssociationState::Established);
        assert_eq!(association.directions[1].messages, 1);
    }
    assert_eq!((old.tags, new.tags), ([Some(1), Some(2)], [Some(3), Some(4)]));
}

#[test]
fn acknowledgements_tell_round_trip_times_windows_and_what_is_under_way() {
    let mut network = Network::default();
    network.introduce([PU, PE], [1, 2]);
    for tsn in 1..=3 {
        let ms = 10 * u64::from(tsn);
        network.passed(ms, PU, PE, &Packet::to(2).message(tsn, "12345678"));
    }
    network.passed(34, PE, PU, &Packet::to(1).sack(2, 1_000));
    network.passed(40, PE, PU, &Packet::to(1).sack(3, 2_000));
    let samples = &network.trace().associations[0].directions[0].samples;
    let [first, second] = &samples[..] else {
        panic!("{samples:?}");
    };
    assert_eq!(
        (first.at, first.measured_us, first.window, first.in_flight),
        (at(35), 15_000, 1_000, 8)
    );
    assert_eq!(
        (second.at, second.measured_us, second.window, second.in_flight),
        (at(41), 11_000, 2_000, 0)
    );
    assert_eq!(first.smoothed_us, 15_000);
    // A lost one tells nothing.
    network.passed(50, PU, PE, &Packet::to(2).message(4, "12345678"));
    network.sent_but(52, PE, PU, &Packet::to(1).sack(4, 7), LOST);
    assert_eq!(network.trace().associations[0].directions[0].samples.len(), 2);
    // What a stranger is told, it is told when it is sent.
    network.received(60, STRANGER, PE, &Packet::to(77).message(1, "hello"));
    network.sent(63, PE, STRANGER, &Packet::to(78).sack(1, 9));
    let samples = &network.trace().associations[1].directions[0].samples;
    assert_eq!((samples.len(), samples[0].measured_us), (1, 3_000));
}
