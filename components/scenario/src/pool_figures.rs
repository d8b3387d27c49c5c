//! Figures of pools in conditions. All of them are measured from when the latest step was carried out until now.

use serde::{Deserialize, Serialize};
use wire::PoolHandle;

use super::Who;
use super::policy_step::handle;

/// A range of a pool's figure, in percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PoolFigure {
    /// The pool's handle.
    #[serde(with = "handle")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub pool: PoolHandle,
    /// The minimum, in percent.
    pub at_least: Option<f64>,
    /// The maximum, in percent.
    pub at_most: Option<f64>,
    /// How long is measured at least, in seconds; 10 when absent.
    pub over_s: Option<f64>,
}

/// A comparison of two pools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PoolsCompared {
    /// The handle of the pool that handles its requests faster.
    #[serde(with = "handle")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub pool: PoolHandle,
    /// The handle of the other pool.
    #[serde(with = "handle")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub than: PoolHandle,
    /// By at least this factor; 1 when absent.
    pub times: Option<f64>,
    /// How long is measured at least, in seconds; 10 when absent.
    pub over_s: Option<f64>,
}

/// A range of the share that pool elements have in the work of their pool, in percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WorkShare {
    /// The pool elements, all of one pool.
    pub of: Who,
    /// The minimum, in percent.
    pub at_least: Option<f64>,
    /// The maximum, in percent.
    pub at_most: Option<f64>,
    /// How long is measured at least, in seconds; 10 when absent.
    pub over_s: Option<f64>,
}

/// The default of `over-s`, in seconds.
pub const MEASURED_OVER_S: f64 = 10.0;
