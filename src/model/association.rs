//! Associations, joined from what their two ends tell.

use std::collections::BTreeMap;

use feed::{Protocol, TransportAddress};

use crate::model::ComponentId;
use crate::model::message::Flow;

/// An association: its two transport addresses, the smaller one first, so that both ends name it alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssociationKey(pub TransportAddress, pub TransportAddress);

/// An association that is up according to at least one of its ends.
#[derive(Debug, Clone)]
pub struct Association {
    /// What it is for.
    pub protocol: Protocol,
    /// The ends that are known components, and what each says of it. One entry only: the other end is unknown, or does
    /// not (or no longer) see the association.
    pub views: BTreeMap<ComponentId, AssociationView>,
    /// The components at the two transport addresses of the key, in its order, as far as known. A component stays named
    /// here after its process has died, for as long as the other end believes in the association.
    pub ends: [Option<ComponentId>; 2],
    /// What the ends told of each other, in the key's order.
    pub(crate) told: [Option<feed::Component>; 2],
    /// Messages that only one end told of so far: those from the first address of the key, and those from the second.
    pub(crate) flows: [Flow; 2],
    /// When the first end saw it come up, microseconds since the Unix epoch.
    pub since_us: u64,
    /// Messages seen so far (each counted once, at its sender if that is known).
    pub messages: u64,
    /// When the latest message was seen, microseconds since the Unix epoch.
    pub last_message_us: u64,
}

/// What one end says of an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssociationView {
    /// Its number at that end.
    pub number: u64,
    /// Whether the other end opened it.
    pub inbound: bool,
}
