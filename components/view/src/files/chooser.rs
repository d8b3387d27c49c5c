//! The desktop's file chooser, which waits for the user in a thread of its own. Where the desktop has none, the path is
//! typed.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use egui::Ui;
use rfd::AsyncFileDialog;

use crate::button::IconButton;
use crate::icon::Icon;
use crate::theme::Theme;

/// What the file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Open,
    Save,
    OpenRecording,
    CompareRecording,
    SaveRecording,
    SavePackets,
    SaveChart,
}

impl Purpose {
    /// Returns the title of the dialog.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Open => "Open a scenario file",
            Self::Save => "Save as a scenario",
            Self::OpenRecording => "Open a recording",
            Self::CompareRecording => "Compare with another recording",
            Self::SaveRecording => "Save the recording",
            Self::SavePackets => "Save packets for Wireshark",
            Self::SaveChart => "Save the chart",
        }
    }

    /// Returns whether the file is to be written.
    fn saves(self) -> bool {
        matches!(
            self,
            Self::Save | Self::SaveRecording | Self::SavePackets | Self::SaveChart
        )
    }

    /// Returns the word for such files, and how their names end.
    fn filter(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Open | Self::Save => ("Scenarios", &["json"]),
            Self::OpenRecording | Self::CompareRecording | Self::SaveRecording => {
                ("Recordings", &["zst", "pcapng"])
            }
            Self::SavePackets => ("Packets", &["pcapng"]),
            Self::SaveChart => ("Charts", &["svg", "png"]),
        }
    }
}

/// The chooser, open or not.
#[derive(Debug, Default)]
pub(super) struct Chooser {
    answer: Option<Receiver<Option<PathBuf>>>,
    /// Whether it was closed without a file, or could not be opened.
    without_answer: bool,
}

impl Chooser {
    /// Returns the chosen file, once.
    pub(super) fn take_chosen(&mut self) -> Option<PathBuf> {
        let answer = self.answer.as_ref()?.try_recv();
        match answer {
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) | Ok(None) => {
                self.answer = None;
                self.without_answer = true;
                None
            }
            Ok(chosen) => {
                self.answer = None;
                chosen
            }
        }
    }

    /// Draws the button that opens it.
    pub(super) fn browse_ui(&mut self, ui: &mut Ui, purpose: Purpose, folder: Option<&Path>) {
        let browse = IconButton::new(Icon::Search, "Choose a file")
            .explain("Opens the file chooser of the desktop.")
            .enabled(self.answer.is_none());
        if browse.show(ui).clicked() {
            self.open(ui.ctx().clone(), purpose, folder);
        }
        if self.without_answer {
            let theme = Theme::of(ui);
            let text = theme.remark("none chosen");
            ui.label(text)
                .on_hover_text("Without a file chooser of the desktop, type the path.");
        }
    }

    fn open(&mut self, context: egui::Context, purpose: Purpose, folder: Option<&Path>) {
        let (name, extensions) = purpose.filter();
        let mut dialog = AsyncFileDialog::new().add_filter(name, extensions);
        if let Some(folder) = folder.and_then(|folder| std::path::absolute(folder).ok()) {
            dialog = dialog.set_directory(folder);
        }
        let (sender, receiver) = channel();
        let wait = move || {
            let chosen = pollster::block_on(async {
                let dialog = dialog.set_title(purpose.title());
                if purpose.saves() {
                    dialog.save_file().await
                } else {
                    dialog.pick_file().await
                }
            });
            // The dialog of the window may have been closed meanwhile.
            let _ = sender.send(chosen.map(|file| file.path().to_owned()));
            context.request_repaint();
        };
        let thread = std::thread::Builder::new()
            .name("file chooser".into())
            .spawn(wait);
        self.without_answer = thread.is_err();
        self.answer = thread.is_ok().then_some(receiver);
    }
}
