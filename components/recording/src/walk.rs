//! Looks through a part of a file that has no index, block by block.

use std::sync::Arc;

use crate::block::SECTION_HEADER;
use crate::blocks::Blocks;
use crate::segment::{Budget, Place, bounded};
use crate::survey::{Gathering, Meaning, Section, Wrong};
use crate::{CHUNK_RAW_LIMIT, Damage, Form};

/// Why looking through a part ended early.
pub(crate) enum Stop {
    Damage(Damage),
    Newer {
        offset: u64,
        version: u16,
        program: String,
    },
}

/// Walks through the blocks of a file or of a frame.
pub(crate) struct Walk {
    start: u64,
    end: u64,
    form: Form,
    pub(crate) chunks: Vec<Place>,
    pub(crate) foreign_packets: u64,
    pub(crate) sections: Vec<Section>,
    chunk: Option<OpenChunk>,
}

/// A chunk whose end is not known yet.
struct OpenChunk {
    gathering: Gathering,
    start: u64,
    section: usize,
    interfaces: usize,
}

impl Walk {
    /// Walks from `start` to `end`; the last one of the sections goes on there.
    pub(crate) const fn new(form: Form, start: u64, end: u64, sections: Vec<Section>) -> Self {
        Self {
            start,
            end,
            form,
            chunks: Vec::new(),
            foreign_packets: 0,
            sections,
            chunk: None,
        }
    }

    /// Runs to the end, and returns where that is in the file.
    pub(crate) fn run(&mut self, mut blocks: Blocks<'_>, budget: &mut Budget) -> Result<u64, Stop> {
        let ended = loop {
            let stored = blocks.stored_position();
            let (offset, block) = match blocks.next() {
                Ok(Some(next)) => next,
                Ok(None) => break Ok(blocks.stored_position()),
                Err(damage) => break Err(Stop::Damage(damage)),
            };
            let place = match self.form {
                Form::Plain => self.start + offset,
                Form::Compressed => stored,
            };
            let sections = self.sections.len();
            let Some(section) = self.sections.last_mut() else {
                break Ok(stored);
            };
            let interfaces = section.interfaces.len();
            if block.kind == SECTION_HEADER && interfaces > 0 {
                if budget.sections == 0 {
                    break Err(Stop::Damage(Damage::new(place, "there are too many sections")));
                }
                budget.sections -= 1;
                self.sections.push(Section::default());
            }
            let Some(section) = self.sections.last_mut() else {
                break Ok(stored);
            };
            let meaning = match section.meaning(&block) {
                Ok(meaning) => meaning,
                Err(wrong) => break Err(stop(wrong, place)),
            };
            match meaning {
                Meaning::Section => self.close(offset, place),
                Meaning::Header {
                    header,
                    first_record,
                    first_interface,
                } => {
                    if budget.chunks == 0 {
                        break Err(Stop::Damage(Damage::new(place, "there are too many chunks")));
                    }
                    budget.chunks -= 1;
                    self.close(offset, place);
                    self.chunk = Some(OpenChunk {
                        gathering: Gathering::begun(header, first_record, first_interface),
                        start: offset,
                        section: sections - 1,
                        interfaces,
                    });
                }
                Meaning::Records(records) => {
                    if let Some(chunk) = &mut self.chunk
                        && let Err(wrong) = chunk.gathering.records(records, offset - chunk.start)
                    {
                        break Err(stop(wrong, place));
                    }
                }
                Meaning::Continuation(more) => {
                    if let Some(chunk) = &mut self.chunk
                        && let Err(wrong) = chunk.gathering.continuation(&more)
                    {
                        break Err(stop(wrong, place));
                    }
                }
                Meaning::Packet => match &mut self.chunk {
                    Some(chunk) => chunk.gathering.info.packets += 1,
                    None => self.foreign_packets += 1,
                },
                Meaning::Interface | Meaning::Other => {}
            }
            if let Some(chunk) = &self.chunk
                && blocks.offset() - chunk.start > CHUNK_RAW_LIMIT as u64
            {
                break Err(Stop::Damage(Damage::new(place, "a chunk is too large")));
            }
        };
        self.close(blocks.offset(), blocks.stored_position());
        let mut found = std::mem::take(&mut self.chunks);
        if self.form == Form::Compressed {
            // Several chunks in one frame, if somebody has compressed a whole file, need all of it.
            let frame_end = if ended.is_ok() {
                blocks.stored_position()
            } else {
                self.end
            };
            let share = (blocks.stored_position() - self.start) as f64 / blocks.offset().max(1) as f64;
            for place in &mut found {
                place.end = frame_end;
                if let Some(info) = Arc::get_mut(&mut place.info) {
                    info.stored_bytes = (info.raw_bytes as f64 * share) as u64;
                }
            }
        }
        self.chunks = found.into_iter().map(|place| bounded(place, budget)).collect();
        ended
    }

    /// Ends the chunk.
    fn close(&mut self, offset: u64, stored: u64) {
        let Some(OpenChunk {
            gathering,
            start,
            section,
            interfaces,
        }) = self.chunk.take()
        else {
            return;
        };
        let mut info = gathering.info;
        info.raw_bytes = offset - start;
        let (raw_start, place_start) = match self.form {
            Form::Plain => (0, self.start + start),
            Form::Compressed => (start, self.start),
        };
        info.stored_bytes = match self.form {
            Form::Plain => info.raw_bytes,
            Form::Compressed => stored - self.start,
        };
        self.chunks.push(Place {
            start: place_start,
            end: place_start + info.stored_bytes,
            index_end: None,
            raw_start,
            raw_bytes: Some(info.raw_bytes),
            section,
            interfaces,
            info: Arc::new(info),
        });
    }
}

fn stop(wrong: Wrong, offset: u64) -> Stop {
    match wrong {
        Wrong::Damaged(why) => Stop::Damage(Damage::new(offset, why)),
        Wrong::Newer { version, program } => Stop::Newer {
            offset,
            version,
            program,
        },
    }
}
