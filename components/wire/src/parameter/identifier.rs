//! The PE Identifier parameter (RFC 5354 section 3.14).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x000e and length 8 |
//! | 4 | 4 | PE Identifier, not 0 (except in responses) |

use crate::PeIdentifier;
use crate::decoding::{Context, Fault, RawParameter, TypedParameter};
use crate::tlv::Writer;

impl TypedParameter for PeIdentifier {
    const TYPE: u16 = 0x000e;

    fn decode(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, Fault> {
        let NamedPeIdentifier(identifier) = NamedPeIdentifier::decode(raw, context)?;
        if identifier.0 == 0 {
            return Err(raw.invalid());
        }
        Ok(identifier)
    }

    fn encode(&self, writer: &mut Writer) {
        NamedPeIdentifier(*self).encode(writer);
    }
}

/// The PE Identifier in a response, which repeats that of the request: even 0, if the response is that it is
/// invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NamedPeIdentifier(pub(crate) PeIdentifier);

impl TypedParameter for NamedPeIdentifier {
    const TYPE: u16 = PeIdentifier::TYPE;

    fn decode(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, Fault> {
        let identifier = PeIdentifier(u32::from_be_bytes(raw.array()?));
        context.note_pe_identifier(identifier);
        Ok(Self(identifier))
    }

    fn encode(&self, writer: &mut Writer) {
        writer.framed(Self::TYPE, |value| value.u32(self.0.0));
    }
}
