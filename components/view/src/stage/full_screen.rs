//! Full screen while presenting, and back to what the window was before.

use egui::{Context, ViewportCommand};

/// What the window was before it was presented: `None` while it is not.
#[derive(Debug, Default)]
pub(crate) struct FullScreen {
    before: Option<bool>,
}

impl FullScreen {
    /// Returns whether the window is presented.
    #[must_use]
    pub(crate) fn is_on(&self) -> bool {
        self.before.is_some()
    }

    /// Follows whether the window is presented.
    pub(crate) fn follow(&mut self, context: &Context, presenting: bool) {
        match (self.before, presenting) {
            (None, true) => {
                let now = context.input(|input| input.viewport().fullscreen);
                self.before = Some(now.unwrap_or(false));
                context.send_viewport_cmd(ViewportCommand::Fullscreen(true));
            }
            (Some(before), false) => {
                self.before = None;
                context.send_viewport_cmd(ViewportCommand::Fullscreen(before));
            }
            (None, false) | (Some(_), true) => {}
        }
    }
}
