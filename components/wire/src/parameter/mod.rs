//! The parameters of ASAP and ENRP (RFC 5354) and the pool policies (RFC 5356).

mod error_cause;
mod policy;
mod pool_element;
mod server_information;
mod transport;

pub use error_cause::{CauseCode, ErrorCause};
pub use policy::{Policy, PolicyType};
pub use pool_element::{PoolElementParameter, RegistrationLife};
pub use server_information::ServerInformation;
pub use transport::{SctpTransport, TransportProtocol, TransportUse, UserTransport};
