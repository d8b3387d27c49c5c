//! The framing of a component's standard output.
//!
//! ```text
//! u32 length of what follows, big endian
//! u32 length of the JSON text, big endian
//!     JSON text: one stamped event
//!     the frame's bytes, if the event carries any
//! ```

use crate::Stamped;
use crate::pieces::Pieces;

/// An event with the bytes it carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// The event.
    pub stamped: Stamped,
    /// Its bytes; most events have none.
    pub bytes: Vec<u8>,
}

/// The error of a stream that is not a feed.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// A length that exceeds the limit.
    #[error("a frame of {0} bytes is not part of a feed")]
    Length(u32),
}

impl Frame {
    /// The maximum length of a frame that is accepted, in bytes after its first length field.
    pub const LONGEST: usize = 1 << 20;
    /// The maximum length of a JSON text that is parsed, in bytes: several times that of a full handlespace.
    pub const LONGEST_TEXT: usize = 512 << 10;

    /// Encodes the frame as bytes of the stream.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // An event can always be represented in JSON: string keys, finite or null numbers.
        let json = serde_json::to_vec(&self.stamped).unwrap_or_default();
        let mut out = Vec::with_capacity(8 + json.len() + self.bytes.len());
        out.extend_from_slice(&((4 + json.len() + self.bytes.len()) as u32).to_be_bytes());
        out.extend_from_slice(&(json.len() as u32).to_be_bytes());
        out.extend_from_slice(&json);
        out.extend_from_slice(&self.bytes);
        out
    }
}

impl Stamped {
    /// Reads the JSON text of an event, and truncates texts and lists within it to the size that a real component needs.
    pub(crate) fn read(json: &[u8]) -> serde_json::Result<Self> {
        let mut stamped: Self = serde_json::from_slice(json)?;
        stamped.event.bound();
        Ok(stamped)
    }
}

/// Splits a stream of bytes into frames.
#[derive(Debug, Default)]
pub struct Decoder {
    pieces: Pieces,
    /// The length of the latest frame in bytes.
    length: usize,
    /// The number of frames that were skipped because their event is unknown here or too long.
    pub skipped: u64,
}

impl Decoder {
    /// Adds bytes of the stream.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.pieces.extend(bytes);
    }

    /// Returns the next frame, if it has arrived completely. Frames with an unknown event, or with a JSON text
    /// longer than [`Frame::LONGEST_TEXT`], are skipped and counted. Texts and lists within the event are truncated
    /// to the size that a real component needs.
    ///
    /// # Errors
    /// Returns an error if the stream is not a feed; it cannot be read any further then.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        loop {
            let body = self.pieces.next_piece(4..=Frame::LONGEST);
            let Some(body) = body.map_err(FrameError::Length)? else {
                return Ok(None);
            };
            self.length = 4 + body.len();
            let Some((json_length, body)) = body.split_first_chunk::<4>() else {
                continue;
            };
            let json_length = u32::from_be_bytes(*json_length) as usize;
            let Some((json, bytes)) = body.split_at_checked(json_length) else {
                return Err(FrameError::Length(json_length as u32));
            };
            if json_length <= Frame::LONGEST_TEXT
                && let Ok(stamped) = Stamped::read(json)
            {
                return Ok(Some(Frame {
                    stamped,
                    bytes: bytes.to_vec(),
                }));
            }
            self.skipped += 1;
        }
    }

    /// Returns the length of the latest frame in the stream, in bytes: its memory is a small multiple of that.
    #[must_use]
    pub fn frame_length(&self) -> usize {
        self.length
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Event, Timestamp};

    fn frame(text: &str, bytes: Vec<u8>) -> Frame {
        Frame {
            stamped: Stamped {
                at: Timestamp::from_micros(7),
                event: Event::Problem { text: text.into() },
            },
            bytes,
        }
    }

    proptest! {
        #[test]
        fn frames_survive_any_cutting_of_the_stream(
            texts in prop::collection::vec(".{0,40}", 0..8),
            cut in 1_usize..50,
        ) {
            let frames: Vec<_> = texts.iter().map(|text| frame(text, text.clone().into_bytes())).collect();
            let stream: Vec<u8> = frames.iter().flat_map(Frame::encode).collect();
            let mut decoder = Decoder::default();
            let mut seen = Vec::new();
            for piece in stream.chunks(cut) {
                decoder.extend(piece);
                while let Some(frame) = decoder.next_frame().unwrap() {
                    seen.push(frame);
                }
            }
            prop_assert_eq!(seen, frames);
        }

        #[test]
        fn any_bytes_are_frames_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut decoder = Decoder::default();
            decoder.extend(&bytes);
            while let Ok(Some(_)) = decoder.next_frame() {}
        }
    }

    #[test]
    fn an_unknown_event_is_skipped() {
        let json = br#"{"at_us":1,"event":"from-the-future"}"#;
        let mut stream = Vec::new();
        stream.extend_from_slice(&(4 + json.len() as u32).to_be_bytes());
        stream.extend_from_slice(&(json.len() as u32).to_be_bytes());
        stream.extend_from_slice(json);
        let known = frame("here", Vec::new());
        stream.extend_from_slice(&known.encode());
        let mut decoder = Decoder::default();
        decoder.extend(&stream);
        assert_eq!(decoder.next_frame().unwrap(), Some(known));
        assert_eq!(decoder.skipped, 1);
    }

    #[test]
    fn an_absurd_length_is_an_error() {
        let mut decoder = Decoder::default();
        decoder.extend(&[0xff; 8]);
        assert!(decoder.next_frame().is_err());
    }
}
