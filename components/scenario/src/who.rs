//! Selections of components for steps.

use std::fmt;

use feed::ComponentRole;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A selection of components. Only names are fixed; everything else is evaluated when it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The components with these names; at least one.
    Named(Vec<String>),
    /// Every component of a group.
    Every(RoleFilter),
    /// Every component of a group with a process that is neither frozen nor unplugged.
    EveryRunning(RoleFilter),
    /// The pool elements that currently serve this pool user.
    Serving(String),
    /// The home registrar of this pool element.
    HomeOf(String),
    /// The components that the actions of the step with this name affected when it was carried out last.
    ChosenIn(String),
}

/// A group of components.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleFilter {
    /// Registrars.
    Registrar,
    /// Pool elements.
    PoolElement,
    /// Pool users.
    PoolUser,
    /// All of them.
    Component,
}

impl Who {
    /// The maximum number of names in one list.
    pub(crate) const NAMES: usize = 100;

    /// Returns the names of components that must exist.
    #[must_use]
    pub fn components(&self) -> &[String] {
        match self {
            Self::Named(names) => names,
            Self::Serving(name) | Self::HomeOf(name) => std::slice::from_ref(name),
            Self::Every(_) | Self::EveryRunning(_) | Self::ChosenIn(_) => &[],
        }
    }
}

impl RoleFilter {
    /// Returns whether a component of this role belongs to the group.
    #[must_use]
    pub fn has(self, role: ComponentRole) -> bool {
        match self {
            Self::Registrar => role == ComponentRole::Registrar,
            Self::PoolElement => role == ComponentRole::PoolElement,
            Self::PoolUser => role == ComponentRole::PoolUser,
            Self::Component => true,
        }
    }
}

impl fmt::Display for RoleFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registrar => ComponentRole::Registrar.fmt(f),
            Self::PoolElement => ComponentRole::PoolElement.fmt(f),
            Self::PoolUser => ComponentRole::PoolUser.fmt(f),
            Self::Component => f.write_str("component"),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(names) => match names.split_last() {
                Some((last, before @ [_, ..])) => write!(f, "{} and {last}", before.join(", ")),
                _ => f.write_str(&names.concat()),
            },
            Self::Every(group) => write!(f, "every {group}"),
            Self::EveryRunning(group) => write!(f, "every running {group}"),
            Self::Serving(user) => write!(f, "the pool element that serves {user}"),
            Self::HomeOf(element) => write!(f, "the home registrar of {element}"),
            Self::ChosenIn(step) => write!(f, "what \"{step}\" met"),
        }
    }
}

impl Serialize for Who {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let one = |serializer: S, key, name: &str| {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(key, name)?;
            map.end()
        };
        match self {
            Self::Named(names) => match names.as_slice() {
                [name] => serializer.serialize_str(name),
                names => serializer.collect_seq(names),
            },
            Self::Every(group) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("every", group)?;
                map.end()
            }
            Self::EveryRunning(group) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("every-running", group)?;
                map.end()
            }
            Self::Serving(name) => one(serializer, "serving", name),
            Self::HomeOf(name) => one(serializer, "home-of", name),
            Self::ChosenIn(name) => one(serializer, "chosen-in", name),
        }
    }
}

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrGroup;

        impl<'de> Visitor<'de> for NameOrGroup {
            type Value = Who;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a component's name, a list of names, or an object such as {\"every\": \"pool-element\"}",
                )
            }

            fn visit_str<E>(self, name: &str) -> Result<Who, E> {
                Ok(Who::Named(vec![name.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Who, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = list.next_element::<String>()? {
                    names.push(name);
                    if names.len() > Who::NAMES {
                        return Err(A::Error::custom(format!("more than {} names", Who::NAMES)));
                    }
                }
                if names.is_empty() {
                    return Err(A::Error::custom("an empty list means nobody"));
                }
                Ok(Who::Named(names))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Who, A::Error> {
                const KEYS: &[&str] = &["every", "every-running", "serving", "home-of", "chosen-in"];
                let Some(key) = map.next_key::<String>()? else {
                    return Err(A::Error::custom(format!("expected one member of {KEYS:?}")));
                };
                let who = match key.as_str() {
                    "every" => Who::Every(map.next_value()?),
                    "every-running" => Who::EveryRunning(map.next_value()?),
                    "serving" => Who::Serving(map.next_value()?),
                    "home-of" => Who::HomeOf(map.next_value()?),
                    "chosen-in" => Who::ChosenIn(map.next_value()?),
                    other => return Err(A::Error::unknown_field(other, KEYS)),
                };
                match map.next_key::<String>()? {
                    None => Ok(who),
                    Some(second) => Err(A::Error::custom(format!(
                        "`{second}` beside `{key}`: only one member is possible"
                    ))),
                }
            }
        }

        deserializer.deserialize_any(NameOrGroup)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Who {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Who".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let group = ["registrar", "pool-element", "pool-user", "component"];
        let member = |key: &str, value: serde_json::Value, description: &str| {
            serde_json::json!({
                "type": "object",
                "properties": {key: value},
                "required": [key],
                "additionalProperties": false,
                "description": description,
            })
        };
        let groups = serde_json::json!({"enum": group});
        let name = serde_json::json!({"type": "string"});
        schemars::json_schema!({
            "description": "Which components are meant; all but names is looked up when it is needed.",
            "anyOf": [
                {"type": "string", "description": "The component with this name."},
                {
                    "type": "array",
                    "items": {"type": "string"},
                    "minItems": 1,
                    "maxItems": Self::NAMES,
                    "description": "The components with these names."
                },
                member("every", groups.clone(), "Every component of a group."),
                member("every-running", groups, "Every component of a group that runs, neither frozen nor unplugged."),
                member("serving", name.clone(), "The pool elements that serve this pool user now."),
                member("home-of", name.clone(), "The registrar that owns this pool element now."),
                member("chosen-in", name, "The components that the step with this name met.")
            ]
        })
    }
}
