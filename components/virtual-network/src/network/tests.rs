use super::*;

const ASAP: u16 = wire::asap::PORT;

/// Two nodes, each of which listens on a port and connects from it.
fn pair() -> (Network, NodeId, NodeId) {
    let mut network = Network::new(Conditions::default(), 1);
    let mut add = || {
        network.add(Ports {
            listens: vec![(ASAP, Endpoint::Asap)],
            ephemeral: false,
        })
    };
    let (one, other) = (add(), add());
    (network, one, other)
}

fn connect(network: &mut Network, now: Time, from: NodeId, number: u64, to: NodeId) -> AssociationId {
    let association = AssociationId::outgoing(number);
    let peer = TransportAddress {
        addresses: vec![Network::address(to)],
        port: ASAP,
    };
    network.connect(now, from, association, Endpoint::Asap, peer);
    association
}

/// Returns everything that arrives until nothing is in transit, and the time then.
fn everything(network: &mut Network, mut now: Time) -> (Vec<(NodeId, AssociationEvent)>, Time) {
    let mut events = Vec::new();
    while let Some(time) = network.next_time() {
        now = now.max(time);
        if let Some((node, Arrival::Association(event))) = network.step(now) {
            events.push((node, event));
        }
    }
    (events, now)
}

fn ups(events: &[(NodeId, AssociationEvent)]) -> Vec<(NodeId, AssociationId)> {
    let up = |(node, event): &(NodeId, AssociationEvent)| match event {
        AssociationEvent::Up { association, .. } => Some((*node, *association)),
        AssociationEvent::Confirmed { .. }
        | AssociationEvent::Restarted { .. }
        | AssociationEvent::Down { .. } => None,
    };
    events.iter().filter_map(up).collect()
}

#[test]
fn two_that_call_each_other_get_one_association() {
    let (mut network, one, other) = pair();
    let from_one = connect(&mut network, Time::ZERO, one, 0, other);
    let from_other = connect(&mut network, Time::ZERO, other, 0, one);
    let (events, _) = everything(&mut network, Time::ZERO);
    let mut ups = ups(&events);
    ups.sort();
    assert_eq!(ups, [(one, from_one), (other, from_other)]);
    assert_eq!(network.links.len(), 1);
    assert_eq!(network.ends.len(), 2);
}

#[test]
fn a_second_association_between_the_same_ports_is_refused_here() {
    let (mut network, one, other) = pair();
    connect(&mut network, Time::ZERO, one, 0, other);
    let (_, now) = everything(&mut network, Time::ZERO);
    let second = connect(&mut network, now, one, 1, other);
    let (events, _) = everything(&mut network, now);
    let down = AssociationEvent::Down {
        association: second,
        cause: DownCause::LocalAbort,
    };
    assert_eq!(events, [(one, down)]);
    assert_eq!(network.links.len(), 1);
}

#[test]
fn a_process_that_starts_again_takes_its_association_over() {
    let (mut network, one, other) = pair();
    connect(&mut network, Time::ZERO, one, 0, other);
    let (events, now) = everything(&mut network, Time::ZERO);
    let ups_before = ups(&events);
    let (_, back) = *ups_before
        .iter()
        .find(|(node, _)| *node == other)
        .expect("both are told");
    network.kill(now, one, Death::Unplugged);
    network.restart(one);
    let again = connect(&mut network, now, one, 0, other);
    let (events, now) = everything(&mut network, now);
    let restarted = AssociationEvent::Restarted { association: back };
    assert_eq!(events[0], (other, restarted));
    assert_eq!(ups(&events), [(one, again)]);
    assert_eq!(
        events.len(),
        2,
        "the old association's end is not news: {events:?}"
    );
    network.abort(now, other, back);
    everything(&mut network, now);
    assert!(network.links.is_empty() && network.ends.is_empty());
}

#[test]
fn nothing_is_left_of_attempts_of_the_dead() {
    let (mut network, one, other) = pair();
    connect(&mut network, Time::ZERO, one, 0, other);
    network.kill(Time::ZERO, one, Death::Killed);
    network.kill(Time::ZERO, other, Death::Killed);
    everything(&mut network, Time::ZERO);
    assert!(network.links.is_empty() && network.ends.is_empty());
}

#[test]
fn a_node_that_has_come_back_aborts_what_it_does_not_know() {
    let (mut network, one, other) = pair();
    let association = connect(&mut network, Time::ZERO, one, 0, other);
    let (_, now) = everything(&mut network, Time::ZERO);
    network.kill(now, other, Death::Unplugged);
    network.restart(other);
    network.send(now, one, association, Ppid::ASAP, vec![1]);
    let (events, later) = everything(&mut network, now);
    let down = AssociationEvent::Down {
        association,
        cause: DownCause::PeerAbort,
    };
    assert_eq!(events, [(one, down)]);
    // What would have told it otherwise is only for the log by now.
    assert!(later - now >= Conditions::default().dead_after);
}
