//! Recordings that are read.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use feed::Timestamp;
use zstd::bulk::Decompressor;

use crate::blocks::damage;
use crate::compression::END_OF_FRAME;
use crate::segment::{Budget, Place, Segment};
use crate::source::{Raw, Reader, Source};
use crate::{CHUNK_RAW_LIMIT, Chunk, ChunkInfo, Damage, Error, Form};

/// A recording: a file, or a folder of files that one recorder has written one after the other.
pub struct Recording {
    path: PathBuf,
    is_folder: bool,
    pub(crate) segments: Vec<Segment>,
    /// The chunks that can be read, in order: the number of the segment, and the place in it.
    pub(crate) places: Vec<(usize, Place)>,
    chunks: Vec<Arc<ChunkInfo>>,
    damage: Vec<Damage>,
}

/// How a recording has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Refreshed {
    /// So many of the oldest chunks are gone.
    pub removed: usize,
    /// The chunks from this position on, after the removal, are new or longer than before.
    pub changed_from: usize,
}

impl Recording {
    /// Opens a recording: a file, or a folder of them.
    ///
    /// # Errors
    /// Returns an error if nothing of it can be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let recording = Self::follow(path)?;
        recording.something()
    }

    /// Opens a recording of which there may be nothing yet: [`Self::refresh`] finds what comes.
    ///
    /// # Errors
    /// Returns an error if it cannot be read, or is of another kind.
    pub fn follow(path: &Path) -> Result<Self, Error> {
        let there = std::fs::metadata(path).map_err(|source| io(path, source))?;
        let mut recording = Self::empty(path.to_owned(), there.is_dir());
        let mut budget = Budget::default();
        if there.is_dir() {
            recording.list(&mut budget)?;
        } else if there.is_file() {
            recording.segments.push(open(path, &mut budget)?);
        } else {
            // What is not a file may have no end.
            return Err(Error::OtherKind {
                path: path.to_owned(),
                why: "it is neither a file nor a folder".to_owned(),
            });
        }
        recording.assemble();
        Ok(recording)
    }

    /// Opens a recording from any source; `name` is for messages.
    ///
    /// # Errors
    /// Returns an error if nothing of it can be read.
    pub fn of(name: &str, source: impl Source + 'static) -> Result<Self, Error> {
        let mut recording = Self::empty(name.into(), false);
        let segment = Segment::open(name.into(), Box::new(source), &mut Budget::default())?;
        recording.segments.push(segment);
        recording.assemble();
        recording.something()
    }

    const fn empty(path: PathBuf, is_folder: bool) -> Self {
        Self {
            path,
            is_folder,
            segments: Vec::new(),
            places: Vec::new(),
            chunks: Vec::new(),
            damage: Vec::new(),
        }
    }

    fn something(self) -> Result<Self, Error> {
        if !self.chunks.is_empty() {
            return Ok(self);
        }
        let path = self.path;
        let packets = self.segments.iter().map(|segment| segment.foreign_packets).sum();
        Err(match self.damage.into_iter().next() {
            Some(damage) => Error::Unreadable { path, damage },
            None if self.segments.is_empty() => Error::OtherKind {
                path,
                why: "the folder contains none".to_owned(),
            },
            None => Error::Foreign { path, packets },
        })
    }

    /// Returns the file or folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what is known of its chunks, in the order of their records and times.
    #[must_use]
    pub fn chunks(&self) -> &[Arc<ChunkInfo>] {
        &self.chunks
    }

    /// Returns what is wrong with it. A recording that is still being written is always cut.
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// Returns its size in bytes.
    #[must_use]
    pub fn stored_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.size).sum()
    }

    /// Returns the position of the chunk that was current at this time: the last one that does not begin after it.
    #[must_use]
    pub fn position_at(&self, at: Timestamp) -> Option<usize> {
        self.chunks
            .partition_point(|chunk| chunk.from <= at)
            .checked_sub(1)
    }

    /// Returns the position of the chunk with this record.
    #[must_use]
    pub fn position_of(&self, record: u64) -> Option<usize> {
        let position = self
            .chunks
            .partition_point(|chunk| chunk.first_record <= record)
            .checked_sub(1)?;
        (self.chunks.get(position)?.end_record() > record).then_some(position)
    }

    /// Looks for what was written, and for what was deleted, since it was opened or refreshed.
    ///
    /// # Errors
    /// Returns an error if the system refuses; what was known is kept.
    pub fn refresh(&mut self) -> Result<Refreshed, Error> {
        let mut budget = Budget::default();
        for chunk in &self.chunks {
            budget.chunks = budget.chunks.saturating_sub(1);
            let indexed = chunk.indexed.iter().map(|record| record.bytes.len()).sum();
            budget.indexed_bytes = budget.indexed_bytes.saturating_sub(indexed);
        }
        let before = std::mem::take(&mut self.chunks);
        let listed = if self.is_folder {
            self.list(&mut budget)
        } else {
            Ok(())
        };
        let grown = self
            .segments
            .last_mut()
            .map_or(Ok(false), |segment| segment.refresh(&mut budget));
        self.assemble();
        listed.and(grown.map(drop))?;
        let first = self.chunks.first().map_or(u64::MAX, |chunk| chunk.first_record);
        let removed = before.partition_point(|chunk| chunk.first_record < first);
        let same = before
            .get(removed..)
            .unwrap_or_default()
            .iter()
            .zip(&self.chunks)
            .take_while(|(before, now)| Arc::ptr_eq(before, now) || before == now);
        Ok(Refreshed {
            removed,
            changed_from: same.count(),
        })
    }

    /// Finds the files of the folder: those that are gone, and those that are new.
    fn list(&mut self, budget: &mut Budget) -> Result<(), Error> {
        let io = |source| io(&self.path, source);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.path).map_err(io)? {
            let path = entry.map_err(io)?.path();
            if is_segment(&path) {
                files.push(path);
            }
        }
        files.sort();
        // The last one may have grown before the next one was created.
        if let Some(last) = self.segments.last_mut()
            && files.last() > Some(&last.path)
        {
            last.refresh(budget)?;
        }
        self.segments
            .retain(|segment| files.binary_search(&segment.path).is_ok());
        for path in files {
            if self.segments.last().is_some_and(|last| path <= last.path) {
                continue;
            }
            match open(&path, budget) {
                Ok(segment) => self.segments.push(segment),
                // It has just been created, or deleted.
                Err(Error::OtherKind { .. }) => {}
                Err(Error::Io { why, .. }) if why.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Puts the chunks of all files together.
    fn assemble(&mut self) {
        self.places.clear();
        self.chunks.clear();
        self.damage.clear();
        let (mut next, mut latest) = (0, Timestamp::default());
        for (number, segment) in self.segments.iter().enumerate() {
            let name = segment
                .path
                .file_name()
                .filter(|_| self.is_folder)
                .map(|name| name.to_string_lossy().into_owned());
            let in_file = |damage: Damage| Damage {
                file: name.clone(),
                ..damage
            };
            for place in &segment.chunks {
                let info = &place.info;
                if info.first_record < next || info.from < latest {
                    let why = "a chunk does not belong behind the one before it: it is of another recording";
                    self.damage.push(in_file(Damage::new(place.start, why)));
                    continue;
                }
                (next, latest) = (info.end_record(), info.to);
                self.chunks.push(Arc::clone(info));
                self.places.push((number, place.clone()));
            }
            self.damage.extend(segment.damage.iter().cloned().map(in_file));
        }
    }

    /// Reads a chunk, up to its end or its first damage.
    ///
    /// # Errors
    /// Returns an error if there is no such chunk, or if the system refuses.
    pub fn read_chunk(&self, position: usize) -> Result<Chunk, Error> {
        let no_chunk = Error::NoChunk(position);
        let Some((number, place)) = self.places.get(position) else {
            return Err(no_chunk);
        };
        let Some(segment) = self.segments.get(*number) else {
            return Err(no_chunk);
        };
        let failed = |source| io(&segment.path, source);
        let section = segment.section_before(place);
        if let Some(bytes) = decompress_at_once(segment, place).map_err(failed)? {
            return Ok(Chunk::parse(bytes, place, section, None, |_| place.start));
        }
        let mut raw = Raw::new(segment.form, &*segment.source, place.start, place.end).map_err(failed)?;
        let mut found = None;
        if place.raw_start > 0 {
            let skipped = std::io::copy(&mut raw.by_ref().take(place.raw_start), &mut std::io::sink());
            if let Err(error) = skipped {
                found = Some(damage(&raw, &error));
            }
        }
        let most = place.raw_bytes.unwrap_or(CHUNK_RAW_LIMIT as u64 + 1);
        let expected = place.info.raw_bytes.min(most);
        let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default());
        if found.is_none() {
            if let Err(error) = raw.by_ref().take(most).read_to_end(&mut bytes) {
                found = Some(damage(&raw, &error));
            } else if bytes.len() > CHUNK_RAW_LIMIT {
                found = Some(Damage::new(raw.stored_position(), "a chunk is too large"));
            }
        }
        let locate = |offset| match segment.form {
            Form::Plain => place.start + offset,
            Form::Compressed => place.start,
        };
        Ok(Chunk::parse(bytes, place, section, found, locate))
    }
}

