//! The Pool Element parameter (RFC 5354 section 3.10).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x000a and length |
//! | 4 | 4 | PE Identifier |
//! | 8 | 4 | Home ENRP Server Identifier; 0 if undetermined |
//! | 12 | 4 | Registration Life, signed; -1 = infinite |
//! | 16 | n | User Transport: one transport parameter of any kind |
//! | | n | Pool Member Selection Policy |
//! | | n | ASAP Transport: one SCTP Transport; optional |
//!
//! The two transports can only be distinguished by their positions, so the order is mandatory.

use crate::decoding::{Context, Fault, Parameters, RawParameter, TypedParameter};
use crate::parameter::{Policy, SctpTransport, TransportUse, UserTransport, encoded_length};
use crate::reader::Reader;
use crate::tlv::Writer;
use crate::{PeIdentifier, RegistrarIdentifier};

/// The duration of a registration in the unit of the operational scope: milliseconds or seconds (D-01).
///
/// -1 means forever; otherwise, it is positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistrationLife(pub i32);

impl RegistrationLife {
    /// A registration that never expires.
    pub const INFINITE: Self = Self(-1);
}

/// A pool element as described in messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolElementParameter {
    /// Its identifier, unique within its pool.
    pub identifier: PeIdentifier,
    /// The registrar that owns it; undetermined in a first registration.
    pub home_registrar: RegistrarIdentifier,
    /// The duration of the registration.
    pub registration_life: RegistrationLife,
    /// The transport address of its service.
    pub user_transport: UserTransport,
    /// Its policy and policy data.
    pub policy: Policy,
    /// Its ASAP transport address for registrars, for data only. Absent in registrations, present in ENRP messages.
    pub asap_transport: Option<SctpTransport>,
}

impl PoolElementParameter {
    /// Returns whether registrars may send it to each other: it has a home registrar and an ASAP transport. rsplib
    /// discards any message that contains one without these, whatever else is in it (D-30).
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.home_registrar.is_determined() && self.asap_transport.is_some()
    }

    /// Returns the size of the parameter in a message in bytes, including padding, for keeping a message below
    /// [`crate::LARGEST_MESSAGE`].
    #[must_use]
    pub fn encoded_length(&self) -> usize {
        encoded_length(self)
    }
}

impl TypedParameter for PoolElementParameter {
    const TYPE: u16 = 0x000a;

    fn decode(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, Fault> {
        let mut reader = Reader::new(raw.value);
        let identifier = PeIdentifier(reader.u32()?);
        context.note_pe_identifier(identifier);
        let home_registrar = RegistrarIdentifier(reader.u32()?);
        let registration_life = RegistrationLife(reader.i32()?);
        let life_is_valid = registration_life == RegistrationLife::INFINITE || registration_life.0 > 0;
        if identifier.0 == 0 || !life_is_valid {
            return Err(raw.invalid());
        }
        let mut parameters = Parameters::new(reader, context);
        let user_transport = parameters.next_if()?.ok_or_else(|| raw.invalid())?;
        let policy = parameters.optional()?.ok_or_else(|| raw.invalid())?;
        let asap_transport = match parameters.optional()? {
            None => None,
            // The use of a pool element's ASAP association is implied, and rsplib accepts no other value.
            Some(UserTransport::Sctp(sctp)) => Some(sctp.with_use(TransportUse::DataOnly)),
            Some(_) => return Err(raw.invalid()),
        };
        parameters.finish()?;
        Ok(Self {
            identifier,
            home_registrar,
            registration_life,
            user_transport,
            policy,
            asap_transport,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        writer.framed(Self::TYPE, |value| {
            value.u32(self.identifier.0);
            value.u32(self.home_registrar.0);
            value.i32(self.registration_life.0);
            self.user_transport.encode(value);
            self.policy.encode(value);
            if let Some(asap_transport) = &self.asap_transport {
                asap_transport.encode(value);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Violation;
    use crate::parameter::{TransportAddress, encoded};

    fn pool_element() -> PoolElementParameter {
        PoolElementParameter {
            identifier: PeIdentifier(0x1122_3344),
            home_registrar: RegistrarIdentifier(0x0a00_0001),
            registration_life: RegistrationLife(300),
            user_transport: UserTransport::Tcp(TransportAddress::new([192, 0, 2, 10].into(), 80).unwrap()),
            policy: Policy::RoundRobin,
            asap_transport: None,
        }
    }

    fn decode(bytes: &[u8]) -> Result<PoolElementParameter, Violation> {
        let raw = RawParameter::read(&mut Reader::new(bytes)).unwrap();
        PoolElementParameter::decode(&raw, &mut Context::default()).map_err(|fault| fault.violation)
    }

    /// Returns the fixed part of [`pool_element`] followed by these parameters.
    fn with_parameters(parameters: &[&[u8]]) -> Vec<u8> {
        let mut bytes = encoded(&pool_element())[..16].to_vec();
        bytes.extend(parameters.concat());
        bytes[3] = u8::try_from(bytes.len()).unwrap();
        bytes
    }

    const INVALID: Result<PoolElementParameter, Violation> = Err(Violation::InvalidValue(0x000a));

    #[test]
    fn identifier_zero_and_lives_that_are_over_are_invalid() {
        let zero = PoolElementParameter {
            identifier: PeIdentifier(0),
            ..pool_element()
        };
        assert_eq!(decode(&encoded(&zero)), INVALID);
        for (life, valid) in [(-2, false), (-1, true), (0, false), (1, true)] {
            let pool_element = PoolElementParameter {
                registration_life: RegistrationLife(life),
                ..pool_element()
            };
            assert_eq!(decode(&encoded(&pool_element)).is_ok(), valid, "{life}");
        }
    }

    #[test]
    fn transport_and_policy_have_to_be_there_in_this_order() {
        let transport = encoded(&pool_element().user_transport);
        let policy = encoded(&Policy::RoundRobin);
        assert_eq!(
            decode(&with_parameters(&[&transport, &policy])),
            Ok(pool_element())
        );
        assert_eq!(decode(&with_parameters(&[&policy, &transport])), INVALID);
        assert_eq!(decode(&with_parameters(&[&transport])), INVALID);
        assert_eq!(
            decode(&with_parameters(&[&transport, &transport, &policy])),
            INVALID
        );
        assert_eq!(decode(&with_parameters(&[])), INVALID);
    }

    #[test]
    fn the_asap_transport_is_sctp() {
        let transport = encoded(&pool_element().user_transport);
        let policy = encoded(&Policy::RoundRobin);
        let parameters = with_parameters(&[&transport, &policy, &transport]);
        assert_eq!(decode(&parameters), INVALID);
    }

    #[test]
    fn unknown_parameters_inside_are_passed_over_or_stop() {
        let transport = encoded(&pool_element().user_transport);
        let policy = encoded(&Policy::RoundRobin);
        let skip = [0x8a, 0xbc, 0, 4];
        let stop = [0x0a, 0xbc, 0, 4];
        let skipping = with_parameters(&[&skip, &transport, &skip, &policy, &skip]);
        assert_eq!(decode(&skipping), Ok(pool_element()));
        let stopping = with_parameters(&[&transport, &stop, &policy]);
        assert_eq!(decode(&stopping), Err(Violation::UnrecognizedParameter(0x0abc)));
    }

    #[test]
    fn the_encoded_length_counts_the_padding() {
        let opaque = PoolElementParameter {
            user_transport: UserTransport::Opaque(vec![1]),
            ..pool_element()
        };
        assert_eq!(opaque.encoded_length(), 16 + 8 + 8);
    }
}
