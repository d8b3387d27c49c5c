//! ASAP_BUSINESS_CARD (RFC 5352 section 2.2.13).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x0d, no flags, length |
//! | 4 | n | Pool Handle |
//! | | n | Pool Elements, at least one |
//!
//! A policy parameter after the handle, as sent by rsplib, is skipped (D-21).

use std::fmt;

use crate::PoolHandle;
use crate::asap::pool_elements_in_words;
use crate::decoding::{Context, Fault, Parameters, TypedParameter};
use crate::frame::{self, Frame};
use crate::parameter::{Policy, PoolElementParameter, encode_fitting};

/// 0x0d ASAP_BUSINESS_CARD: the pool elements to use if the sender fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessCard {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// Pool elements in the recommended order; at least one.
    pub pool_elements: Vec<PoolElementParameter>,
}

impl BusinessCard {
    /// The message's type.
    pub const TYPE: u8 = 0x0d;
    pub(super) const NAME: &'static str = "ASAP_BUSINESS_CARD";

    pub(super) fn decode(frame: Frame<'_>, context: &mut Context) -> Result<Self, Fault> {
        let mut parameters = Parameters::new(frame.value, context);
        let pool_handle = parameters.required()?;
        let _policy: Option<Policy> = parameters.optional()?;
        let pool_elements: Vec<PoolElementParameter> = parameters.acceptable()?;
        parameters.finish()?;
        if pool_elements.is_empty() {
            return Err(Fault::missing(PoolElementParameter::TYPE));
        }
        Ok(Self {
            pool_handle,
            pool_elements,
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        frame::encode(Self::TYPE, &[], |value| {
            self.pool_handle.encode(value);
            encode_fitting(value, &self.pool_elements);
        })
    }
}

impl fmt::Display for BusinessCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pool_handle.fmt(f)?;
        pool_elements_in_words(f, &self.pool_elements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Violation;
    use crate::asap::Message;

    #[test]
    fn a_card_names_at_least_one_pool_element() {
        let message = Message::from(BusinessCard {
            pool_handle: PoolHandle::new(b"EchoPool").unwrap(),
            pool_elements: vec![],
        });
        let rejection = Message::decode(&message.encode()).unwrap_err();
        assert_eq!(rejection.violation, Violation::MissingParameter(0x000a));
    }
}
