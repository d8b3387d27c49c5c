//! ASAP messages (RFC 5352 section 2).

use crate::parameter::{ErrorCause, Policy, PoolElementParameter, SctpTransport};
use crate::{PeIdentifier, PoolHandle, RegistrarIdentifier};

/// An ASAP message. One file per message holds its layout, decoder and encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// 0x01 ASAP_REGISTRATION.
    Registration(Registration),
    /// 0x02 ASAP_DEREGISTRATION.
    Deregistration(Deregistration),
    /// 0x03 ASAP_REGISTRATION_RESPONSE.
    RegistrationResponse(RegistrationResponse),
    /// 0x04 ASAP_DEREGISTRATION_RESPONSE.
    DeregistrationResponse(DeregistrationResponse),
    /// 0x05 ASAP_HANDLE_RESOLUTION.
    HandleResolution(HandleResolution),
    /// 0x06 ASAP_HANDLE_RESOLUTION_RESPONSE.
    HandleResolutionResponse(HandleResolutionResponse),
    /// 0x07 ASAP_ENDPOINT_KEEP_ALIVE.
    EndpointKeepAlive(EndpointKeepAlive),
    /// 0x08 ASAP_ENDPOINT_KEEP_ALIVE_ACK.
    EndpointKeepAliveAck(EndpointKeepAliveAck),
    /// 0x09 ASAP_ENDPOINT_UNREACHABLE.
    EndpointUnreachable(EndpointUnreachable),
    /// 0x0a ASAP_SERVER_ANNOUNCE.
    ServerAnnounce(ServerAnnounce),
    /// 0x0b ASAP_COOKIE.
    Cookie(Cookie),
    /// 0x0c ASAP_COOKIE_ECHO.
    CookieEcho(CookieEcho),
    /// 0x0d ASAP_BUSINESS_CARD.
    BusinessCard(BusinessCard),
    /// 0x0e ASAP_ERROR.
    Error(Error),
}

/// 0x01 ASAP_REGISTRATION: a pool element asks to be in a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element.
    pub pool_element: PoolElementParameter,
}

/// 0x02 ASAP_DEREGISTRATION: a pool element leaves its pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deregistration {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element.
    pub pe_identifier: PeIdentifier,
}

/// 0x03 ASAP_REGISTRATION_RESPONSE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationResponse {
    /// R flag: the registration is refused. Otherwise causes are warnings.
    pub rejected: bool,
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element.
    pub pe_identifier: PeIdentifier,
    /// Why it was refused, or what was changed; may be empty.
    pub causes: Vec<ErrorCause>,
}

/// 0x04 ASAP_DEREGISTRATION_RESPONSE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeregistrationResponse {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element.
    pub pe_identifier: PeIdentifier,
    /// Why the deregistration was refused; empty if it was done.
    pub causes: Vec<ErrorCause>,
}

/// 0x05 ASAP_HANDLE_RESOLUTION: which pool elements are there?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleResolution {
    /// S flag: send further responses whenever the pool changes.
    pub subscribe: bool,
    /// The pool.
    pub pool_handle: PoolHandle,
    /// Handle Resolution Option (extension, D-04): the largest number of pool elements wanted. 0 means the registrar's
    /// default, `u32::MAX` as many as possible.
    pub items: Option<u32>,
}

/// 0x06 ASAP_HANDLE_RESOLUTION_RESPONSE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleResolutionResponse {
    /// A flag: the subscription is granted.
    pub subscribed: bool,
    /// The pool.
    pub pool_handle: PoolHandle,
    /// What came of the request.
    pub outcome: Resolution,
}

/// The outcome of a handle resolution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// Pool elements, in the order of selection.
    Resolved {
        /// The pool's policy; absent means Round Robin (D-05: always send it).
        overall_policy: Option<Policy>,
        /// At least one.
        pool_elements: Vec<PoolElementParameter>,
    },
    /// None, and why; at least one cause.
    Failed(Vec<ErrorCause>),
}

/// 0x07 ASAP_ENDPOINT_KEEP_ALIVE: is this pool element alive?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointKeepAlive {
    /// H flag: the sender wants to be the home registrar.
    pub home: bool,
    /// The sender.
    pub registrar: RegistrarIdentifier,
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element; rsplib's form only (D-03).
    pub pe_identifier: Option<PeIdentifier>,
}

/// 0x08 ASAP_ENDPOINT_KEEP_ALIVE_ACK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointKeepAliveAck {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element.
    pub pe_identifier: PeIdentifier,
}

/// 0x09 ASAP_ENDPOINT_UNREACHABLE: a pool element could not be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointUnreachable {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element.
    pub pe_identifier: PeIdentifier,
}

/// 0x0a ASAP_SERVER_ANNOUNCE: here is a registrar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAnnounce {
    /// The registrar.
    pub registrar: RegistrarIdentifier,
    /// Its transports; none means SCTP at the datagram's source (D-07).
    pub transports: Vec<AnnouncedTransport>,
}

/// Where an announced registrar takes requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnnouncedTransport {
    /// By SCTP.
    Sctp(SctpTransport),
    /// By TCP.
    Tcp {
        /// TCP port.
        port: u16,
        /// The address.
        address: std::net::IpAddr,
    },
}

/// 0x0b ASAP_COOKIE: a pool element's state, kept by the pool user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// The state cookie, opaque to the pool user; at least one byte.
    pub cookie: Vec<u8>,
}

/// 0x0c ASAP_COOKIE_ECHO: the state for the next pool element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieEcho {
    /// The last cookie of the session, unchanged.
    pub cookie: Vec<u8>,
}

/// 0x0d ASAP_BUSINESS_CARD: where to go should I fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessCard {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// Pool elements in the recommended order; at least one.
    pub pool_elements: Vec<PoolElementParameter>,
}

/// 0x0e ASAP_ERROR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// At least one.
    pub causes: Vec<ErrorCause>,
}
