//! JSON files that people write: they are read as text of limited size, and what is wrong with them is told in words, with
//! its place.
//!
//! What they contain is up to `scenario` and to `policy-laboratory`.

use std::fmt;
use std::io::Read;

/// Something that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line and column, counted from 1, if known.
    pub place: Option<(usize, usize)>,
    /// The member, such as `components[2].policy`; empty for the file as a whole.
    pub member: String,
    /// What is wrong, and what is allowed.
    pub what: String,
}

impl Problem {
    /// Returns a problem of the file as a whole.
    #[must_use]
    pub const fn of_whole(what: String) -> Self {
        Self {
            place: None,
            member: String::new(),
            what,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        if !self.member.is_empty() {
            write!(f, "{}: ", self.member)?;
        }
        f.write_str(&self.what)
    }
}

/// Reads a text of at most `most` bytes that is to be a `kind` of file, such as "scenario". The mark that some editors
/// put before UTF-8 is left out.
///
/// # Errors
/// Returns what is wrong, to be read after the name of the file.
pub fn read(stream: impl Read, most: u64, kind: &str) -> Result<String, Problem> {
    let problem = |what| Err(Problem::of_whole(what));
    let mut bytes = Vec::new();
    if let Err(error) = stream.take(most.saturating_add(1)).read_to_end(&mut bytes) {
        return problem(format!("cannot be read: {error}"));
    }
    if bytes.len() as u64 > most {
        return problem(format!("is larger than {most} bytes, thus no {kind}"));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return problem("is text in UTF-16: save it as UTF-8".to_owned());
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(match text.strip_prefix('\u{feff}') {
            Some(text) => text.to_owned(),
            None => text,
        }),
        Err(error) => problem(format!("is not text: {error}")),
    }
}

/// Returns an error of the parser in the words of JSON, without its place.
#[must_use]
pub fn in_words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text
        .split(" at line ")
        .next()
        .unwrap_or_default()
        .replace("unknown field", "unknown member")
        .replace("missing field", "missing member")
        .replace("duplicate field", "duplicate member");
    if error.is_syntax() || error.is_eof() {
        format!("not JSON: {text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_with_its_place_as_far_as_that_is_known() {
        let problem = Problem {
            place: Some((3, 5)),
            member: "steps[1]".into(),
            what: "must not be empty".into(),
        };
        assert_eq!(
            problem.to_string(),
            "line 3, column 5: steps[1]: must not be empty"
        );
        assert_eq!(Problem::of_whole("is empty".into()).to_string(), "is empty");
    }

    #[test]
    fn what_is_too_large_or_no_text_is_not_read() {
        let told = |bytes: &[u8]| read(bytes, 5, "poem").unwrap_err().to_string();
        assert_eq!(told(b"sixsix"), "is larger than 5 bytes, thus no poem");
        assert!(told(b"\xff\xfe{\0").ends_with("save it as UTF-8"));
        assert!(told(b"\xc3").starts_with("is not text: "));
        assert_eq!(read(&b"five5"[..], 5, "poem").unwrap(), "five5");
        assert_eq!(read(&b"\xef\xbb\xbf{}"[..], 5, "poem").unwrap(), "{}");
    }

    #[test]
    fn errors_of_the_parser_speak_of_members_and_not_of_places() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Named {
            #[serde(rename = "name")]
            _name: String,
        }
        let told = |text| in_words(&serde_json::from_str::<Named>(text).unwrap_err());
        assert_eq!(told("{}"), "missing member `name`");
        assert_eq!(told(r#"{"x": 1}"#), "unknown member `x`, expected `name`");
        assert_eq!(told("{"), "not JSON: EOF while parsing an object");
    }
}
