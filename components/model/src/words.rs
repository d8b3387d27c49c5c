//! Formats facts as text, so that they read alike everywhere: in the window, in the timeline and in reports.

use std::time::Duration;

pub use events::counted;
use feed::{Affected, Impairment, Timestamp, WallClock};
use wire::parameter::Policy;

/// Formats a measured duration: "900 µs", "5.0 ms", "35 ms", "1.23 s".
#[must_use]
pub fn duration(duration: Duration) -> String {
    events::duration_in_words(duration)
}

/// Formats a configured duration as it was configured: "500 ms", "2.5 s", "10 min".
#[must_use]
pub fn setting(duration: Duration) -> String {
    match duration.as_millis() {
        ms @ 0..1_000 => format!("{ms} ms"),
        ms if ms % 60_000 == 0 => format!("{} min", ms / 60_000),
        ms if ms % 1_000 == 0 => format!("{} s", ms / 1_000),
        ms => format!("{:.1} s", ms as f64 / 1e3),
    }
}

/// Formats a running duration in seconds with one decimal, so that the width stays stable while it grows.
#[must_use]
pub fn running(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Formats a running duration in whole seconds.
#[must_use]
pub fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs())
}

/// Formats a running duration in whole minutes, so that it need not be redrawn every second.
#[must_use]
pub fn age(age: Duration) -> String {
    match age.as_secs() / 60 {
        0 => "< 1 min".to_owned(),
        minutes @ 1..120 => format!("{minutes} min"),
        minutes => format!("{} h {:02} min", minutes / 60, minutes % 60),
    }
}

/// Formats a time without news: "3 s", then in whole minutes.
#[must_use]
pub fn lapse(lapse: Duration) -> String {
    // The nearest second: what is measured by ticks is never exact.
    let rounded = lapse.saturating_add(Duration::from_millis(500));
    if rounded.as_secs() < 120 {
        seconds(rounded)
    } else {
        age(rounded)
    }
}

