//! What can be charted, and how it is told.

use feed::WorkUnit;
use model::words;

/// A quantity that is charted over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Quantity {
    /// The load of each pool element.
    Load,
    /// The sessions of each pool element.
    Sessions,
    /// The work that each pool element does per second.
    Work,
    /// The work that each pool user gets per second.
    Received,
    /// How much of the pool is used.
    Utilisation,
    /// How fast requests are handled.
    Speed,
    /// Requests that wait, and requests in service.
    Queue,
    /// Requests completed and rejected per second.
    Requests,
}

/// The unit of a chart's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// A share of 1.
    Percent,
    /// A number of things.
    Number,
    /// Work per second.
    Work(WorkUnit),
    /// Requests per second.
    Requests,
}

impl Quantity {
    /// All quantities, in the order in which they are offered.
    pub(super) const ALL: [Self; 8] = [
        Self::Load,
        Self::Sessions,
        Self::Work,
        Self::Received,
        Self::Utilisation,
        Self::Speed,
        Self::Queue,
        Self::Requests,
    ];

    /// Returns the word on its button.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Load => "Load",
            Self::Sessions => "Sessions",
            Self::Work => "Work",
            Self::Received => "Received",
            Self::Utilisation => "Utilisation",
            Self::Speed => "Speed",
            Self::Queue => "Queue",
            Self::Requests => "Requests",
        }
    }

    /// Returns the title of its chart.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Load => "Load of each PE",
            Self::Sessions => "Sessions of each PE",
            Self::Work => "Work of each PE",
            Self::Received => "Work received by each PU",
            Self::Utilisation => "Utilisation",
            Self::Speed => "Handling speed",
            Self::Queue => "Requests waiting and in service",
            Self::Requests => "Requests completed and rejected",
        }
    }

    /// Returns what exactly is shown.
    pub(super) const fn explanation(self) -> &'static str {
        match self {
            Self::Load => "The load that each pool element reports, the mean over each point's time.",
            Self::Sessions => "The sessions that each pool element serves, the mean over each point's time.",
            Self::Work => {
                "What each pool element does per second: calculations, pixels or messages; the mean of 3 seconds."
            }
            Self::Received => {
                "What each pool user gets per second: the pixels that arrive, or the size of the requests completed; \
                 the mean of 10 seconds."
            }
            Self::Utilisation => {
                "The work that all pool elements did within 10 seconds, as a share of what they could have done. Where \
                 what they can do is not known, as of fractals, their sessions as a share of the most that they accept."
            }
            Self::Speed => {
                "The size of the requests completed within 30 seconds, divided by the time from when they came up to \
                 their completion, waiting included; as a share of the mean capacity of a pool element. For fractals, \
                 the pixels per second that a pool user gets while its picture is in progress."
            }
            Self::Queue => "Requests that wait at their pool users for their turn, and requests in service.",
            Self::Requests => {
                "Requests that were completed and rejected per second, the mean of 10 seconds. What a pool element \
                 rejected is tried again."
            }
        }
    }
}

impl Scale {
    /// Formats a value with its unit.
    pub(super) fn format(self, value: f64) -> String {
        match self {
            Self::Percent => words::percent(value),
            Self::Number => words::amount(value),
            Self::Work(unit) => with_unit(value, &format!("{}/s", abbreviation(unit))),
            Self::Requests => with_unit(value, "/s"),
        }
    }

    /// Formats a value at an axis.
    pub(super) fn tick(self, value: f64) -> String {
        match self {
            Self::Percent => words::percent(value),
            Self::Number | Self::Work(_) | Self::Requests => {
                let text = words::amount(value);
                // An axis has round values.
                let (number, prefix) = text.split_once(' ').unwrap_or((&text, ""));
                let number = match number.contains('.') {
                    true => number.trim_end_matches('0').trim_end_matches('.'),
                    false => number,
                };
                match prefix {
                    "" => number.to_owned(),
                    prefix => format!("{number} {prefix}"),
                }
            }
        }
    }

    /// Returns the least upper end of its axis.
    pub(super) const fn least_top(self) -> f64 {
        match self {
            Self::Percent | Self::Number => 1.0,
            // A unit of work may take minutes.
            Self::Work(WorkUnit::Units) | Self::Requests => 0.1,
            Self::Work(_) => 10.0,
        }
    }
}

/// Returns the abbreviation of a unit of work.
const fn abbreviation(unit: WorkUnit) -> &'static str {
    match unit {
        WorkUnit::Calculations => "calc",
        WorkUnit::Pixels => "px",
        WorkUnit::Units => "unit",
        WorkUnit::Messages => "msg",
    }
}

/// Formats an amount of work.
pub(crate) fn work(amount: f64, unit: WorkUnit) -> String {
    with_unit(amount, abbreviation(unit))
}

/// Formats an amount of work per second.
pub(crate) fn work_rate(amount: f64, unit: WorkUnit) -> String {
    Scale::Work(unit).format(amount)
}

/// Joins an amount and its unit, the SI's prefix before the unit.
fn with_unit(value: f64, unit: &str) -> String {
    let amount = words::amount(value);
    if amount.contains(' ') {
        format!("{amount}{unit}")
    } else {
        format!("{amount} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_their_unit_and_axes_have_round_values() {
        let work = Scale::Work(WorkUnit::Calculations);
        assert_eq!(work.format(1_234_567.0), "1.23 Mcalc/s");
        assert_eq!(Scale::Work(WorkUnit::Pixels).format(12.0), "12.0 px/s");
        assert_eq!(Scale::Work(WorkUnit::Units).format(0.25), "0.25 unit/s");
        assert_eq!(Scale::Requests.format(0.8), "0.80 /s");
        assert_eq!(work.tick(2_500_000.0), "2.5 M");
        assert_eq!(work.tick(200_000.0), "200 k");
        assert_eq!(Scale::Number.tick(10.0), "10");
        assert_eq!(Scale::Percent.tick(0.5), "50 %");
    }
}
