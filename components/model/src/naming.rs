//! Words of components, with the names that people know instead of identifiers.

use feed::ComponentRole;

use crate::Model;

/// How components write identifiers, and whose they are.
const WRITTEN: [(&str, ComponentRole); 3] = [
    ("PE 0x", ComponentRole::PoolElement),
    ("PR 0x", ComponentRole::Registrar),
    ("registrar 0x", ComponentRole::Registrar),
];
/// Hexadecimal digits of an identifier.
const DIGITS: usize = 8;

impl Model {
    /// A text of a component, in which identifiers of components on the scene are replaced by their names.
    pub(crate) fn with_names(&self, text: &str) -> String {
        let mut named = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, after)) = self.first_identifier(rest) {
            named.push_str(before);
            named.push_str(name);
            rest = after;
        }
        named.push_str(rest);
        named
    }

    /// What comes before the first identifier of a component on the scene, the component's name, and what comes after.
    fn first_identifier<'a>(&'a self, text: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
        let found = WRITTEN.iter().flat_map(|(prefix, role)| {
            text.match_indices(prefix).filter_map(move |(at, _)| {
                let begin = at + prefix.len();
                let digits = text.get(begin..begin + DIGITS)?;
                let identifier = u32::from_str_radix(digits, 16).ok()?;
                let identity = feed::Component::new(*role, identifier.into())?;
                let id = self.index.component(identity)?;
                Some((at, self.components.get(&id)?.name.as_str(), begin + DIGITS))
            })
        });
        let (at, name, end) = found.min_by_key(|(at, ..)| *at)?;
        Some((text.get(..at)?, name, text.get(end..)?))
    }
}
