//! Whole numbers that are written with a fraction or an exponent.

use std::borrow::Cow;

/// The largest number up to which every whole number can be told from its neighbours when it is written so.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// Rewrites numbers such as `8.0` and `1e3` as `8` and `1000`: JSON Schema counts them as integers, the parser does not.
/// Everything stays in its line, and where possible in its column, for the places of problems.
pub(super) fn whole(text: &str) -> Cow<'_, str> {
    let mut rewritten = String::new();
    let mut copied = 0;
    let mut rest = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = rest.next() {
        match byte {
            b'"' => {
                while let Some((_, byte)) = rest.next()
                    && byte != b'"'
                {
                    if byte == b'\\' {
                        rest.next();
                    }
                }
            }
            b'-' | b'0'..=b'9' => {
                let mut end = at + 1;
                while let Some((next, _)) =
                    rest.next_if(|(_, byte)| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
                {
                    end = next + 1;
                }
                if let Some(token) = text.get(at..end)
                    && let Some(whole) = as_whole(token)
                {
                    rewritten.push_str(text.get(copied..at).unwrap_or_default());
                    rewritten.push_str(&format!("{whole:width$}", width = token.len()));
                    copied = end;
                }
            }
            _ => {}
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    rewritten.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(rewritten)
}

/// Returns the digits of a whole number that is written in another way.
fn as_whole(token: &str) -> Option<String> {
    if !token.contains(['.', 'e', 'E']) {
        return None;
    }
    // Rust's own parser would also accept what is no JSON.
    let number: f64 = serde_json::from_str(token).ok()?;
    // The digits of -0.0 would be read as a fraction again.
    let number = if number == 0.0 { 0.0 } else { number };
    (number.fract() == 0.0 && number.abs() <= LARGEST).then(|| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_become_integers_in_their_place() {
        for (text, expected) in [
            ("[8.0, 1.50, -2.00,3]", "[8  , 1.50, -2   ,3]"),
            ("{\"8.0 \\\" 7.0\": 1e3}", "{\"8.0 \\\" 7.0\": 1000}"),
            ("[1.5e1, 20E-1, -0.0]", "[15   , 2    , 0   ]"),
            ("[1e300, 8., .0, 08.0, 1.0.0]", "[1e300, 8., .0, 08.0, 1.0.0]"),
            ("\"unfinished 8.0", "\"unfinished 8.0"),
            ("", ""),
        ] {
            assert_eq!(whole(text), expected);
        }
    }
}
