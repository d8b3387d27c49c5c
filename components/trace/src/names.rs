//! Names of messages, each of them once.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Names, by number. There are few; what would be one too many is called like the last one.
#[derive(Debug, Clone, Default)]
pub struct Names {
    names: Arc<Vec<String>>,
    numbers: Arc<BTreeMap<String, u16>>,
}

impl Names {
    /// The maximum number of names: what cannot be decoded is called by the reason, which may be any.
    const MOST: usize = 4_096;
    /// What is called so when there are too many names.
    const OTHER: &'static str = "other";

    /// Returns the number of a name.
    pub(crate) fn number(&mut self, name: &str) -> u16 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let name = if self.names.len() + 1 < Self::MOST {
            name
        } else {
            Self::OTHER
        };
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u16;
        Arc::make_mut(&mut self.names).push(name.to_owned());
        Arc::make_mut(&mut self.numbers).insert(name.to_owned(), number);
        number
    }

    /// Returns the name with this number.
    #[must_use]
    pub fn get(&self, number: u16) -> &str {
        self.names.get(usize::from(number)).map_or("?", String::as_str)
    }

    /// Returns all names, in the order in which they occurred.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_names_is_bounded() {
        let mut names = Names::default();
        assert_eq!(
            (names.number("one"), names.number("two"), names.number("one")),
            (0, 1, 0)
        );
        for number in 0..10_000 {
            names.number(&format!("not decodable: {number}"));
        }
        assert_eq!(names.iter().count(), Names::MOST);
        let last = names.number("yet another one");
        assert_eq!(names.get(last), Names::OTHER);
    }
}
