//! How fast one core simulates the base set-up, and what comes out of it.
//!
//!     cargo bench -p policy-laboratory --bench base_set_up [-- POLICY...]

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use policy_laboratory::{Measure, Parameter, Parameters, PolicyChoice, simulate};

const SEED: u64 = 1;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let usual = ["least-used", "round-robin", "random"].map(str::to_owned);
    let policies = if given.is_empty() { usual.to_vec() } else { given };
    let parameters = Parameters::default();
    let simulated = parameters.get(Parameter::WarmUp) + parameters.get(Parameter::Duration);
    println!("policy                          handling speed  utilisation  times as fast as life");
    for policy in policies {
        let choice: PolicyChoice = policy.parse()?;
        let began = Instant::now();
        let outcome = simulate(&parameters, &choice, SEED, &AtomicBool::new(false))?;
        let factor = simulated / began.elapsed().as_secs_f64();
        let percent = |measure| {
            outcome
                .as_ref()
                .and_then(|outcome| outcome.get(measure))
                .unwrap_or(f64::NAN)
        };
        println!(
            "{policy:30} {:14.1} % {:10.1} % {factor:22.0}",
            percent(Measure::HandlingSpeed),
            percent(Measure::Utilisation)
        );
    }
    Ok(())
}
