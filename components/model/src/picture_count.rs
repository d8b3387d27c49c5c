//! Counts the results of a pool user's pictures.

use serde::{Deserialize, Serialize};

/// The pictures that a pool user has finished, over all lives of its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PictureCount {
    /// Pictures without a missing pixel.
    pub complete: u64,
    /// Pictures with missing pixels.
    pub incomplete: u64,
    /// Missing pixels of the incomplete pictures.
    pub missing: u64,
    /// Pixels that the pool user received but could not write to its feed.
    pub left_out: u64,
    /// Pictures that the pool user has compared with its own computation.
    pub verified: u64,
    /// Wrong pixels in the compared pictures.
    pub wrong: u64,
}

impl PictureCount {
    /// Counts a finished picture.
    pub(crate) fn finished(&mut self, missing: u64, left_out: u64) {
        let pictures = match missing {
            0 => &mut self.complete,
            _ => &mut self.incomplete,
        };
        *pictures = pictures.saturating_add(1);
        self.missing = self.missing.saturating_add(missing);
        self.left_out = self.left_out.saturating_add(left_out);
    }

    /// Counts a compared picture.
    pub(crate) fn verified(&mut self, wrong: u64) {
        self.verified = self.verified.saturating_add(1);
        self.wrong = self.wrong.saturating_add(wrong);
    }
}
