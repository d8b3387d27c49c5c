//! The text of a scenario file, and how it becomes checked values.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use feed::ComponentRole;

use super::entry::{Identifier, PoolElementEntry, PoolUserEntry, RegistrarEntry, RoleOnly};
use super::reader::Reader;
use super::{ComponentSpec, Preset, Scenario, ScenarioErrors, Settings, Step, StepAction};

/// Where a step is in its file.
pub(super) struct StepPlace {
    pub(super) offset: usize,
    pub(super) path: String,
    /// Whether everything in it could be read.
    pub(super) whole: bool,
}

impl Scenario {
    /// Turns the text of a file into a scenario.
    ///
    /// # Errors
    /// When it is none: all that is wrong, as far as it can be told at once.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScenarioErrors> {
        let mut reader = Reader {
            text,
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
        let mut settings = Settings {
            preset: self.optional::<Preset>(&mut file, "preset"),
            asap_announce: self.optional(&mut file, "asap-announce"),
            enrp_announce: self.optional(&mut file, "enrp-announce"),
        };
        for (member, group) in [
            ("asap-announce", &mut settings.asap_announce),
            ("enrp-announce", &mut settings.enrp_announce),
        ] {
            // Told once is enough: the components are checked as if it were not there.
            if let Some(group) = group.take_if(|group| !is_group(group)) {
                let what = format!("`{group}` is neither off nor a multicast group such as 239.0.0.50:3863");
                self.problem(0, member.into(), &what);
            }
        }
        let components = self.components(&mut file, &settings);
        let steps = self.steps(&mut file, &components, &settings);
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

    fn components(
        &mut self,
        file: &mut super::reader::Members<'a>,
        settings: &Settings,
    ) -> Vec<ComponentSpec> {
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
        let mut components = Vec::new();
        for (index, raw) in raws.into_iter().enumerate() {
            let member = format!("components[{index}]");
            if let Some(spec) = self.component(raw.get(), &member) {
                self.check_component(raw.get(), &member, &spec, settings);
                components.push((index, self.offset(raw.get()), spec));
            }
        }
        self.duplicates(&components);
        components.into_iter().map(|(_, _, spec)| spec).collect()
    }

    fn check_component(&mut self, text: &str, path: &str, spec: &ComponentSpec, settings: &Settings) {
        for (name, what) in super::check::check(spec, settings) {
            self.problem(self.offset(text), format!("{path}.{name}"), &what);
        }
    }

    fn steps(
        &mut self,
        file: &mut super::reader::Members<'a>,
        components: &[ComponentSpec],
        settings: &Settings,
    ) -> Vec<Step> {
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
                for (name, what) in super::check::check(spec, settings) {
                    self.problem(place.offset, format!("{}.do.add.{name}", place.path), &what);
                }
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
        match self.value::<RoleOnly>(text, member)?.role {
            ComponentRole::Registrar => {
                let entry: RegistrarEntry = self.value(text, member)?;
                let identifier = self.identifier(text, member, entry.identifier, u32::MAX.into())?;
                Some(entry.into_spec(identifier))
            }
            ComponentRole::PoolElement => {
                let entry: PoolElementEntry = self.value(text, member)?;
                let identifier = self.identifier(text, member, entry.identifier, u32::MAX.into())?;
                Some(entry.into_spec(identifier))
            }
            ComponentRole::PoolUser => {
                let entry: PoolUserEntry = self.value(text, member)?;
                let identifier = self.identifier(text, member, entry.identifier, (1 << 56) - 1)?;
                Some(entry.into_spec(identifier))
            }
        }
    }

    /// The identifier if it is within its range; otherwise there is a problem, and the component is left out.
    fn identifier(
        &mut self,
        text: &str,
        member: &str,
        identifier: Option<Identifier>,
        largest: u64,
    ) -> Option<Option<u64>> {
        let Some(Identifier(number)) = identifier else {
            return Some(None);
        };
        if (1..=largest).contains(&number) {
            return Some(Some(number));
        }
        let what = format!("{number:#x} is out of range: 0x1 to {largest:#x} are allowed");
        self.problem(self.offset(text), format!("{member}.identifier"), &what);
        None
    }

    fn duplicates(&mut self, components: &[(usize, usize, ComponentSpec)]) {
        let mut names = BTreeMap::new();
        let mut identifiers = BTreeMap::new();
        for (index, offset, spec) in components {
            if let Some(name) = &spec.name
                && let Some(first) = names.insert(name, index)
            {
                let what = format!("duplicate name `{name}` in components[{first}] and components[{index}]");
                self.problem(*offset, String::new(), &what);
            }
            if let Some(identifier) = spec.identifier()
                && let Some(first) = identifiers.insert((spec.role(), identifier), index)
            {
                let what = format!(
                    "duplicate identifier {identifier:#x} in components[{first}] and components[{index}]"
                );
                self.problem(*offset, String::new(), &what);
            }
        }
    }
}

fn is_group(text: &str) -> bool {
    text == "off"
        || text
            .parse::<SocketAddr>()
            .is_ok_and(|address| address.ip().is_multicast() && address.port() != 0)
}
