//! One association, as the network sees it.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::{AssociationId, DownCause, Endpoint, Time, TransportAddress};
use wire::Ppid;

use crate::NodeId;

/// An end of a link: 0 is the one that opened it.
pub(crate) type Side = usize;

/// An association between two nodes, or the attempt to open one.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) ends: [End; 2],
    /// Whether both ends know about it.
    pub(crate) established: bool,
    pub(crate) opened: Time,
    /// The address to which the opening end connects.
    pub(crate) target: TransportAddress,
    /// Additional latency compared to the shortest path.
    pub(crate) detour: Duration,
    /// Messages are ordered: none arrives before this time.
    pub(crate) busy_until: [Time; 2],
    /// Parcels that cannot get through at the moment.
    pub(crate) held: VecDeque<(Side, Parcel)>,
    /// Counts blockages, so that the timeout of an earlier one is recognized as such.
    pub(crate) blockage: u64,
    pub(crate) blocked: bool,
}

/// One end of a link.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) node: NodeId,
    pub(crate) association: AssociationId,
    pub(crate) endpoint: Endpoint,
    /// Its SCTP port.
    pub(crate) port: u16,
    pub(crate) state: EndState,
}

/// The state of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndState {
    /// Sends and receives.
    Open,
    /// Has requested a graceful shutdown.
    ShuttingDown,
    /// The other end gave up on it while it was frozen; it learns this when it thaws.
    Abandoned,
    /// Receives its `Down` and nothing else.
    Closed,
    /// Its node has forgotten it.
    Gone,
}

/// What is transferred on a link.
#[derive(Debug, Clone)]
pub(crate) enum Parcel {
    /// The association is established.
    Up,
    /// A message.
    Message(Ppid, Vec<u8>),
    /// The association is over.
    Down(DownCause),
    /// The other end requests a graceful shutdown.
    ShutdownRequest,
}
