//! A component in a scenario file.

use std::fmt::{self, Display};

use feed::ComponentRole;
use runtime::Argv;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, Visitor};
use serde::{Serialize, Serializer};

use super::{ComponentArgs, ComponentSpec};

/// A component, for writing and for the schema; reading is done member by member.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "role", rename_all = "kebab-case")]
pub(super) enum ComponentEntry {
    /// A registrar (PR).
    Registrar(RegistrarEntry),
    /// A pool element (PE).
    PoolElement(PoolElementEntry),
    /// A pool user (PU).
    PoolUser(PoolUserEntry),
}

/// Only the role of a component, ignoring all other members.
#[derive(serde::Deserialize)]
pub(super) struct RoleOnly {
    pub(super) role: ComponentRole,
    #[serde(flatten)]
    _rest: std::collections::BTreeMap<String, IgnoredAny>,
}

#[derive(serde::Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RegistrarEntry {
    #[serde(rename = "role", skip_serializing)]
    #[cfg_attr(test, schemars(skip))]
    _role: IgnoredAny,
    /// Its unique display name; derived from the role ("PR 1") when absent.
    name: Option<String>,
    /// Where it is drawn in the graph, in an area of 1000 x 700; placed by role when absent.
    position: Option<[f32; 2]>,
    /// Registrar identifier, not 0; random at each start when absent.
    identifier: Option<Identifier>,
    /// Further command line options, such as `--max-bad-pe-reports=1`.
    #[serde(default)]
    options: Vec<String>,
}

#[derive(serde::Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PoolElementEntry {
    #[serde(rename = "role", skip_serializing)]
    #[cfg_attr(test, schemars(skip))]
    _role: IgnoredAny,
    /// Its unique display name; derived from the role ("PE 1") when absent.
    name: Option<String>,
    /// Where it is drawn in the graph, in an area of 1000 x 700; placed by role when absent.
    position: Option<[f32; 2]>,
    /// PE identifier, not 0; when absent, random and then kept across starts.
    identifier: Option<Identifier>,
    /// Further command line options, such as `--cookie-max-packets=5`.
    #[serde(default)]
    options: Vec<String>,
    /// The service that it provides, as on the command line: `fractal` when absent.
    service: Option<String>,
    /// Pool handle.
    pool_handle: Option<String>,
    /// Pool policy, as on the command line.
    policy: Option<String>,
    /// Iterations per second and session; 0 means no limit.
    capacity: Option<u64>,
    /// The maximum number of simultaneous sessions.
    max_sessions: Option<u32>,
    /// Service `calcapp`: calculations per second, which all its jobs share.
    calculations_per_second: Option<f64>,
    /// Service `calcapp`: the maximum number of simultaneous jobs.
    max_jobs: Option<u32>,
    /// Registrars to use in addition to announced ones.
    #[serde(default)]
    registrars: Vec<RegistrarAddress>,
}

#[derive(serde::Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PoolUserEntry {
    #[serde(rename = "role", skip_serializing)]
    #[cfg_attr(test, schemars(skip))]
    _role: IgnoredAny,
    /// Its unique display name; derived from the role ("PU 1") when absent.
    name: Option<String>,
    /// Where it is drawn in the graph, in an area of 1000 x 700; placed by role when absent.
    position: Option<[f32; 2]>,
    /// Its identifier in status reports, 56 bits, not 0; when absent, random and then kept across starts.
    identifier: Option<Identifier>,
    /// Further command line options, such as `--verify`.
    #[serde(default)]
    options: Vec<String>,
    /// The service that it uses, as on the command line: `fractal` when absent.
    service: Option<String>,
    /// Pool handle.
    pool_handle: Option<String>,
    /// Width and height of its pictures in pixels.
    size: Option<[u32; 2]>,
    /// The view of the fractal that its pictures show.
    view: Option<String>,
    /// A parameter file of rsplib (.fsf) to show in place of a view, or a folder of them to show in turn.
    file: Option<String>,
    /// Sessions that share a picture.
    sessions: Option<u32>,
    /// The number of pictures after which it ends; 0 means that it does not end.
    images: Option<u32>,
    /// Service `calcapp`: calculations of a request.
    request_size: Option<Amount>,
    /// Service `calcapp`: seconds between two requests coming up.
    request_interval: Option<Amount>,
    /// Service `calcapp`: the number of requests after which it ends; 0 means that it does not end.
    requests: Option<u64>,
    /// Registrars to use in addition to announced ones.
    #[serde(default)]
    registrars: Vec<RegistrarAddress>,
}

impl ComponentEntry {
    /// Returns its role.
    pub(super) fn role(&self) -> ComponentRole {
        match self {
            Self::Registrar(_) => ComponentRole::Registrar,
            Self::PoolElement(_) => ComponentRole::PoolElement,
            Self::PoolUser(_) => ComponentRole::PoolUser,
        }
    }

