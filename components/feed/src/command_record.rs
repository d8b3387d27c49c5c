//! Commands within records of another kind, for `#[serde(with)]`: as the JSON text that a component reads.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

use crate::Command;

/// Serializes a command.
///
/// # Errors
/// Returns the serializer's error.
pub fn serialize<S: Serializer>(command: &Command, serializer: S) -> Result<S::Ok, S::Error> {
    let text = serde_json::to_string(command).map_err(S::Error::custom)?;
    serializer.serialize_str(&text)
}

/// Deserializes a command.
///
/// # Errors
/// Returns an error if it is none.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Command, D::Error> {
    let text = String::deserialize(deserializer)?;
    serde_json::from_str(&text)
        .map_err(|error| D::Error::custom(format_args!("a command that is none: {error}")))
}
