//! ASAP_HANDLE_RESOLUTION (RFC 5352 section 2.2.5).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x05, flag S = bit 0: subscribe, length |
//! | 4 | n | Pool Handle |
//! | | 8 | Handle Resolution Option; optional (D-04) |

use std::fmt;

use crate::PoolHandle;
use crate::decoding::{Context, Fault, Parameters, TypedParameter};
use crate::frame::{self, Frame};
use crate::parameter::HandleResolutionOption;

/// 0x05 ASAP_HANDLE_RESOLUTION: requests the pool elements of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleResolution {
    /// S flag: send further responses whenever the pool changes.
    pub subscribe: bool,
    /// The pool.
    pub pool_handle: PoolHandle,
    /// Handle Resolution Option (extension, D-04): the maximum number of pool elements wanted. 0 means the
    /// registrar's default, `u32::MAX` means as many as possible.
    pub items: Option<u32>,
}

impl HandleResolution {
    /// The message's type.
    pub const TYPE: u8 = 0x05;
    pub(super) const NAME: &'static str = "ASAP_HANDLE_RESOLUTION";

    pub(super) fn decode(frame: Frame<'_>, context: &mut Context) -> Result<Self, Fault> {
        let subscribe = frame.flag(0);
        let mut parameters = Parameters::new(frame.value, context);
        let pool_handle = parameters.required()?;
        let option: Option<HandleResolutionOption> = parameters.optional()?;
        parameters.finish()?;
        Ok(Self {
            subscribe,
            pool_handle,
            items: option.map(|option| option.0),
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        frame::encode(Self::TYPE, &[self.subscribe], |value| {
            self.pool_handle.encode(value);
            if let Some(items) = self.items {
                HandleResolutionOption(items).encode(value);
            }
        })
    }
}

impl fmt::Display for HandleResolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pool_handle.fmt(f)?;
        match self.items {
            None | Some(0) => {}
            Some(u32::MAX) => f.write_str(", as many as possible")?,
            Some(items) => write!(f, ", at most {items}")?,
        }
        f.write_str(if self.subscribe { ", subscribe" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asap::Message;

    #[test]
    fn requests_come_back_as_they_went() {
        for (subscribe, items, shown) in [
            (false, None, "EchoPool"),
            (true, Some(4), "EchoPool, at most 4, subscribe"),
            (false, Some(u32::MAX), "EchoPool, as many as possible"),
        ] {
            let message = Message::from(HandleResolution {
                subscribe,
                pool_handle: PoolHandle::new(b"EchoPool").unwrap(),
                items,
            });
            assert_eq!(message.to_string(), shown);
            assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
        }
    }
}