    /// Returns its name, if it has one.
    pub(super) fn name(&self) -> Option<&String> {
        match self {
            Self::Registrar(entry) => entry.name.as_ref(),
            Self::PoolElement(entry) => entry.name.as_ref(),
            Self::PoolUser(entry) => entry.name.as_ref(),
        }
    }

    /// Returns its position in the graph.
    pub(super) fn position(&self) -> Option<[f32; 2]> {
        match self {
            Self::Registrar(entry) => entry.position,
            Self::PoolElement(entry) => entry.position,
            Self::PoolUser(entry) => entry.position,
        }
    }

    /// Returns its identifier, and the largest valid one.
    pub(super) fn identifier(&self) -> (Option<Identifier>, u64) {
        match self {
            Self::Registrar(entry) => (entry.identifier, u32::MAX.into()),
            Self::PoolElement(entry) => (entry.identifier, u32::MAX.into()),
            Self::PoolUser(entry) => (entry.identifier, (1 << 56) - 1),
        }
    }

    /// Returns the width and height of its pictures.
    pub(super) fn size(&self) -> Option<[u32; 2]> {
        match self {
            Self::Registrar(_) | Self::PoolElement(_) => None,
            Self::PoolUser(entry) => entry.size,
        }
    }

    /// Returns its further options.
    pub(super) fn options(&self) -> &[String] {
        match self {
            Self::Registrar(entry) => &entry.options,
            Self::PoolElement(entry) => &entry.options,
            Self::PoolUser(entry) => &entry.options,
        }
    }

    /// Returns the arguments that start the same component from a shell, without the program's name.
    pub(super) fn argv(&self) -> Vec<String> {
        let mut argv = Argv::default();
        if let (Some(Identifier(number)), _) = self.identifier() {
            argv.option("identifier", format_args!("{number:#x}"));
        }
        let subcommand = match self {
            Self::Registrar(_) => "registrar",
            Self::PoolElement(entry) => {
                argv.maybe("service", entry.service.as_ref());
                argv.maybe("pool-handle", entry.pool_handle.as_ref());
                argv.maybe("policy", entry.policy.as_ref());
                argv.maybe("capacity", entry.capacity.as_ref());
                argv.maybe("max-sessions", entry.max_sessions.as_ref());
                argv.maybe("calculations-per-second", entry.calculations_per_second.as_ref());
                argv.maybe("max-jobs", entry.max_jobs.as_ref());
                argv.options("registrar", &entry.registrars);
                "pool-element"
            }
            Self::PoolUser(entry) => {
                argv.maybe("service", entry.service.as_ref());
                argv.maybe("pool-handle", entry.pool_handle.as_ref());
                if let Some([width, height]) = entry.size {
                    argv.option("size", format_args!("{width}x{height}"));
                }
                argv.maybe("view", entry.view.as_ref());
                argv.maybe("file", entry.file.as_ref());
                argv.maybe("sessions", entry.sessions.as_ref());
                argv.maybe("images", entry.images.as_ref());
                argv.maybe("request-size", entry.request_size.as_ref());
                argv.maybe("request-interval", entry.request_interval.as_ref());
                argv.maybe("requests", entry.requests.as_ref());
                argv.options("registrar", &entry.registrars);
                "pool-user"
            }
        };
        let options = self.options().iter().cloned();
        std::iter::once(subcommand.to_owned())
            .chain(argv.into_words())
            .chain(options)
            .collect()
    }
}

