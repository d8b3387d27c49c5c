//! Settings of a transport and of its associations.

use std::net::IpAddr;
use std::time::Duration;

/// The UDP port of SCTP in UDP (RFC 6951 section 3).
pub const UDP_PORT: u16 = 9899;

/// Settings of a transport. What concerns UDP is for [`user_space`](crate::user_space), unless [`Config::encapsulate`] says
/// otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Own addresses, the primary in front. Empty: a loopback address 127.0.x.y that no other process uses, so that
    /// any number of processes on one machine keep the UDP port that peers and protocol analysers expect.
    pub addresses: Vec<IpAddr>,
    /// Own UDP port; 0 lets the system choose one, for which [`Config::addresses`] must not be empty.
    pub udp_port: u16,
    /// The UDP port of peers to which associations are opened. Peers that come to us are answered where they sent from.
    pub peer_udp_port: u16,
    /// Whether the kernel's SCTP opens associations in UDP, to [`Config::peer_udp_port`] (RFC 6951). Its own UDP port is the
    /// administrator's affair (`net.sctp.udp_port`).
    pub encapsulate: bool,
    /// Settings of associations that peers open, and of those opened without settings of their own.
    pub association: AssociationConfig,
    /// Associations at the same time. Above it peers are refused with ABORT (out of resource), own requests go down at once.
    pub max_associations: usize,
    /// Events that may wait for the user. If they are not fetched, the peers are held back by SCTP's flow control.
    pub event_queue: usize,
    /// How long a peer may take from our INIT ACK to its COOKIE ECHO (RFC 9260 section 16, Valid.Cookie.Life).
    pub cookie_lifetime: Duration,
    /// Seed for the dice of the link impairments.
    pub impairment_seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            addresses: Vec::new(),
            udp_port: UDP_PORT,
            peer_udp_port: UDP_PORT,
            encapsulate: false,
            association: AssociationConfig::default(),
            max_associations: 4096,
            event_queue: 1024,
            cookie_lifetime: Duration::from_secs(60),
            impairment_seed: 1,
        }
    }
}

impl Config {
    /// The defaults with [`AssociationConfig::demo`].
    #[must_use]
    pub fn demo() -> Self {
        Self {
            association: AssociationConfig::demo(),
            ..Self::default()
        }
    }
}

/// Settings of one association. The defaults are those of RFC 9260 section 16.
///
/// A peer that has fallen silent is given up after `max_retransmissions + 1` heartbeat intervals in which nothing has
/// come from it although it was asked, hence within `(max_retransmissions + 2) * heartbeat_interval`. One that is gone
/// from a host that is still there is noticed by ICMP within about one interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociationConfig {
    /// Time between heartbeats on an idle association (HB.interval), and in which a living peer gives a sign of life;
    /// zero switches both off.
    pub heartbeat_interval: Duration,
    /// Retransmission time-out before the first measurement (RTO.Initial).
    pub rto_initial: Duration,
    /// Smallest retransmission time-out (RTO.Min). It must exceed `sack_delay` of the peer.
    pub rto_min: Duration,
    /// Largest retransmission time-out (RTO.Max).
    pub rto_max: Duration,
    /// Intervals in a row without a sign of life that are put up with (Association.Max.Retrans). Without heartbeats:
    /// retransmissions of the same data.
    pub max_retransmissions: u32,
    /// Repetitions of INIT and COOKIE ECHO (Max.Init.Retransmits).
    pub max_init_retransmits: u32,
    /// Longest delay of an acknowledgement (SACK delay).
    pub sack_delay: Duration,
    /// Streams offered in either direction.
    pub streams: u16,
    /// Bytes that may wait to be sent before [`SendError::Full`](crate::SendError::Full).
    pub send_buffer: usize,
    /// Bytes that are buffered for receiving, hence the window offered to the peer. Must hold the largest message.
    pub receive_buffer: usize,
    /// Largest SCTP packet in bytes; `None` derives it from the peer's address (there is no path MTU discovery).
    pub mtu: Option<usize>,
}

impl Default for AssociationConfig {
    fn default() -> Self {
        Self {
            heartbeat_interval: Duration::from_secs(30),
            rto_initial: Duration::from_secs(1),
            rto_min: Duration::from_secs(1),
            rto_max: Duration::from_secs(60),
            max_retransmissions: 10,
            max_init_retransmits: 8,
            sack_delay: Duration::from_millis(200),
            streams: 16,
            send_buffer: 256 * 1024,
            receive_buffer: 256 * 1024,
            mtu: None,
        }
    }
}

impl AssociationConfig {
    /// Short times for a demonstration on one machine or one Ethernet: a killed peer is noticed within 0.1 s, an
    /// unplugged or frozen one after 0.7 to 0.8 s.
    ///
    /// A peer that merely waits for its processor needs to run only once in that time to stay alive.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            heartbeat_interval: Duration::from_millis(100),
            rto_initial: Duration::from_millis(100),
            rto_min: Duration::from_millis(100),
            rto_max: Duration::from_millis(400),
            max_retransmissions: 6,
            max_init_retransmits: 3,
            sack_delay: Duration::from_millis(20),
            ..Self::default()
        }
    }

    /// As [`AssociationConfig::demo`], but a killed peer is noticed within 20 ms: for the few associations on which a
    /// picture waits. Costs fifty small packets a second in either direction.
    #[must_use]
    pub fn demo_session() -> Self {
        Self {
            heartbeat_interval: Duration::from_millis(20),
            max_retransmissions: 35,
            ..Self::demo()
        }
    }
}
