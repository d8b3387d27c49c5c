//! The parameters of ASAP and ENRP (RFC 5354) and the pool policies (RFC 5356).
//!
//! Every parameter begins alike, at offsets from its start:
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 2 | Parameter Type |
//! | 2 | 2 | Parameter Length: type, length and value, without the padding behind it |
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
mod server_information;
mod transport;

pub use any::Parameter;
pub use cookie::LONGEST_COOKIE;
pub use error_cause::{CauseCode, ErrorCause};
pub use policy::{InvalidPolicy, Policy, PolicyType, fraction_of_scale, scale_of_fraction};
pub use pool_element::{PoolElementParameter, RegistrationLife};
pub use server_information::ServerInformation;
pub use transport::{SctpTransport, TransportProtocol, TransportUse, UserTransport};

pub(crate) use address::{exactly_one_address, usable_addresses};
pub(crate) use cookie::CookieValue;
pub(crate) use handle_resolution_option::HandleResolutionOption;
pub(crate) use pe_checksum::PeChecksumValue;
pub(crate) use transport::decode_tcp;

use crate::tlv::Writer;

/// The bytes of one parameter without the padding behind it: the form in which error causes quote it.
pub(crate) fn encoded(parameter: &impl crate::decoding::TypedParameter) -> Vec<u8> {
    let mut writer = Writer::default();
    parameter.encode(&mut writer);
    writer.finish_unpadded()
}
