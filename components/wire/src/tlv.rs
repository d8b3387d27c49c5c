//! The writer for parameters: type, length, value, padding (RFC 5354 section 2).
//!
//! All lengths in sent messages are filled in by [`Writer`]; those in received messages are checked by
//! [`Reader`](crate::reader::Reader).

/// Returns the number of bytes of padding after a structure of this length, up to the next multiple of four.
pub(crate) const fn padding(length: usize) -> usize {
    length.wrapping_neg() % 4
}

/// Writes a message; lengths are filled in when their structures are complete.
///
/// Padding is written before the next parameter and at the end of the message, never directly after a parameter.
/// Thus, a length includes the padding between the inner parameters but not after the last one, as specified in RFC
/// 5354 section 2 (rsplib does otherwise, D-02).
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Appends bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends two bytes in network byte order.
    pub(crate) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    /// Appends four bytes in network byte order.
    pub(crate) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    /// Appends a signed number as four bytes in network byte order.
    pub(crate) fn i32(&mut self, value: i32) {
        self.bytes(&value.to_be_bytes());
    }

    /// Appends what `content` writes, preceded by a 16-bit head and a 16-bit length of it all: the frame of
    /// parameters (head: type), error causes (head: code) and messages (head: type and flags).
    pub(crate) fn framed(&mut self, head: u16, content: impl FnOnce(&mut Self)) {
        self.pad();
        let start = self.bytes.len();
        self.u16(head);
        self.u16(0);
        content(self);
        let length = self.bytes.len() - start;
        debug_assert!(
            u16::try_from(length).is_ok(),
            "{length} bytes do not fit into a length field"
        );
        // There is no correct value for a length that does not fit; with the largest one, every receiver discards
        // the message.
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        if let Some(field) = self.bytes.get_mut(start + 2..start + 4) {
            field.copy_from_slice(&length.to_be_bytes());
        }
    }

    /// Returns the number of bytes written so far, including the padding before the next parameter.
    pub(crate) const fn padded_length(&self) -> usize {
        self.bytes.len() + padding(self.bytes.len())
    }

    fn pad(&mut self) {
        self.bytes.resize(self.padded_length(), 0);
    }

    /// Returns the message, padded.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.pad();
        self.bytes
    }

    /// Returns the bytes without padding at the end, the form in which error causes quote a parameter.
    pub(crate) fn finish_unpadded(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_leads_to_a_multiple_of_four() {
        assert_eq!([4, 5, 6, 7, 8].map(padding), [0, 3, 2, 1, 0]);
    }

    #[test]
    fn lengths_count_padding_between_inner_parameters_but_not_after_the_last() {
        let mut writer = Writer::default();
        writer.framed(0xaaaa, |outer| {
            outer.framed(0x0001, |inner| inner.bytes(&[1]));
            outer.framed(0x0002, |inner| inner.bytes(&[2]));
        });
        assert_eq!(
            writer.finish(),
            [
                0xaa, 0xaa, 0, 17, // outer: 4 + (5 + 3) + 5
                0, 1, 0, 5, 1, 0, 0, 0, // first inner, padded
                0, 2, 0, 5, 2, // second inner
                0, 0, 0, // padding of the message, not counted
            ]
        );
    }
}
