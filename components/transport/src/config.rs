//! Settings of a transport and of its associations.

use std::net::IpAddr;
use std::time::Duration;

/// The default UDP port of SCTP over UDP (RFC 6951 section 3).
pub const UDP_PORT: u16 = 9899;

/// Settings of a transport. Those about UDP concern [`user_space`](crate::user_space) only, unless
/// [`Config::encapsulate`] is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Local addresses, the primary one first. If empty, a loopback address 127.0.x.y is used that no other process
    /// uses, so that any number of processes on one machine can keep the UDP port that peers and protocol analysers
    /// expect.
    pub addresses: Vec<IpAddr>,
    /// Local UDP port; 0 lets the system choose one, in which case [`Config::addresses`] must not be empty.
    pub udp_port: u16,
    /// The UDP port of the peers to which we open associations. If a peer opens one, its source port is used
    /// instead.
    pub peer_udp_port: u16,
    /// Whether the kernel's SCTP opens associations over UDP, to [`Config::peer_udp_port`] (RFC 6951). Its own UDP port
    /// is set by the administrator (`net.sctp.udp_port`).
    pub encapsulate: bool,
    /// Settings of associations that peers open, and of those opened without settings of their own.
    pub association: AssociationConfig,
    /// The maximum number of simultaneous associations. Beyond that, peers are refused with ABORT (out of resource),
    /// and our own requests fail at once.
    pub max_associations: usize,
    /// The maximum number of events waiting for the user. If they are not fetched, SCTP's flow control slows the
    /// peers down.
    pub event_queue: usize,
    /// The maximum time from our INIT ACK to the peer's COOKIE ECHO (RFC 9260 section 16, Valid.Cookie.Life).
    pub cookie_lifetime: Duration,
    /// Seed of the randomness of link impairments.
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
    /// Returns the defaults with [`AssociationConfig::demo`].
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
/// A silent peer is given up after `max_retransmissions + 1` heartbeat intervals in which it was probed and did not
/// answer, hence within `(max_retransmissions + 2) * heartbeat_interval`. If only its process is gone, its host
/// reports this by ICMP, within about one interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociationConfig {
    /// Time between heartbeats on an idle association (HB.interval), within which a live peer gives a sign of life.
    /// Zero disables both.
    pub heartbeat_interval: Duration,
    /// Retransmission timeout before the first measurement (RTO.Initial).
    pub rto_initial: Duration,
    /// Minimum retransmission timeout (RTO.Min). It must exceed `sack_delay` of the peer.
    pub rto_min: Duration,
    /// Maximum retransmission timeout (RTO.Max).
    pub rto_max: Duration,
    /// Maximum number of consecutive intervals without a sign of life (Association.Max.Retrans). Without heartbeats:
    /// maximum number of retransmissions of the same data.
    pub max_retransmissions: u32,
    /// Maximum number of repetitions of INIT and COOKIE ECHO (Max.Init.Retransmits).
    pub max_init_retransmits: u32,
    /// Maximum delay of an acknowledgement (SACK delay).
    pub sack_delay: Duration,
    /// Number of streams offered in either direction.
    pub streams: u16,
    /// Maximum number of bytes waiting to be sent before [`SendError::Full`](crate::SendError::Full).
    pub send_buffer: usize,
    /// Size of the receive buffer in bytes, which is the window offered to the peer. It must hold the largest
    /// message.
    pub receive_buffer: usize,
    /// Maximum size of an SCTP packet in bytes; `None` derives it from the peer's address (there is no path MTU
    /// discovery).
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
    /// Returns short times for a demonstration on one machine or one Ethernet: a killed peer is detected within 0.1
    /// s, an unplugged or frozen one after 0.7 to 0.8 s.
    ///
    /// A peer that is merely short of processor time stays alive if it runs once within that time.
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

    /// Like [`AssociationConfig::demo`], but a killed peer is detected within 20 ms: for the few associations with
    /// an audience. This costs fifty small packets per second in either direction.
    #[must_use]
    pub fn demo_session() -> Self {
        Self {
            heartbeat_interval: Duration::from_millis(20),
            max_retransmissions: 35,
            ..Self::demo()
        }
    }
}
