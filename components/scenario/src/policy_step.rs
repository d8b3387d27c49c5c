//! Policies in steps: as text, as on the command line of a pool element.

use serde::{Deserialize, Serialize};
use wire::PoolHandle;
use wire::parameter::{Policy, PolicyData, scale_of_fraction};

use super::Who;

/// A pool, and the policy that it is to have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SetPolicy {
    /// The pool's handle.
    #[serde(with = "handle")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub pool: PoolHandle,
    /// The policy, such as `least-used` or `weighted-round-robin:10`. Pool elements that have a weight, a priority, a
    /// degradation or a DPF already keep it.
    #[serde(with = "argument")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub policy: Policy,
}

/// Policy data of pool elements, as far as their policy has them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SetPolicyData {
    /// The pool elements.
    pub of: Who,
    /// Relative capacity; 0 means that they are never selected.
    pub weight: Option<u32>,
    /// The larger, the earlier.
    pub priority: Option<u32>,
    /// By how much a further session raises the load, in percent.
    pub degradation_percent: Option<f64>,
    /// Distance penalty factor, in percent for each millisecond.
    pub dpf_percent: Option<f64>,
}

/// A pool and a policy that it may have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PoolHasPolicy {
    /// The pool's handle.
    #[serde(with = "handle")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub pool: PoolHandle,
    /// The policy by its name, such as `least-used`; values do not matter.
    #[serde(with = "name")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub is: Policy,
}

impl SetPolicyData {
    /// Returns the values in the units of the protocol.
    #[must_use]
    pub fn data(&self) -> PolicyData {
        let scaled = |percent: Option<f64>| percent.map(|percent| scale_of_fraction(percent / 100.0));
        PolicyData {
            weight: self.weight,
            priority: self.priority,
            load_degradation: scaled(self.degradation_percent),
            dpf: scaled(self.dpf_percent),
        }
    }
}

/// A policy with its values.
mod argument {
    use serde::de::{Deserialize, Deserializer, Error as _};
    use serde::ser::{Error as _, Serializer};
    use wire::parameter::Policy;

    pub(super) fn serialize<S: Serializer>(policy: &Policy, serializer: S) -> Result<S::Ok, S::Error> {
        match policy.argument() {
            Some(argument) => serializer.serialize_str(&argument),
            None => Err(S::Error::custom("a policy of an unknown type has no name")),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Policy, D::Error> {
        let argument = String::deserialize(deserializer)?;
        argument.parse().map_err(D::Error::custom)
    }
}

/// A policy without its values.
mod name {
    use serde::de::{Deserialize, Deserializer, Error as _};
    use serde::ser::Serializer;
    use wire::parameter::{InvalidPolicy, Policy};

    pub(super) fn serialize<S: Serializer>(policy: &Policy, serializer: S) -> Result<S::Ok, S::Error> {
        let argument = policy.argument().unwrap_or_default();
        serializer.serialize_str(argument.split(':').next().unwrap_or_default())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Policy, D::Error> {
        let name = String::deserialize(deserializer)?;
        Policy::named(&name).ok_or_else(|| D::Error::custom(InvalidPolicy::UnknownName { name }))
    }
}

/// A pool handle, whose text is that on the command line.
pub(super) mod handle {
    use serde::de::{Deserialize, Deserializer, Error as _};
    use serde::ser::Serializer;
    use wire::PoolHandle;

    pub(crate) fn serialize<S: Serializer>(handle: &PoolHandle, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(handle)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PoolHandle, D::Error> {
        let text = String::deserialize(deserializer)?;
        PoolHandle::new(text.as_bytes()).map_err(D::Error::custom)
    }
}
