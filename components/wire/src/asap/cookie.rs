//! ASAP_COOKIE (RFC 5352 section 2.2.11).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x0b, no flags, length |
//! | 4 | n | Cookie |

use std::fmt;

use crate::decoding::{Context, Fault, Parameters, TypedParameter};
use crate::frame::{self, Frame};
use crate::parameter::CookieValue;

/// 0x0b ASAP_COOKIE: a pool element's state, kept by the pool user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// The state cookie, opaque to the pool user; at least one byte.
    pub cookie: Vec<u8>,
}

impl Cookie {
    /// The message's type.
    pub const TYPE: u8 = 0x0b;
    pub(super) const NAME: &'static str = "ASAP_COOKIE";

    pub(super) fn decode(frame: Frame<'_>, context: &mut Context) -> Result<Self, Fault> {
        let mut parameters = Parameters::new(frame.value, context);
        let CookieValue(cookie) = parameters.required()?;
        parameters.finish()?;
        Ok(Self {
            cookie: cookie.into_owned(),
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        frame::encode(Self::TYPE, &[], |value| {
            CookieValue(self.cookie.as_slice().into()).encode(value);
        })
    }
}

impl fmt::Display for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.cookie.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Violation;
    use crate::asap::Message;

    #[test]
    fn cookies_of_any_size_come_back_as_they_went() {
        for size in [1, 2, 3, 4, 76] {
            let message = Message::from(Cookie {
                cookie: vec![0xaa; size],
            });
            assert_eq!(message.to_string(), format!("{size} bytes"));
            assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
        }
    }

    #[test]
    fn an_empty_cookie_is_invalid() {
        let message = Message::from(Cookie { cookie: vec![] });
        let rejection = Message::decode(&message.encode()).unwrap_err();
        assert_eq!(rejection.violation, Violation::InvalidValue(0x000d));
    }
}
