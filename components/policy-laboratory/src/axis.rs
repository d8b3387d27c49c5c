//! The axis of a parameter that is varied.

/// Values that span more than this factor are drawn on a logarithmic axis.
const LARGEST_LINEAR_SPAN: f64 = 25.0;

/// Where the values of a varied parameter are drawn: at equal distances, or at equal ratios if they span much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    is_logarithmic: bool,
    /// The places of the smallest and of the largest value.
    ends: (f64, f64),
}

impl Axis {
    /// Returns the axis for values; `None` if there are none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let low = values.iter().copied().reduce(f64::min)?;
        let high = values.iter().copied().reduce(f64::max)?;
        let mut axis = Self {
            is_logarithmic: low > 0.0 && high / low > LARGEST_LINEAR_SPAN,
            ends: (0.0, 0.0),
        };
        axis.ends = (axis.place(low), axis.place(high));
        Some(axis)
    }

    /// Returns the place of a value.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        if self.is_logarithmic { value.log10() } else { value }
    }

    /// Returns the value at a place.
    #[must_use]
    pub fn value(&self, place: f64) -> f64 {
        if self.is_logarithmic {
            10_f64.powf(place)
        } else {
            place
        }
    }

    /// Returns the places of the smallest and of the largest value, with a margin: never equal.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let (low, high) = self.ends;
        let margin = if high > low { (high - low) * 0.03 } else { 0.5 };
        (low - margin, high + margin)
    }

    /// Returns the value at a place as text for people.
    #[must_use]
    pub fn label(&self, place: f64) -> String {
        let value = self.value(place);
        // Three digits, and no zeros after them.
        let digits = 2 - (value.abs().max(1e-9).log10().floor() as i32).clamp(-6, 2);
        let text = format!("{value:.*}", usize::try_from(digits).unwrap_or(0));
        match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_spans_much_is_drawn_at_equal_ratios() {
        let axis = Axis::of(&[0.5, 1000.0, 5.0]).unwrap();
        let places = [0.5, 5.0, 50.0].map(|value| axis.place(value));
        assert!((places[1] - places[0] - 1.0).abs() < 1e-9 && (places[2] - places[1] - 1.0).abs() < 1e-9);
        assert!((axis.value(axis.place(20.0)) - 20.0).abs() < 1e-9);
        let linear = Axis::of(&[0.0, 1000.0]).unwrap();
        assert_eq!(linear.place(7.0), 7.0);
        assert_eq!(linear.range(), (-30.0, 1030.0));
        let alone = Axis::of(&[3.0]).unwrap();
        assert_eq!(alone.range(), (2.5, 3.5));
        assert_eq!(Axis::of(&[]), None);
    }

    #[test]
    fn labels_are_short() {
        let axis = Axis::of(&[0.0, 1.0]).unwrap();
        let labels = [0.0, 0.1 + 0.2, 12.5, 1600.0, -0.05].map(|place| axis.label(place));
        assert_eq!(labels, ["0", "0.3", "12.5", "1600", "-0.05"]);
    }
}
