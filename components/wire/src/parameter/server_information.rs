//! The Server Information parameter (RFC 5354 section 3.11).

use crate::RegistrarIdentifier;
use crate::parameter::SctpTransport;

/// A registrar and its ENRP transport address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInformation {
    /// Its identifier.
    pub identifier: RegistrarIdentifier,
    /// Where other registrars reach it by ENRP.
    pub transport: SctpTransport,
}
