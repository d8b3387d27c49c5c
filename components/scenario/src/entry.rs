//! A component as a scenario file has it.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::net::{IpAddr, SocketAddr};

use feed::ComponentRole;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, Visitor};
use serde::{Serialize, Serializer};

use super::{Arguments, ComponentSpec, PoolElementArguments, PoolUserArguments, RegistrarArguments};

/// A component, for writing and for the schema; it is read member by member.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub(super) enum ComponentEntry {
    /// A registrar (PR).
    Registrar(RegistrarEntry),
    /// A pool element (PE).
    PoolElement(PoolElementEntry),
    /// A pool user (PU).
    PoolUser(PoolUserEntry),
}

/// Which role a component has, whatever else it has.
#[derive(serde::Deserialize)]
pub(super) struct RoleOnly {
    pub(super) role: ComponentRole,
    #[serde(flatten)]
    _rest: std::collections::BTreeMap<String, IgnoredAny>,
}

#[derive(serde::Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RegistrarEntry {
    #[serde(rename = "role", skip_serializing)]
    #[schemars(skip)]
    _role: IgnoredAny,
    /// Its name for people, unique; chosen from the role ("PR 1") when absent.
    name: Option<String>,
    /// Where it is drawn in the graph, in an area of 1000 x 700; placed by role when absent.
    position: Option<[f32; 2]>,
    /// Registrar identifier, not 0; random at each start when absent.
    pub(super) identifier: Option<Identifier>,
    /// Further options as they would be typed, such as `--max-bad-pe-reports=1`.
    #[serde(default)]
    options: Vec<String>,
}

#[derive(serde::Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PoolElementEntry {
    #[serde(rename = "role", skip_serializing)]
    #[schemars(skip)]
    _role: IgnoredAny,
    /// Its name for people, unique; chosen from the role ("PE 1") when absent.
    name: Option<String>,
    /// Where it is drawn in the graph, in an area of 1000 x 700; placed by role when absent.
    position: Option<[f32; 2]>,
    /// PE identifier, not 0; random when absent, then kept for all starts.
    pub(super) identifier: Option<Identifier>,
    /// Further options as they would be typed, such as `--cookie-max-packets=5`.
    #[serde(default)]
    options: Vec<String>,
    /// Pool handle.
    pool_handle: Option<String>,
    /// Pool policy, as the command line has it.
    policy: Option<String>,
    /// Iterations per second and session; 0 means no limit.
    capacity: Option<u64>,
    /// The most sessions at a time.
    max_sessions: Option<u32>,
    /// Registrars to use besides announced ones.
    #[serde(default)]
    registrars: Vec<RegistrarAddress>,
}

#[derive(serde::Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PoolUserEntry {
    #[serde(rename = "role", skip_serializing)]
    #[schemars(skip)]
    _role: IgnoredAny,
    /// Its name for people, unique; chosen from the role ("PU 1") when absent.
    name: Option<String>,
    /// Where it is drawn in the graph, in an area of 1000 x 700; placed by role when absent.
    position: Option<[f32; 2]>,
    /// The number it is known by in status reports, 56 bits, not 0; random when absent, then kept for all starts.
    pub(super) identifier: Option<Identifier>,
    /// Further options as they would be typed, such as `--verify`.
    #[serde(default)]
    options: Vec<String>,
    /// Pool handle.
    pool_handle: Option<String>,
    /// Width and height of its pictures in pixels.
    size: Option<[u32; 2]>,
    /// What its pictures show.
    view: Option<String>,
    /// Sessions that share a picture.
    sessions: Option<u32>,
    /// Pictures after which it ends; 0 means that it does not end.
    images: Option<u32>,
    /// Registrars to use besides announced ones.
    #[serde(default)]
    registrars: Vec<RegistrarAddress>,
}

impl RegistrarEntry {
    pub(super) fn into_spec(self, identifier: Option<u64>) -> ComponentSpec {
        ComponentSpec {
            name: self.name,
            position: self.position,
            options: self.options,
            arguments: Arguments::Registrar(RegistrarArguments {
                identifier: identifier.and_then(|number| u32::try_from(number).ok()),
            }),
        }
    }
}

