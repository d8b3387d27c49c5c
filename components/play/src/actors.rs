//! Whom the narration is about.

use std::collections::BTreeSet;

use feed::ComponentRole;

use crate::{Play, PlayState};
use model::{Component, ComponentId, Model};
use scenario::{Step, Who};

/// What a narration calls the components of a role when it does not name one.
const WORDS: [(ComponentRole, &[&str]); 3] = [
    (ComponentRole::Registrar, &["registrar"]),
    (ComponentRole::PoolElement, &["pool element", "server"]),
    (ComponentRole::PoolUser, &["pool user", "client"]),
];

impl Play {
    /// Returns the components that the current narration is about; none before the story and after it.
    ///
    /// They are those that the step names as its actors. If it names none, they are those that it selects and affects,
    /// those that its text names, and the pool elements that serve the pool users among them, or have served them
    /// before. Where the text speaks of a role without one of these, it is about all components of that role.
    #[must_use]
    pub fn actors(&self, model: &Model) -> BTreeSet<ComponentId> {
        if !matches!(self.state(), PlayState::Running | PlayState::Paused) {
            return BTreeSet::new();
        }
        let told = self.narration.and_then(|at| self.steps.get(..=at));
        let says = |step: &Step| step.say.is_some();
        let position = told.and_then(|told| told.iter().rposition(says));
        let step = position.and_then(|position| Some((position, self.steps.get(position)?)));
        step.map(|(position, step)| self.actors_of(position, step, model))
            .unwrap_or_default()
    }

    fn actors_of(&self, position: usize, step: &Step, model: &Model) -> BTreeSet<ComponentId> {
        let context = self.context(model);
        let select = |who: &Who| -> Vec<ComponentId> {
            let selected = context.select(who);
            selected.into_iter().map(|component| component.id).collect()
        };
        if !step.actors.is_empty() {
            return step.actors.iter().flat_map(select).collect();
        }
        let said = self.text_of(position).unwrap_or_default().to_lowercase();
        let mut actors: BTreeSet<ComponentId> = BTreeSet::new();
        step.each_who(&mut |who| {
            actors.extend(select(who));
            // Whoever is served is concerned as well.
            let named = who.components();
            actors.extend(
                model
                    .components
                    .values()
                    .filter_map(|component| named.contains(&component.name).then_some(component.id)),
            );
        });
        let affected = step.name.as_ref().and_then(|name| self.chosen.get(name));
        actors.extend(affected.into_iter().flatten());
        let named = model.components.values();
        actors.extend(
            named
                .filter(|component| names(&said, &component.name.to_lowercase()))
                .map(|component| component.id),
        );
        let users: Vec<ComponentId> = actors.iter().copied().collect();
        let users = users.iter().filter_map(|id| model.components.get(id));
        actors.extend(users.flat_map(servers));
        for (role, words) in WORDS {
            let of_role = || {
                model
                    .components
                    .values()
                    .filter(|component| component.role() == role)
            };
            let spoken_of = words.iter().any(|word| said.contains(word));
            if spoken_of && !of_role().any(|component| actors.contains(&component.id)) {
                actors.extend(of_role().map(|component| component.id));
            }
        }
        actors.retain(|id| model.components.contains_key(id));
        actors
    }
}

/// Returns the pool elements that serve a pool user, and the one that it has left last.
fn servers(user: &Component) -> impl Iterator<Item = ComponentId> + '_ {
    let serving = user.served.values().filter_map(|served| served.component);
    let left = user.failovers.back().and_then(|failover| failover.from.component);
    serving.chain(left)
}

/// Returns whether a text contains a name, and not just as the beginning of a longer one, as "PE 1" in "PE 12".
fn names(text: &str, name: &str) -> bool {
    let is_part = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
    text.match_indices(name).any(|(at, found)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text
            .get(at + found.len()..)
            .and_then(|after| after.chars().next());
        !is_part(before) && !is_part(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_part_of_a_longer_one() {
        assert!(names("now pe 1 is killed", "pe 1"));
        assert!(names("pe 12 serves, pe 1, too", "pe 1"));
        assert!(!names("now pe 12 is killed", "pe 1"));
        assert!(!names("nothing", "pe 1"));
    }
}
