//! The frame of every ASAP and ENRP message (RFC 5354 section 4).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 1 | Message Type |
//! | 1 | 1 | Message Flags; unused bits are sent as 0 and ignored on receipt |
//! | 2 | 2 | Message Length: all but the padding at the end, at least 4 |
//! | 4 | n | Message Value: fixed fields, then parameters |
//! | | 0..3 | padding with zero bytes up to a multiple of 4, ignored on receipt |

use crate::decoding::{Context, Fault};
use crate::reader::Reader;
use crate::tlv::{Writer, padding};
use crate::{Decoded, Reaction, Rejection, Subject, Violation};

/// A received message with a checked frame.
#[derive(Debug, Clone)]
pub(crate) struct Frame<'a> {
    pub(crate) message_type: u8,
    flags: u8,
    /// The bytes after type, flags and length.
    pub(crate) value: Reader<'a>,
    /// The message without padding.
    whole: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Checks type, flags and length of a user message.
    ///
    /// The length may or may not include the padding of the last parameter (D-02). Nothing but that padding may
    /// follow.
    fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes);
        let message_type = reader.u8()?;
        let flags = reader.u8()?;
        let length = usize::from(reader.u16()?);
        if bytes.len() > length + padding(length) {
            return Err(Fault::silent(if length < 4 {
                Violation::Length
            } else {
                Violation::Surplus
            }));
        }
        let misfit = |_| Fault::silent(Violation::Length);
        let whole = Reader::new(bytes).bytes(length).map_err(misfit)?;
        let mut value = Reader::new(whole);
        value.bytes(4).map_err(misfit)?;
        Ok(Self {
            message_type,
            flags,
            value,
            whole,
        })
    }

    /// Returns whether this flag bit is set; bit 0 is the least significant one.
    pub(crate) const fn flag(&self, bit: u8) -> bool {
        self.flags >> bit & 1 == 1
    }

    /// The message type is unknown.
    pub(crate) fn unrecognized(&self, context: &Context) -> Fault {
        context.unrecognized_message(self.message_type, self.whole)
    }
}

/// Decodes a message with `content`, and converts the result into what the receiver has to know.
///
/// Errors in a message of type `error` are not reported to the sender: errors are never answered with errors.
pub(crate) fn decode<M>(
    bytes: &[u8],
    error: u8,
    content: impl FnOnce(Frame<'_>, &mut Context) -> Result<M, Fault>,
) -> Result<Decoded<M>, Rejection> {
    let frame = Frame::read(bytes).map_err(|fault| Rejection {
        violation: fault.violation,
        reaction: fault.reaction,
        message_type: bytes.first().copied(),
        subject: Subject::default(),
    })?;
    let message_type = frame.message_type;
    let mut context = Context::default();
    let outcome = content(frame, &mut context);
    let (subject, mut report) = context.into_parts();
    if message_type == error {
        report.clear();
    }
    match outcome {
        Ok(message) => Ok(Decoded { message, report }),
        Err(fault) => Err(Rejection {
            violation: fault.violation,
            reaction: if message_type == error {
                Reaction::DiscardSilently
            } else {
                fault.reaction
            },
            message_type: Some(message_type),
            subject,
        }),
    }
}

/// Encodes a message of this type with these flags, from bit 0 upwards.
pub(crate) fn encode(message_type: u8, flags: &[bool], content: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let flags = flags
        .iter()
        .rev()
        .fold(0, |bits, flag| bits << 1 | u8::from(*flag));
    let mut writer = Writer::default();
    writer.framed(u16::from_be_bytes([message_type, flags]), content);
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<&[u8], Violation>) {
        let value = Frame::read(bytes).map(|frame| frame.value.rest());
        assert_eq!(value.map_err(|fault| fault.violation), expected);
    }

    #[test]
    fn a_frame_ends_at_its_length() {
        check(&[5, 0, 0, 4], Ok(&[]));
        check(&[5, 0, 0, 5, 9], Ok(&[9]));
        check(&[5, 0, 0, 5, 9, 0, 0, 0], Ok(&[9]));
        check(&[5, 0, 0, 8, 9, 0, 0, 0], Ok(&[9, 0, 0, 0]));
    }

    #[test]
    fn a_frame_that_does_not_fit_is_refused() {
        check(&[], Err(Violation::Truncated));
        check(&[5, 0, 0], Err(Violation::Truncated));
        check(&[5, 0, 0, 0], Err(Violation::Length));
        check(&[5, 0, 0, 3], Err(Violation::Length));
        check(&[5, 0, 0, 5], Err(Violation::Length));
        check(&[5, 0, 0, 4, 0], Err(Violation::Surplus));
        check(&[5, 0, 0, 5, 0, 0, 0, 0, 0], Err(Violation::Surplus));
        check(&[5, 0, 255, 255, 0], Err(Violation::Length));
    }

    #[test]
    fn flags_are_counted_from_the_least_significant_bit() {
        let bytes = encode(3, &[false, true], |_| ());
        assert_eq!(bytes, [3, 2, 0, 4]);
        let frame = Frame::read(&bytes).unwrap();
        assert!(!frame.flag(0) && frame.flag(1));
    }
}
