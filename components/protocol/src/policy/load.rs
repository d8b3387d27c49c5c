//! The load that counts for selection: what a pool element reports, and what its policy adds to it.
//!
//! All sums are saturating: they stop at `u32::MAX`, which is full use.

use wire::parameter::Policy;

/// Returns the load of a pool element that was selected this many times since its last registration.
///
/// | policy | load |
/// | --- | --- |
/// | LU, RLU | load |
/// | LUD, RLUD | load + selections x load degradation |
/// | PLU, RPLU | load + load degradation |
/// | PLUD, RPLUD | load + load degradation + selections x load degradation |
/// | LU-DPF | load + distance x load DPF |
/// | LUD-DPF | load + selections x load degradation + distance x load DPF |
///
/// A policy without a load has the highest one; the pool elements of a pool have policies of the same type.
pub(super) fn effective_load(policy: &Policy, selections: u64) -> u32 {
    let degraded = |degradation: u32, times: u64| u64::from(degradation).saturating_mul(times);
    let (load, added) = match *policy {
        Policy::LeastUsed { load } | Policy::RandomizedLeastUsed { load } => (load, 0),
        Policy::LeastUsedDegradation {
            load,
            load_degradation,
        }
        | Policy::RandomizedLeastUsedDegradation {
            load,
            load_degradation,
        } => (load, degraded(load_degradation, selections)),
        Policy::PriorityLeastUsed {
            load,
            load_degradation,
        }
        | Policy::RandomizedPriorityLeastUsed {
            load,
            load_degradation,
        } => (load, degraded(load_degradation, 1)),
        Policy::PriorityLeastUsedDegradation {
            load,
            load_degradation,
        }
        | Policy::RandomizedPriorityLeastUsedDegradation {
            load,
            load_degradation,
        } => (load, degraded(load_degradation, selections.saturating_add(1))),
        Policy::LeastUsedDpf {
            load,
            load_dpf,
            distance,
        } => (load, penalty(load_dpf, distance)),
        Policy::LeastUsedDegradationDpf {
            load,
            load_degradation,
            load_dpf,
            distance,
        } => {
            let degradation = degraded(load_degradation, selections);
            (load, degradation.saturating_add(penalty(load_dpf, distance)))
        }
        Policy::RoundRobin
        | Policy::WeightedRoundRobin { .. }
        | Policy::Random
        | Policy::WeightedRandom { .. }
        | Policy::Priority { .. }
        | Policy::WeightedRandomDpf { .. }
        | Policy::Unknown { .. } => (u32::MAX, 0),
    };
    let sum = u64::from(load).saturating_add(added);
    u32::try_from(sum).unwrap_or(u32::MAX)
}

/// Returns what a distance adds to the load: the factor is per millisecond, on the scale of loads.
fn penalty(load_dpf: u32, distance: u32) -> u64 {
    u64::from(load_dpf) * u64::from(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: u32 = u32::MAX;

    #[test]
    fn each_policy_adds_what_it_says() {
        let (load, load_degradation, load_dpf, distance) = (1_000, 10, 3, 50);
        macro_rules! degrading {
            ($variant:ident) => {
                Policy::$variant {
                    load,
                    load_degradation,
                }
            };
        }
        let dpf = Policy::LeastUsedDpf {
            load,
            load_dpf,
            distance,
        };
        let degradation_dpf = Policy::LeastUsedDegradationDpf {
            load,
            load_degradation,
            load_dpf,
            distance,
        };
        let cases = [
            (Policy::LeastUsed { load }, [1_000, 1_000]),
            (Policy::RandomizedLeastUsed { load }, [1_000, 1_000]),
            (degrading!(LeastUsedDegradation), [1_000, 1_070]),
            (degrading!(RandomizedLeastUsedDegradation), [1_000, 1_070]),
            (degrading!(PriorityLeastUsed), [1_010, 1_010]),
            (degrading!(RandomizedPriorityLeastUsed), [1_010, 1_010]),
            (degrading!(PriorityLeastUsedDegradation), [1_010, 1_080]),
            (degrading!(RandomizedPriorityLeastUsedDegradation), [1_010, 1_080]),
            (dpf, [1_150, 1_150]),
            (degradation_dpf, [1_150, 1_220]),
        ];
        for (policy, expected) in cases {
            let loads = [0, 7].map(|selections| effective_load(&policy, selections));
            assert_eq!(loads, expected, "{policy}");
        }
    }

    #[test]
    fn sums_stop_at_full_use() {
        for (load, load_degradation, load_dpf, distance, selections) in [
            (MAX, MAX, MAX, MAX, u64::MAX),
            (MAX, 0, 0, 0, 0),
            (0, MAX, 0, 0, 1),
            (0, MAX, 0, 0, 2),
            (0, 1, 0, 0, u64::MAX),
            (0, 0, MAX, 1, 0),
            (0, 0, 1, MAX, 0),
            (1, 0, MAX, MAX, 0),
        ] {
            let policy = Policy::LeastUsedDegradationDpf {
                load,
                load_degradation,
                load_dpf,
                distance,
            };
            assert_eq!(effective_load(&policy, selections), MAX, "{policy}, {selections}");
        }
    }
}
