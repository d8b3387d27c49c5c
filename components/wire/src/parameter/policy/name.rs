//! The names of policies.

use std::fmt;

use crate::parameter::{Policy, PolicyType, fraction_of_scale};

impl PolicyType {
    /// Returns the full name and the usual abbreviation of a known type.
    const fn names(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::ROUND_ROBIN => ("Round Robin", "RR"),
            Self::WEIGHTED_ROUND_ROBIN => ("Weighted Round Robin", "WRR"),
            Self::RANDOM => ("Random", "RAND"),
            Self::WEIGHTED_RANDOM => ("Weighted Random", "WRAND"),
            Self::PRIORITY => ("Priority", "PRIO"),
            Self::LEAST_USED => ("Least Used", "LU"),
            Self::LEAST_USED_DEGRADATION => ("Least Used with Degradation", "LUD"),
            Self::PRIORITY_LEAST_USED => ("Priority Least Used", "PLU"),
            Self::RANDOMIZED_LEAST_USED => ("Randomized Least Used", "RLU"),
            Self::RANDOMIZED_PRIORITY_LEAST_USED => ("Randomized Priority Least Used", "RPLU"),
            Self::RANDOMIZED_LEAST_USED_DEGRADATION => ("Randomized Least Used with Degradation", "RLUD"),
            Self::PRIORITY_LEAST_USED_DEGRADATION => ("Priority Least Used with Degradation", "PLUD"),
            Self::RANDOMIZED_PRIORITY_LEAST_USED_DEGRADATION => {
                ("Randomized Priority Least Used with Degradation", "RPLUD")
            }
            Self::WEIGHTED_RANDOM_DPF => ("Weighted Random DPF", "WRAND-DPF"),
            Self::LEAST_USED_DPF => ("Least Used DPF", "LU-DPF"),
            Self::LEAST_USED_DEGRADATION_DPF => ("Least Used with Degradation DPF", "LUD-DPF"),
            Self::PRIORITY_LEAST_USED_DPF => ("Priority Least Used DPF", "PLU-DPF"),
            Self::PRIORITY_LEAST_USED_DEGRADATION_DPF => {
                ("Priority Least Used with Degradation DPF", "PLUD-DPF")
            }
            _ => return None,
        })
    }
}

/// Formats the name of the type, or its number if it has none.
impl fmt::Display for PolicyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.names() {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "policy {:#010x}", self.0),
        }
    }
}

impl Policy {
    /// Returns the full name, such as "Least Used with Degradation".
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.policy_type().names() {
            Some((name, _)) => name,
            None => "unknown policy",
        }
    }

    /// Returns the usual abbreviation, such as "LUD".
    #[must_use]
    pub const fn short_name(&self) -> &'static str {
        match self.policy_type().names() {
            Some((_, short_name)) => short_name,
            None => "?",
        }
    }
}

/// Formats name and data, such as "Least Used, load 25.0 %".
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |scaled: u32| format!("{:.1} %", 100.0 * fraction_of_scale(scaled));
        self.policy_type().fmt(f)?;
        match self {
            Self::RoundRobin | Self::Random | Self::Unknown { .. } => Ok(()),
            Self::WeightedRoundRobin { weight } | Self::WeightedRandom { weight } => {
                write!(f, ", weight {weight}")
            }
            Self::Priority { priority } => write!(f, ", priority {priority}"),
            Self::LeastUsed { load } | Self::RandomizedLeastUsed { load } => {
                write!(f, ", load {}", percent(*load))
            }
            Self::LeastUsedDegradation {
                load,
                load_degradation,
            }
            | Self::PriorityLeastUsed {
                load,
                load_degradation,
            }
            | Self::RandomizedPriorityLeastUsed {
                load,
                load_degradation,
            }
            | Self::RandomizedLeastUsedDegradation {
                load,
                load_degradation,
            }
            | Self::PriorityLeastUsedDegradation {
                load,
                load_degradation,
            }
            | Self::RandomizedPriorityLeastUsedDegradation {
                load,
                load_degradation,
            } => write!(
                f,
                ", load {}, degradation {}",
                percent(*load),
                percent(*load_degradation)
            ),
            Self::WeightedRandomDpf {
                weight,
                weight_dpf,
                distance,
            } => write!(
                f,
                ", weight {weight}, DPF {}, distance {distance} ms",
                percent(*weight_dpf)
            ),
            Self::LeastUsedDpf {
                load,
                load_dpf,
                distance,
            } => write!(
                f,
                ", load {}, DPF {}, distance {distance} ms",
                percent(*load),
                percent(*load_dpf)
            ),
            Self::LeastUsedDegradationDpf {
                load,
                load_degradation,
                load_dpf,
                distance,
            } => write!(
                f,
                ", load {}, degradation {}, DPF {}, distance {distance} ms",
                percent(*load),
                percent(*load_degradation),
                percent(*load_dpf)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_show_their_data() {
        let quarter = 1 << 30;
        let cases = [
            (Policy::RoundRobin, "Round Robin"),
            (Policy::WeightedRandom { weight: 7 }, "Weighted Random, weight 7"),
            (Policy::LeastUsed { load: quarter }, "Least Used, load 25.0 %"),
            (
                Policy::LeastUsedDegradationDpf {
                    load: quarter,
                    load_degradation: u32::MAX,
                    load_dpf: 4_294_967,
                    distance: 50,
                },
                "Least Used with Degradation DPF, load 25.0 %, degradation 100.0 %, DPF 0.1 %, distance 50 ms",
            ),
            (
                Policy::Unknown {
                    policy_type: PolicyType(0x3fff_fff0),
                    data: vec![],
                },
                "policy 0x3ffffff0",
            ),
        ];
        for (policy, shown) in cases {
            assert_eq!(policy.to_string(), shown);
        }
    }

    #[test]
    fn types_that_are_named_but_have_no_form_are_unknown_with_a_name() {
        let unknown = Policy::Unknown {
            policy_type: PolicyType::PRIORITY_LEAST_USED_DPF,
            data: vec![],
        };
        assert_eq!(unknown.short_name(), "PLU-DPF");
    }
}
