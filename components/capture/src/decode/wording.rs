//! Values in words.

use std::fmt::{self, Write};

use dissection::{Field, Value};

/// The most bytes of a field that are printed.
const MOST_BYTES: usize = 32;

/// Writes what a field of a message holds; nothing if it consists of others.
pub(crate) fn value(field: &Field, message: &[u8], to: &mut String) -> fmt::Result {
    let bytes = message.get(field.range()).unwrap_or_default();
    match field.value {
        Value::Group => Ok(()),
        Value::Unsigned(number, None) => write!(to, "{number}"),
        Value::Unsigned(number, Some(meaning)) => write!(to, "{meaning} ({number})"),
        Value::Hexadecimal(number, digits, None) => write!(to, "0x{number:0width$x}", width = digits.into()),
        Value::Hexadecimal(number, digits, Some(meaning)) => {
            write!(to, "{meaning} (0x{number:0width$x})", width = digits.into())
        }
        Value::Signed(number) => write!(to, "{number}"),
        Value::Flag(set) => to.write_str(if set { "set" } else { "not set" }),
        Value::Share(share) => write!(to, "{:.3} %", share * 100.0),
        Value::Real(number) => write!(to, "{number}"),
        Value::Microseconds(time) => microseconds(time, to),
        Value::PeIdentifier(identifier) | Value::RegistrarIdentifier(identifier) => {
            write!(to, "0x{identifier:08x}")
        }
        Value::Address(address) => write!(to, "{address}"),
        Value::Text => write!(to, "{:?}", text(bytes)),
        Value::Bytes => some_bytes(bytes, to),
    }
}

/// Returns the characters of a field, up to the first NUL.
pub(crate) fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    let characters = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(characters)
}

fn microseconds(time: u64, to: &mut String) -> fmt::Result {
    match time {
        0..1000 => write!(to, "{time} µs"),
        1000..1_000_000 => write!(to, "{} ms", time as f64 / 1e3),
        _ => write!(to, "{} s", time as f64 / 1e6),
    }
}

fn some_bytes(bytes: &[u8], to: &mut String) -> fmt::Result {
    for byte in bytes.iter().take(MOST_BYTES) {
        write!(to, "{byte:02x}")?;
    }
    if bytes.len() > MOST_BYTES {
        write!(to, "… ({} bytes)", bytes.len())?;
    }
    Ok(())
}
