//! The data of a policy that a pool element chooses for itself.

use crate::parameter::Policy;

/// What a pool element chooses besides the type of its policy; `None` where the policy has no such value. The load is
/// not among them, since it is measured, nor the distance, since registrars determine it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PolicyData {
    /// Relative capacity; 0 means that the pool element cannot serve.
    pub weight: Option<u32>,
    /// The larger, the earlier.
    pub priority: Option<u32>,
    /// By how much a further session raises the load; `u32::MAX` is 1.
    pub load_degradation: Option<u32>,
    /// Distance penalty factor; `u32::MAX` is 1.
    pub dpf: Option<u32>,
}

impl PolicyData {
    /// Returns these values, and those of `other` where there are none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            weight: self.weight.or(other.weight),
            priority: self.priority.or(other.priority),
            load_degradation: self.load_degradation.or(other.load_degradation),
            dpf: self.dpf.or(other.dpf),
        }
    }
}

impl Policy {
    /// Returns the values that the pool element has chosen.
    #[must_use]
    pub const fn data(&self) -> PolicyData {
        let mut data = PolicyData {
            weight: None,
            priority: None,
            load_degradation: None,
            dpf: None,
        };
        match *self {
            Self::RoundRobin
            | Self::Random
            | Self::LeastUsed { .. }
            | Self::RandomizedLeastUsed { .. }
            | Self::Unknown { .. } => {}
            Self::WeightedRoundRobin { weight } | Self::WeightedRandom { weight } => {
                data.weight = Some(weight);
            }
            Self::Priority { priority } => data.priority = Some(priority),
            Self::LeastUsedDegradation { load_degradation, .. }
            | Self::PriorityLeastUsed { load_degradation, .. }
            | Self::RandomizedPriorityLeastUsed { load_degradation, .. }
            | Self::RandomizedLeastUsedDegradation { load_degradation, .. }
            | Self::PriorityLeastUsedDegradation { load_degradation, .. }
            | Self::RandomizedPriorityLeastUsedDegradation { load_degradation, .. } => {
                data.load_degradation = Some(load_degradation);
            }
            Self::WeightedRandomDpf {
                weight, weight_dpf, ..
            } => {
                data.weight = Some(weight);
                data.dpf = Some(weight_dpf);
            }
            Self::LeastUsedDpf { load_dpf, .. } => data.dpf = Some(load_dpf),
            Self::LeastUsedDegradationDpf {
                load_degradation,
                load_dpf,
                ..
            } => {
                data.load_degradation = Some(load_degradation);
                data.dpf = Some(load_dpf);
            }
        }
        data
    }

    /// Returns the same policy with these values, as far as it has them; the others stay.
    #[must_use]
    pub fn with_data(mut self, data: PolicyData) -> Self {
        let set = |value: &mut u32, new: Option<u32>| *value = new.unwrap_or(*value);
        match &mut self {
            Self::RoundRobin
            | Self::Random
            | Self::LeastUsed { .. }
            | Self::RandomizedLeastUsed { .. }
            | Self::Unknown { .. } => {}
            Self::WeightedRoundRobin { weight } | Self::WeightedRandom { weight } => {
                set(weight, data.weight);
            }
            Self::Priority { priority } => set(priority, data.priority),
            Self::LeastUsedDegradation { load_degradation, .. }
            | Self::PriorityLeastUsed { load_degradation, .. }
            | Self::RandomizedPriorityLeastUsed { load_degradation, .. }
            | Self::RandomizedLeastUsedDegradation { load_degradation, .. }
            | Self::PriorityLeastUsedDegradation { load_degradation, .. }
            | Self::RandomizedPriorityLeastUsedDegradation { load_degradation, .. } => {
                set(load_degradation, data.load_degradation);
            }
            Self::WeightedRandomDpf {
                weight, weight_dpf, ..
            } => {
                set(weight, data.weight);
                set(weight_dpf, data.dpf);
            }
            Self::LeastUsedDpf { load_dpf, .. } => set(load_dpf, data.dpf),
            Self::LeastUsedDegradationDpf {
                load_degradation,
                load_dpf,
                ..
            } => {
                set(load_degradation, data.load_degradation);
                set(load_dpf, data.dpf);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_keeps_what_it_has_and_no_more() {
        let all = PolicyData {
            weight: Some(1),
            priority: Some(2),
            load_degradation: Some(3),
            dpf: Some(4),
        };
        let mut with_any = 0;
        for policy in Policy::every() {
            let changed = policy.clone().with_data(all);
            assert_eq!(changed.policy_type(), policy.policy_type());
            let (had, has) = (policy.data(), changed.data());
            for (had, has, new) in [
                (had.weight, has.weight, all.weight),
                (had.priority, has.priority, all.priority),
                (had.load_degradation, has.load_degradation, all.load_degradation),
                (had.dpf, has.dpf, all.dpf),
            ] {
                assert_eq!(has, had.and(new), "{policy}");
                with_any += usize::from(has.is_some());
            }
            assert_eq!(changed.clone().with_data(PolicyData::default()), changed);
        }
        assert_eq!(with_any, 14);
    }
}