impl From<&ComponentSpec> for ComponentEntry {
    /// Converts what has a member of its own, and everything else to options.
    fn from(spec: &ComponentSpec) -> Self {
        let (_role, name, position) = (IgnoredAny, spec.name.clone(), spec.position);
        let identifier = spec.identifier().map(Identifier);
        let mut rest = spec.args.clone();
        rest.shared_mut().identifier = None;
        match &mut rest {
            ComponentArgs::Registrar(rest) => Self::Registrar(RegistrarEntry {
                _role,
                name,
                position,
                identifier,
                options: rest.to_argv(),
            }),
            ComponentArgs::PoolElement(rest) => {
                let usual = pool_element::Args::default();
                // The default depends on the service, which is taken out as well.
                let usual_policy = rest.service.usual_policy();
                let policy = changed(&mut rest.policy, usual_policy);
                rest.policy = usual.policy;
                Self::PoolElement(PoolElementEntry {
                    _role,
                    name,
                    position,
                    identifier,
                    service: changed(&mut rest.service, usual.service).and_then(word),
                    pool_handle: rest.pool_handle.take().map(|handle| handle.to_string()),
                    policy: policy.and_then(|policy| policy.argument()),
                    capacity: changed(&mut rest.fractal.capacity, usual.fractal.capacity),
                    max_sessions: changed(&mut rest.max_sessions, usual.max_sessions).map(u32::from),
                    calculations_per_second: changed(
                        &mut rest.calc_app.calculations_per_second,
                        usual.calc_app.calculations_per_second,
                    ),
                    max_jobs: changed(&mut rest.calc_app.max_jobs, usual.calc_app.max_jobs),
                    registrars: registrars(&mut rest.hunt),
                    options: rest.to_argv(),
                })
            }
            ComponentArgs::PoolUser(rest) => {
                let pool_user::Args {
                    service,
                    picture: usual,
                    calc_app,
                    ..
                } = pool_user::Args::default();
                let amount = |distribution: Option<_>| distribution.map(Amount::of);
                let size = changed(&mut rest.picture.size, usual.size);
                let view = changed(&mut rest.picture.view, usual.view);
                let file = rest.picture.file.take();
                Self::PoolUser(PoolUserEntry {
                    _role,
                    name,
                    position,
                    identifier,
                    service: changed(&mut rest.service, service).and_then(word),
                    pool_handle: rest.pool_handle.take().map(|handle| handle.to_string()),
                    size: size.map(|size| [size.width, size.height]),
                    view: view.map(|view| view.name.to_owned()),
                    file: file.map(|path| path.display().to_string()),
                    sessions: changed(&mut rest.picture.sessions, usual.sessions).map(u32::from),
                    images: changed(&mut rest.picture.images, usual.images),
                    request_size: amount(changed(&mut rest.calc_app.request_size, calc_app.request_size)),
                    request_interval: amount(changed(
                        &mut rest.calc_app.request_interval,
                        calc_app.request_interval,
                    )),
                    requests: changed(&mut rest.calc_app.requests, calc_app.requests),
                    registrars: registrars(&mut rest.hunt),
                    options: rest.to_argv(),
                })
            }
        }
    }
}

/// Takes a value, leaving the default in its place. Returns `None` if it is the default.
fn changed<T: PartialEq>(value: &mut T, usual: T) -> Option<T> {
    (*value != usual).then(|| std::mem::replace(value, usual))
}

fn registrars(hunt: &mut runtime::HuntArgs) -> Vec<RegistrarAddress> {
    let registrars = std::mem::take(&mut hunt.registrars);
    registrars.into_iter().map(RegistrarAddress).collect()
}

/// Returns the word for a value on the command line.
fn word(value: impl clap::ValueEnum) -> Option<String> {
    let possible = value.to_possible_value()?;
    Some(possible.get_name().to_owned())
}

/// A number, or a distribution of numbers such as "exponential:5e6".
#[derive(Debug, Clone)]
pub(super) struct Amount(String);

impl Amount {
    fn of(distribution: impl Display) -> Self {
        Self(distribution.to_string())
    }
}

impl Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a distribution such as \"exponential:5e6\"")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Amount, E> {
                Ok(Amount::of(number))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Amount, E> {
                Ok(Amount::of(number))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Amount, E> {
                Ok(Amount::of(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Amount, E> {
                Ok(Amount::of(text))
            }
        }

        deserializer.deserialize_any(NumberOrText)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.parse::<f64>() {
            Ok(number) if number.is_finite() => serializer.serialize_f64(number),
            _ => serializer.serialize_str(&self.0),
        }
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Amount {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A number, or a distribution: exponential:MEAN, uniform:MINIMUM:MAXIMUM, pareto:MINIMUM:SHAPE, \
                            erlang:STAGES:MEAN or lognormal:MEAN:DEVIATION.",
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": "^(constant|exponential|uniform|pareto|erlang|lognormal)(:[0-9.eE+]+)+$"}
            ]
        })
    }
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

#[cfg(test)]
impl schemars::JsonSchema for Identifier {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Identifier".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A number, or text such as \"0x1a000001\".",
            "anyOf": [
                {"type": "integer", "minimum": 1},
                {"type": "string", "pattern": "^(0x[0-9a-fA-F]{1,14}|[0-9]{1,17})$"}
            ]
        })
    }
}

/// A host, with an optional port; the default is the ASAP port (RFC 5352 section 6).
pub(super) struct RegistrarAddress(runtime::RegistrarAddress);

impl Display for RegistrarAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for RegistrarAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let address = text.parse::<runtime::RegistrarAddress>();
        address
            .map(Self)
            .map_err(|_| D::Error::custom(not_an_address(&text)))
    }
}

impl Serialize for RegistrarAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for RegistrarAddress {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RegistrarAddress".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The name or the IP address of a host, or HOST:PORT ([ADDRESS]:PORT for IPv6).",
            "type": "string"
        })
    }
}

fn not_an_address(text: &str) -> impl Display {
    format!("`{text}` is no registrar's address; HOST or HOST:PORT is, with a name or an IP address")
}
