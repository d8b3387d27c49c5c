//! The text of a scenario file, and how it becomes checked values.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};

use feed::ComponentRole;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, Visitor};
use serde_json::value::RawValue;

use super::{
    Arguments, ComponentSpec, PoolElementArguments, PoolUserArguments, Preset, RegistrarArguments, Scenario,
    ScenarioErrors, ScenarioProblem, Settings,
};

/// The whole file. Components are read one by one, so that the problems of all of them can be told.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File<'a> {
    name: String,
    #[serde(default)]
    description: String,
    preset: Option<Preset>,
    asap_announce: Option<String>,
    enrp_announce: Option<String>,
    #[serde(borrow)]
    components: Vec<&'a RawValue>,
}

/// Which role a component has, whatever else it has.
#[derive(serde::Deserialize)]
struct RoleOnly {
    role: ComponentRole,
    #[serde(flatten)]
    _rest: BTreeMap<String, IgnoredAny>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RegistrarEntry {
    #[serde(rename = "role")]
    _role: IgnoredAny,
    name: Option<String>,
    position: Option<[f32; 2]>,
    identifier: Option<Identifier>,
    #[serde(default)]
    options: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PoolElementEntry {
    #[serde(rename = "role")]
    _role: IgnoredAny,
    name: Option<String>,
    position: Option<[f32; 2]>,
    identifier: Option<Identifier>,
    #[serde(default)]
    options: Vec<String>,
    pool_handle: Option<String>,
    policy: Option<String>,
    capacity: Option<u64>,
    max_sessions: Option<u32>,
    #[serde(default)]
    registrars: Vec<RegistrarAddress>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PoolUserEntry {
    #[serde(rename = "role")]
    _role: IgnoredAny,
    name: Option<String>,
    position: Option<[f32; 2]>,
    identifier: Option<Identifier>,
    #[serde(default)]
    options: Vec<String>,
    pool_handle: Option<String>,
    size: Option<[u32; 2]>,
    view: Option<String>,
    sessions: Option<u32>,
    images: Option<u32>,
    #[serde(default)]
    registrars: Vec<RegistrarAddress>,
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

/// Reads a text and collects what is wrong with it.
struct Reader<'a> {
    text: &'a str,
    problems: Vec<ScenarioProblem>,
}

impl<'a> Reader<'a> {
    fn scenario(&mut self) -> Option<Scenario> {
        if self.text.trim().is_empty() {
            self.problem(0, String::new(), "the file is empty; a scenario is a JSON object");
            return None;
        }
        let file: File<'a> = self.value(self.text, "")?;
        if file.name.trim().is_empty() {
            self.problem(0, "name".into(), "must not be empty");
        }
        if !(1..=Scenario::COMPONENTS).contains(&file.components.len()) {
            let what = format!(
                "{} components; 1 to {} are allowed",
                file.components.len(),
                Scenario::COMPONENTS
            );
            self.problem(0, "components".into(), &what);
            return None;
        }
        let mut settings = Settings {
            preset: file.preset,
            asap_announce: file.asap_announce,
            enrp_announce: file.enrp_announce,
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
        let mut components = Vec::new();
        for (index, raw) in file.components.into_iter().enumerate() {
            let member = format!("components[{index}]");
            if let Some(spec) = self.component(raw.get(), &member) {
                for (name, what) in super::check::check(&spec, &settings) {
                    let member = format!("{member}.{name}");
                    self.problem(self.offset(raw.get()), member, &what);
                }
                components.push((index, self.offset(raw.get()), spec));
            }
        }
        self.duplicates(&components);
        Some(Scenario {
            name: file.name,
            description: file.description,
            settings,
            components: components.into_iter().map(|(_, _, spec)| spec).collect(),
        })
    }

    fn component(&mut self, text: &'a str, member: &str) -> Option<ComponentSpec> {
        match self.value::<RoleOnly>(text, member)?.role {
            ComponentRole::Registrar => {
                let entry: RegistrarEntry = self.value(text, member)?;
                let identifier = self.identifier(text, member, entry.identifier, u32::MAX.into())?;
                Some(ComponentSpec {
                    name: entry.name,
                    position: entry.position,
                    options: entry.options,
                    arguments: Arguments::Registrar(RegistrarArguments {
                        identifier: identifier.map(|number| number as u32),
                    }),
                })
            }
            ComponentRole::PoolElement => {
                let entry: PoolElementEntry = self.value(text, member)?;
                let identifier = self.identifier(text, member, entry.identifier, u32::MAX.into())?;
                Some(ComponentSpec {
                    name: entry.name,
                    position: entry.position,
                    options: entry.options,
                    arguments: Arguments::PoolElement(PoolElementArguments {
                        identifier: identifier.map(|number| number as u32),
                        pool_handle: entry.pool_handle,
                        policy: entry.policy,
                        capacity: entry.capacity,
                        max_sessions: entry.max_sessions,
                        registrars: addresses(entry.registrars),
                    }),
                })
            }
            ComponentRole::PoolUser => {
                let entry: PoolUserEntry = self.value(text, member)?;
                let identifier = self.identifier(text, member, entry.identifier, (1 << 56) - 1)?;
                Some(ComponentSpec {
                    name: entry.name,
                    position: entry.position,
                    options: entry.options,
                    arguments: Arguments::PoolUser(PoolUserArguments {
                        identifier,
                        pool_handle: entry.pool_handle,
                        size: entry.size,
                        view: entry.view,
                        sessions: entry.sessions,
                        images: entry.images,
                        registrars: addresses(entry.registrars),
                    }),
                })
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

    /// Reads a value from a part of the text.
    fn value<T: Deserialize<'a>>(&mut self, part: &'a str, member: &str) -> Option<T> {
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

    /// Where a part of the text begins.
    fn offset(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    fn problem(&mut self, offset: usize, member: String, what: &str) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.problems.push(ScenarioProblem {
            place: Some((line, column)),
            member,
            what: what.into(),
        });
    }
}

/// The offset of a line and column, both counted from 1, in bytes.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let lines: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    lines + column.saturating_sub(1)
}

/// The parser's words in those of this program; the place is told apart.
fn in_words(error: &serde_json::Error) -> String {
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

fn is_group(text: &str) -> bool {
    text == "off"
        || text
            .parse::<SocketAddr>()
            .is_ok_and(|address| address.ip().is_multicast() && address.port() != 0)
}

fn addresses(registrars: Vec<RegistrarAddress>) -> Vec<SocketAddr> {
    registrars.into_iter().map(|address| address.0).collect()
}

/// An identifier: a number, or text such as "0x1a000001".
#[derive(Debug, Clone, Copy)]
struct Identifier(u64);

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = Identifier;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number, or text such as \"0x1a000001\"")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Identifier, E> {
                Ok(Identifier(number))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Identifier, E> {
                let number = match text.strip_prefix("0x") {
                    Some(digits) => u64::from_str_radix(digits, 16),
                    None => text.parse(),
                };
                number
                    .map(Identifier)
                    .map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(NumberOrText)
    }
}

/// An IP address, with a port or that of ASAP (RFC 5352 section 6).
struct RegistrarAddress(SocketAddr);

impl<'de> Deserialize<'de> for RegistrarAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let with_port = text
            .parse::<IpAddr>()
            .map(|address| SocketAddr::new(address, 3863));
        with_port
            .or_else(|_| text.parse())
            .map(Self)
            .map_err(|_| not_an_address(&text))
            .map_err(D::Error::custom)
    }
}

fn not_an_address(text: &str) -> impl Display {
    format!("`{text}` is no registrar's address; an IP address or ADDRESS:PORT is")
}
