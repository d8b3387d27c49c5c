//! The dialogs for recordings: which one to open, and where to keep the one that is being made.

use std::path::{Path, PathBuf};

use egui::{Key, TextEdit, Ui};

use super::chooser::Purpose;
use super::{FILE, FileDialog, typed_path};
use crate::action::Tone;
use crate::button::{IconButton, dialog_buttons};
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::theme::Theme;
use chronicle::TimeControl;
use command::Command;
use model::words;

/// How names of recordings end: compressed, and not.
const COMPRESSED: &str = ".pcapng.zst";
const PLAIN: &str = ".pcapng";

/// Returns whether a file is a recording, by its name.
pub(super) fn is_recording(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    name.is_some_and(|name| name.ends_with(COMPRESSED) || name.ends_with(PLAIN))
}

/// Returns a name for the recording: that of the scenario and the time of its beginning.
pub(super) fn file_name(snapshot: &Snapshot<'_>) -> String {
    let name = super::file_name(snapshot.scenario_status.name);
    let name = name.strip_suffix(".json").unwrap_or(&name);
    let begun = snapshot.time.map_or(snapshot.now, |time| time.from);
    let clock = words::clock(snapshot.wall_clock, begun).replace(':', "");
    format!("{name}-{clock}{COMPRESSED}")
}

/// Returns the path that was typed, with the ending of compressed recordings if it has none.
fn resolve(typed: &str, purpose: Purpose) -> PathBuf {
    let path = typed_path::resolve_as_typed(typed);
    if purpose != Purpose::SaveRecording || is_recording(&path) {
        return path;
    }
    let mut name = path.into_os_string();
    name.push(COMPRESSED);
    name.into()
}

/// Draws the content of the dialog; returns whether it is over.
pub(super) fn recording_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    dialog: &mut FileDialog,
    purpose: Purpose,
    can_drop: bool,
    commands: &mut Vec<Command>,
) -> bool {
    let theme = Theme::of(ui);
    let mut enter = false;
    ui.horizontal(|ui| {
        let label = ui.label("File");
        let field = ui.add(TextEdit::singleline(&mut dialog.file).desired_width(FILE));
        let field = field.labelled_by(label.id);
        if std::mem::take(&mut dialog.just_opened) {
            field.request_focus();
        }
        enter = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        dialog.chooser.browse_ui(ui, purpose, None);
    });
    let path = resolve(&dialog.file, purpose);
    let saves = purpose == Purpose::SaveRecording;
    let mut text = if saves {
        let bytes = snapshot.time.map_or(0, |time| time.recording.bytes);
        format!(
            "Everything that is recorded so far, about {}. Wireshark opens it as well. It will be {}.",
            words::bytes(bytes),
            path.display()
        )
    } else if purpose == Purpose::CompareRecording {
        "Both are shown side by side, aligned at their first faults.".to_owned()
    } else {
        "The demonstration goes on meanwhile, and comes back when the recording is closed.".to_owned()
    };
    if purpose == Purpose::OpenRecording && can_drop {
        text.push_str(" A file can also be dropped on the window.");
    }
    ui.add(egui::Label::new(theme.remark(text)).wrap());
    let ready = !dialog.file.trim().is_empty() && !dialog.file.trim().ends_with('/');
    let button = match purpose {
        Purpose::SaveRecording => IconButton::new(Icon::Save, "Save this recording").text("Save"),
        Purpose::CompareRecording => {
            IconButton::new(Icon::Differ, "Compare with this recording").text("Compare")
        }
        _ => IconButton::new(Icon::Folder, "Open this recording").text("Open"),
    };
    let pressed = dialog_buttons(ui, "Close this dialog", button.tone(Tone::Primary).enabled(ready));
    dialog.just_opened |= enter && !ready;
    if !(pressed.primary || enter && ready) {
        return pressed.cancel;
    }
    commands.push(Command::Time(match purpose {
        Purpose::SaveRecording => TimeControl::Save(path),
        Purpose::CompareRecording => TimeControl::Compare(path),
        _ => TimeControl::Open(path),
    }));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_are_known_by_their_names() {
        for (name, is) in [
            ("a.pcapng", true),
            ("b.PCAPNG.ZST", true),
            ("c.json", false),
            ("d.zst", false),
        ] {
            assert_eq!(is_recording(Path::new(name)), is, "{name}");
        }
    }

    #[test]
    fn what_is_saved_is_named_as_a_recording() {
        for (typed, meant) in [
            ("/tmp/kill", "/tmp/kill.pcapng.zst"),
            ("/tmp/kill.pcapng", "/tmp/kill.pcapng"),
            ("/tmp/kill.v2", "/tmp/kill.v2.pcapng.zst"),
        ] {
            assert_eq!(resolve(typed, Purpose::SaveRecording), Path::new(meant));
        }
        assert_eq!(
            resolve("/tmp/kill", Purpose::OpenRecording),
            Path::new("/tmp/kill")
        );
    }
}
