//! Every timer and limit of the cores.

use std::time::Duration;

/// The unit of Registration Life, the same in a whole operational scope since registrars pass the value on (D-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum LifeUnit {
    /// As in rsplib and Wireshark.
    #[default]
    Milliseconds,
    /// As in RFC 5354 section 3.10; only for scopes without rsplib.
    Seconds,
}

/// The smallest scope that an address of a pool element must have to be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum AddressScope {
    /// Any usable address.
    Loopback,
    /// Anything but loopback addresses.
    #[default]
    SiteLocal,
    /// Neither loopback nor private addresses.
    Global,
}

/// Which registrar wins when two want to take over the same one (D-12). Must be the same for all registrars of a
/// scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TakeoverOrder {
    /// As in RFC 5353 section 3.5.3.
    #[default]
    LargerIdentifierWins,
    /// As in rsplib; for scopes with registrars of rsplib.
    SmallerIdentifierWins,
}

/// Timers and limits, with the names that RFC 5352 section 5 gives them.
///
/// [`Self::default`] holds the RFCs' values, and rsplib's where the RFCs have none; [`Self::demo`] is fast (D-22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// T1-ENRPrequest: how long a pool user waits for the response to a handle resolution.
    pub t1_enrp_request: Duration,
    /// T2-registration: how long a pool element waits for the response to a registration.
    pub t2_registration: Duration,
    /// T3-deregistration: how long a pool element waits for the response to a deregistration.
    pub t3_deregistration: Duration,
    /// T4-reregistration: how long after a registration a pool element registers again.
    pub t4_reregistration: Duration,
    /// T5-Serverhunt: the duration of the first round of a server hunt; doubles from round to round up to
    /// [`Self::retran_max`].
    pub t5_server_hunt: Duration,
    /// T6-Serverannounce: the interval between announcements of all registrars together.
    pub t6_server_announce: Duration,
    /// How long a pool element or a pool user that knows no registrar listens for further announcements after the
    /// first one, so that not all of them choose the registrar that is the first to announce itself.
    pub announcement_gathering: Duration,
    /// T7-ENRPoutdate: how long an announced registrar is considered available.
    pub t7_enrp_outdate: Duration,
    /// stale_cache_value: how long a pool user may reuse a response. With zero, it asks the registrar each time,
    /// which adaptive policies need.
    pub stale_cache_value: Duration,
    /// MAX-REG-ATTEMPT: unanswered registrations in a row before the pool element reports a failure.
    pub max_reg_attempt: u32,
    /// MAX-REQUEST-RETRANSMIT: repetitions of a handle resolution before it fails.
    pub max_request_retransmit: u32,
    /// RETRAN-MAX: the maximum back-off.
    pub retran_max: Duration,
    /// MAX-BAD-PE-REPORT: a pool element that is reported more often is removed even if it answers.
    pub max_bad_pe_report: u32,

    /// How long a registrar waits without news from a pool element that it owns before it probes it; varies by half.
    pub keep_alive_interval: Duration,
    /// How long a registrar waits for the acknowledgement of a keep-alive.
    pub keep_alive_timeout: Duration,
    /// The minimum time between two probes of one pool element due to unreachable reports.
    pub unreachable_probe_interval: Duration,
    /// How long a registrar keeps an idle association on which nothing depends.
    pub autoclose: Duration,
    /// Whether keep-alives carry a PE identifier, as in rsplib but not in the RFC (D-03).
    pub keep_alive_names_pe: bool,
    /// Whether a pool element is notified when its registration has expired; rsplib's do not expect it (D-15).
    pub deregistration_response_on_expiry: bool,
    /// PEER-HEARTBEAT-CYCLE: the time between presences of a registrar; varies by an eighth.
    pub peer_heartbeat_cycle: Duration,
    /// MAX-TIME-LAST-HEARD: a peer that has been silent for longer is asked for its presence.
    pub max_time_last_heard: Duration,
    /// MAX-TIME-NO-RESPONSE: how long a registrar waits for a peer's response, and how long a download may stall.
    pub max_time_no_response: Duration,
    /// How long a starting registrar listens for a mentor before it goes into service alone.
    pub mentor_discovery: Duration,
    /// How long a registrar waits for all acknowledgements of its takeover.
    pub takeover_expiry: Duration,
    /// How long a starting registrar waits before it asks again a mentor that has refused.
    pub retry_after_reject: Duration,
    /// Which registrar wins when two want to take over the same one.
    pub takeover_order: TakeoverOrder,
    /// The maximum size of pool entries in one handle table response, in bytes.
    pub handle_table_bytes: usize,
    /// The maximum number of peers in a registrar's peer list.
    pub max_peers: usize,
    /// The minimum scope of addresses that a registrar accepts, unless its own are only loopback addresses.
    pub minimum_address_scope: AddressScope,
    /// The number of pool elements in a response if the request specifies none (D-04).
    pub default_items: usize,
    /// The maximum number of pool elements in a response.
    pub max_items: usize,
    /// How many pool elements at the beginning of a response count as selected; `usize::MAX` follows RFC 5356 to the
    /// letter (D-31).
    pub max_increment: usize,

    /// The unit of Registration Life (D-01).
    pub life_unit: LifeUnit,
    /// The registration life that a pool element requests; at least twice T4.
    pub registration_life: Duration,
    /// The minimum time between two registrations due to changed policy data; changes in between are merged.
    pub min_reregistration_interval: Duration,

    /// How many pool elements a pool user requests, so that there are alternatives; `None` leaves it to the
    /// registrar.
    pub items: Option<u32>,
    /// How long a pool user waits for an association to a pool element to come up.
    pub connect_timeout: Duration,
    /// How long a pool user waits before it asks again for an empty pool.
    pub unknown_pool_retry: Duration,
    /// How long a pool user avoids a pool element that has failed, if there are others.
    pub avoid_failed: Duration,
    /// Whether a pool element is reported as unreachable also when an established association to it is lost, not
    /// only when none can be set up or at the request of the application.
    pub report_lost_sessions: bool,

    /// The maximum duration of a graceful shutdown before everything left is aborted.
    pub shutdown_timeout: Duration,

    /// Registrations per second and association that are answered immediately; further ones are answered late.
    pub registration_rate: u32,
    /// Handle resolutions per second and association; further ones are refused.
    pub handle_resolution_rate: u32,
    /// Unreachable reports per second and association; further ones are ignored.
    pub unreachable_rate: u32,
    /// The maximum number of pools in a handlespace.
    pub max_pools: usize,
    /// The maximum number of pool elements in a handlespace.
    pub max_pool_elements: usize,
    /// The maximum number of associations that others may open to a registrar or a pool element.
    pub max_associations: usize,
    /// The maximum number of subscriptions (S flag) per association.
    pub max_subscriptions: usize,
    /// The minimum time between two notifications for one subscription.
    pub subscription_interval: Duration,
    /// The maximum size of a cookie that is kept, in bytes.
    pub max_cookie: usize,
}

