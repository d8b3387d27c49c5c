//! Reads the steps of a file.

use super::file::StepPlace;
use super::reader::Reader;
use super::{Condition, Expectation, Once, Repeat, Say, Sentence, Step, StepAction, Who};

impl<'a> Reader<'a> {
    /// Reads a step. Returns `None` if part of it is unreadable; the rest is checked nevertheless.
    pub(super) fn step(&mut self, text: &'a str, path: &str) -> Option<(StepPlace, Step)> {
        const MEMBERS: &[&str] = &[
            "name", "at-s", "after-s", "when", "within-s", "say", "notes", "actors", "rfc", "do", "expect",
            "repeat",
        ];
        let before = self.problems.len();
        let mut members = self.members(text, path)?;
        let mut step = Step {
            name: self.optional(&mut members, "name"),
            at_s: self.optional(&mut members, "at-s"),
            after_s: self.optional(&mut members, "after-s"),
            when: None,
            within_s: self.optional(&mut members, "within-s"),
            say: None,
            notes: self.optional(&mut members, "notes"),
            actors: Vec::new(),
            rfc: self.optional(&mut members, "rfc"),
            actions: Vec::new(),
            expect: Vec::new(),
            repeat: self.optional::<Repeat>(&mut members, "repeat"),
        };
        if let Some(raw) = members.raw("when") {
            let path = members.path_of("when");
            step.when = self.condition(raw, &path, 0);
        }
        step.say = if members.is_list("say") {
            let sentences = self.list(&mut members, "say", Step::SENTENCES).into_iter();
            let sentences = sentences.filter_map(|(raw, path)| self.sentence(raw, &path));
            Some(Say::Sentences(sentences.collect()))
        } else {
            self.optional(&mut members, "say").map(Say::Text)
        };
        for (raw, path) in self.list(&mut members, "actors", Step::ACTORS) {
            step.actors.extend(self.value::<Who>(raw, &path));
        }
        for (raw, path) in self.list(&mut members, "do", Step::ACTIONS) {
            step.actions.extend(self.action(raw, &path));
        }
        for (raw, path) in self.list(&mut members, "expect", Step::EXPECTATIONS) {
            step.expect.extend(self.expectation(raw, &path));
        }
        self.no_more(members, MEMBERS);
        let place = StepPlace {
            offset: self.offset(text),
            path: path.to_owned(),
            whole: self.problems.len() == before,
        };
        Some((place, step))
    }

    fn action(&mut self, text: &'a str, path: &str) -> Option<StepAction> {
        // A component is read member by member, like those at the top level of the file.
        if text.trim_start().starts_with('{') {
            let members = self.members(text, path)?;
            match members.only() {
                Some(("add", entry)) => {
                    let path = members.path_of("add");
                    let spec = self.component(entry, &path)?;
                    return Some(StepAction::Add(Box::new(spec)));
                }
                Some(_) => {}
                None => return self.one_member(text, path),
            }
        }
        self.value(text, path)
    }

    fn expectation(&mut self, text: &'a str, path: &str) -> Option<Expectation> {
        let mut members = self.members(text, path)?;
        let within_s = self.optional(&mut members, "within-s");
        let for_s = self.optional(&mut members, "for-s");
        let say = self.optional(&mut members, "say");
        let Some(raw) = members.raw("that") else {
            self.problem(self.offset(text), path.to_owned(), "missing member `that`");
            return None;
        };
        let that = self.condition(raw, &members.path_of("that"), 0);
        self.no_more(members, &["that", "within-s", "for-s", "say"]);
        Some(Expectation {
            that: that?,
            within_s,
            for_s,
            say,
        })
    }

    /// Reads a sentence: a text, or a text with a condition.
    fn sentence(&mut self, text: &'a str, path: &str) -> Option<Sentence> {
        if !text.trim_start().starts_with('{') {
            return self.value(text, path).map(Sentence::Always);
        }
        let mut members = self.members(text, path)?;
        let words = self.optional(&mut members, "text");
        let when = members
            .raw("when")
            .and_then(|raw| self.condition(raw, &members.path_of("when"), 0));
        self.no_more(members, &["text", "when"]);
        match (words, when) {
            (Some(text), Some(when)) => Some(Sentence::Once(Once { when, text })),
            _ => {
                self.problem(
                    self.offset(text),
                    path.to_owned(),
                    "a sentence needs `text`, and `when` it is true",
                );
                None
            }
        }
    }

    /// Reads a condition part by part.
    fn condition(&mut self, text: &'a str, path: &str, depth: usize) -> Option<Condition> {
        if depth == Condition::DEPTH {
            let what = format!(
                "conditions within conditions, more than {} deep",
                Condition::DEPTH
            );
            self.problem(self.offset(text), path.to_owned(), &what);
            return None;
        }
        if !text.trim_start().starts_with('{') {
            return self.value(text, path);
        }
        let mut members = self.members(text, path)?;
        let Some((name, _)) = members.only() else {
            return self.one_member(text, path);
        };
        let name = name.to_owned();
        match name.as_str() {
            "not" => {
                let raw = members.raw("not")?;
                let condition = self.condition(raw, &members.path_of("not"), depth + 1)?;
                Some(Condition::Not(Box::new(condition)))
            }
            name @ ("all" | "any") => {
                let parts = self.list(&mut members, name, Condition::LIST);
                if parts.is_empty() {
                    self.problem(
                        self.offset(text),
                        path.to_owned(),
                        "a list of conditions is needed",
                    );
                    return None;
                }
                // The others are checked as well, though the file is already rejected.
                let mut conditions = Vec::new();
                for (raw, path) in parts {
                    conditions.extend(self.condition(raw, &path, depth + 1));
                }
                Some(match name {
                    "all" => Condition::All(conditions),
                    _ => Condition::Any(conditions),
                })
            }
            _ => self.value(text, path),
        }
    }

    fn one_member<T>(&mut self, text: &'a str, path: &str) -> Option<T> {
        self.problem(
            self.offset(text),
            path.to_owned(),
            "exactly one member is needed here",
        );
        None
    }
}
