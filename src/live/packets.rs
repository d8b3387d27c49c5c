//! The packets of what is shown, for Wireshark.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use command::Selection;
use feed::Timestamp;
use model::ComponentId;

use super::Live;
use crate::control_centre::selected;

impl Live {
    /// Opens Wireshark with packets of the demonstration that takes place, if that is what is shown.
    pub(super) fn open_wireshark(&mut self, selection: &Selection) {
        if self.opened.is_some() {
            return self.centre.tell_problem(
                "Wireshark shows packets while they happen: open the file of the recording with it, or save the packets \
                 of a part"
                    .into(),
            );
        }
        if self.past.is_some() {
            return self.centre.tell_problem(
                "Wireshark shows packets while they happen: go back to the present, or save the packets of the past"
                    .into(),
            );
        }
        self.centre.open_wireshark(selection);
    }

    /// Writes packets of the recording that is shown, or of the demonstration that is, to a file.
    pub(super) fn save_span(
        &mut self,
        path: PathBuf,
        span: RangeInclusive<Timestamp>,
        selection: &Selection,
    ) {
        let Some(recording) = self.origin() else {
            return self
                .centre
                .tell_problem("Nothing is recorded that could be saved".into());
        };
        match self.by_name(selection) {
            Ok(selection) => self.centre.save_packets(recording, span, selection, path),
            Err(why) => self
                .centre
                .tell_problem(format!("The packets cannot be saved: {why}")),
        }
    }

    /// Returns a selection with the names that components have in the recording.
    fn by_name(&self, selection: &Selection) -> Result<live_capture::Selection<String>, &'static str> {
        let lanes = self.lanes();
        let mut all_known = true;
        let named = selected(selection, |id: ComponentId| {
            let name = lanes.and_then(|lanes| Some(lanes.components.get(&id)?.name.clone()));
            all_known &= name.is_some();
            name.unwrap_or_default()
        });
        if all_known {
            Ok(named)
        } else {
            Err("one of the components is none of this recording")
        }
    }
}
