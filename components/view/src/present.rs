//! Whether something can be done to the demonstration: only in the present. This is the one place that decides so.
//!
//! Controls that act on the demonstration are disabled while its past or a recording is shown, and say why. What reaches
//! the end of a frame all the same, such as a file that is dropped on the window, is stopped there.

use egui::{Context, Id, Sense, Ui};

use crate::snapshot::Snapshot;
use chronicle::Source;
use command::Command;

/// Why nothing can be done in the past.
const PAST: &str = "This is the past: nothing can be done to it. End returns to the present.";
/// Why nothing can be done to a recording.
const RECORDING: &str = "This is a recording: nothing can be done to it.";

/// Takes note of what is shown; to be called once in each frame, before any widget is drawn.
pub(crate) fn watch(context: &Context, snapshot: &Snapshot<'_>) {
    let reason: Option<&'static str> = match snapshot.time.map(|time| time.source) {
        _ if snapshot.is_present() => None,
        Some(Source::File { .. }) => Some(RECORDING),
        Some(Source::Live) | None => Some(PAST),
    };
    context.data_mut(|data| data.insert_temp(id(), reason));
}

/// Returns why nothing can be done to the demonstration, in a sentence; `None` in the present.
pub(crate) fn why_not(context: &Context) -> Option<&'static str> {
    context.data(|data| data.get_temp::<Option<&'static str>>(id()).flatten())
}

/// Draws controls that act on the demonstration: disabled, with the reason on hover, while it is not the present.
pub(crate) fn only_present<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let Some(reason) = why_not(ui.ctx()) else {
        return content(ui);
    };
    let drawn = ui.add_enabled_ui(false, content);
    let over = ui.interact(
        drawn.response.rect,
        drawn.response.id.with("reason"),
        Sense::hover(),
    );
    over.on_hover_text(reason);
    drawn.inner
}

/// Stops the commands that act on the demonstration unless it is the present. Returns the reason if there was one.
pub(crate) fn stop(context: &Context, commands: &mut Vec<Command>) -> Option<&'static str> {
    let reason = why_not(context)?;
    let before = commands.len();
    commands.retain(|command| !acts_on_demonstration(command));
    (commands.len() < before).then_some(reason)
}

fn acts_on_demonstration(command: &Command) -> bool {
    !matches!(
        command,
        Command::Time(_)
            | Command::Protocol(_)
            | Command::Quit
            | Command::Simulate(_)
            | Command::EndSimulation
            | Command::WriteResults(..)
    )
}

fn id() -> Id {
    Id::unique("what can be done to the demonstration")
}
