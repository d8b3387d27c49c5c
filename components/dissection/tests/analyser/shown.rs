//! Whether a value is the one that the analyser shows.

use std::net::IpAddr;

use dissection::{Field, Value};

use super::expected::{Expected, unhex};

/// Returns whether we found what the analyser found.
pub(crate) fn is_same(field: &Field, expected: &Expected, bytes: &[u8]) -> bool {
    let show = expected.show.as_str();
    match field.value {
        // A workload that is not given is -1 for the analyser, in percent.
        Value::Unsigned(0xffff, Some("not given")) => show == "-100",
        Value::Unsigned(number, _) | Value::Hexadecimal(number, _, _) => unsigned(show) == Some(number),
        Value::PeIdentifier(number) | Value::RegistrarIdentifier(number) => {
            unsigned(show) == Some(number.into())
        }
        Value::Signed(number, _) => show.parse() == Ok(number),
        Value::Flag(is_set) => show == if is_set { "1" } else { "0" },
        // The analyser shows loads in percent, those of status reports with less digits, and penalties as what they are.
        Value::Share(share) if expected.name.ends_with("dpf") => is_near(show, share, 1e-12),
        Value::Share(share) if expected.name.ends_with("workload") => is_near(show, 100.0 * share, 1e-6),
        Value::Share(share) => is_near(show, 100.0 * share, 1e-12),
        Value::Real(number) => is_near(show, number, 1e-12),
        Value::Microseconds(span) => microseconds(show) == Some(span),
        Value::Address(address) => show.parse() == Ok::<IpAddr, _>(address),
        // The analyser shows some texts as bytes.
        Value::Text | Value::Bytes | Value::Group => unhex(&expected.value) == bytes[field.range()],
    }
}

/// Returns a number in any notation, or a time span in microseconds.
fn unsigned(show: &str) -> Option<u64> {
    if let Some(digits) = show.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok();
    }
    show.parse().ok().or_else(|| microseconds(show))
}

/// Returns a time span, which the analyser shows in seconds with nine decimals.
fn microseconds(show: &str) -> Option<u64> {
    let (seconds, nanoseconds) = show.split_once('.')?;
    let seconds: u64 = seconds.parse().ok()?;
    let nanoseconds: u64 = nanoseconds.parse().ok()?;
    seconds.checked_mul(1_000_000)?.checked_add(nanoseconds / 1000)
}

/// Returns whether these digits are this number but for the rounding.
fn is_near(show: &str, number: f64, tolerance: f64) -> bool {
    show.parse().is_ok_and(|shown: f64| {
        (shown - number).abs() <= tolerance * number.abs().max(1e-300) || shown == number
    })
}
