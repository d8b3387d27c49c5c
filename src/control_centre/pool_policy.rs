//! Changes the policies of pools.

use std::collections::BTreeMap;

use command::Undoable;
use feed::Timestamp;
use model::{Change, ComponentId, Update};
use play::{PolicyChange, PolicyChangeOutput};
use wire::PoolHandle;
use wire::parameter::Policy;

use super::ControlCentre;

impl ControlCentre {
    /// Begins to change the policy of a pool; a change of the same pool that is under way ends.
    pub(super) fn set_pool_policy(&mut self, pool: PoolHandle, policy: Policy) {
        let change = PolicyChange::begin(pool.clone(), policy, &self.model, Timestamp::now());
        match change {
            Some(change) => {
                let before = change.before().clone();
                self.remember(Undoable::PoolPolicy { pool, before });
                self.begin_policy_change(change);
            }
            None => self.notice(format!("No PE of {pool} has another policy")),
        }
    }

    /// Gives the pool elements of a pool back what they had.
    pub(super) fn restore_pool_policy(&mut self, pool: PoolHandle, before: BTreeMap<ComponentId, Policy>) {
        let change = PolicyChange::restore(pool.clone(), before, &self.model, Timestamp::now());
        match change {
            Some(change) => self.begin_policy_change(change),
            None => self.tell(format!("{pool} has its earlier policy already")),
        }
    }

    fn begin_policy_change(&mut self, change: PolicyChange) {
        self.policy_changes.retain(|other| other.pool() != change.pool());
        self.policy_changes.push(change);
        self.policy_changes_go_on();
    }

    /// Advances the changes of policies that are under way.
    pub(super) fn policy_changes_go_on(&mut self) {
        let mut outputs = Vec::new();
        for change in &mut self.policy_changes {
            change.handle(Timestamp::now(), &self.model);
            outputs.extend(std::iter::from_fn(|| change.poll_output()));
        }
        self.policy_changes.retain(|change| !change.is_over());
        for output in outputs {
            match output {
                PolicyChangeOutput::Configure(id, policy) => self.change(id, Change::Policy(policy)),
                PolicyChangeOutput::Command(command) => self.carry_out(command),
                PolicyChangeOutput::Tell { severity, text } => self.apply(Update::Notice {
                    at: Timestamp::now(),
                    severity,
                    text,
                }),
            }
        }
    }
}
