//! The change of a pool's policy while the pool runs.
//!
//! A pool has one policy, that of its first pool element (RFC 5356): to change it, the pool has to end. All pool
//! elements leave it, and go on with their sessions; once no registrar lists the pool any more, they all join again with
//! the new policy. Whoever cannot leave, being frozen or unplugged, is waited for only so long.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use command::Command;
use feed::{ComponentRole, Timestamp};
use model::{Component, ComponentId, Model, ProcessState, Severity, words};
use serde::{Deserialize, Serialize};
use wire::PoolHandle;
use wire::parameter::{Policy, PolicyType};

use crate::select::runs;

/// How long the pool is waited for to end, and to come back: longer than it takes registrars, with the timers of the
/// RFCs, to find out that a pool element does not answer any more.
const PATIENCE: Duration = Duration::from_secs(12);

/// A change of a pool's policy that is under way.
///
/// Used like a play: call [`Self::handle`] whenever the time or the model has changed, then [`Self::poll_output`] until
/// it returns `None`. [`Self::poll_timeout`] returns when to call again at the latest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyChange {
    pool: PoolHandle,
    wanted: Wanted,
    /// What its pool elements had.
    before: BTreeMap<ComponentId, Policy>,
    phase: Phase,
    begun: Timestamp,
    deadline: Timestamp,
    /// The processes that have been told to leave, by their start.
    told: BTreeMap<ComponentId, Timestamp>,
    outputs: VecDeque<PolicyChangeOutput>,
}

/// What is to be done or said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PolicyChangeOutput {
    /// Start this pool element with this policy from now on.
    Configure(ComponentId, Policy),
    /// Carry out a command.
    Command(Command),
    /// Tell the user.
    Tell {
        /// How it is displayed.
        severity: Severity,
        /// One sentence.
        text: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Phase {
    /// All pool elements leave.
    Leaving,
    /// All pool elements join.
    Joining,
    Over,
}

/// The policies that the pool elements of a pool are to have, all of one type.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Wanted {
    /// For those that have none of their own here.
    policy: Policy,
    own: BTreeMap<ComponentId, Policy>,
}

impl Wanted {
    /// Returns the policy for a pool element: its own, or the common one with what the pool element has chosen already.
    fn of(&self, component: &Component) -> Policy {
        if let Some(own) = self.own.get(&component.id) {
            return own.clone();
        }
        let chosen = policy_of(component).map(Policy::data).unwrap_or_default();
        self.policy.clone().with_data(chosen)
    }

    const fn policy_type(&self) -> PolicyType {
        self.policy.policy_type()
    }
}

impl PolicyChange {
    /// Begins to change the policy of a pool. Pool elements keep the weight, priority, degradation and DPF that they
    /// have. Returns `None` if nobody in the pool has another policy.
    #[must_use]
    pub fn begin(pool: PoolHandle, policy: Policy, model: &Model, now: Timestamp) -> Option<Self> {
        let own = BTreeMap::new();
        Self::begin_wanted(pool, Wanted { policy, own }, model, now)
    }

    /// Begins to give the pool elements of a pool back what they had: [`Self::before`] of an earlier change. Returns
    /// `None` if they have it.
    #[must_use]
    pub fn restore(
        pool: PoolHandle,
        before: BTreeMap<ComponentId, Policy>,
        model: &Model,
        now: Timestamp,
    ) -> Option<Self> {
        let policy = before.values().next()?.clone();
        Self::begin_wanted(pool, Wanted { policy, own: before }, model, now)
    }

    fn begin_wanted(pool: PoolHandle, wanted: Wanted, model: &Model, now: Timestamp) -> Option<Self> {
        let before: BTreeMap<ComponentId, Policy> = members(model, &pool)
            .filter_map(|member| Some((member.id, policy_of(member)?.clone())))
            .collect();
        let differs = |member: &Component| {
            policy_of(member).is_some_and(|has| !has.clone().with_load(0).eq(&wanted.of(member).with_load(0)))
        };
        if !members(model, &pool).any(differs) {
            return None;
        }
        let mut change = Self {
            pool,
            wanted,
            before,
            phase: Phase::Leaving,
            begun: now,
            deadline: now + PATIENCE,
            told: BTreeMap::new(),
            outputs: VecDeque::new(),
        };
        change.configure(model);
        if change.is_of_one_type(model) {
            change.change_only_data(model);
        } else {
            let (to, pool) = (change.wanted.policy_type(), &change.pool);
            let from = change.types_before();
            change.say(
                Severity::Normal,
                format!("The policy of {pool} changes from {from} to {to}: its PEs leave it, and join again"),
            );
            change.handle(now, model);
        }
        Some(change)
    }

