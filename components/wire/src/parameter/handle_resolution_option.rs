//! The Handle Resolution Option parameter, an extension (D-04).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x803f and length 8 |
//! | 4 | 4 | Items: the maximum number of pool elements; 0 = the registrar's default, 0xffffffff = unlimited |
//!
//! The type's action bits make registrars skip it if they do not know it.

use crate::decoding::{Context, Fault, RawParameter, TypedParameter};
use crate::tlv::Writer;

/// The number of pool elements wanted, as a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HandleResolutionOption(pub(crate) u32);

impl TypedParameter for HandleResolutionOption {
    const TYPE: u16 = 0x803f;

    fn decode(raw: &RawParameter<'_>, _context: &mut Context) -> Result<Self, Fault> {
        Ok(Self(u32::from_be_bytes(raw.array()?)))
    }

    fn encode(&self, writer: &mut Writer) {
        writer.framed(Self::TYPE, |value| value.u32(self.0));
    }
}
