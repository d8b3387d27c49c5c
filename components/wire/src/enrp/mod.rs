//! ENRP messages (RFC 5353 section 2).

use crate::parameter::{ErrorCause, PoolElementParameter, ServerInformation};
use crate::{PoolHandle, RegistrarIdentifier};

/// An ENRP message: who sends it to whom, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The sending registrar.
    pub sender: RegistrarIdentifier,
    /// The receiving registrar; undetermined means every peer.
    pub receiver: RegistrarIdentifier,
    /// What it says.
    pub body: Body,
}

/// What an ENRP message says. One file per message holds its layout, decoder and encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// 0x01 ENRP_PRESENCE.
    Presence(Presence),
    /// 0x02 ENRP_HANDLE_TABLE_REQUEST.
    HandleTableRequest(HandleTableRequest),
    /// 0x03 ENRP_HANDLE_TABLE_RESPONSE.
    HandleTableResponse(HandleTableResponse),
    /// 0x04 ENRP_HANDLE_UPDATE.
    HandleUpdate(HandleUpdate),
    /// 0x05 ENRP_LIST_REQUEST.
    ListRequest,
    /// 0x06 ENRP_LIST_RESPONSE.
    ListResponse(ListResponse),
    /// 0x07 ENRP_INIT_TAKEOVER of this target.
    InitTakeover(RegistrarIdentifier),
    /// 0x08 ENRP_INIT_TAKEOVER_ACK for this target.
    InitTakeoverAck(RegistrarIdentifier),
    /// 0x09 ENRP_TAKEOVER_SERVER of this target.
    TakeoverServer(RegistrarIdentifier),
    /// 0x0a ENRP_ERROR; at least one cause.
    Error(Vec<ErrorCause>),
}

/// 0x01 ENRP_PRESENCE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// R flag: an answer is wanted at once (D-10).
    pub reply_required: bool,
    /// The checksum of the pool elements that the sender owns (D-11: always send it).
    pub pe_checksum: Option<u16>,
    /// The sender's ENRP transport address (D-11: always send it).
    pub server_information: Option<ServerInformation>,
}

/// 0x02 ENRP_HANDLE_TABLE_REQUEST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleTableRequest {
    /// W flag: only the pool elements that the receiver owns.
    pub own_children_only: bool,
}

/// 0x03 ENRP_HANDLE_TABLE_RESPONSE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleTableResponse {
    /// R flag: the request is refused, and there are no entries.
    pub rejected: bool,
    /// M flag: another request will get more entries.
    pub more_to_send: bool,
    /// Pools with at least one pool element each.
    pub entries: Vec<PoolEntry>,
}

/// One pool of a handle table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolEntry {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// Its pool elements, at least one.
    pub pool_elements: Vec<PoolElementParameter>,
}

/// 0x04 ENRP_HANDLE_UPDATE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleUpdate {
    /// T flag of rsplib (D-24): ignored on receipt, never set by us.
    pub takeover_suggested: bool,
    /// What happened to the pool element.
    pub action: UpdateAction,
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element.
    pub pool_element: PoolElementParameter,
}

/// What an ENRP_HANDLE_UPDATE announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateAction {
    /// ADD_PE: the pool element is new or changed.
    AddPe,
    /// DEL_PE: the pool element is gone.
    DelPe,
}

/// 0x06 ENRP_LIST_RESPONSE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListResponse {
    /// R flag: the request is refused.
    pub rejected: bool,
    /// The peers that the sender knows.
    pub servers: Vec<ServerInformation>,
}
