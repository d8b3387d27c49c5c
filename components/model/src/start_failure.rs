//! Why components cannot be started, told once if several have the same reason.

use crate::{Component, ComponentId, Ending, Model, ProcessState};

/// The reason why components could not be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartFailure<'a> {
    /// The components with this reason, in their order.
    pub components: Vec<&'a str>,
    /// Whether these are all components that there are.
    pub all: bool,
    /// The reason and the remedy.
    pub why: &'a str,
}

impl StartFailure<'_> {
    /// Returns one sentence about all of them.
    #[must_use]
    pub fn sentence(&self) -> String {
        let who = match (self.components.as_slice(), self.all) {
            ([one], _) => format!("{one} cannot be started"),
            (_, true) => "No component can be started".to_owned(),
            ([one, other], _) => format!("{one} and {other} cannot be started"),
            ([one, others @ ..], _) => format!("{one} and {} others cannot be started", others.len()),
            ([], _) => "No component can be started".to_owned(),
        };
        format!("{who}: {}", self.why)
    }
}

impl Model {
    /// Returns the most frequent reason why components could not be started, once it is known of all that have been
    /// started.
    #[must_use]
    pub fn start_failure(&self) -> Option<StartFailure<'_>> {
        let starting = |component: &Component| matches!(component.process, ProcessState::Starting { .. });
        if self.components.values().any(starting) {
            return None;
        }
        let mut reasons: Vec<StartFailure<'_>> = Vec::new();
        for component in self.components.values() {
            let Some(why) = reason(component) else { continue };
            match reasons.iter_mut().find(|other| is_same(other.why, why)) {
                Some(other) => other.components.push(&component.name),
                None => reasons.push(StartFailure {
                    components: vec![&component.name],
                    all: false,
                    why,
                }),
            }
        }
        let mut most = reasons
            .into_iter()
            .rev()
            .max_by_key(|reason| reason.components.len())?;
        most.all = most.components.len() == self.components.len();
        Some(most)
    }

    /// Returns whether another component could not be started for the same reason.
    pub(crate) fn is_known_start_failure(&self, id: ComponentId, why: &str) -> bool {
        let mut others = self.components.values().filter(|component| component.id != id);
        others.any(|other| reason(other).is_some_and(|known| is_same(known, why)))
    }
}

fn reason(component: &Component) -> Option<&str> {
    match &component.process {
        ProcessState::Ended {
            ending: Ending::NotStarted { why },
            ..
        } => Some(why),
        _ => None,
    }
}

/// Returns whether two reasons differ at most in their numbers, such as each component's own address.
fn is_same(one: &str, other: &str) -> bool {
    let without_numbers = |text: &'_ str| -> String {
        let kept = text.chars().filter(|character| !character.is_ascii_digit());
        kept.collect()
    };
    one == other || without_numbers(one) == without_numbers(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_differ_in_an_address_are_the_same() {
        assert!(is_same(
            "UDP port 9 of 127.0.0.2 is in use",
            "UDP port 9 of 127.0.3.44 is in use"
        ));
        assert!(!is_same("UDP port 9 is in use", "too many open files"));
    }
}
