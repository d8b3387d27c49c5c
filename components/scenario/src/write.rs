//! Formats scenarios as text, and the schema of the files.

use serde::Serialize;
use serde_json::Value;

use super::entry::ComponentEntry;
use super::{Preset, Scenario, Step};

/// A scenario of Poolscope: the components of a demonstration, and what happens to them.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, schemars(title = "Poolscope scenario"))]
struct File<'a> {
    /// The location of the schema, for editors.
    #[serde(rename = "$schema")]
    schema: Option<&'a str>,
    /// Its display name.
    name: &'a str,
    /// What there is to see in it.
    #[cfg_attr(test, schemars(default))]
    description: &'a str,
    /// The preset of the timers; `demo` when absent.
    preset: Option<Preset>,
    /// Multicast group and UDP port of registrars' announcements, such as `239.0.0.50:3863`, or `off`.
    asap_announce: Option<String>,
    /// Multicast group and UDP port in which registrars find each other, such as `239.0.0.51:9901`, or `off`.
    enrp_announce: Option<String>,
    /// The components to start, in this order.
    #[cfg_attr(test, schemars(length(min = 1, max = 100)))]
    components: Vec<ComponentEntry>,
    /// The steps to carry out after the start, in order.
    #[cfg_attr(test, schemars(default, length(max = 500)))]
    steps: &'a [Step],
}

impl Scenario {
    /// Formats the scenario as the text of a file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let file = File {
            schema: Some("./schema.json"),
            name: &self.name,
            description: &self.description,
            preset: self.settings.preset,
            asap_announce: self.settings.asap_announce.map(|group| group.to_string()),
            enrp_announce: self.settings.enrp_announce.map(|group| group.to_string()),
            components: self.components.iter().map(ComponentEntry::from).collect(),
            steps: &self.steps,
        };
        // Everything in it can be represented in JSON: text, numbers, lists.
        let mut value = serde_json::to_value(&file).unwrap_or_default();
        drop_absent(&mut value);
        text_of(&value)
    }

    /// Returns the JSON schema of scenario files as text.
    #[cfg(test)]
    pub(super) fn schema() -> String {
        let schema = schemars::generate::SchemaSettings::draft2020_12()
            .into_generator()
            .into_root_schema_for::<File<'_>>();
        text_of(schema.as_value())
    }
}

/// Formats steps as they are in a file, in one line.
pub(super) fn steps(steps: &[Step]) -> serde_json::Result<String> {
    let mut value = serde_json::to_value(steps)?;
    drop_absent(&mut value);
    serde_json::to_string(&value)
}

/// Drops members without a value.
fn drop_absent(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| {
                !member.is_null()
                    && !member.as_array().is_some_and(Vec::is_empty)
                    && member.as_str() != Some("")
            });
            members.values_mut().for_each(drop_absent);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_absent),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn text_of(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
