//! The dialog for parts of a recording: packets for other programs, and charts for print.

use std::path::PathBuf;

use egui::{Key, TextEdit, Ui};
use feed::Timestamp;

use super::chooser::Purpose;
use super::{FILE, FileDialog, recording, typed_path};
use crate::action::Tone;
use crate::button::{IconButton, dialog_buttons};
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::theme::Theme;
use command::{ChartFile, Command, ProtocolCommand, Selection};

/// A part of a recording that is to be saved.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// The packets of a span.
    Packets {
        /// From when to when.
        span: (Timestamp, Timestamp),
        /// Which packets.
        selection: Selection,
        /// Which packets, in words.
        words: String,
    },
    /// A chart.
    Chart(Box<ChartFile>),
}

impl Part {
    pub(super) const fn purpose(&self) -> Purpose {
        match self {
            Self::Packets { .. } => Purpose::SavePackets,
            Self::Chart(_) => Purpose::SaveChart,
        }
    }

    /// Returns a name for the file: that of the recording.
    pub(super) fn file_name(&self, snapshot: &Snapshot<'_>) -> String {
        let recording = recording::file_name(snapshot);
        let name = recording.split('.').next().unwrap_or_default();
        match self {
            Self::Packets { .. } => format!("{name}-packets.pcapng"),
            Self::Chart(_) => format!("{name}-chart.svg"),
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Packets { words, .. } => format!("{words} Wireshark opens it."),
            Self::Chart(_) => {
                "An SVG is sharp at any size; for a PNG, let the name end with .png.".to_owned()
            }
        }
    }

    fn command(self, path: PathBuf) -> Command {
        Command::Protocol(match self {
            Self::Packets {
                span: (from, to),
                selection,
                ..
            } => ProtocolCommand::SaveSpan {
                path,
                from,
                to,
                selection,
            },
            Self::Chart(chart) => ProtocolCommand::SaveChart { path, chart },
        })
    }
}

/// Returns the path that was typed, with an extension if it has none of those that are known.
fn resolve(typed: &str, purpose: Purpose) -> PathBuf {
    let path = typed_path::resolve_as_typed(typed);
    let known: &[&str] = match purpose {
        Purpose::SaveChart => &["svg", "png"],
        _ => &["pcapng"],
    };
    let extension = path.extension().and_then(|extension| extension.to_str());
    if extension.is_some_and(|extension| known.contains(&extension)) {
        return path;
    }
    let mut name = path.into_os_string();
    name.push(".");
    name.push(known.first().copied().unwrap_or_default());
    name.into()
}

/// Draws the content of the dialog; returns whether it is over.
pub(super) fn part_ui(
    ui: &mut Ui,
    dialog: &mut FileDialog,
    purpose: Purpose,
    commands: &mut Vec<Command>,
) -> bool {
    let theme = Theme::of(ui);
    let Some(part) = dialog.part.clone() else {
        return true;
    };
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
    let text = format!("{} It will be {}.", part.sentence(), path.display());
    ui.add(egui::Label::new(theme.remark(text)).wrap());
    let ready = !dialog.file.trim().is_empty() && !dialog.file.trim().ends_with('/');
    let button = IconButton::new(Icon::Save, "Save this file")
        .text("Save")
        .tone(Tone::Primary)
        .enabled(ready);
    let pressed = dialog_buttons(ui, "Close this dialog", button);
    dialog.just_opened |= enter && !ready;
    if !(pressed.primary || enter && ready) {
        return pressed.cancel;
    }
    commands.push(part.command(path));
    true
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn files_are_named_as_what_they_are() {
        for (typed, purpose, meant) in [
            ("/tmp/a", Purpose::SaveChart, "/tmp/a.svg"),
            ("/tmp/a.png", Purpose::SaveChart, "/tmp/a.png"),
            ("/tmp/a.png", Purpose::SavePackets, "/tmp/a.png.pcapng"),
            ("/tmp/a.pcapng", Purpose::SavePackets, "/tmp/a.pcapng"),
        ] {
            assert_eq!(resolve(typed, purpose), Path::new(meant));
        }
    }
}
