//! Where the bytes of a recording come from.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;

use zstd::stream::read::Decoder;

use crate::Form;
use crate::compression::WINDOW_LOG_LIMIT;

/// Bytes that can be read anywhere, and may grow at their end.
pub trait Source: Send + Sync {
    /// Returns how many there are.
    ///
    /// # Errors
    /// Returns an error if that cannot be found out.
    fn size(&self) -> io::Result<u64>;

    /// Reads some bytes from `offset` on, and returns how many; 0 at the end.
    ///
    /// # Errors
    /// Returns an error if they cannot be read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

impl Source for File {
    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }
}

impl Source for Vec<u8> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        read_at(self, offset, buffer)
    }
}

impl Source for &'static [u8] {
    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        read_at(self, offset, buffer)
    }
}

fn read_at(bytes: &[u8], offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let mut rest = bytes.get(offset..).unwrap_or_default();
    rest.read(buffer)
}

impl<S: Source + ?Sized> Source for std::sync::Arc<S> {
    fn size(&self) -> io::Result<u64> {
        (**self).size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buffer)
    }
}

/// Reads the bytes of a source from one offset up to another.
pub(crate) struct Reader<'a> {
    source: &'a dyn Source,
    position: u64,
    end: u64,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(source: &'a dyn Source, from: u64, end: u64) -> Self {
        let position = from;
        Self {
            source,
            position,
            end,
        }
    }

    /// Reads all of them, which the caller knows to be few.
    pub(crate) fn all(mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        let read = match buffer.get_mut(..length) {
            Some(buffer) if length > 0 => self.source.read_at(self.position, buffer)?,
            _ => 0,
        };
        self.position += read as u64;
        Ok(read)
    }
}

/// The bytes of pcapng in a part of a file: of the file itself, or of one frame.
pub(crate) enum Raw<'a> {
    Plain(BufReader<Reader<'a>>),
    Frame(Decoder<'static, BufReader<Reader<'a>>>),
}

/// As much as is read at once.
const STEP: usize = 64 << 10;

impl<'a> Raw<'a> {
    pub(crate) fn new(form: Form, source: &'a dyn Source, from: u64, end: u64) -> io::Result<Self> {
        let reader = BufReader::with_capacity(STEP, Reader::new(source, from, end));
        Ok(match form {
            Form::Plain => Self::Plain(reader),
            Form::Compressed => {
                let mut decoder = Decoder::with_buffer(reader)?.single_frame();
                decoder.window_log_max(WINDOW_LOG_LIMIT)?;
                Self::Frame(decoder)
            }
        })
    }

    /// Returns the offset in the file up to which its bytes were taken in.
    pub(crate) fn stored_position(&self) -> u64 {
        let reader = match self {
            Self::Plain(reader) => reader,
            Self::Frame(decoder) => decoder.get_ref(),
        };
        reader.get_ref().position - reader.buffer().len() as u64
    }
}

impl Read for Raw<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(buffer),
            Self::Frame(decoder) => decoder.read(buffer),
        }
    }
}
