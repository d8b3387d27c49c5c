//! Axes from 0 on, with round ticks.

/// An axis from 0 to `end`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Axis {
    /// Where it ends.
    pub(crate) end: f64,
    step: f64,
}

impl Axis {
    /// Returns an axis that ends exactly there, with about so many ticks.
    pub(crate) fn exactly(end: f64, ticks: f64) -> Self {
        let end = if end.is_finite() && end > 0.0 { end } else { 1.0 };
        Self {
            end,
            step: round_step(end / ticks.max(1.0)),
        }
    }

    /// Returns an axis that reaches this value with its last tick.
    pub(crate) fn beyond(value: f64, ticks: f64) -> Self {
        let Self { end, step } = Self::exactly(value, ticks);
        Self {
            end: (end / step - 1e-9).ceil() * step,
            step,
        }
    }

    /// Returns where its ticks are.
    pub(crate) fn ticks(self) -> impl Iterator<Item = f64> {
        let count = (self.end / self.step + 1e-9).floor().clamp(0.0, 100.0) as u32;
        (0..=count).map(move |number| f64::from(number) * self.step)
    }
}

/// Returns the least of 1, 2, 5, 10, 20 … and 0.5, 0.2, 0.1 … that is not below the value.
fn round_step(value: f64) -> f64 {
    let magnitude = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|step| step * magnitude);
    let fits = steps.into_iter().find(|step| *step >= value * (1.0 - 1e-9));
    fits.unwrap_or(10.0 * magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_value() {
        let axis = Axis::beyond(87_000.0, 5.0);
        assert_eq!(axis.end, 100_000.0);
        assert_eq!(axis.ticks().collect::<Vec<_>>(), [0.0, 2e4, 4e4, 6e4, 8e4, 1e5]);
        assert_eq!(Axis::exactly(12.7, 6.0).ticks().last(), Some(10.0));
    }

    #[test]
    fn there_is_an_axis_of_anything() {
        for end in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-12, 1e300] {
            let axis = Axis::beyond(end, 5.0);
            assert!(axis.end > 0.0 && axis.ticks().count() < 102, "{end}: {axis:?}");
        }
    }
}