/// Decompresses a chunk of which it is known where it ends and how large it is, which is faster than bit by bit: no window
/// is needed. Returns `None` if it is not known, or not so.
fn decompress_at_once(segment: &Segment, place: &Place) -> std::io::Result<Option<Vec<u8>>> {
    let tail = u64::from(place.info.tail);
    let (Ok(size), true) = (
        usize::try_from(place.info.raw_bytes),
        segment.form == Form::Compressed && place.index_end.is_some() && tail > 0,
    ) else {
        return Ok(None);
    };
    let end = place.end.saturating_sub(tail);
    if size > CHUNK_RAW_LIMIT || end.saturating_sub(place.start) > CHUNK_RAW_LIMIT as u64 {
        return Ok(None);
    }
    let mut frame = Reader::new(&*segment.source, place.start, end).all()?;
    frame.extend(END_OF_FRAME);
    let mut bytes = Vec::with_capacity(size);
    let decompressed = Decompressor::new()?.decompress_to_buffer(&frame, &mut bytes);
    Ok(decompressed
        .is_ok_and(|decompressed| decompressed == size)
        .then_some(bytes))
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recording")
            .field("path", &self.path)
            .field("chunks", &self.chunks.len())
            .field("damage", &self.damage)
            .finish_non_exhaustive()
    }
}

/// Returns whether the file belongs to a recording, by its name.
fn is_segment(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    !name.starts_with(b".") && (name.ends_with(b".pcapng") || name.ends_with(b".pcapng.zst"))
}

fn open(path: &Path, budget: &mut Budget) -> Result<Segment, Error> {
    let file = File::open(path).map_err(|source| io(path, source))?;
    Segment::open(path.to_owned(), Box::new(file), budget)
}

fn io(path: &Path, why: std::io::Error) -> Error {
    Error::Io {
        path: path.to_owned(),
        why,
    }
}