impl Default for Config {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        let milliseconds = Duration::from_millis;
        Self {
            t1_enrp_request: seconds(15),
            t2_registration: seconds(30),
            t3_deregistration: seconds(30),
            t4_reregistration: seconds(600),
            t5_server_hunt: seconds(10),
            t6_server_announce: seconds(1),
            announcement_gathering: milliseconds(40),
            t7_enrp_outdate: seconds(5),
            stale_cache_value: Duration::ZERO,
            max_reg_attempt: 2,
            max_request_retransmit: 2,
            retran_max: seconds(60),
            max_bad_pe_report: 3,
            // rsplib's values from here on; the RFCs specify none.
            keep_alive_interval: seconds(5),
            keep_alive_timeout: seconds(5),
            unreachable_probe_interval: seconds(1),
            autoclose: seconds(300),
            keep_alive_names_pe: false,
            deregistration_response_on_expiry: true,
            peer_heartbeat_cycle: seconds(30),
            max_time_last_heard: seconds(61),
            max_time_no_response: seconds(5),
            mentor_discovery: seconds(5),
            takeover_expiry: seconds(5),
            retry_after_reject: seconds(2),
            takeover_order: TakeoverOrder::default(),
            handle_table_bytes: 32 * 1024,
            max_peers: 64,
            minimum_address_scope: AddressScope::SiteLocal,
            default_items: 3,
            max_items: 128,
            max_increment: 1,
            life_unit: LifeUnit::Milliseconds,
            registration_life: seconds(1800),
            min_reregistration_interval: milliseconds(100),
            items: Some(3),
            connect_timeout: seconds(5),
            unknown_pool_retry: milliseconds(250),
            avoid_failed: seconds(10),
            report_lost_sessions: true,
            shutdown_timeout: seconds(5),
            registration_rate: 10,
            handle_resolution_rate: 1_000,
            unreachable_rate: 10,
            max_pools: 16_384,
            max_pool_elements: 131_072,
            max_associations: 16_384,
            max_subscriptions: 64,
            subscription_interval: milliseconds(100),
            max_cookie: 16 * 1024,
        }
    }
}

impl Config {
    /// Returns short timers, so that an audience sees effects immediately, and admits loopback addresses, so that
    /// one machine is enough.
    #[must_use]
    pub fn demo() -> Self {
        let seconds = Duration::from_secs;
        let milliseconds = Duration::from_millis;
        Self {
            t1_enrp_request: milliseconds(500),
            t2_registration: milliseconds(500),
            t3_deregistration: milliseconds(500),
            t4_reregistration: seconds(3),
            t5_server_hunt: milliseconds(500),
            t6_server_announce: milliseconds(500),
            retran_max: seconds(4),
            keep_alive_interval: seconds(1),
            keep_alive_timeout: milliseconds(1_000),
            unreachable_probe_interval: milliseconds(500),
            peer_heartbeat_cycle: milliseconds(400),
            max_time_last_heard: milliseconds(1_000),
            max_time_no_response: milliseconds(500),
            mentor_discovery: milliseconds(400),
            takeover_expiry: milliseconds(700),
            retry_after_reject: milliseconds(200),
            minimum_address_scope: AddressScope::Loopback,
            registration_life: seconds(9),
            connect_timeout: milliseconds(700),
            unknown_pool_retry: milliseconds(100),
            avoid_failed: seconds(3),
            shutdown_timeout: seconds(1),
            ..Self::default()
        }
    }
}
