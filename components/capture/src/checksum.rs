//! The checksum of SCTP packets (RFC 9260 section 6.8 and appendix A).

/// What is known of the checksum of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// It is right.
    Good,
    /// It is wrong: whoever receives the packet discards it. Or hardware would have computed it after the capture.
    Wrong,
    /// It is 0: not computed yet, or the receiver does without (RFC 9653).
    Zero,
    /// The capture has only the beginning of the packet.
    Unknown,
}

impl Checksum {
    /// Checks a packet that had `whole` bytes.
    #[must_use]
    pub fn of(packet: &[u8], whole: usize) -> Self {
        let Some(([head @ .., a, b, c, d], chunks)) = packet.split_first_chunk::<12>() else {
            return Self::Unknown;
        };
        if packet.len() < whole {
            return Self::Unknown;
        }
        let stored = u32::from_le_bytes([*a, *b, *c, *d]);
        let crc = crc32c::crc32c_append(crc32c::crc32c_append(crc32c::crc32c(head), &[0; 4]), chunks);
        if crc == stored {
            Self::Good
        } else if stored == 0 {
            Self::Zero
        } else {
            Self::Wrong
        }
    }
}
