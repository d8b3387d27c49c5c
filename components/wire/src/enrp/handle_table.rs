//! ENRP_HANDLE_TABLE_REQUEST and ENRP_HANDLE_TABLE_RESPONSE (RFC 5353 sections 2.2 and 2.3).
//!
//! The request:
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x02, flag W = bit 0: own children only, length |
//! | 4 | 8 | Sending and Receiving Server's ID |
//!
//! The response:
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x03, flags R = bit 0: rejected, M = bit 1: more to send, length |
//! | 4 | 8 | Sending and Receiving Server's ID |
//! | 12 | n | Pool Handle, then its Pool Elements; repeated |

use std::fmt;

use crate::PoolHandle;
use crate::decoding::{Context, Fault, Parameters, TypedParameter};
use crate::parameter::{PoolElementParameter, encoded_length};
use crate::reader::Reader;
use crate::tlv::Writer;

/// 0x02 ENRP_HANDLE_TABLE_REQUEST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleTableRequest {
    /// W flag: only the pool elements that the receiver owns.
    pub own_children_only: bool,
}

/// 0x03 ENRP_HANDLE_TABLE_RESPONSE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleTableResponse {
    /// R flag: the request is rejected, and there are no entries.
    pub rejected: bool,
    /// M flag: another request will return more entries.
    pub more_to_send: bool,
    /// Pools with at least one pool element each.
    pub entries: Vec<PoolEntry>,
}

/// One pool of a handle table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolEntry {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// Its pool elements, at least one.
    pub pool_elements: Vec<PoolElementParameter>,
}

impl HandleTableRequest {
    /// The message's type.
    pub const TYPE: u8 = 0x02;

    pub(super) fn decode(
        own_children_only: bool,
        value: Reader<'_>,
        context: &mut Context,
    ) -> Result<Self, Fault> {
        Parameters::new(value, context).finish()?;
        Ok(Self { own_children_only })
    }
}

impl HandleTableResponse {
    /// The message's type.
    pub const TYPE: u8 = 0x03;

    pub(super) fn decode(
        rejected: bool,
        more_to_send: bool,
        value: Reader<'_>,
        context: &mut Context,
    ) -> Result<Self, Fault> {
        let mut entries = Vec::new();
        // A rejection has no entries; if there are any nevertheless, they are ignored.
        if !rejected {
            let mut parameters = Parameters::new(value, context);
            while let Some(pool_handle) = parameters.next_acceptable()? {
                let mut pool_elements: Vec<PoolElementParameter> = parameters.acceptable()?;
                pool_elements.retain(PoolElementParameter::is_complete);
                // A pool without pool elements does not exist, so an entry without any is ignored.
                if let Some(pool_handle) = pool_handle
                    && !pool_elements.is_empty()
                {
                    entries.push(PoolEntry {
                        pool_handle,
                        pool_elements,
                    });
                }
            }
            parameters.finish()?;
        }
        Ok(Self {
            rejected,
            more_to_send,
            entries,
        })
    }

    pub(super) fn encode(&self, value: &mut Writer) {
        for entry in &self.entries {
            entry.pool_handle.encode(value);
            for pool_element in &entry.pool_elements {
                pool_element.encode(value);
            }
        }
    }
}

impl PoolEntry {
    /// Returns the size of the entry in a message in bytes, for splitting a table into several responses.
    #[must_use]
    pub fn encoded_length(&self) -> usize {
        let pool_elements = self.pool_elements.iter();
        encoded_length(&self.pool_handle) + pool_elements.map(encoded_length).sum::<usize>()
    }
}

impl fmt::Display for HandleTableRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.own_children_only {
            "own pool elements"
        } else {
            "all pool elements"
        })
    }
}

impl fmt::Display for HandleTableResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rejected {
            return f.write_str("rejected");
        }
        let pool_elements: usize = self.entries.iter().map(|entry| entry.pool_elements.len()).sum();
        write!(
            f,
            "{pool_elements} pool element{} in {} pool{}{}",
            if pool_elements == 1 { "" } else { "s" },
            self.entries.len(),
            if self.entries.len() == 1 { "" } else { "s" },
            if self.more_to_send { ", more to come" } else { "" }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrp::{Body, Message};
    use crate::parameter::{Policy, RegistrationLife, SctpTransport, TransportUse, UserTransport};
    use crate::{PeIdentifier, RegistrarIdentifier, Violation};

    fn message(body: impl Into<Body>) -> Message {
        Message {
            sender: RegistrarIdentifier(1),
            receiver: RegistrarIdentifier(2),
            body: body.into(),
        }
    }

    fn entry(name: &str, identifiers: &[u32]) -> PoolEntry {
        let pool_element = |identifier: &u32| PoolElementParameter {
            identifier: PeIdentifier(*identifier),
            home_registrar: RegistrarIdentifier(1),
            registration_life: RegistrationLife::INFINITE,
            user_transport: UserTransport::Opaque(b"x".to_vec()),
            policy: Policy::Random,
            asap_transport: SctpTransport::new(5000, TransportUse::DataOnly, [[192, 0, 2, 1].into()]).ok(),
        };
        PoolEntry {
            pool_handle: PoolHandle::new(name.as_bytes()).unwrap(),
            pool_elements: identifiers.iter().map(pool_element).collect(),
        }
    }

    fn response(rejected: bool, more_to_send: bool, entries: Vec<PoolEntry>) -> Message {
        message(HandleTableResponse {
            rejected,
            more_to_send,
            entries,
        })
    }

    #[track_caller]
    fn check(message: &Message, shown: &str) {
        assert_eq!(message.body.to_string(), shown);
        assert_eq!(Message::decode(&message.encode()).unwrap().message, *message);
    }

    #[test]
    fn requests_and_responses_come_back_as_they_went() {
        let request = |own_children_only| message(HandleTableRequest { own_children_only });
        check(&request(false), "all pool elements");
        check(&request(true), "own pool elements");
        check(&response(true, false, vec![]), "rejected");
        check(&response(false, false, vec![]), "0 pool elements in 0 pools");
        let entries = vec![entry("A", &[1, 2]), entry("B", &[1])];
        check(
            &response(false, true, entries.clone()),
            "3 pool elements in 2 pools, more to come",
        );
        check(
            &response(false, false, entries[1..].to_vec()),
            "1 pool element in 1 pool",
        );
    }

    #[test]
    fn entries_of_a_refusal_and_entries_without_pool_elements_are_left_out() {
        let decode = |message: Message| Message::decode(&message.encode()).unwrap().message;
        let refusal = response(true, false, vec![entry("A", &[1])]);
        assert_eq!(decode(refusal), response(true, false, vec![]));
        let gap = response(false, false, vec![entry("A", &[]), entry("B", &[1])]);
        assert_eq!(decode(gap), response(false, false, vec![entry("B", &[1])]));
    }

    #[test]
    fn a_pool_element_belongs_to_the_handle_before_it() {
        let table = response(false, false, vec![entry("A", &[1])]).encode();
        let mut bytes = table[..12].to_vec();
        bytes.extend(&table[20..]);
        bytes[3] -= 8;
        let rejection = Message::decode(&bytes).unwrap_err();
        assert_eq!(rejection.violation, Violation::UnrecognizedParameter(0x000a));
    }

    #[test]
    fn the_length_of_an_entry_is_what_it_adds_to_a_message() {
        let entry = entry("ABCDE", &[1, 2]);
        let bytes = response(false, false, vec![entry.clone()]).encode();
        assert_eq!(12 + entry.encoded_length(), bytes.len());
    }
}
