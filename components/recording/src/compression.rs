//! Compression: a chunk is one frame of zstd (RFC 8878).

use std::io;

use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation, OutBuffer};

/// The largest window with which a frame may have been compressed, as a power of two; zstd's own default.
pub(crate) const WINDOW_LOG_LIMIT: u32 = 27;
/// Ours: a chunk repeats itself all the time, and has about as many bytes.
const WINDOW_LOG: u32 = 24;
const LEVEL: i32 = 1;
/// The size of the table in which repetitions are found, as a power of two: much larger than is usual for this level,
/// since they are far apart.
const HASH_LOG: u32 = 17;
/// Room for output.
const STEP: usize = 128 << 10;

/// An empty block that is the last one of its frame (RFC 8878 section 3.1.1.2): it ends a frame that was flushed.
pub(crate) const END_OF_FRAME: [u8; 3] = [1, 0, 0];

/// Compresses frame after frame.
pub(crate) struct Compressor(Encoder<'static>);

impl Compressor {
    pub(crate) fn new() -> io::Result<Self> {
        let mut encoder = Encoder::new(LEVEL)?;
        encoder.set_parameter(CParameter::WindowLog(WINDOW_LOG))?;
        encoder.set_parameter(CParameter::HashLog(HASH_LOG))?;
        Ok(Self(encoder))
    }

    /// Forgets the frame that has begun.
    pub(crate) fn restart(&mut self) -> io::Result<()> {
        self.0.reinit()
    }

    /// Compresses, and flushes so that everything can be decompressed from what was appended until now.
    pub(crate) fn compress(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let mut input = InBuffer::around(bytes);
        while input.pos() < bytes.len() {
            with_room(out, |out| self.0.run(&mut input, out))?;
        }
        while with_room(out, |out| self.0.flush(out))? > 0 {}
        Ok(())
    }

    /// Ends the frame.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        while with_room(out, |out| self.0.finish(out, true))? > 0 {}
        self.restart()
    }
}

impl std::fmt::Debug for Compressor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compressor").finish_non_exhaustive()
    }
}

fn with_room<T>(
    out: &mut Vec<u8>,
    step: impl FnOnce(&mut OutBuffer<'_, Vec<u8>>) -> io::Result<T>,
) -> io::Result<T> {
    out.reserve(STEP);
    let filled = out.len();
    step(&mut OutBuffer::around_pos(out, filled))
}
