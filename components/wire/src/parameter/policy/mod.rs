//! The Pool Member Selection Policy parameter (RFC 5354 section 3.8, RFC 5356, and rsplib's further policies).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x0008 and length |
//! | 4 | 4 | Policy Type: bit 31 private, bit 30 adaptive, bits 0 to 29 number |
//! | 8 | n | policy data: 32-bit words that depend on the type |
//!
//! rsplib's private types have bit 30 clear although most of them are adaptive: the table of types is authoritative,
//! not the bits.

mod argument;
mod codec;
mod data;
mod name;

pub use argument::InvalidPolicy;
pub use data::PolicyData;

/// The type number of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
pub struct PolicyType(pub u32);

/// A pool element's policy: the type is that of the pool, the data are its own.
///
/// Loads, load degradations and distance penalty factors are fractions scaled so that `u32::MAX` is 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
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
    /// An unknown type, with its data as bytes; a registrar refuses it.
    Unknown {
        policy_type: PolicyType,
        #[cfg_attr(feature = "serde", serde(with = "crate::serialized::hexadecimal"))]
        data: Vec<u8>,
    },
}

/// Converts a load, a degradation or a distance penalty factor to a fraction of 1.
#[must_use]
pub fn fraction_of_scale(scaled: u32) -> f64 {
    f64::from(scaled) / f64::from(u32::MAX)
}

/// Converts a fraction of 1 to a load, degradation or distance penalty factor; values outside of 0 to 1 are clamped,
/// and NaN becomes 0.
#[must_use]
pub fn scale_of_fraction(fraction: f64) -> u32 {
    // The conversion saturates, and converts NaN to 0.
    (fraction * f64::from(u32::MAX)).round() as u32
}

impl PolicyType {
    const ROUND_ROBIN: Self = Self(0x0000_0001);
    const WEIGHTED_ROUND_ROBIN: Self = Self(0x0000_0002);
    const RANDOM: Self = Self(0x0000_0003);
    const WEIGHTED_RANDOM: Self = Self(0x0000_0004);
    const PRIORITY: Self = Self(0x0000_0005);
    const LEAST_USED: Self = Self(0x4000_0001);
    const LEAST_USED_DEGRADATION: Self = Self(0x4000_0002);
    const PRIORITY_LEAST_USED: Self = Self(0x4000_0003);
    const RANDOMIZED_LEAST_USED: Self = Self(0x4000_0004);
    const RANDOMIZED_PRIORITY_LEAST_USED: Self = Self(0xb000_1001);
    const RANDOMIZED_LEAST_USED_DEGRADATION: Self = Self(0xb000_1002);
    const PRIORITY_LEAST_USED_DEGRADATION: Self = Self(0xb000_1003);
    const RANDOMIZED_PRIORITY_LEAST_USED_DEGRADATION: Self = Self(0xb000_1004);
    const WEIGHTED_RANDOM_DPF: Self = Self(0xb000_2001);
    const LEAST_USED_DPF: Self = Self(0xb000_2002);
    const LEAST_USED_DEGRADATION_DPF: Self = Self(0xb000_2003);
    /// rsplib names this type and the next, but does not define their formats.
    const PRIORITY_LEAST_USED_DPF: Self = Self(0xb000_2004);
    const PRIORITY_LEAST_USED_DEGRADATION_DPF: Self = Self(0xb000_2005);

    /// Returns whether RFC 5356 excludes this type: its number is 0.
    const fn is_invalid(self) -> bool {
        matches!(self.0, 0x0000_0000 | 0x4000_0000)
    }
}

impl Policy {
    /// The maximum size of the data of an unknown type that is accepted from a peer, in bytes. A limit of ours.
    pub const MOST_UNKNOWN_DATA: usize = 256;

    /// Returns the policy type, which is the same for all pool elements of a pool.
    #[must_use]
    pub const fn policy_type(&self) -> PolicyType {
        match self {
            Self::RoundRobin => PolicyType::ROUND_ROBIN,
            Self::WeightedRoundRobin { .. } => PolicyType::WEIGHTED_ROUND_ROBIN,
            Self::Random => PolicyType::RANDOM,
            Self::WeightedRandom { .. } => PolicyType::WEIGHTED_RANDOM,
            Self::Priority { .. } => PolicyType::PRIORITY,
            Self::LeastUsed { .. } => PolicyType::LEAST_USED,
            Self::LeastUsedDegradation { .. } => PolicyType::LEAST_USED_DEGRADATION,
            Self::PriorityLeastUsed { .. } => PolicyType::PRIORITY_LEAST_USED,
            Self::RandomizedLeastUsed { .. } => PolicyType::RANDOMIZED_LEAST_USED,
            Self::RandomizedPriorityLeastUsed { .. } => PolicyType::RANDOMIZED_PRIORITY_LEAST_USED,
            Self::RandomizedLeastUsedDegradation { .. } => PolicyType::RANDOMIZED_LEAST_USED_DEGRADATION,
            Self::PriorityLeastUsedDegradation { .. } => PolicyType::PRIORITY_LEAST_USED_DEGRADATION,
            Self::RandomizedPriorityLeastUsedDegradation { .. } => {
                PolicyType::RANDOMIZED_PRIORITY_LEAST_USED_DEGRADATION
            }
            Self::WeightedRandomDpf { .. } => PolicyType::WEIGHTED_RANDOM_DPF,
            Self::LeastUsedDpf { .. } => PolicyType::LEAST_USED_DPF,
            Self::LeastUsedDegradationDpf { .. } => PolicyType::LEAST_USED_DEGRADATION_DPF,
            Self::Unknown { policy_type, .. } => *policy_type,
        }
    }

