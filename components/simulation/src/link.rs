//! One association, as the network sees it.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::{AssociationId, DownCause, Endpoint, Time, TransportAddress};
use wire::Ppid;

use crate::NodeId;

/// Which end of a link: the one that opened it is 0.
pub(crate) type Side = usize;

/// An association between two nodes, or the attempt to open one.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) ends: [End; 2],
    /// Whether both ends have heard of it.
    pub(crate) established: bool,
    pub(crate) opened: Time,
    /// Where the opening end wants to go.
    pub(crate) target: TransportAddress,
    /// How much longer its way is than the shortest one.
    pub(crate) detour: Duration,
    /// Messages are in order: none arrives before this time.
    pub(crate) busy_until: [Time; 2],
    /// What cannot get through at the moment.
    pub(crate) held: VecDeque<(Side, Parcel)>,
    /// Counts blockages, so that a timeout of an earlier one is known as such.
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

/// What an end may still do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndState {
    /// Sends and receives.
    Open,
    /// Has asked for an orderly end.
    ShuttingDown,
    /// The other end gave up on it while it was frozen; it learns that when it thaws.
    Abandoned,
    /// Receives its `Down` and nothing else.
    Closed,
    /// Its node has no memory of it.
    Gone,
}

/// What travels on a link.
#[derive(Debug, Clone)]
pub(crate) enum Parcel {
    /// The association is established.
    Up,
    /// A message.
    Message(Ppid, Vec<u8>),
    /// The association is over.
    Down(DownCause),
    /// The other end wants an orderly end.
    ShutdownRequest,
}
