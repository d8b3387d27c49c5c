//! The words for what is on the time line.

use std::time::Duration;

use crate::theme::Theme;
use chronicle::{Condition, Highlight, HighlightKind};
use egui::Color32;
use model::words;

/// Formats how long ago something was, so that it can be read while it grows: "340 ms", "12 s", "1 min 12 s", "1 h 02 min".
pub(super) fn ago(lapse: Duration) -> String {
    let seconds = lapse.as_secs();
    match seconds {
        0 => format!("{} ms", lapse.as_millis()),
        1..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
    }
}

/// Returns the word for a condition.
pub(super) fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::Starting => "starting",
        Condition::Ready => "ready",
        Condition::NotReady => "not ready",
        Condition::Unplugged => "unplugged",
        Condition::Frozen => "frozen",
        Condition::Silent => "not heard",
        Condition::Stopping => "stopping",
        Condition::Stopped => "stopped",
        Condition::Failed => "failed",
        Condition::Removed => "removed",
    }
}

/// Returns the sentence for a highlight at a point in time; `None` for what a span shows.
pub(super) fn highlight(point: &Highlight, name: Option<&str>) -> Option<String> {
    Some(match &point.kind {
        HighlightKind::Named { .. } | HighlightKind::Condition(_) => return None,
        HighlightKind::Fault { done } => match name.filter(|name| !done.starts_with(name)) {
            Some(name) => format!("{name} {done}"),
            None => done.clone(),
        },
        HighlightKind::Detection { text } => text.clone(),
        HighlightKind::Recovery {
            fault_at,
            detected,
            text,
            ..
        } => {
            let whole = words::duration(point.at - fault_at.unwrap_or(*detected));
            match fault_at {
                Some(fault_at) => {
                    let noticed = words::duration(*detected - *fault_at);
                    format!("{text} ({whole}, of which {noticed} until it was noticed)")
                }
                None => format!("{text} ({whole})"),
            }
        }
        HighlightKind::Step { position, text } if text.is_empty() => format!("Step {}", position + 1),
        HighlightKind::Step { position, text } => format!("Step {}: {text}", position + 1),
        HighlightKind::Expectation { met: true, text } => format!("Met: {text}"),
        HighlightKind::Expectation { met: false, text } => format!("Not met: {text}"),
        HighlightKind::Mark { name } if name.is_empty() => "Mark".to_owned(),
        HighlightKind::Mark { name } => format!("Mark: {name}"),
        HighlightKind::Gap { text, .. } => format!("Not recorded: {text}"),
        HighlightKind::Problem { text } => text.clone(),
    })
}

/// Returns the colour of a condition of a component that has this colour.
pub(super) fn colour(theme: &Theme, condition: Condition, own: Color32) -> Color32 {
    match condition {
        Condition::Starting | Condition::Stopping | Condition::NotReady => theme.accent,
        Condition::Ready => own,
        Condition::Unplugged | Condition::Silent => theme.fault,
        Condition::Frozen => theme.frost,
        Condition::Failed => theme.danger,
        Condition::Stopped | Condition::Removed => theme.weak,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_as_exact_as_they_can_be_read() {
        for (ms, text) in [
            (340, "340 ms"),
            (12_900, "12 s"),
            (72_000, "1 min 12 s"),
            (3_725_000, "1 h 02 min"),
        ] {
            assert_eq!(ago(Duration::from_millis(ms)), text);
        }
    }
}
