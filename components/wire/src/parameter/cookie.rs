//! The Cookie parameter (RFC 5354 section 3.13).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x000d and length |
//! | 4 | n | the cookie, opaque; at least one byte, and any number of them (D-28) |

use crate::decoding::{Context, Fault, RawParameter, TypedParameter};
use crate::tlv::Writer;

/// The maximum length of a cookie that is accepted from a peer, in bytes. A limit of ours: the format would allow
/// 65527.
pub const LONGEST_COOKIE: usize = 16 * 1024;

/// A cookie as a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CookieValue<'a>(pub(crate) std::borrow::Cow<'a, [u8]>);

impl TypedParameter for CookieValue<'_> {
    const TYPE: u16 = 0x000d;

    fn decode(raw: &RawParameter<'_>, _context: &mut Context) -> Result<Self, Fault> {
        if raw.value.is_empty() || raw.value.len() > LONGEST_COOKIE {
            return Err(raw.invalid());
        }
        Ok(Self(raw.value.to_vec().into()))
    }

    fn encode(&self, writer: &mut Writer) {
        writer.framed(Self::TYPE, |value| value.bytes(&self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::encoded;
    use crate::reader::Reader;

    #[test]
    fn cookies_have_at_least_one_byte_and_at_most_16_kib() {
        for (length, valid) in [(0, false), (1, true), (16384, true), (16385, false)] {
            let bytes = encoded(&CookieValue(vec![7; length].into()));
            let raw = RawParameter::read(&mut Reader::new(&bytes)).unwrap();
            let cookie = CookieValue::decode(&raw, &mut Context::default());
            assert_eq!(cookie.is_ok(), valid, "{length}");
        }
    }
}
