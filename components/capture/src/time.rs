//! When packets were captured.

use std::fmt;

/// A time of day: nanoseconds since 1970, as the clock of the capturing host counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    const SECOND: i64 = 1_000_000_000;

    /// Returns the time with so many nanoseconds, or the nearest that there is: years 1677 to 2262.
    #[must_use]
    pub fn from_nanoseconds(nanoseconds: i128) -> Self {
        Self(nanoseconds.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }

    /// Returns the nanoseconds since another time; negative if that is later.
    #[must_use]
    pub const fn since(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

impl fmt::Display for Time {
    /// Seconds since 1970 with nine decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nanoseconds = self.0.unsigned_abs();
        let second = Self::SECOND.unsigned_abs();
        write!(f, "{sign}{}.{:09}", nanoseconds / second, nanoseconds % second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact_and_bounded() {
        for (nanoseconds, expected) in [
            (0, "0.000000000"),
            (1_700_000_000_123_456_789, "1700000000.123456789"),
            (-1, "-0.000000001"),
            (i128::MAX, "9223372036.854775807"),
        ] {
            assert_eq!(Time::from_nanoseconds(nanoseconds).to_string(), expected);
        }
        assert_eq!(Time(i64::MIN).since(Time(i64::MAX)), i64::MIN);
    }
}
