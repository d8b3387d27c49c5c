//! Changes of a pool's policy, with a model written by the tests.

use wire::PoolHandle;
use wire::parameter::Policy;

use super::*;
use crate::{PolicyChange, PolicyChangeOutput};

const OLD: Policy = Policy::RoundRobin;
const NEW: Policy = Policy::LeastUsed { load: 0 };

fn pool() -> PoolHandle {
    PoolHandle::new(b"FractalGeneratorPool").unwrap()
}

/// The components of [`Fixture`], of which the pool elements are registered with this policy.
fn in_pool(policy: &Policy) -> Fixture {
    let mut fixture = Fixture::new("");
    for element in [PE, PE2] {
        fixture.has(element, policy);
    }
    fixture.listed(&[(PE, policy), (PE2, policy)]);
    fixture
}

impl Fixture {
    fn has(&mut self, element: ComponentId, policy: &Policy) {
        let policy = policy.clone();
        self.feed(element, Event::Policy { policy });
        self.ready(element);
    }

    fn listed(&mut self, elements: &[(ComponentId, &Policy)]) {
        let entries: Vec<HandlespaceEntry> = elements
            .iter()
            .map(|(id, policy)| HandlespaceEntry {
                pool_handle: pool(),
                pe_identifier: PeIdentifier(id.0),
                home_registrar: RegistrarIdentifier(PR.0),
                policy: policy.to_string(),
                load: None,
            })
            .collect();
        let number = u32::try_from(entries.len()).unwrap();
        self.feed(
            PR,
            Event::Handlespace {
                pools: 1,
                pool_elements: number,
                owned: number,
                peers: 0,
                checksum: 0,
                entries,
            },
        );
    }

    fn begin(&mut self, policy: Policy) -> Option<PolicyChange> {
        PolicyChange::begin(pool(), policy, &self.model, self.now)
    }

    /// Lets this much time pass, applies what is to be configured, and returns the commands and sentences. The change is
    /// kept and read again before.
    fn goes_on(&mut self, change: &mut PolicyChange, after: Duration) -> (Vec<Sent>, Vec<String>) {
        *change = kept::read(&kept::written(change));
        self.now += after;
        change.handle(self.now, &self.model);
        let (mut sent, mut told) = (Vec::new(), Vec::new());
        while let Some(output) = change.poll_output() {
            match output {
                PolicyChangeOutput::Configure(id, policy) => self.change(id, Change::Policy(policy)),
                PolicyChangeOutput::Command(Command::Send(id, command)) => sent.push((id, command)),
                PolicyChangeOutput::Command(other) => panic!("{other:?}"),
                PolicyChangeOutput::Tell { text, .. } => told.push(text),
            }
        }
        (sent, told)
    }
}

type Sent = (ComponentId, feed::Command);

fn leaves(id: ComponentId) -> Sent {
    (id, feed::Command::LeavePool)
}

fn joins(id: ComponentId, policy: &Policy) -> Sent {
    let policy = policy.clone();
    (id, feed::Command::JoinPool { policy })
}

const AT_ONCE: Duration = Duration::ZERO;
const LONG: Duration = Duration::from_secs(12);

#[test]
fn all_leave_and_join_when_no_registrar_lists_the_pool_any_more() {
    let mut fixture = in_pool(&OLD);
    let mut change = fixture.begin(NEW).unwrap();
    let (sent, told) = fixture.goes_on(&mut change, AT_ONCE);
    assert_eq!(sent, [leaves(PE), leaves(PE2)]);
    assert!(told[0].contains("from Round Robin to Least Used"), "{told:?}");
    // One of them is still there.
    fixture.listed(&[(PE2, &OLD)]);
    assert_eq!(fixture.goes_on(&mut change, AT_ONCE), (vec![], vec![]));
    fixture.listed(&[]);
    let (sent, _) = fixture.goes_on(&mut change, AT_ONCE);
    assert_eq!(sent, [joins(PE, &NEW), joins(PE2, &NEW)]);
    fixture.has(PE, &NEW);
    assert_eq!(fixture.goes_on(&mut change, AT_ONCE), (vec![], vec![]));
    fixture.has(PE2, &NEW);
    let (_, told) = fixture.goes_on(&mut change, Duration::from_millis(300));
    assert_eq!(
        told,
        ["FractalGeneratorPool has Least Used from now on, after 300 ms"]
    );
    assert!(change.is_over() && change.poll_timeout().is_none());
    for element in [PE, PE2] {
        let args = &fixture.model.components[&element].spec.args;
        assert_eq!(args.policy(), Some(&NEW), "it is started with that from now on");
    }
}

#[test]
fn who_dies_meanwhile_is_not_waited_for() {
    let mut fixture = in_pool(&OLD);
    let mut change = fixture.begin(NEW).unwrap();
    fixture.goes_on(&mut change, AT_ONCE);
    fixture.change(PE2, Change::Ended(Ending::Killed));
    fixture.listed(&[]);
    let (sent, _) = fixture.goes_on(&mut change, AT_ONCE);
    assert_eq!(sent, [joins(PE, &NEW)]);
    fixture.has(PE, &NEW);
    fixture.goes_on(&mut change, AT_ONCE);
    assert!(change.is_over());
}