/// Formats a timestamp as time of day (UTC), to the second.
#[must_use]
pub fn clock(wall_clock: WallClock, at: Timestamp) -> String {
    let seconds = wall_clock.unix_us(at) / 1_000_000 % 86_400;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Formats a timestamp as time of day (UTC), to the millisecond.
#[must_use]
pub fn clock_ms(wall_clock: WallClock, at: Timestamp) -> String {
    format!(
        "{}.{:03}",
        clock(wall_clock, at),
        wall_clock.unix_us(at) / 1000 % 1000
    )
}

/// Formats a figure of a report, in milliseconds, as a measured duration.
#[must_use]
pub fn milliseconds(figure: f64) -> String {
    duration(Duration::try_from_secs_f64(figure / 1e3).unwrap_or_default())
}

/// Formats a number of bytes with its unit.
#[must_use]
pub fn bytes(count: u64) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..10_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// Formats a count with commas between thousands: "262,144".
#[must_use]
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Formats a share from 0 to 1 in percent: "38 %".
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Describes an impairment, seen from a component with this name: "20 % loss in bursts of 5, 50 ± 10 ms".
#[must_use]
pub fn impairment(impairment: &Impairment, name: &str) -> String {
    let mut words = Vec::new();
    if impairment.cut {
        words.push("cut".to_owned());
    } else {
        if impairment.loss > 0.0 {
            let bursts = if impairment.burst > 1.0 {
                format!(" in bursts of {:.0}", impairment.burst)
            } else {
                String::new()
            };
            words.push(format!("{} loss{bursts}", percent(impairment.loss)));
        }
        if impairment.jitter_ms > 0.0 {
            words.push(format!(
                "{:.0} \u{b1} {:.0} ms",
                impairment.delay_ms, impairment.jitter_ms
            ));
        } else if impairment.delay_ms > 0.0 {
            words.push(format!("{:.0} ms delay", impairment.delay_ms));
        }
        if impairment.rate_kbit_s > 0.0 {
            words.push(format!("{:.0} kbit/s", impairment.rate_kbit_s));
        }
        if impairment.corruption > 0.0 {
            words.push(format!("{} corrupted", percent(impairment.corruption)));
        }
        match impairment.first_lost {
            0 => {}
            1 => words.push("first packet lost".to_owned()),
            packets => words.push(format!("first {packets} packets lost")),
        }
    }
    if words.is_empty() {
        return "good".to_owned();
    }
    match impairment.direction {
        Affected::Both => {}
        Affected::Sent => words.push(format!("only what {name} sends")),
        Affected::Received => words.push(format!("only what {name} receives")),
    }
    words.join(", ")
}

/// Formats a number of pool elements: "1 PE", "3 PEs".
#[must_use]
pub fn pool_elements(count: u32) -> String {
    counted(count.into(), "PE")
}

/// Formats an amount to three digits with a prefix of the SI: "0", "0.25", "812", "3.40 k", "1.25 M".
#[must_use]
pub fn amount(amount: f64) -> String {
    const PREFIXES: [&str; 9] = ["", " k", " M", " G", " T", " P", " E", " Z", " Y"];
    let mut scaled = amount;
    let mut prefixes = PREFIXES.into_iter();
    let mut prefix = prefixes.next().unwrap_or_default();
    // What would be rounded to 1000 has the next prefix.
    while scaled.abs() >= 999.5
        && let Some(next) = prefixes.next()
    {
        scaled /= 1000.0;
        prefix = next;
    }
    let digits = match scaled.abs() {
        0.0 => 0,
        magnitude if magnitude < 9.995 => 2,
        magnitude if magnitude < 99.95 => 1,
        _ => 0,
    };
    format!("{scaled:.digits$}{prefix}")
}

/// Returns the data of a policy other than the load, such as "weight 3"; empty if it has none.
#[must_use]
pub fn policy_data(policy: &Policy) -> String {
    let words = policy.to_string();
    let data = words
        .split(", ")
        .skip(1)
        .filter(|part| !part.starts_with("load "));
    data.collect::<Vec<_>>().join(", ")
}

/// Formats a number of jobs: "1 job", "10 jobs".
#[must_use]
pub fn jobs(count: u32) -> String {
    counted(count.into(), "job")
}

/// Formats a handlespace checksum as in ENRP: "0x5a1f".
#[must_use]
pub fn checksum(checksum: u16) -> String {
    format!("{checksum:#06x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_told_as_they_were_chosen() {
        for (ms, text) in [
            (500, "500 ms"),
            (2_500, "2.5 s"),
            (61_000, "61 s"),
            (600_000, "10 min"),
        ] {
            assert_eq!(setting(Duration::from_millis(ms)), text);
        }
    }

    #[test]
    fn amounts_have_three_digits() {
        for (number, text) in [
            (0.0, "0"),
            (0.25, "0.25"),
            (9.996, "10.0"),
            (812.4, "812"),
            (999.6, "1.00 k"),
            (3_400.0, "3.40 k"),
            (1e6, "1.00 M"),
            (-12_345_678.0, "-12.3 M"),
            (1e27, "1000 Y"),
        ] {
            assert_eq!(amount(number), text);
        }
    }

    #[test]
    fn the_data_of_a_policy_are_told_without_the_load() {
        let degradation = Policy::LeastUsedDegradation {
            load: 7,
            load_degradation: u32::MAX,
        };
        assert_eq!(policy_data(&degradation), "degradation 100.0 %");
        assert_eq!(policy_data(&Policy::WeightedRandom { weight: 3 }), "weight 3");
        assert_eq!(policy_data(&Policy::LeastUsed { load: 7 }), "");
    }

    #[test]
    fn a_time_of_day_is_that_of_the_wall_clock() {
        let at = Timestamp::from_micros(77);
        let wall_clock = WallClock::showing(Duration::from_micros(1_795_428_061_002_345), at);
        assert_eq!(clock(wall_clock, at), "10:01:01");
        assert_eq!(clock_ms(wall_clock, at), "10:01:01.002");
    }

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!(count(7), "7");
        assert_eq!(count(1_234_567), "1,234,567");
    }
}
