//! The Pool Element parameter (RFC 5354 section 3.10).

use crate::parameter::{Policy, SctpTransport, UserTransport};
use crate::{PeIdentifier, RegistrarIdentifier};

/// How long a registration is good for, in the unit of the operational scope: milliseconds or seconds (D-01).
///
/// -1 means for ever; otherwise it is positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistrationLife(pub i32);

impl RegistrationLife {
    /// A registration that never expires.
    pub const INFINITE: Self = Self(-1);
}

/// A pool element as messages describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolElementParameter {
    /// Its identifier, unique within its pool.
    pub identifier: PeIdentifier,
    /// The registrar that owns it; undetermined in a first registration.
    pub home_registrar: RegistrarIdentifier,
    /// How long the registration is good for.
    pub registration_life: RegistrationLife,
    /// Where it offers its service.
    pub user_transport: UserTransport,
    /// Its policy and policy data.
    pub policy: Policy,
    /// Where a registrar reaches it by ASAP. Absent in registrations, present in ENRP messages.
    pub asap_transport: Option<SctpTransport>,
}
