//! ASAP_HANDLE_RESOLUTION_RESPONSE (RFC 5352 section 2.2.6).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x06, flag A = bit 0: subscription accepted, length |
//! | 4 | n | Pool Handle |
//! | | n | overall Pool Member Selection Policy; optional, positive response only |
//! | | n | Pool Elements, at least one; positive response only |
//! | | n | Operation Error; negative response only |

use std::fmt;

use crate::PoolHandle;
use crate::asap::{causes_in_words, pool_elements_in_words};
use crate::decoding::{Context, Fault, Parameters, TypedParameter};
use crate::frame::{self, Frame};
use crate::parameter::{ErrorCause, Policy, PoolElementParameter, encode_fitting};

/// 0x06 ASAP_HANDLE_RESOLUTION_RESPONSE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleResolutionResponse {
    /// A flag: the subscription is accepted.
    pub subscribed: bool,
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The outcome of the request.
    pub outcome: Resolution,
}

/// The outcome of a handle resolution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// The pool elements, in the order of selection.
    Resolved {
        /// The pool's policy; absent means Round Robin (D-05: always send it).
        overall_policy: Option<Policy>,
        /// At least one.
        pool_elements: Vec<PoolElementParameter>,
    },
    /// Failure, with at least one cause.
    Failed(Vec<ErrorCause>),
}

impl HandleResolutionResponse {
    /// The message's type.
    pub const TYPE: u8 = 0x06;
    pub(super) const NAME: &'static str = "ASAP_HANDLE_RESOLUTION_RESPONSE";

    pub(super) fn decode(frame: Frame<'_>, context: &mut Context) -> Result<Self, Fault> {
        let subscribed = frame.flag(0);
        let mut parameters = Parameters::new(frame.value, context);
        let pool_handle = parameters.required()?;
        let overall_policy = parameters.optional()?;
        let pool_elements: Vec<PoolElementParameter> = parameters.acceptable()?;
        let causes = parameters.optional()?;
        parameters.finish()?;
        let outcome = match causes {
            // An error makes the response negative, regardless of its other content.
            Some(causes) => Resolution::Failed(causes),
            None if pool_elements.is_empty() => return Err(Fault::missing(PoolElementParameter::TYPE)),
            None => Resolution::Resolved {
                overall_policy,
                pool_elements,
            },
        };
        Ok(Self {
            subscribed,
            pool_handle,
            outcome,
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        frame::encode(Self::TYPE, &[self.subscribed], |value| {
            self.pool_handle.encode(value);
            match &self.outcome {
                Resolution::Resolved {
                    overall_policy,
                    pool_elements,
                } => {
                    if let Some(overall_policy) = overall_policy {
                        overall_policy.encode(value);
                    }
                    encode_fitting(value, pool_elements);
                }
                Resolution::Failed(causes) => causes.encode(value),
            }
        })
    }
}

impl fmt::Display for HandleResolutionResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pool_handle.fmt(f)?;
        match &self.outcome {
            Resolution::Resolved {
                overall_policy,
                pool_elements,
            } => {
                pool_elements_in_words(f, pool_elements)?;
                let policy = overall_policy.as_ref().unwrap_or(&Policy::RoundRobin);
                write!(f, " ({})", policy.name())?;
            }
            Resolution::Failed(causes) => causes_in_words(f, causes)?,
        }
        f.write_str(if self.subscribed { ", subscribed" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asap::Message;
    use crate::parameter::{CauseCode, RegistrationLife, UserTransport};
    use crate::{PeIdentifier, RegistrarIdentifier, Violation};

    fn response(outcome: Resolution) -> Message {
        Message::from(HandleResolutionResponse {
            subscribed: true,
            pool_handle: PoolHandle::new(b"EchoPool").unwrap(),
            outcome,
        })
    }

    fn resolved(count: u32) -> Message {
        let pool_element = |identifier| PoolElementParameter {
            identifier: PeIdentifier(identifier),
            home_registrar: RegistrarIdentifier(1),
            registration_life: RegistrationLife(300),
            user_transport: UserTransport::Opaque(b"x".to_vec()),
            policy: Policy::Random,
            asap_transport: None,
        };
        response(Resolution::Resolved {
            overall_policy: Some(Policy::Random),
            pool_elements: (1..=count).map(pool_element).collect(),
        })
    }

    fn failed() -> Message {
        response(Resolution::Failed(vec![ErrorCause::bare(
            CauseCode::UNKNOWN_POOL_HANDLE,
        )]))
    }

    #[test]
    fn outcomes_come_back_as_they_went() {
        for (message, shown) in [
            (failed(), "EchoPool: Unknown Pool Handle, subscribed"),
            (
                resolved(2),
                "EchoPool: PE 0x00000001, PE 0x00000002 (Random), subscribed",
            ),
            (
                resolved(9),
                "EchoPool: PE 0x00000001, PE 0x00000002, PE 0x00000003 and 6 more (Random), subscribed",
            ),
        ] {
            assert_eq!(message.to_string(), shown);
            assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
        }
    }

    #[test]
    fn a_response_names_as_many_pool_elements_as_fit() {
        // 32 bytes each after 24 bytes of the message.
        let decoded = Message::decode(&resolved(3000).encode()).unwrap();
        assert_eq!(decoded.message, resolved((65535 - 24) / 32));
    }

    #[test]
    fn a_response_with_pool_elements_and_an_error_is_negative() {
        let mut bytes = resolved(1).encode();
        bytes.extend([0, 12, 0, 8, 0, 9, 0, 4]);
        bytes[3] += 8;
        assert_eq!(Message::decode(&bytes).unwrap().message, failed());
    }

    #[test]
    fn a_response_with_neither_means_nothing() {
        let rejection = Message::decode(&resolved(0).encode()).unwrap_err();
        assert_eq!(rejection.violation, Violation::MissingParameter(0x000a));
    }
}
