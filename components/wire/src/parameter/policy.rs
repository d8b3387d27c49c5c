//! Pool member selection policies (RFC 5354 section 3.8, RFC 5356, and rsplib's further policies).

/// The type number of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyType(pub u32);

/// A pool element's policy: the pool's type with this pool element's own data.
///
/// Loads, load degradations and distance penalty factors are fractions scaled so that `u32::MAX` is 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "the variants and fields are RFC 5356's and rsplib's own words"
)]
pub enum Policy {
    RoundRobin,
    WeightedRoundRobin {
        weight: u32,
    },
    Random,
    WeightedRandom {
        weight: u32,
    },
    Priority {
        priority: u32,
    },
    LeastUsed {
        load: u32,
    },
    LeastUsedDegradation {
        load: u32,
        load_degradation: u32,
    },
    PriorityLeastUsed {
        load: u32,
        load_degradation: u32,
    },
    RandomizedLeastUsed {
        load: u32,
    },
    RandomizedPriorityLeastUsed {
        load: u32,
        load_degradation: u32,
    },
    RandomizedLeastUsedDegradation {
        load: u32,
        load_degradation: u32,
    },
    PriorityLeastUsedDegradation {
        load: u32,
        load_degradation: u32,
    },
    RandomizedPriorityLeastUsedDegradation {
        load: u32,
        load_degradation: u32,
    },
    WeightedRandomDpf {
        weight: u32,
        weight_dpf: u32,
        distance: u32,
    },
    LeastUsedDpf {
        load: u32,
        load_dpf: u32,
        distance: u32,
    },
    LeastUsedDegradationDpf {
        load: u32,
        load_degradation: u32,
        load_dpf: u32,
        distance: u32,
    },
    /// A type that is not known here, with its data as bytes; a registrar refuses it.
    Unknown {
        policy_type: PolicyType,
        data: Vec<u8>,
    },
}
