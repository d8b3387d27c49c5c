//! What became of a pool user's pictures.

/// The pictures that a pool user has finished, over all lives of its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PictureCount {
    /// Pictures without a missing pixel.
    pub complete: u64,
    /// Pictures with missing pixels.
    pub incomplete: u64,
    /// Pixels missing in those.
    pub missing: u64,
    /// Pixels that the pool user has and could not write to its feed.
    pub left_out: u64,
    /// Pictures that the pool user has compared with its own computation.
    pub verified: u64,
    /// Pixels of those that are there and wrong.
    pub wrong: u64,
}

impl PictureCount {
    /// A picture is finished.
    pub(crate) fn finished(&mut self, missing: u64, left_out: u64) {
        let pictures = match missing {
            0 => &mut self.complete,
            _ => &mut self.incomplete,
        };
        *pictures = pictures.saturating_add(1);
        self.missing = self.missing.saturating_add(missing);
        self.left_out = self.left_out.saturating_add(left_out);
    }

    /// A picture has been compared.
    pub(crate) fn verified(&mut self, wrong: u64) {
        self.verified = self.verified.saturating_add(1);
        self.wrong = self.wrong.saturating_add(wrong);
    }
}
