//! What other threads have to tell the user.

use std::sync::{Arc, Mutex, PoisonError};

use model::Severity;
use supervisor::Repaint;

/// Sentences for the timeline, from any thread. Clones are the same.
#[derive(Clone)]
pub(super) struct Outcomes {
    told: Arc<Mutex<Vec<(Severity, String)>>>,
    repaint: Repaint,
}

impl Outcomes {
    pub(super) fn new(repaint: Repaint) -> Self {
        Self {
            told: Arc::default(),
            repaint,
        }
    }

    pub(super) fn tell(&self, severity: Severity, text: String) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.push((severity, text));
        drop(told);
        (self.repaint)();
    }

    /// Returns what has been told since the last call.
    pub(super) fn take(&self) -> Vec<(Severity, String)> {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
