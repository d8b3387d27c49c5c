//! The policy of a running pool element: its data change at once, its type only outside the pool.

use feed::Registration;
use runtime::Context;
use wire::parameter::{Policy, scale_of_fraction};

use super::PoolElementComponent;

impl PoolElementComponent {
    /// Takes over policy data, with the current load, and registers again if they have changed.
    pub(super) fn set_policy(&mut self, context: &Context<'_>, policy: Policy) {
        let policy = self.with_current_load(policy);
        if policy != self.policy {
            self.policy = policy;
            self.core.set_policy(context.now, self.policy.clone());
            self.report_policy(context.feed);
        }
    }

    pub(super) fn change_policy_data(&mut self, context: &mut Context<'_>, policy: Policy) {
        let (asked, has) = (policy.policy_type(), self.policy.policy_type());
        if asked == has {
            self.set_policy(context, policy);
        } else {
            context.problem(format!(
                "has {has}: for {asked}, every pool element has to leave the pool and to join it again"
            ));
        }
    }

    pub(super) fn tell_load(&mut self, context: &Context<'_>, load: Option<f64>) {
        self.told_load = load.map(|load| load.clamp(0.0, 1.0));
        self.set_policy(context, self.policy.clone());
    }

    pub(super) fn leave_pool(&mut self, context: &Context<'_>) {
        self.core.leave(context.now);
        if self.core.is_away() {
            self.registering();
        }
    }

    pub(super) fn join_pool(&mut self, context: &Context<'_>, policy: Policy) {
        let policy = self.with_current_load(policy);
        self.core.join(context.now, policy.clone());
        if policy != self.policy {
            self.policy = policy;
            self.report_policy(context.feed);
        }
        if !self.stopping && !self.core.is_registered() {
            self.registering();
        }
    }

    /// A registrar has confirmed that it does not list this pool element any more.
    pub(super) fn left_pool(&mut self) {
        self.registering();
    }

    /// It has something to say to the registrar that is, or is to become, its home registrar.
    pub(super) fn registering(&mut self) {
        self.registration = match &self.home {
            _ if self.core.has_left() => Registration::Left,
            Some(_) if self.core.is_away() => Registration::Leaving,
            Some(home) => Registration::Registering { home: home.clone() },
            None => Registration::Hunting,
        };
    }

    fn with_current_load(&self, policy: Policy) -> Policy {
        let load = self.told_load.unwrap_or_else(|| self.occupancy().load());
        policy.with_load(scale_of_fraction(load))
    }
}
