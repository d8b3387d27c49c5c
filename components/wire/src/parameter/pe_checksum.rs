//! The PE Checksum parameter (RFC 5354 section 3.15). For its computation, see [`crate::checksum`].
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x000f and length 6 |
//! | 4 | 2 | checksum |
//! | 6 | 2 | padding |

use crate::Violation;
use crate::decoding::{Context, Fault, RawParameter, TypedParameter};
use crate::tlv::Writer;

/// A PE checksum as a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeChecksumValue(pub(crate) u16);

impl TypedParameter for PeChecksumValue {
    const TYPE: u16 = 0x000f;

    fn decode(raw: &RawParameter<'_>, _context: &mut Context) -> Result<Self, Fault> {
        let bytes = raw
            .value
            .try_into()
            .map_err(|_| Fault::silent(Violation::InvalidValue(Self::TYPE)))?;
        Ok(Self(u16::from_be_bytes(bytes)))
    }

    fn encode(&self, writer: &mut Writer) {
        writer.framed(Self::TYPE, |value| value.u16(self.0));
    }
}
