//! The PE Identifier parameter (RFC 5354 section 3.14).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x000e and length 8 |
//! | 4 | 4 | PE Identifier, not 0 |

use crate::PeIdentifier;
use crate::decoding::{Context, Fault, RawParameter, TypedParameter};
use crate::tlv::Writer;

impl TypedParameter for PeIdentifier {
    const TYPE: u16 = 0x000e;

    fn decode(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, Fault> {
        let identifier = Self(u32::from_be_bytes(raw.array()?));
        context.note_pe_identifier(identifier);
        if identifier.0 == 0 {
            return Err(raw.invalid());
        }
        Ok(identifier)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.framed(Self::TYPE, |value| value.u32(self.0));
    }
}
