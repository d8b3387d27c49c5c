//! Durations in words that fit into a margin.

use std::cmp::Ordering;

const MS: u64 = 1_000;
const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;

/// Returns a duration of microseconds with about three significant digits and its unit, such as "6.21 ms".
#[must_use]
pub fn span_text(us: u64) -> String {
    match us {
        0..MS => format!("{us} µs"),
        MS..SECOND => format!("{} ms", digits(us, MS)),
        SECOND..MINUTE => format!("{} s", digits(us, SECOND)),
        _ => format!("{} min {:02} s", us / MINUTE, us % MINUTE / SECOND),
    }
}

/// Returns a distance from the origin, with a sign, and precise enough to be told apart from a moment that lies
/// `apart_us` away.
pub(crate) fn offset_text(us: u64, origin_us: u64, apart_us: u64) -> String {
    let distance = us.abs_diff(origin_us);
    let text = precise(distance, apart_us);
    match us.cmp(&origin_us) {
        Ordering::Equal => "0".to_owned(),
        Ordering::Greater => format!("+{text}"),
        // The true minus sign: a hyphen is hard to see in print.
        Ordering::Less => format!("\u{2212}{text}"),
    }
}

fn precise(us: u64, apart_us: u64) -> String {
    let (unit, name) = match us {
        0..MS => return span_text(us),
        MS..SECOND => (MS, "ms"),
        SECOND..MINUTE => (SECOND, "s"),
        _ if apart_us < SECOND => (SECOND, "s"),
        _ => return span_text(us),
    };
    // The first decimal at which the two differ, and at least those that are told anyway.
    let decimals =
        (usual_decimals(us, unit)..6).find(|decimals| unit / 10_u64.pow(*decimals) <= apart_us.max(1));
    let decimals = decimals.unwrap_or(6) as usize;
    format!("{:.decimals$} {name}", us as f64 / unit as f64)
}

fn digits(us: u64, unit: u64) -> String {
    let decimals = usual_decimals(us, unit) as usize;
    format!("{:.decimals$}", us as f64 / unit as f64)
}

const fn usual_decimals(us: u64, unit: u64) -> u32 {
    match us / unit {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    }
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
    fn distances_from_the_origin_have_a_sign_and_differ_from_their_neighbours() {
        assert_eq!(offset_text(1_000, 1_000, 1), "0");
        assert_eq!(offset_text(7_200, 1_000, 10_000), "+6.20 ms");
        assert_eq!(offset_text(580, 1_000, 10_000), "\u{2212}420 µs");
        assert_eq!(offset_text(26_250, 0, 30), "+26.25 ms");
        assert_eq!(offset_text(2_000_050, 0, 50), "+2.00005 s");
        assert_eq!(offset_text(75_000_050, 0, 700), "+75.0001 s");
        assert_eq!(offset_text(75_000_050, 0, 7_000_000), "+1 min 15 s");
    }
}
