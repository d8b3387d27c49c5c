//! How long a story takes.

use std::time::Duration;

use super::{Scenario, Step, StepAction};

impl Scenario {
    /// Returns how long the steps take at least, if there are any: the times that they leave for reading and watching.
    #[must_use]
    pub fn least_duration(&self) -> Option<Duration> {
        if self.steps.is_empty() {
            return None;
        }
        let mut seconds: f64 = 0.0;
        for (position, step) in self.steps.iter().enumerate() {
            seconds = step.least_after(seconds);
            if let Some(repeat) = &step.repeat {
                let named = |other: &Step| other.name.as_ref() == Some(&repeat.from);
                let first = self.steps.iter().position(named).unwrap_or(position);
                // Times since the beginning do not come again.
                let round = self.steps.iter().take(position + 1).skip(first);
                let round: f64 = round
                    .map(|step| step.least_after(0.0) - step.at_s.unwrap_or(0.0))
                    .sum();
                seconds += f64::from(repeat.times) * round.max(0.0);
            }
        }
        Duration::try_from_secs_f64(seconds).ok()
    }
}

impl Step {
    /// Returns when the step is over at the earliest, if the previous one was over at this time.
    fn least_after(&self, previous: f64) -> f64 {
        let begins = (previous + self.after_s.unwrap_or(0.0)).max(self.at_s.unwrap_or(0.0));
        let holds = self.expect.iter().filter_map(|expectation| expectation.for_s);
        let faults = self.actions.iter().filter_map(|action| match action {
            StepAction::RandomFaults(faults) => faults.for_s,
            _ => None,
        });
        begins + holds.chain(faults).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_takes_at_least_the_time_that_it_leaves_to_the_audience() {
        let duration = |steps: &str| {
            let text = format!(
                r#"{{"name": "n", "components": [{{"role": "registrar"}}, {{"role": "pool-element", "name": "PE 1"}}], "steps": [{steps}]}}"#
            );
            let scenario = Scenario::parse("n", &text).expect("a valid scenario");
            scenario.least_duration().map(|duration| duration.as_secs())
        };
        assert_eq!(duration(""), None);
        assert_eq!(
            duration(r#"{"say": "a", "after-s": 5}, {"say": "b", "after-s": 7}"#),
            Some(12)
        );
        assert_eq!(
            duration(r#"{"say": "a", "after-s": 5}, {"say": "b", "at-s": 30}"#),
            Some(30)
        );
        let faults = r#"{"do": [{"churn": {"of": ["PE 1"], "mean-up-s": 5, "mean-down-s": 1, "for-s": 60, "faults": ["kill"]}}]}"#;
        assert_eq!(duration(faults), Some(60));
        let repeated = r#"{"name": "a", "say": "a", "after-s": 5, "repeat": {"from": "a", "times": 3}}"#;
        assert_eq!(duration(repeated), Some(20));
    }
}