impl PoolElementEntry {
    pub(super) fn into_spec(self, identifier: Option<u64>) -> ComponentSpec {
        ComponentSpec {
            name: self.name,
            position: self.position,
            options: self.options,
            arguments: Arguments::PoolElement(PoolElementArguments {
                identifier: identifier.and_then(|number| u32::try_from(number).ok()),
                pool_handle: self.pool_handle,
                policy: self.policy,
                capacity: self.capacity,
                max_sessions: self.max_sessions,
                registrars: addresses(self.registrars),
            }),
        }
    }
}

impl PoolUserEntry {
    pub(super) fn into_spec(self, identifier: Option<u64>) -> ComponentSpec {
        ComponentSpec {
            name: self.name,
            position: self.position,
            options: self.options,
            arguments: Arguments::PoolUser(PoolUserArguments {
                identifier,
                pool_handle: self.pool_handle,
                size: self.size,
                view: self.view,
                sessions: self.sessions,
                images: self.images,
                registrars: addresses(self.registrars),
            }),
        }
    }
}

impl From<&ComponentSpec> for ComponentEntry {
    fn from(spec: &ComponentSpec) -> Self {
        let (_role, name, position, options) =
            (IgnoredAny, spec.name.clone(), spec.position, spec.options.clone());
        let identifier = spec.identifier().map(Identifier);
        match &spec.arguments {
            Arguments::Registrar(_) => Self::Registrar(RegistrarEntry {
                _role,
                name,
                position,
                identifier,
                options,
            }),
            Arguments::PoolElement(arguments) => Self::PoolElement(PoolElementEntry {
                _role,
                name,
                position,
                identifier,
                options,
                pool_handle: arguments.pool_handle.clone(),
                policy: arguments.policy.clone(),
                capacity: arguments.capacity,
                max_sessions: arguments.max_sessions,
                registrars: arguments
                    .registrars
                    .iter()
                    .copied()
                    .map(RegistrarAddress)
                    .collect(),
            }),
            Arguments::PoolUser(arguments) => Self::PoolUser(PoolUserEntry {
                _role,
                name,
                position,
                identifier,
                options,
                pool_handle: arguments.pool_handle.clone(),
                size: arguments.size,
                view: arguments.view.clone(),
                sessions: arguments.sessions,
                images: arguments.images,
                registrars: arguments
                    .registrars
                    .iter()
                    .copied()
                    .map(RegistrarAddress)
                    .collect(),
            }),
        }
    }
}

fn addresses(registrars: Vec<RegistrarAddress>) -> Vec<SocketAddr> {
    registrars.into_iter().map(|address| address.0).collect()
}

/// An identifier: a number, or text such as "0x1a000001".
#[derive(Debug, Clone, Copy)]
pub(super) struct Identifier(pub(super) u64);

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = Identifier;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

impl Serialize for Identifier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:#x}", self.0))
    }
}

impl JsonSchema for Identifier {
    fn schema_name() -> Cow<'static, str> {
        "Identifier".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number, or text such as \"0x1a000001\".",
            "anyOf": [
                {"type": "integer", "minimum": 1},
                {"type": "string", "pattern": "^(0x[0-9a-fA-F]{1,14}|[0-9]{1,17})$"}
            ]
        })
    }
}

/// An IP address, with a port or that of ASAP (RFC 5352 section 6).
pub(super) struct RegistrarAddress(SocketAddr);

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

impl Serialize for RegistrarAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl JsonSchema for RegistrarAddress {
    fn schema_name() -> Cow<'static, str> {
        "RegistrarAddress".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An IP address, or ADDRESS:PORT ([ADDRESS]:PORT for IPv6).",
            "type": "string"
        })
    }
}

fn not_an_address(text: &str) -> impl Display {
    format!("`{text}` is no registrar's address; an IP address or ADDRESS:PORT is")
}