    /// Returns the load, if the policy has one.
    #[must_use]
    pub const fn load(&self) -> Option<u32> {
        match self {
            Self::LeastUsed { load }
            | Self::LeastUsedDegradation { load, .. }
            | Self::PriorityLeastUsed { load, .. }
            | Self::RandomizedLeastUsed { load }
            | Self::RandomizedPriorityLeastUsed { load, .. }
            | Self::RandomizedLeastUsedDegradation { load, .. }
            | Self::PriorityLeastUsedDegradation { load, .. }
            | Self::RandomizedPriorityLeastUsedDegradation { load, .. }
            | Self::LeastUsedDpf { load, .. }
            | Self::LeastUsedDegradationDpf { load, .. } => Some(*load),
            Self::RoundRobin
            | Self::WeightedRoundRobin { .. }
            | Self::Random
            | Self::WeightedRandom { .. }
            | Self::Priority { .. }
            | Self::WeightedRandomDpf { .. }
            | Self::Unknown { .. } => None,
        }
    }

    /// Returns whether selection depends on the load, so that pool elements have to report load changes.
    #[must_use]
    pub const fn is_adaptive(&self) -> bool {
        self.load().is_some()
    }

    /// Returns the same policy with a different load; unchanged if it has none.
    #[must_use]
    pub fn with_load(mut self, new_load: u32) -> Self {
        match &mut self {
            Self::LeastUsed { load }
            | Self::LeastUsedDegradation { load, .. }
            | Self::PriorityLeastUsed { load, .. }
            | Self::RandomizedLeastUsed { load }
            | Self::RandomizedPriorityLeastUsed { load, .. }
            | Self::RandomizedLeastUsedDegradation { load, .. }
            | Self::PriorityLeastUsedDegradation { load, .. }
            | Self::RandomizedPriorityLeastUsedDegradation { load, .. }
            | Self::LeastUsedDpf { load, .. }
            | Self::LeastUsedDegradationDpf { load, .. } => *load = new_load,
            Self::RoundRobin
            | Self::WeightedRoundRobin { .. }
            | Self::Random
            | Self::WeightedRandom { .. }
            | Self::Priority { .. }
            | Self::WeightedRandomDpf { .. }
            | Self::Unknown { .. } => {}
        }
        self
    }

    /// Returns the distance in milliseconds, if the policy has one.
    #[must_use]
    pub const fn distance(&self) -> Option<u32> {
        match self {
            Self::WeightedRandomDpf { distance, .. }
            | Self::LeastUsedDpf { distance, .. }
            | Self::LeastUsedDegradationDpf { distance, .. } => Some(*distance),
            _ => None,
        }
    }

    /// Returns the same policy with a different distance in milliseconds; unchanged if it has none.
    #[must_use]
    pub fn with_distance(mut self, new_distance: u32) -> Self {
        if let Self::WeightedRandomDpf { distance, .. }
        | Self::LeastUsedDpf { distance, .. }
        | Self::LeastUsedDegradationDpf { distance, .. } = &mut self
        {
            *distance = new_distance;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_policies_with_a_load_take_a_new_one() {
        let degradation = |load| Policy::LeastUsedDegradation {
            load,
            load_degradation: 5,
        };
        assert_eq!(degradation(1).with_load(2), degradation(2));
        assert!(degradation(1).is_adaptive());
        assert_eq!(Policy::Random.with_load(2), Policy::Random);
        assert!(!Policy::Random.is_adaptive());
    }

    #[test]
    fn only_policies_with_a_distance_take_a_new_one() {
        let at = |distance| Policy::LeastUsedDpf {
            load: 1,
            load_dpf: 2,
            distance,
        };
        assert_eq!(at(0).with_distance(50), at(50));
        assert_eq!(at(50).distance(), Some(50));
        assert_eq!(Policy::Random.with_distance(50), Policy::Random);
        assert_eq!(Policy::Random.distance(), None);
    }

    #[test]
    fn fractions_outside_of_the_scale_become_its_ends() {
        for (fraction, scaled) in [
            (0.0, 0),
            (0.1, 429_496_730),
            (0.5, 0x8000_0000),
            (1.0, u32::MAX),
            (1.5, u32::MAX),
            (-0.5, 0),
            (f64::NAN, 0),
        ] {
            assert_eq!(scale_of_fraction(fraction), scaled, "{fraction}");
        }
    }
}
