//! The Pool Handle parameter (RFC 5354 section 3.9).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x0009 and length |
//! | 4 | n | the handle, no terminator |

use crate::PoolHandle;
use crate::decoding::{Context, Fault, RawParameter, TypedParameter};
use crate::tlv::Writer;

impl TypedParameter for PoolHandle {
    const TYPE: u16 = 0x0009;

    fn decode(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, Fault> {
        let pool_handle = Self::new(raw.value).map_err(|_| raw.invalid())?;
        context.note_pool_handle(&pool_handle);
        Ok(pool_handle)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.framed(Self::TYPE, |value| value.bytes(self.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::encoded;
    use crate::reader::Reader;

    #[test]
    fn handles_have_1_to_255_bytes() {
        for (length, valid) in [(0, false), (1, true), (255, true), (256, false)] {
            let mut bytes = vec![0, 9];
            bytes.extend(u16::to_be_bytes(4 + length));
            bytes.resize(4 + usize::from(length), b'x');
            let raw = RawParameter::read(&mut Reader::new(&bytes)).unwrap();
            let pool_handle = PoolHandle::decode(&raw, &mut Context::default());
            assert_eq!(pool_handle.is_ok(), valid, "{length}");
            if let Ok(pool_handle) = pool_handle {
                assert_eq!(encoded(&pool_handle), bytes);
            }
        }
    }
}
