//! Copies of recordings, as one file.

use std::io::{self, Read, Write};

use crate::block::{self, Begin, CUSTOM_NOT_COPIED, Order};
use crate::compression::Compressor;
use crate::interface::Interface;
use crate::layout::Layout;
use crate::segment::Place;
use crate::source::Reader;
use crate::survey::{Gathering, Meaning, Section};
use crate::writer::{prologue, store};
use crate::{ChunkInfo, CopyError, Error, Form, Recording, WriteError};

impl Recording {
    /// Writes a copy of all chunks, as one file of this form. A chunk that is damaged, or still being written, is copied
    /// up to there. Returns the size.
    ///
    /// Chunks that are stored in this form already are copied as they are; others are read and stored again.
    ///
    /// # Errors
    /// Returns an error if something cannot be read or written.
    pub fn copy(&self, form: Form, out: &mut dyn Write) -> Result<u64, CopyError> {
        let mut copy = Copy {
            form,
            out,
            compressor: match form {
                Form::Plain => None,
                Form::Compressed => Some(Compressor::new().map_err(WriteError::from)?),
            },
            declared: None,
            written: 0,
            layout: Layout::default(),
        };
        for position in 0..self.places.len() {
            copy.chunk(self, position)?;
        }
        copy.out.flush().map_err(CopyError::Write)?;
        Ok(copy.written)
    }
}

struct Copy<'a> {
    form: Form,
    out: &'a mut dyn Write,
    compressor: Option<Compressor>,
    /// The interfaces that were declared, once a section has begun.
    declared: Option<Vec<Interface>>,
    written: u64,
    layout: Layout,
}

impl Copy<'_> {
    fn chunk(&mut self, recording: &Recording, position: usize) -> Result<(), CopyError> {
        let Some((segment, place)) = recording.places.get(position) else {
            return Ok(());
        };
        let Some(segment) = recording.segments.get(*segment) else {
            return Ok(());
        };
        let section = segment.section_before(place);
        if section.order == Order::Big {
            return Err(CopyError::BigEndian);
        }
        let is_copied = place
            .index_end
            .filter(|_| segment.form == self.form && self.can_go_on(place));
        let chunk = match is_copied {
            Some(_) => None,
            None => Some(recording.read_chunk(position)?),
        };
        if chunk.as_ref().is_some_and(|chunk| !chunk.has_begun()) {
            // Nothing in it can be read.
            return Ok(());
        }
        // What was declared before goes on if it is the same; it is not after a part that is lost.
        if self.declared.as_ref() != Some(&section.interfaces) {
            let raw = std::mem::take(prologue(&place.info.header.program, &section.interfaces)?.get_mut());
            let mut stored = Vec::new();
            store(self.compressor.as_mut(), &raw, &mut stored)?;
            self.write(&stored)?;
            self.declared = Some(section.interfaces.clone());
        }
        match (is_copied, chunk) {
            (Some(end), _) => {
                let io = |why| Error::Io {
                    path: segment.path.clone(),
                    why,
                };
                let declares = place.info.interfaces.iter().map(Interface::from);
                self.declared.get_or_insert_default().extend(declares);
                if self.form == Form::Plain {
                    return self.bytes(&mut Reader::new(&*segment.source, place.start, end), io);
                }
                // Where it ends depends on where it is in the file.
                let core = place.end.saturating_sub(place.info.tail.into());
                let before = self.written;
                self.bytes(&mut Reader::new(&*segment.source, place.start, core), io)?;
                let mut info = ChunkInfo::clone(&place.info);
                info.stored_bytes = self.written - before;
                self.end(info, before)
            }
            (None, Some(chunk)) => self.raw(chunk.raw(), section, place),
            (None, None) => Ok(()),
        }
    }

    /// Whether what is stored can be copied without being read.
    fn can_go_on(&self, place: &Place) -> bool {
        self.form == Form::Plain || place.info.tail > 0
    }

    /// Ends a chunk that began at this offset.
    fn end(&mut self, mut info: ChunkInfo, begin: u64) -> Result<(), CopyError> {
        self.layout.size = begin;
        let mut end = Vec::new();
        self.layout.end_chunk(self.form, &mut info, &mut end);
        self.write(&end)
    }

    /// Copies bytes as they are.
    fn bytes(&mut self, reader: &mut Reader<'_>, io: impl Fn(io::Error) -> Error) -> Result<(), CopyError> {
        let mut buffer = vec![0; 256 << 10];
        loop {
            let read = reader.read(&mut buffer).map_err(&io)?;
            let Some(read) = buffer.get(..read).filter(|read| !read.is_empty()) else {
                return Ok(());
            };
            self.write(read)?;
        }
    }

    /// Stores the blocks of a chunk again, with an index.
    fn raw(&mut self, raw: &[u8], mut section: Section, place: &Place) -> Result<(), CopyError> {
        let ChunkInfo {
            header, first_record, ..
        } = &*place.info;
        let declared = section.interfaces.len();
        let mut gathering = Gathering::begun(header.clone(), *first_record, declared);
        let mut kept = Vec::with_capacity(raw.len());
        let mut rest = raw;
        while let Begin::Block(block) = block::begin(rest, section.order) {
            let (bytes, after) = rest.split_at_checked(block.size()).unwrap_or_default();
            rest = after;
            if block.kind == CUSTOM_NOT_COPIED {
                continue;
            }
            let offset = kept.len() as u64;
            let taken = match section.meaning(&block) {
                Ok(Meaning::Records(records)) => gathering.records(records, offset),
                Ok(Meaning::Continuation(more)) => gathering.continuation(&more),
                Ok(Meaning::Packet) => {
                    gathering.info.packets += 1;
                    Ok(())
                }
                Ok(_) => Ok(()),
                Err(wrong) => Err(wrong),
            };
            // The chunk was read before, up to its first damage.
            if taken.is_err() {
                break;
            }
            kept.extend(bytes);
        }
        let declares = section.interfaces.get(declared..).unwrap_or_default();
        let mut info = gathering.info;
        info.interfaces = declares.iter().map(Into::into).collect();
        let raw_bytes = kept.len() as u64;
        let mut stored = Vec::new();
        match &mut self.compressor {
            Some(compressor) => {
                compressor
                    .compress(&kept, &mut stored)
                    .map_err(WriteError::from)?;
                compressor.restart().map_err(WriteError::from)?;
            }
            None => stored = kept,
        }
        if info.records == 0 {
            // Whenever it says that it began, it is known to be between others.
            (info.from, info.to) = (place.info.from, place.info.from);
        }
        info.raw_bytes = raw_bytes;
        info.stored_bytes = stored.len() as u64;
        self.declared = Some(section.interfaces);
        let begin = self.written;
        self.write(&stored)?;
        self.end(info, begin)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), CopyError> {
        self.out.write_all(bytes).map_err(CopyError::Write)?;
        self.written += bytes.len() as u64;
        Ok(())
    }
}