#[test]
fn who_is_frozen_is_waited_for_only_so_long_and_learns_all_of_it_later() {
    let mut fixture = in_pool(&OLD);
    fixture.change(PE2, Change::Frozen);
    let mut change = fixture.begin(NEW).unwrap();
    let (sent, _) = fixture.goes_on(&mut change, AT_ONCE);
    assert_eq!(sent, [leaves(PE), leaves(PE2)]);
    fixture.listed(&[(PE2, &OLD)]);
    let before = LONG - Duration::from_millis(1);
    assert_eq!(fixture.goes_on(&mut change, before), (vec![], vec![]));
    let due = change.poll_timeout().unwrap();
    let (sent, told) = fixture.goes_on(&mut change, Duration::from_millis(1));
    assert!(fixture.now >= due);
    assert_eq!(sent, [joins(PE, &NEW), joins(PE2, &NEW)]);
    assert!(
        told[0].contains("PR 1 still list FractalGeneratorPool") && told[0].contains("because of PE 2"),
        "{told:?}"
    );
    fixture.has(PE, &NEW);
    let (_, told) = fixture.goes_on(&mut change, LONG);
    assert!(told[0].contains("PE 2 could not join it yet"), "{told:?}");
    assert!(change.is_over());
}

#[test]
fn who_is_started_meanwhile_leaves_or_joins_as_well() {
    let mut fixture = in_pool(&OLD);
    let mut change = fixture.begin(NEW).unwrap();
    fixture.goes_on(&mut change, AT_ONCE);
    fixture.now += Duration::from_millis(1);
    fixture.change(PE, Change::Ended(Ending::Killed));
    fixture.change(PE, Change::Spawned { pid: 9 });
    let (sent, _) = fixture.goes_on(&mut change, AT_ONCE);
    assert_eq!(sent, [leaves(PE)]);
    fixture.listed(&[]);
    fixture.goes_on(&mut change, AT_ONCE);
    fixture.now += Duration::from_millis(1);
    fixture.change(PE, Change::Ended(Ending::Killed));
    fixture.change(PE, Change::Spawned { pid: 10 });
    let (sent, _) = fixture.goes_on(&mut change, AT_ONCE);
    assert_eq!(sent, [leaves(PE), joins(PE, &NEW)]);
}

#[test]
fn a_registrar_that_is_frozen_or_gone_is_not_asked() {
    for change_of_registrar in [Change::Frozen, Change::Ended(Ending::Killed)] {
        let mut fixture = in_pool(&OLD);
        let mut change = fixture.begin(NEW).unwrap();
        fixture.goes_on(&mut change, AT_ONCE);
        fixture.change(PR, change_of_registrar);
        let (sent, _) = fixture.goes_on(&mut change, AT_ONCE);
        assert_eq!(sent.len(), 2);
    }
}

#[test]
fn other_values_need_no_new_pool() {
    let had = Policy::WeightedRandom { weight: 7 };
    let mut fixture = in_pool(&had);
    assert!(fixture.begin(Policy::WeightedRandom { weight: 1 }).is_none());
    // A policy with a weight, too: everybody keeps its own.
    let wanted = Policy::WeightedRoundRobin { weight: 1 };
    let mut change = fixture.begin(wanted).unwrap();
    fixture.goes_on(&mut change, AT_ONCE);
    fixture.listed(&[]);
    let (sent, _) = fixture.goes_on(&mut change, AT_ONCE);
    let with_its_own = Policy::WeightedRoundRobin { weight: 7 };
    assert_eq!(sent, [joins(PE, &with_its_own), joins(PE2, &with_its_own)]);
    // Undone before it has taken effect anywhere: the values are as they were.
    let before = change.before().clone();
    assert!(PolicyChange::restore(pool(), before.clone(), &fixture.model, fixture.now).is_none());
    let data = std::iter::once((PE, Policy::WeightedRandom { weight: 9 })).collect();
    let mut change = PolicyChange::restore(pool(), data, &fixture.model, fixture.now).unwrap();
    let (sent, _) = fixture.goes_on(&mut change, AT_ONCE);
    let set = |id, weight| {
        let policy = Policy::WeightedRandom { weight };
        (id, feed::Command::SetPolicy { policy })
    };
    assert_eq!(sent, [set(PE, 9), set(PE2, 7)]);
    assert!(change.is_over());
}

#[test]
fn a_pool_without_processes_has_its_policy_from_the_next_start_on() {
    let mut fixture = in_pool(&OLD);
    for element in [PE, PE2] {
        fixture.change(element, Change::Ended(Ending::Clean));
    }
    let mut change = fixture.begin(NEW).unwrap();
    let (sent, told) = fixture.goes_on(&mut change, AT_ONCE);
    assert_eq!(sent, []);
    assert_eq!(
        told,
        ["FractalGeneratorPool will have Least Used when its PEs are started"]
    );
    assert_eq!(fixture.model.components[&PE].spec.args.policy(), Some(&NEW));
}

#[test]
fn steps_change_policies_and_their_data() {
    let mut fixture = Fixture::running(
        r#"{"do": [{"set-policy": {"pool": "FractalGeneratorPool", "policy": "weighted-random:3"}}]},
           {"when": {"pool-policy": {"pool": "FractalGeneratorPool", "is": "weighted-random"}},
            "do": [{"set-policy-data": {"of": "PE 1", "weight": 5}}, {"set-load": {"of": "PE 1", "percent": 50}}]}"#,
    );
    let policy = Policy::WeightedRandom { weight: 3 };
    let begun = fixture.handle();
    assert_eq!(begun, [Command::SetPoolPolicy(pool(), policy.clone())]);
    for element in [PE, PE2] {
        assert_eq!(fixture.handle(), []);
        fixture.has(element, &policy);
    }
    fixture.listed(&[(PE, &policy), (PE2, &OLD)]);
    assert_eq!(fixture.handle(), []);
    fixture.listed(&[(PE, &policy), (PE2, &policy)]);
    let set = feed::Command::SetPolicy {
        policy: Policy::WeightedRandom { weight: 5 },
    };
    let load = Some(0.5);
    assert_eq!(
        fixture.pass(10),
        [
            Command::Send(PE, set),
            Command::Send(PE, feed::Command::SetLoad { load })
        ]
    );
}
