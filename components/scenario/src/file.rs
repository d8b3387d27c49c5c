//! Parses the text of a scenario file into checked values.

use std::collections::{BTreeMap, BTreeSet};

use feed::ComponentRole;
use runtime::AnnounceGroup;

use super::entry::{ComponentEntry, Identifier, RoleOnly};
use super::reader::Reader;
use super::{ComponentSpec, Scenario, ScenarioErrors, Settings, Step, StepAction, numbers};

/// The location of a step in its file.
pub(super) struct StepPlace {
    pub(super) offset: usize,
    pub(super) path: String,
    /// Whether all of it could be read.
    pub(super) whole: bool,
}

impl Scenario {
    /// Parses the text of a scenario file.
    ///
    /// # Errors
    /// Returns all problems that can be detected at once.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScenarioErrors> {
        let text = numbers::whole(text);
        let mut reader = Reader {
            text: &text,
            problems: Vec::new(),
        };
        let scenario = reader.scenario();
        let mut problems = reader.problems;
        problems.sort_by_key(|problem| problem.place);
        match scenario {
            Some(scenario) if problems.is_empty() => Ok(scenario),
            _ => Err(ScenarioErrors {
                file: file.into(),
                problems,
            }),
        }
    }
}

impl<'a> Reader<'a> {
    fn scenario(&mut self) -> Option<Scenario> {
        const MEMBERS: &[&str] = &[
            "name",
            "description",
            "preset",
            "asap-announce",
            "enrp-announce",
            "components",
            "steps",
        ];
        if self.text.trim().is_empty() {
            self.problem(0, String::new(), "the file is empty; a scenario is a JSON object");
            return None;
        }
        let mut file = self.members(self.text, "")?;
        file.raw("$schema");
        let name = self.required_name(&mut file);
        let description = self.optional(&mut file, "description").unwrap_or_default();
        let settings = Settings {
            preset: self.optional(&mut file, "preset"),
            asap_announce: self.group(&mut file, "asap-announce"),
            enrp_announce: self.group(&mut file, "enrp-announce"),
            udp_port: None,
        };
        let components = self.components(&mut file);
        let steps = self.steps(&mut file, &components);
        self.no_more(file, MEMBERS);
        let mut scenario = Scenario {
            name: name?,
            description,
            settings,
            components,
            steps,
        };
        scenario.name_components();
        Some(scenario)
    }

    fn group(&mut self, file: &mut super::reader::Members<'a>, member: &str) -> Option<AnnounceGroup> {
        let group: String = self.optional(file, member)?;
        group
            .parse()
            .inspect_err(|_| {
                let what = format!(
                    "`{group}` is neither off nor a multicast group such as {}",
                    AnnounceGroup::ASAP
                );
                self.problem(0, member.into(), &what);
            })
            .ok()
    }

    fn required_name(&mut self, file: &mut super::reader::Members<'a>) -> Option<String> {
        let Some(raw) = file.raw("name") else {
            self.problem(0, String::new(), "missing member `name`");
            return None;
        };
        let name: String = self.value(raw, "name")?;
        if name.trim().is_empty() {
            self.problem(0, "name".into(), "must not be empty");
        }
        Some(name)
    }

    fn components(&mut self, file: &mut super::reader::Members<'a>) -> Vec<ComponentSpec> {
        let Some(raw) = file.raw("components") else {
            self.problem(0, String::new(), "missing member `components`");
            return Vec::new();
        };
        let Some(raws) = self.value::<Vec<&'a serde_json::value::RawValue>>(raw, "components") else {
            return Vec::new();
        };
        if !(1..=Scenario::COMPONENTS).contains(&raws.len()) {
            let what = format!(
                "{} components; 1 to {} are allowed",
                raws.len(),
                Scenario::COMPONENTS
            );
            self.problem(0, "components".into(), &what);
            return Vec::new();
        }
        let mut entries = Vec::new();
        for (index, raw) in raws.into_iter().enumerate() {
            let member = format!("components[{index}]");
            if let Some(entry) = self.component_entry(raw.get(), &member) {
                entries.push((index, raw.get(), entry));
            }
        }
        self.duplicates(&entries);
        let specs = entries
            .into_iter()
            .filter_map(|(index, text, entry)| self.checked(text, &format!("components[{index}]"), &entry));
        specs.collect()
    }

    fn steps(&mut self, file: &mut super::reader::Members<'a>, components: &[ComponentSpec]) -> Vec<Step> {
        let mut steps = Vec::new();
        for (raw, path) in self.list(file, "steps", Step::STEPS) {
            steps.extend(self.step(raw, &path));
        }
        let mut named: Vec<ComponentSpec> = components.to_vec();
        super::component::name_all(named.iter_mut());
        let mut names: BTreeSet<String> = named.iter().filter_map(|spec| spec.name.clone()).collect();
        let mut added = 0;
        for (place, step) in &steps {
            for action in &step.actions {
                let StepAction::Add(spec) = action else {
                    continue;
                };
                added += 1;
                match &spec.name {
                    None => {
                        let what = "a component that a step adds needs a name";
                        self.problem(place.offset, format!("{}.do.add", place.path), what);
                    }
                    Some(name) => {
                        names.insert(name.clone());
                    }
                }
            }
        }
        if components.len() + added > Scenario::COMPONENTS {
            let what = format!(
                "with those that steps add there are more than {} components",
                Scenario::COMPONENTS
            );
            self.problem(0, "steps".into(), &what);
        }
        super::check_steps::check(self, &steps, &names);
        steps.into_iter().map(|(_, step)| step).collect()
    }

    pub(super) fn component(&mut self, text: &'a str, member: &str) -> Option<ComponentSpec> {
        let entry = self.component_entry(text, member)?;
        self.checked(text, member, &entry)
    }

    fn component_entry(&mut self, text: &'a str, member: &str) -> Option<ComponentEntry> {
        Some(match self.value::<RoleOnly>(text, member)?.role {
            ComponentRole::Registrar => ComponentEntry::Registrar(self.value(text, member)?),
            ComponentRole::PoolElement => ComponentEntry::PoolElement(self.value(text, member)?),
            ComponentRole::PoolUser => ComponentEntry::PoolUser(self.value(text, member)?),
        })
    }

    fn checked(&mut self, text: &str, member: &str, entry: &ComponentEntry) -> Option<ComponentSpec> {
        super::check::check(entry)
            .map_err(|problems| {
                for (name, what) in problems {
                    self.problem(self.offset(text), format!("{member}.{name}"), &what);
                }
            })
            .ok()
    }

    fn duplicates(&mut self, entries: &[(usize, &str, ComponentEntry)]) {
        let mut names = BTreeMap::new();
        let mut identifiers = BTreeMap::new();
        for (index, text, entry) in entries {
            if let Some(name) = entry.name()
                && let Some(first) = names.insert(name, index)
            {
                let what = format!("duplicate name `{name}` in components[{first}] and components[{index}]");
                self.problem(self.offset(text), String::new(), &what);
            }
            if let (Some(Identifier(identifier)), _) = entry.identifier()
                && let Some(first) = identifiers.insert((entry.role(), identifier), index)
            {
                let what = format!(
                    "duplicate identifier {identifier:#x} in components[{first}] and components[{index}]"
                );
                self.problem(self.offset(text), String::new(), &what);
            }
        }
    }
}
