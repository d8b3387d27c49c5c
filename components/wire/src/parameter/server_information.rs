//! The Server Information parameter (RFC 5354 section 3.11).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x000b and length |
//! | 4 | 4 | Server ID |
//! | 8 | n | Server Transport: one SCTP Transport |

use crate::RegistrarIdentifier;
use crate::decoding::{Context, Fault, Parameters, RawParameter, TypedParameter};
use crate::parameter::{SctpTransport, TransportUse};
use crate::reader::Reader;
use crate::tlv::Writer;

/// A registrar and its ENRP transport address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInformation {
    /// Its identifier; undetermined for a peer that rsplib only knows from its configuration (such entries are
    /// useless).
    pub identifier: RegistrarIdentifier,
    /// Its ENRP transport address for other registrars, for data only.
    pub transport: SctpTransport,
}

impl TypedParameter for ServerInformation {
    const TYPE: u16 = 0x000b;

    fn decode(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, Fault> {
        let mut reader = Reader::new(raw.value);
        let identifier = RegistrarIdentifier(reader.u32()?);
        let mut parameters = Parameters::new(reader, context);
        let transport: SctpTransport = parameters.optional()?.ok_or_else(|| raw.invalid())?;
        parameters.finish()?;
        Ok(Self {
            identifier,
            transport: transport.with_use(TransportUse::DataOnly),
        })
    }

    fn encode(&self, writer: &mut Writer) {
        writer.framed(Self::TYPE, |value| {
            value.u32(self.identifier.0);
            self.transport.encode(value);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Violation;

    #[test]
    fn the_transport_is_sctp() {
        let tcp = [
            0, 11, 0, 24, 0, 0, 0, 1, 0, 5, 0, 16, 0, 80, 0, 0, 0, 1, 0, 8, 192, 0, 2, 1,
        ];
        let raw = RawParameter::read(&mut Reader::new(&tcp)).unwrap();
        let fault = ServerInformation::decode(&raw, &mut Context::default()).unwrap_err();
        assert_eq!(fault.violation, Violation::InvalidValue(0x000b));
    }
}
