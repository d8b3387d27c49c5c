//! Components that were started elsewhere, as the window shows them: they report their status and can only be
//! watched.

mod cards;
mod inspector;

use egui::Color32;
use feed::{ComponentRole, Protocol, Timestamp};

use crate::theme::Theme;
use model::{ExternalComponent, words};

pub(crate) use cards::cards_ui;
pub(crate) use inspector::inspector_ui;

/// What distinguishes such components, in one sentence.
pub(crate) const EXPLANATION: &str =
    "Started elsewhere: it reports its status here and can only be watched, not stopped or disturbed.";

/// Returns the kind of component, in words.
pub(crate) fn kind(component: &ExternalComponent) -> String {
    match component.role {
        Some(role) => role.to_string(),
        None => "component of another kind".to_owned(),
    }
}

/// Returns a name for limited room: the kind and the last digits of the identifier, fewer of them if `hardly_any`.
pub(crate) fn short_name(component: &ExternalComponent, hardly_any: bool) -> String {
    let name = component.short_name();
    let Some((kind, digits)) = name.rsplit_once(" 0x") else {
        return name;
    };
    let kept = if hardly_any || component.role.is_none() {
        4
    } else {
        8
    };
    match digits.len().checked_sub(kept).and_then(|cut| digits.get(cut..)) {
        Some(end) if end.len() < digits.len() => format!("{kind} \u{2026}{end}"),
        _ => name,
    }
}

/// Returns the colour of its shape. The colours of pool elements are reserved for our own ones.
pub(crate) fn colour(theme: &Theme, component: &ExternalComponent) -> Color32 {
    match component.role {
        Some(ComponentRole::Registrar) => theme.protocol(Protocol::Enrp),
        Some(ComponentRole::PoolUser) => theme.text,
        Some(ComponentRole::PoolElement) | None => theme.weak,
    }
}

/// Returns the status that it reports.
pub(crate) fn status(component: &ExternalComponent) -> &str {
    if component.status.is_empty() {
        "says nothing of itself"
    } else {
        &component.status
    }
}

/// Returns its load, with a unit.
pub(crate) fn load(component: &ExternalComponent) -> Option<String> {
    component.load.map(words::percent)
}

/// Returns how long it has been silent, if that is longer than expected.
pub(crate) fn silence(component: &ExternalComponent, now: Timestamp) -> Option<String> {
    let stale = component.is_stale(now);
    stale.then(|| format!("silent for {}", words::seconds(component.silence(now))))
}

/// Returns when it was last heard.
pub(crate) fn heard(component: &ExternalComponent, now: Timestamp) -> String {
    silence(component, now).unwrap_or_else(|| format!("heard {} ago", words::seconds(component.silence(now))))
}

/// Returns the text for screen readers; `place` follows the name.
pub(crate) fn announcement(component: &ExternalComponent, place: &str, now: Timestamp) -> String {
    let mut text = format!(
        "{}{place}, started elsewhere, {}",
        component.name,
        status(component)
    );
    if let Some(load) = load(component) {
        text.push_str(&format!(", load {load}"));
    }
    if let Some(silence) = silence(component, now) {
        text.push_str(&format!(", {silence}"));
    }
    text
}

/// Returns the text of the tooltip.
pub(crate) fn details(component: &ExternalComponent, now: Timestamp) -> String {
    let mut text = format!(
        "{}\n{}, started elsewhere\n{}",
        component.name,
        kind(component),
        status(component)
    );
    if let Some(load) = load(component) {
        text.push_str(&format!("\nload {load}"));
    }
    text.push_str(&format!(
        "\n{}, reports from {}\n{EXPLANATION}",
        heard(component, now),
        component.source
    ));
    text
}
