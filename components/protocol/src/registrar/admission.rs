//! Admission of registrations: the checks of RFC 5352 section 3.1, and which addresses are accepted.

use std::net::IpAddr;

use wire::asap::Registration;
use wire::parameter::{
    CauseCode, ErrorCause, Policy, PoolElementParameter, SctpTransport, TransportUse, UserTransport,
};

use super::Registrar;
use super::attachment::Attached;
use crate::handlespace::Inconsistency;
use crate::{AddressScope, AssociationId, TransportAddress};

/// An admitted registration.
pub(super) struct Admission {
    pub(super) element: PoolElementParameter,
    /// Warnings for the pool element.
    pub(super) warnings: Vec<ErrorCause>,
    /// All changes, with or without a warning.
    pub(super) changes: Vec<ErrorCause>,
}

impl Registrar {
    /// Checks a registration; the first check that fails determines the error cause.
    pub(super) fn admit(
        &self,
        association: AssociationId,
        attached: &Attached,
        registration: &Registration,
    ) -> Result<Admission, ErrorCause> {
        let Registration {
            pool_handle,
            pool_element,
        } = registration;
        let admitted = &self.settings.admitted;
        let addresses = &attached.peer.addresses;
        if !admitted.is_empty() && !addresses.iter().all(|address| admitted.contains(address)) {
            return Err(ErrorCause::bare(CauseCode::SECURITY));
        }
        if pool_element.identifier.0 == 0 {
            return Err(ErrorCause::bare(CauseCode::INVALID_VALUES));
        }
        let transport = &pool_element.user_transport;
        let scope = self.minimum_address_scope();
        let is_peers = |address: &IpAddr| addresses.iter().any(|own| own.to_canonical() == *address);
        let invalid = || ErrorCause::invalid_transport(transport);
        let proven = part_of(transport, is_peers).ok_or_else(invalid)?;
        let user_transport = part_of(&proven, |address| has_scope(*address, scope)).ok_or_else(invalid)?;
        // These addresses are confirmed, but not all of them need to be usable by others.
        let asap_transport = SctpTransport::new(
            attached.peer.port,
            TransportUse::DataOnly,
            addresses.iter().copied(),
        )
        .map_err(|_| ErrorCause::bare(CauseCode::INVALID_VALUES))?;
        // rsplib's pool elements take any cause for a refusal. There is no harm if some of several addresses are not
        // confirmed yet; the pool element registers them once they are.
        let warnings = (user_transport != proven).then(invalid).into_iter().collect();
        let changes = (user_transport != *transport).then(invalid).into_iter().collect();
        let element = PoolElementParameter {
            identifier: pool_element.identifier,
            home_registrar: self.settings.identifier,
            registration_life: pool_element.registration_life,
            user_transport,
            policy: pool_element
                .policy
                .clone()
                .with_distance(attached.round_trip.distance()),
            asap_transport: Some(asap_transport),
        };
        self.handlespace
            .check(pool_handle, &element)
            .map_err(|inconsistency| cause_of(&inconsistency, &element.policy))?;
        let key = (pool_handle.clone(), element.identifier);
        if self.is_somebody_elses(&key, association, &attached.peer) {
            return Err(ErrorCause::bare(CauseCode::NON_UNIQUE_PE_IDENTIFIER));
        }
        let known = self
            .handlespace
            .element(pool_handle, element.identifier)
            .is_some();
        if !known && self.is_full(pool_handle) {
            return Err(ErrorCause::bare(CauseCode::LACK_OF_RESOURCES));
        }
        Ok(Admission {
            element,
            warnings,
            changes,
        })
    }

    /// Returns the minimum scope of addresses. If a registrar has only loopback addresses, all its peers are on its
    /// host, whatever is configured.
    fn minimum_address_scope(&self) -> AddressScope {
        let own = self.settings.enrp.transport.as_ref();
        if own.is_some_and(|own| own.addresses().iter().all(IpAddr::is_loopback)) {
            AddressScope::Loopback
        } else {
            self.config.minimum_address_scope
        }
    }

    /// Returns whether an identifier is evidently in use by another pool element: one that registered over another
    /// association that is still up, from other addresses.
    fn is_somebody_elses(
        &self,
        key: &super::ElementKey,
        association: AssociationId,
        peer: &TransportAddress,
    ) -> bool {
        let Some(owned) = self.owned.get(key) else {
            return false;
        };
        let Some(other) = self.attached.get(owned.association) else {
            return false;
        };
        let elsewhere = |address| !peer.addresses.contains(address);
        owned.association != association && other.peer.addresses.iter().all(elsewhere)
    }
}

/// Returns the error cause for a pool element that does not fit into its pool.
pub(super) fn cause_of(inconsistency: &Inconsistency, policy: &Policy) -> ErrorCause {
    match inconsistency {
        Inconsistency::Policy(pool) => ErrorCause::inconsistent_policy(pool),
        Inconsistency::Transport(pool) => ErrorCause::inconsistent_transport(pool),
        Inconsistency::TransportUse => ErrorCause::bare(CauseCode::INCONSISTENT_DATA_CONTROL),
        Inconsistency::UnsupportedPolicy => ErrorCause::invalid_policy(policy),
    }
}

/// Returns the transport with those of its addresses that satisfy `keep`; `None` if none does.
fn part_of(transport: &UserTransport, keep: impl Fn(&IpAddr) -> bool) -> Option<UserTransport> {
    match transport {
        UserTransport::Sctp(sctp) => sctp.clone().retain(keep).map(UserTransport::Sctp),
        UserTransport::Dccp { address, .. }
        | UserTransport::Tcp(address)
        | UserTransport::Udp(address)
        | UserTransport::UdpLite(address) => keep(&address.address()).then(|| transport.clone()),
        UserTransport::Opaque(_) => Some(transport.clone()),
    }
}

fn has_scope(address: IpAddr, scope: AddressScope) -> bool {
    match scope {
        AddressScope::Loopback => true,
        AddressScope::SiteLocal => !address.is_loopback(),
        AddressScope::Global => {
            let private = match address {
                IpAddr::V4(address) => address.is_private() || address.is_link_local(),
                IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
            };
            !address.is_loopback() && !private
        }
    }
}
