//! Reads a text piece by piece, so that all problems can be reported at once, with their locations.

use std::collections::BTreeMap;
use std::fmt;

use json_file::{Problem, in_words};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Reads a text and collects its problems.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) problems: Vec<Problem>,
}

/// The members of an object that have not been read yet.
pub(super) struct Members<'a> {
    /// The text of the object.
    pub(super) text: &'a str,
    /// The path of the object in problems.
    pub(super) path: String,
    members: BTreeMap<String, &'a RawValue>,
}

impl<'a> Reader<'a> {
    /// The maximum number of problems that are reported; more would not help with a garbage file.
    const PROBLEMS: usize = 100;

    /// Reads a value from part of the text.
    pub(super) fn value<T: Deserialize<'a>>(&mut self, part: &'a str, member: &str) -> Option<T> {
        let mut deserializer = serde_json::Deserializer::from_str(part);
        let read = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let path = error.path().to_string();
            (path, error.into_inner())
        });
        let read = read.and_then(|value| {
            deserializer
                .end()
                .map(|()| value)
                .map_err(|error| (".".into(), error))
        });
        match read {
            Ok(value) => Some(value),
            Err((path, error)) => {
                let what = in_words(&error);
                let named = what.starts_with("unknown member") || path == "." || path.contains('?');
                let path = if named { "" } else { path.as_str() };
                let dot = if member.is_empty() || path.is_empty() {
                    ""
                } else {
                    "."
                };
                let member = format!("{member}{dot}{path}");
                let offset = self.offset(part) + offset_of(part, error.line(), error.column());
                self.problem(offset, member, &what);
                None
            }
        }
    }

    /// Splits an object into its members.
    pub(super) fn members(&mut self, part: &'a str, path: &str) -> Option<Members<'a>> {
        let Object(members) = self.value(part, path)?;
        Some(Members {
            text: part,
            path: path.to_owned(),
            members,
        })
    }

    /// Reads an optional member. Returns `None` if it is absent or wrong.
    pub(super) fn optional<T: Deserialize<'a>>(&mut self, from: &mut Members<'a>, name: &str) -> Option<T> {
        let raw = from.members.remove(name)?;
        let path = from.path_of(name);
        self.value::<Option<T>>(raw.get(), &path).flatten()
    }

    /// Splits a list member into its elements, each with its path in problems. Lists that are too long are
    /// truncated.
    pub(super) fn list(&mut self, from: &mut Members<'a>, name: &str, most: usize) -> Vec<(&'a str, String)> {
        let path = from.path_of(name);
        let list: Vec<&'a RawValue> = self.optional(from, name).unwrap_or_default();
        if list.len() > most {
            let what = format!("{} are too many; {most} are allowed", list.len());
            self.problem(self.offset(from.text), path.clone(), &what);
        }
        let raws = list.into_iter().take(most).enumerate();
        raws.map(|(index, raw)| (raw.get(), format!("{path}[{index}]")))
            .collect()
    }

    /// Reports unknown members.
    pub(super) fn no_more(&mut self, from: Members<'a>, expected: &[&str]) {
        for (name, raw) in from.members {
            let expected = expected.join("`, `");
            let what = format!("unknown member `{name}`, expected one of `{expected}`");
            self.problem(self.offset(raw.get()), from.path.clone(), &what);
        }
    }

    /// Returns the offset of a part within the text.
    pub(super) fn offset(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    /// Records a problem.
    pub(super) fn problem(&mut self, offset: usize, member: String, what: &str) {
        if self.problems.len() >= Self::PROBLEMS {
            return;
        }
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.problems.push(Problem {
            place: Some((line, column)),
            member,
            what: what.into(),
        });
    }
}

impl<'a> Members<'a> {
    /// Returns the path of a member in problems.
    pub(super) fn path_of(&self, name: &str) -> String {
        let dot = if self.path.is_empty() { "" } else { "." };
        format!("{}{dot}{name}", self.path)
    }

    /// Returns whether a member is there, and is a list.
    pub(super) fn is_list(&self, name: &str) -> bool {
        let raw = self.members.get(name);
        raw.is_some_and(|raw| raw.get().trim_start().starts_with('['))
    }

    /// Takes a member as text.
    pub(super) fn raw(&mut self, name: &str) -> Option<&'a str> {
        self.members.remove(name).map(RawValue::get)
    }

    /// Returns the only member, if there is exactly one.
    pub(super) fn only(&self) -> Option<(&str, &'a str)> {
        let mut members = self.members.iter();
        let (name, raw) = members.next()?;
        members.next().is_none().then_some((name, raw.get()))
    }
}

/// Any object, with unparsed members.
struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyObject;

        impl<'de> Visitor<'de> for AnyObject {
            type Value = BTreeMap<String, &'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if members.insert(name.clone(), value).is_some() {
                        return Err(A::Error::custom(format!("duplicate member `{name}`")));
                    }
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(AnyObject).map(Self)
    }
}

/// Converts a line and a column, both counted from 1, to an offset in bytes.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let lines: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    lines + column.saturating_sub(1)
}
