//! What fields hold, as text.

use std::fmt::{self, Write as _};

use crate::{Field, Value};

/// How many bytes are written before the others are only counted.
const MOST_BYTES: usize = 32;

/// A field's value, which formats itself.
#[derive(Debug, Clone, Copy)]
pub struct ValueOf<'a> {
    field: Field,
    bytes: &'a [u8],
}

impl Field {
    /// Returns the value for formatting. `bytes` are those that were taken apart; a group has no text.
    #[must_use]
    pub fn value_of<'a>(&self, bytes: &'a [u8]) -> ValueOf<'a> {
        let bytes = bytes.get(self.range()).unwrap_or_default();
        ValueOf { field: *self, bytes }
    }
}

impl fmt::Display for ValueOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.value {
            Value::Group => Ok(()),
            Value::Unsigned(number, meaning) => {
                write!(f, "{number}")?;
                write_meaning(meaning, f)
            }
            Value::Hexadecimal(number, digits, meaning) => {
                write!(f, "0x{number:0digits$x}", digits = digits.into())?;
                write_meaning(meaning, f)
            }
            Value::Signed(number, meaning) => {
                write!(f, "{number}")?;
                write_meaning(meaning, f)
            }
            Value::Flag(true) => f.write_str("set"),
            Value::Flag(false) => f.write_str("not set"),
            Value::Share(share) => {
                write!(f, "{:.2} % (0x", 100.0 * share)?;
                write_digits(self.bytes, f)?;
                f.write_char(')')
            }
            Value::Real(number) => write!(f, "{number}"),
            Value::Microseconds(span) => write!(f, "{}.{:06} s", span / 1_000_000, span % 1_000_000),
            Value::PeIdentifier(number) | Value::RegistrarIdentifier(number) => write!(f, "0x{number:08x}"),
            Value::Address(address) => write!(f, "{address}"),
            Value::Text => write_text(self.bytes, f),
            Value::Bytes => write_bytes(self.bytes, f),
        }
    }
}

fn write_meaning(meaning: Option<&str>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match meaning {
        Some(meaning) => write!(f, " ({meaning})"),
        None => Ok(()),
    }
}

/// Writes the characters up to the first NUL; those that a terminal or window might obey, and bytes that are no UTF-8, as
/// escapes.
fn write_text(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => f.write_str("\\\\")?,
                // What a Debug string escapes cannot be printed; quotes can.
                '"' | '\'' => f.write_char(character)?,
                _ => write!(f, "{}", character.escape_debug())?,
            }
        }
        write!(f, "{}", chunk.invalid().escape_ascii())?;
    }
    Ok(())
}

fn write_bytes(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match bytes.get(..MOST_BYTES) {
        Some(first) if bytes.len() > MOST_BYTES => {
            write_digits(first, f)?;
            write!(f, "… ({} bytes)", bytes.len())
        }
        _ => write_digits(bytes, f),
    }
}

fn write_digits(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Term;

    static TERM: Term = Term {
        label: "Field",
        wireshark: "",
        explanation: None,
    };

    fn shown(value: Value, bytes: &[u8]) -> String {
        let field = Field {
            term: &TERM,
            level: 0,
            start: 0,
            end: bytes.len() as u32,
            value,
        };
        field.value_of(bytes).to_string()
    }

    #[test]
    fn numbers_have_their_meaning() {
        assert_eq!(
            shown(Value::Unsigned(5, Some("Least Used")), &[]),
            "5 (Least Used)"
        );
        assert_eq!(
            shown(Value::Hexadecimal(0xa, 4, Some("Pool Element")), &[]),
            "0x000a (Pool Element)"
        );
        assert_eq!(shown(Value::Signed(-1, Some("infinite")), &[]), "-1 (infinite)");
        assert_eq!(shown(Value::PeIdentifier(0x21), &[]), "0x00000021");
        assert_eq!(
            shown(Value::Share(0.25), &[0x40, 0, 0, 0]),
            "25.00 % (0x40000000)"
        );
        assert_eq!(shown(Value::Microseconds(1_500_000), &[]), "1.500000 s");
        assert_eq!(shown(Value::Flag(true), &[]), "set");
    }

    #[test]
    fn text_ends_at_the_first_nul_and_has_no_raw_control_characters() {
        assert_eq!(shown(Value::Text, b"a\"b\0c"), "a\"b");
        assert_eq!(shown(Value::Text, b"\x1b[2J\\\xff"), "\\u{1b}[2J\\\\\\xff");
        assert_eq!(shown(Value::Text, "\u{202e}ö".as_bytes()), "\\u{202e}ö");
    }

    #[test]
    fn many_bytes_are_counted() {
        assert_eq!(shown(Value::Bytes, &[1, 0xab]), "01ab");
        let many = shown(Value::Bytes, &[0; 40]);
        assert!(
            many.starts_with("0000") && many.ends_with("… (40 bytes)"),
            "{many}"
        );
    }

    #[test]
    fn a_range_beyond_the_bytes_shows_nothing() {
        let field = Field {
            term: &TERM,
            level: 0,
            start: 3,
            end: 9,
            value: Value::Bytes,
        };
        assert_eq!(field.value_of(&[0; 4]).to_string(), "");
    }
}
