//! Fixed layouts, field by field, as used by the services' protocols and the Component Status Protocol.
//!
//! They have no parameters and hence no rules for unknown types as in RFC 5354: a message is either valid or
//! [`Malformed`].

use crate::reader::{EndOfBytes, Reader};

/// The reason why bytes are not a message (or cookie) of the expected protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// There are fewer bytes than the fixed part or the message's counts require.
    #[error("message truncated")]
    Truncated,
    /// The length field contradicts the number of bytes, or there are surplus bytes.
    #[error("length does not fit")]
    Length,
    /// The message type is unknown.
    #[error("unknown message type {0:#04x}")]
    UnknownType(u8),
    /// The magic bytes or the version identify something else.
    #[error("unknown {0}")]
    Identification(&'static str),
    /// The named field exceeds its limits.
    #[error("{0} out of range")]
    OutOfRange(&'static str),
}

impl From<EndOfBytes> for Malformed {
    fn from(EndOfBytes: EndOfBytes) -> Self {
        Self::Truncated
    }
}

/// Checks that everything has been read.
pub(crate) const fn end(reader: &Reader<'_>) -> Result<(), Malformed> {
    if reader.is_empty() {
        Ok(())
    } else {
        Err(Malformed::Length)
    }
}

/// The header of all services' messages: u8 Type, u8 Flags, u16 Length of the whole message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) message_type: u8,
    pub(crate) flags: u8,
    pub(crate) length: u16,
}

impl Header {
    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            message_type: reader.u8()?,
            flags: reader.u8()?,
            length: reader.u16()?,
        })
    }

    /// Decodes the header, and checks that its length is that of `bytes`.
    pub(crate) fn decode_strictly(bytes: &[u8]) -> Result<(Self, Reader<'_>), Malformed> {
        let mut reader = Reader::new(bytes);
        let header = Self::decode(&mut reader)?;
        match usize::from(header.length).cmp(&bytes.len()) {
            std::cmp::Ordering::Equal => Ok((header, reader)),
            std::cmp::Ordering::Greater => Err(Malformed::Truncated),
            std::cmp::Ordering::Less => Err(Malformed::Length),
        }
    }
}

/// Begins a message; [`finish`] fills in the length.
pub(crate) fn begin(message_type: u8, flags: u8, size: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size);
    bytes.extend_from_slice(&[message_type, flags, 0, 0]);
    bytes
}

/// Completes a message with its length. Encoders keep their messages within 65535 bytes.
pub(crate) fn finish(mut bytes: Vec<u8>) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    if let Some(field) = bytes.get_mut(2..4) {
        field.copy_from_slice(&length.to_be_bytes());
    }
    bytes
}

/// Decodes a peer's text up to the first NUL. Characters that could garble a log or a window become U+FFFD, which is
/// longer: what then exceeds `limit` bytes is dropped, so that the text can be sent as it is.
pub(crate) fn text(bytes: &[u8], limit: usize) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    let mut text: String = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default())
        .chars()
        .map(|character| {
            if character.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                character
            }
        })
        .collect();
    text.truncate(text.floor_char_boundary(limit));
    text
}

/// Returns as much of `text` as fits into `limit` bytes without splitting a character, and without a NUL.
pub(crate) fn cut(text: &str, limit: usize) -> &[u8] {
    let text = text.split('\0').next().unwrap_or_default();
    let end = text.floor_char_boundary(limit);
    text.as_bytes().get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(cut("aä", 2), b"a");
        assert_eq!(cut("aä", 3), "aä".as_bytes());
        assert_eq!(cut("a\0b", 9), b"a");
    }

    #[test]
    fn text_of_a_peer_has_no_control_characters() {
        assert_eq!(text(b"a\nb\0c", 5), "a\u{fffd}b");
        assert_eq!(text(b"\xffa\x1b[2J", 10), "\u{fffd}a\u{fffd}[2J");
        assert_eq!(text(b"a\nb\n", 5), "a\u{fffd}b");
    }

    #[test]
    fn the_length_field_must_be_the_length() {
        assert_eq!(
            Header::decode_strictly(&[1, 0, 0]).unwrap_err(),
            Malformed::Truncated
        );
        assert_eq!(
            Header::decode_strictly(&[1, 0, 0, 5]).unwrap_err(),
            Malformed::Truncated
        );
        assert_eq!(
            Header::decode_strictly(&[1, 0, 0, 4, 0]).unwrap_err(),
            Malformed::Length
        );
        assert!(Header::decode_strictly(&[1, 0, 0, 4]).is_ok());
    }
}
