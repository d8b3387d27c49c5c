//! Receives status reports of components started elsewhere, and forgets components that no longer report.

use super::ControlCentre;
use feed::Timestamp;
use model::Update;
use supervisor::Repaint;
use supervisor::status_listener::{ListenAt, StatusListener};

impl ControlCentre {
    /// The maximum number of reports that one [`Self::drain`] takes.
    const REPORTS: usize = 256;

    /// Begins to receive status reports; `repaint` is called from another thread when there are some for
    /// [`Self::drain`]. If that is not possible, the reason is shown on the timeline, and everything else works.
    pub fn listen(&mut self, at: ListenAt, repaint: Repaint) {
        self.reports = None;
        match StatusListener::start(at, repaint) {
            Ok(listener) => self.reports = listener,
            Err(error) => self.notice(format!(
                "Components that others have started cannot report here: {error}"
            )),
        }
    }

    /// Takes reports, and forgets silent components. Returns whether more may be waiting.
    pub(super) fn take_reports(&mut self) -> bool {
        let Some(listener) = &self.reports else {
            return false;
        };
        listener.begin();
        let updates: Vec<Update> = std::iter::from_fn(|| listener.try_next())
            .take(Self::REPORTS)
            .collect();
        let taken = updates.len();
        for update in updates {
            self.apply(update);
        }
        let at = Timestamp::now();
        if self.model.external().poll_timeout().is_some_and(|due| due <= at) {
            self.apply(Update::ReportsDue { at });
        }
        taken == Self::REPORTS
    }
}
