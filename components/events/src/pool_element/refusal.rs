//! Why a registrar refuses a registration, in words that name both sides of a disagreement.

use wire::PoolHandle;
use wire::parameter::{CauseCode, ErrorCause, Parameter, Policy};

use crate::words::listed;

/// Says why a registration was refused: "the pool FractalPool has Round Robin, it offers Least Used".
#[must_use]
pub fn refusal_in_words(pool_handle: &PoolHandle, offered: &Policy, causes: &[ErrorCause]) -> String {
    let offers = offered.policy_type();
    let code = causes.first().map(|cause| cause.code);
    let policy = causes.first().and_then(|cause| match cause.parameter() {
        Some(Parameter::Policy(policy)) => Some(policy.policy_type()),
        _ => None,
    });
    match (code, policy) {
        (Some(CauseCode::INCONSISTENT_POOLING_POLICY), Some(has)) => {
            format!("the pool {pool_handle} has {has}, it offers {offers}")
        }
        // rsplib does not say which one (D-16).
        (Some(CauseCode::INCONSISTENT_POOLING_POLICY), None) => {
            format!("the pool {pool_handle} has another policy than {offers}, which it offers")
        }
        (Some(CauseCode::INVALID_VALUES), Some(named)) if named == offers => {
            format!("the registrar does not support {offers}")
        }
        _ => listed(causes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cause: ErrorCause, words: &str) {
        let pool_handle = PoolHandle::new(b"FractalPool").unwrap();
        let offered = Policy::LeastUsed { load: 7 };
        assert_eq!(refusal_in_words(&pool_handle, &offered, &[cause]), words);
    }

    #[test]
    fn a_refusal_names_what_the_pool_has_and_what_was_offered() {
        check(
            ErrorCause::inconsistent_policy(&Policy::RoundRobin),
            "the pool FractalPool has Round Robin, it offers Least Used",
        );
        check(
            ErrorCause::bare(CauseCode::INCONSISTENT_POOLING_POLICY),
            "the pool FractalPool has another policy than Least Used, which it offers",
        );
    }

    #[test]
    fn a_registrar_that_does_not_know_the_policy_is_not_confused_with_a_pool_of_another() {
        check(
            ErrorCause::invalid_policy(&Policy::LeastUsed { load: 7 }),
            "the registrar does not support Least Used",
        );
        check(
            ErrorCause::bare(CauseCode::LACK_OF_RESOURCES),
            "Lack of Resources",
        );
    }
}
