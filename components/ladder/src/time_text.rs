//! Durations in words that fit into a margin.

/// Returns a duration of microseconds with about three significant digits and its unit, such as "6.21 ms".
#[must_use]
pub fn span_text(us: u64) -> String {
    const MS: u64 = 1_000;
    const SECOND: u64 = 1_000_000;
    const MINUTE: u64 = 60 * SECOND;
    match us {
        0..MS => format!("{us} µs"),
        MS..SECOND => format!("{} ms", digits(us, MS)),
        SECOND..MINUTE => format!("{} s", digits(us, SECOND)),
        _ => format!("{} min {:02} s", us / MINUTE, us % MINUTE / SECOND),
    }
}

/// Returns a distance from the origin, with a sign.
pub(crate) fn offset_text(us: u64, origin_us: u64) -> String {
    match us.checked_sub(origin_us) {
        Some(0) => "0".to_owned(),
        Some(later) => format!("+{}", span_text(later)),
        // The true minus sign: a hyphen is hard to see in print.
        None => format!("\u{2212}{}", span_text(origin_us - us)),
    }
}

fn digits(us: u64, unit: u64) -> String {
    let value = us as f64 / unit as f64;
    let decimals = match us / unit {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_the_unit_that_suits_them() {
        let told = [0, 420, 6_210, 62_140, 621_400, 6_214_000, 61_000_000, u64::MAX].map(span_text);
        assert_eq!(
            told,
            [
                "0 µs",
                "420 µs",
                "6.21 ms",
                "62.1 ms",
                "621 ms",
                "6.21 s",
                "1 min 01 s",
                "307445734561 min 49 s"
            ]
        );
    }

    #[test]
    fn distances_from_the_origin_have_a_sign() {
        assert_eq!(offset_text(1_000, 1_000), "0");
        assert_eq!(offset_text(7_200, 1_000), "+6.20 ms");
        assert_eq!(offset_text(580, 1_000), "\u{2212}420 µs");
    }
}