    /// Returns the pool.
    #[must_use]
    pub const fn pool(&self) -> &PoolHandle {
        &self.pool
    }

    /// Returns what its pool elements had before.
    #[must_use]
    pub const fn before(&self) -> &BTreeMap<ComponentId, Policy> {
        &self.before
    }

    /// Returns whether it is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// Returns the next output.
    pub fn poll_output(&mut self) -> Option<PolicyChangeOutput> {
        self.outputs.pop_front()
    }

    /// Returns when [`Self::handle`] must be called at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        (!self.is_over()).then_some(self.deadline)
    }

    /// Must be called when time has passed or the model has changed.
    pub fn handle(&mut self, now: Timestamp, model: &Model) {
        if self.is_over() {
            return;
        }
        self.configure(model);
        self.tell_newcomers(model);
        if self.phase == Phase::Leaving {
            let remains = self.where_it_remains(model);
            if remains.is_empty() || now >= self.deadline {
                if !remains.is_empty() {
                    self.say_what_remains(model, &remains);
                }
                self.join(now, model);
            }
        } else {
            let missing = self.missing(model);
            if missing.is_empty() || now >= self.deadline {
                self.end(now, &missing);
            }
        }
    }

    /// Has pool elements that are started from now on begin with their new policy.
    fn configure(&mut self, model: &Model) {
        for member in members(model, &self.pool) {
            let wanted = self.wanted.of(member);
            let starts_with = member.spec.args.policy();
            // Those that come later may have a policy of the new type with their own data.
            let is_new = self.before.contains_key(&member.id)
                || starts_with.map(Policy::policy_type) != Some(wanted.policy_type());
            if is_new && starts_with != Some(&wanted) {
                let configure = PolicyChangeOutput::Configure(member.id, wanted);
                if !self.outputs.contains(&configure) {
                    self.outputs.push_back(configure);
                }
            }
        }
    }

    /// Returns whether everybody in the pool has a policy of the new type already.
    fn is_of_one_type(&self, model: &Model) -> bool {
        let to = self.wanted.policy_type();
        members(model, &self.pool)
            .filter(|member| member.process.is_alive())
            .all(|member| policy_of(member).is_none_or(|policy| policy.policy_type() == to))
    }

    /// Changes policy data: the pool need not end for that.
    fn change_only_data(&mut self, model: &Model) {
        self.phase = Phase::Over;
        let mut any = false;
        for member in members(model, &self.pool).filter(|member| takes_commands(member)) {
            any = true;
            let policy = self.wanted.of(member);
            self.outputs
                .push_back(send(member.id, feed::Command::SetPolicy { policy }));
        }
        let (pool, policy) = (&self.pool, self.wanted.policy_type());
        let text = if any {
            format!("{pool} has {policy} with other values")
        } else {
            format!("{pool} will have {policy} when its PEs are started")
        };
        self.say(Severity::Normal, text);
    }

    /// Tells processes that have not been told: all at the beginning, and later those that have been started since.
    fn tell_newcomers(&mut self, model: &Model) {
        for member in members(model, &self.pool) {
            let since = member.process.since().filter(|_| takes_commands(member));
            let Some(since) = since.filter(|since| self.told.get(&member.id) != Some(since)) else {
                continue;
            };
            let may_join = self.phase == Phase::Joining;
            if may_join && !self.told.contains_key(&member.id) && self.has_joined(member) {
                continue;
            }
            self.told.insert(member.id, since);
            self.outputs.push_back(send(member.id, feed::Command::LeavePool));
            if may_join {
                let policy = self.wanted.of(member);
                self.outputs
                    .push_back(send(member.id, feed::Command::JoinPool { policy }));
            }
        }
    }

    /// Returns the registrars that list the pool with another policy.
    fn where_it_remains(&self, model: &Model) -> BTreeSet<ComponentId> {
        let to = self.wanted.policy_type().to_string();
        let registrars = model.components.values().filter(|component| {
            component.role() == ComponentRole::Registrar && runs(component) && component.silence.is_none()
        });
        let lists = |registrar: &&Component| {
            let entries = registrar.entries.iter();
            let mut others = entries.filter(|entry| entry.pool_handle == self.pool);
            others.any(|entry| name_of(&entry.policy) != to)
        };
        registrars.filter(lists).map(|registrar| registrar.id).collect()
    }

    fn say_what_remains(&mut self, model: &Model, registrars: &BTreeSet<ComponentId>) {
        let names = |ids: &mut dyn Iterator<Item = ComponentId>| {
            let names: Vec<&str> = ids
                .filter_map(|id| Some(model.components.get(&id)?.name.as_str()))
                .collect();
            names.join(", ")
        };
        let listed: BTreeSet<_> = registrars
            .iter()
            .filter_map(|id| model.components.get(id))
            .flat_map(|registrar| &registrar.entries)
            .filter(|entry| entry.pool_handle == self.pool)
            .map(|entry| entry.pe_identifier)
            .collect();
        let elements: Vec<String> = listed.into_iter().map(|id| model.pool_element_name(id)).collect();
        let text = format!(
            "{} still list {} with its old policy after {}, because of {}: the others join all the same, and are \
             refused until it is gone",
            names(&mut registrars.iter().copied()),
            self.pool,
            words::setting(PATIENCE),
            elements.join(", "),
        );
        self.say(Severity::Problem, text);
    }

    /// Everybody who has left joins.
    fn join(&mut self, now: Timestamp, model: &Model) {
        self.phase = Phase::Joining;
        self.deadline = now + PATIENCE;
        let told: Vec<ComponentId> = self.told.keys().copied().collect();
        for id in told {
            if let Some(member) = model.components.get(&id)
                && takes_commands(member)
            {
                let policy = self.wanted.of(member);
                self.outputs
                    .push_back(send(id, feed::Command::JoinPool { policy }));
            }
        }
    }

    /// Returns the pool elements that should have joined and have not, by name.
    fn missing(&self, model: &Model) -> Vec<String> {
        members(model, &self.pool)
            .filter(|member| takes_commands(member) && !self.has_joined(member))
            .map(|member| member.name.clone())
            .collect()
    }

    fn has_joined(&self, member: &Component) -> bool {
        let has = member.policy_data.as_ref().map(Policy::policy_type);
        member.ready && has == Some(self.wanted.policy_type())
    }

    fn end(&mut self, now: Timestamp, missing: &[String]) {
        self.phase = Phase::Over;
        let (pool, to) = (&self.pool, self.wanted.policy_type());
        let after = words::duration(now - self.begun);
        if missing.is_empty() {
            self.say(
                Severity::Normal,
                format!("{pool} has {to} from now on, after {after}"),
            );
        } else {
            let missing = missing.join(", ");
            self.say(
                Severity::Problem,
                format!("{pool} has {to} after {after}, but {missing} could not join it yet"),
            );
        }
    }

    fn types_before(&self) -> String {
        let types: BTreeSet<String> = self
            .before
            .values()
            .map(|policy| policy.policy_type().to_string())
            .collect();
        let types: Vec<String> = types.into_iter().collect();
        types.join(" and ")
    }

    fn say(&mut self, severity: Severity, text: String) {
        self.outputs
            .push_back(PolicyChangeOutput::Tell { severity, text });
    }
}

fn send(id: ComponentId, command: feed::Command) -> PolicyChangeOutput {
    PolicyChangeOutput::Command(Command::Send(id, command))
}

/// Returns the pool elements of a pool, those without a process included.
pub(crate) fn members<'a>(model: &'a Model, pool: &PoolHandle) -> impl Iterator<Item = &'a Component> {
    model.components.values().filter(move |component| {
        component.role() == ComponentRole::PoolElement
            && component.spec.args.pool_handle().as_ref() == Some(pool)
    })
}

/// Returns the policy of a pool element: the current one, or the one that it will be started with.
fn policy_of(element: &Component) -> Option<&Policy> {
    let current = element.policy_data.as_ref();
    current
        .filter(|_| element.process.is_alive())
        .or_else(|| element.spec.args.policy())
}

/// Returns whether a process takes commands sooner or later: a frozen one does when it is thawed.
fn takes_commands(component: &Component) -> bool {
    matches!(
        component.process,
        ProcessState::Starting { .. } | ProcessState::Running { .. } | ProcessState::Frozen { .. }
    )
}

/// Returns the name of a policy in words, without its values.
pub(crate) fn name_of(policy: &str) -> &str {
    policy.split_once(',').map_or(policy, |(name, _)| name)
}
