//! The parameters of ASAP and ENRP (RFC 5354) and the pool policies (RFC 5356).
//!
//! All parameters have the same frame, with offsets from its start:
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 2 | Parameter Type |
//! | 2 | 2 | Parameter Length: type, length and value, without the padding at the end |
//! | 4 | n | Parameter Value |
//! | | 0..3 | padding with zero bytes up to a multiple of 4, ignored on receipt |

mod address;
mod any;
mod cookie;
mod error_cause;
mod handle_resolution_option;
mod identifier;
mod pe_checksum;
mod policy;
mod pool_element;
mod pool_handle;
mod sctp_transport;
mod server_information;
mod transport;

pub use any::Parameter;
pub use cookie::LONGEST_COOKIE;
pub use error_cause::{CauseCode, ErrorCause};
pub use policy::{InvalidPolicy, Policy, PolicyData, PolicyType, fraction_of_scale, scale_of_fraction};
pub use pool_element::{PoolElementParameter, RegistrationLife};
pub use sctp_transport::{SctpTransport, TransportUse};
pub use server_information::ServerInformation;
pub use transport::{InvalidTransport, TransportAddress, TransportProtocol, UserTransport};

pub(crate) use cookie::CookieValue;
pub(crate) use handle_resolution_option::HandleResolutionOption;
pub(crate) use identifier::NamedPeIdentifier;
pub(crate) use pe_checksum::PeChecksumValue;

use crate::LARGEST_MESSAGE;
use crate::decoding::TypedParameter;
use crate::tlv::{Writer, padding};

/// Encodes one parameter without padding at the end: the form in which error causes quote it.
pub(crate) fn encoded(parameter: &impl TypedParameter) -> Vec<u8> {
    let mut writer = Writer::default();
    parameter.encode(&mut writer);
    writer.finish_unpadded()
}

/// Returns the size of a parameter in a message in bytes, including padding.
pub(crate) fn encoded_length(parameter: &impl TypedParameter) -> usize {
    let length = encoded(parameter).len();
    length + padding(length)
}

/// Writes as many of these parameters as fit into a message. They are in the order of preference, so that the least
/// important ones are left out.
pub(crate) fn encode_fitting(value: &mut Writer, parameters: &[impl TypedParameter]) {
    for parameter in parameters {
        if value.padded_length() + encoded_length(parameter) > LARGEST_MESSAGE {
            break;
        }
        parameter.encode(value);
    }
}
