//! A run is determined by its seed.

use simulation::{run_seed, scenarios};

#[test]
fn a_run_follows_from_its_seed() {
    for scenario in scenarios::ALL {
        let (one, other) = (run_seed(scenario, 5), run_seed(scenario, 5));
        assert_eq!(one.digest(), other.digest(), "{}", scenario.name);
        assert_ne!(one.digest(), run_seed(scenario, 6).digest(), "{}", scenario.name);
    }
}
