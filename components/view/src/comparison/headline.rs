//! The outcome of a comparison in a sentence: which one was faster, and where.

use chronicle::Durations;
use model::words;

/// The ratio up to which two durations are about the same.
pub(super) const SAME: f64 = 1.05;
/// The shares of the difference from which a phase is most of it, and from which it is nearly all of it.
const MOST: f64 = 0.5;
const NEARLY_ALL: f64 = 0.9;

/// Returns how many times as long the longer one of two durations is: "1.4", "22".
pub(super) fn ratio(one: f64, other: f64) -> Option<f64> {
    let (short, long) = if one < other { (one, other) } else { (other, one) };
    (short > 0.0)
        .then(|| long / short)
        .filter(|ratio| ratio.is_finite())
}

/// Formats a ratio.
pub(super) fn times(ratio: f64) -> String {
    if ratio < 9.95 {
        format!("{ratio:.1}")
    } else {
        words::count(ratio.round() as u64)
    }
}

/// Returns the sentence about two recoveries with these names; `phase_name` is the word on the screen for a phase.
pub(super) fn of_durations(
    names: [&str; 2],
    durations: [&Durations; 2],
    phase_name: impl Fn(&str) -> String,
) -> String {
    let [one, other] = durations.map(|durations| durations.whole);
    let faster = usize::from(other < one);
    let slower = 1 - faster;
    let [fast, slow] = [faster, slower].map(|side| words::duration(durations[side].whole));
    let Some(ratio) = ratio(one.as_secs_f64(), other.as_secs_f64()).filter(|ratio| *ratio >= SAME) else {
        return format!("Both took about the same: {fast} and {slow}.");
    };
    let mut sentence = format!(
        "{} was {} \u{d7} as fast: {fast} instead of {slow}.",
        names[faster],
        times(ratio)
    );
    let difference = (durations[slower].whole - durations[faster].whole).as_secs_f64();
    let phases = Durations::names(durations).into_iter().map(|name| {
        let [fast, slow] = [faster, slower].map(|side| {
            let took = durations[side].phase(name);
            took.unwrap_or_default().as_secs_f64()
        });
        (name, (slow - fast) / difference)
    });
    match phases.max_by(|one, other| one.1.total_cmp(&other.1)) {
        Some((name, share)) if share >= NEARLY_ALL => {
            sentence.push_str(&format!(
                " The difference is in \u{201c}{}\u{201d}.",
                phase_name(name)
            ));
        }
        Some((name, share)) if share >= MOST => {
            sentence.push_str(&format!(
                " Most of the difference is in \u{201c}{}\u{201d}.",
                phase_name(name)
            ));
        }
        _ => {}
    }
    sentence
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn durations(phases: [u64; 3]) -> Durations {
        let names = ["detection", "connection", "first data"];
        Durations {
            whole: Duration::from_millis(phases.iter().sum()),
            phases: names
                .into_iter()
                .map(str::to_owned)
                .zip(phases.map(Duration::from_millis))
                .collect(),
        }
    }

    fn sentence(one: [u64; 3], other: [u64; 3]) -> String {
        let (one, other) = (durations(one), durations(other));
        of_durations(["kill", "unplug"], [&one, &other], str::to_owned)
    }

    #[test]
    fn the_faster_one_and_the_phase_that_decides_are_named() {
        assert_eq!(
            sentence([11, 9, 15], [752, 9, 15]),
            "kill was 22 \u{d7} as fast: 35 ms instead of 776 ms. The difference is in \u{201c}detection\u{201d}."
        );
        assert_eq!(
            sentence([40, 30, 30], [30, 20, 8]),
            "unplug was 1.7 \u{d7} as fast: 58 ms instead of 100 ms. Most of the difference is in \u{201c}first data\u{201d}."
        );
        assert_eq!(
            sentence([20, 20, 20], [30, 30, 30]),
            "kill was 1.5 \u{d7} as fast: 60 ms instead of 90 ms."
        );
    }

    #[test]
    fn nobody_is_declared_the_winner_by_a_hair() {
        assert_eq!(
            sentence([20, 20, 20], [20, 21, 20]),
            "Both took about the same: 60 ms and 61 ms."
        );
    }
}
