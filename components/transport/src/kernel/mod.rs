//! The kernel's SCTP, through `sctp-rs`.
//!
//! For each SCTP port, a one-to-many socket reports new associations and gives each of them its own socket (RFC 6458
//! section 9.2), so that a slow peer does not hold up the others. `sctp-rs` runs the one-to-many sockets. The
//! associations' own sockets are used without it: it hides where a message ends, truncates messages at 4096 bytes,
//! does not wait until a socket is writable, and leaks something in tokio for each socket that it closes, so that
//! peers could exhaust the memory.
//!
//! How this differs from [`user_space`](crate::user_space):
//! - The packets are the kernel's: no tap sees them, and there are no impairments ([`Transport::set_impairment`]
//!   returns an error).
//! - However a process ends, the kernel shuts its associations down: a SIGKILL looks like a graceful shutdown, and
//!   so does [`Transport::vanish`]. A silent failure requires a link that is cut.
//! - Associations with several addresses on either side switch paths, which [`Event::Path`](crate::Event::Path)
//!   reports. The kernel confirms each address of a peer before it counts (RFC 9260 section 5.4):
//!   [`Event::Up`](crate::Event::Up) contains those confirmed by then, and a path that comes up later is confirmed
//!   as well. To identify associations, however, the kernel uses all addresses that a peer lists: as long as a
//!   stranger's association lists the address of another host, the kernel refuses associations from there with the
//!   stranger's SCTP port.
//! - Peers in user space can be reached with [`Config::encapsulate`], if the administrator has set `net.sctp.udp_port`.
//! - An association that a peer opens and ends before this process can accept it is never reported, unless a message
//!   arrived.
//! - A peer that shuts down receives what the kernel has accepted by then, which is all that [`Transport::send`] has
//!   accepted, unless more than a send buffer was waiting.

mod actor;
mod arrival;
mod association;
mod context;
mod incoming;
mod notification;
mod options;
mod pause;
mod ports;
mod receiving;
mod sending;
mod socket;
mod system;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use socket2::Socket;
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use crate::outbox::Outbox;
use crate::shared::{Settings, Shared};
use crate::{BackEnd, Capabilities, Config, Events, LARGEST_MESSAGE, Transport};

/// The file that holds the UDP port of the kernel's SCTP.
const UDP_PORT_SETTING: &str = "/proc/sys/net/sctp/udp_port";

/// The number of descriptors to request.
const ENOUGH_DESCRIPTORS: u64 = 16 * 1024;

/// The reason why a transport cannot be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// The kernel has no SCTP, or lacks required features.
    #[error("the kernel offers no SCTP (load its module: modprobe sctp)")]
    NoSctp(#[source] io::Error),
    /// A configured address does not belong to this machine.
    #[error("{0} is not an address of this machine")]
    NotOurs(IpAddr),
    /// No loopback address is free.
    #[error("no loopback address is free")]
    NoneFree,
    /// The settings are contradictory.
    #[error("{0}")]
    Config(&'static str),
    /// A socket cannot be set up.
    #[error("cannot set up an SCTP socket on {address}")]
    Socket {
        /// The local address.
        address: IpAddr,
        /// The system's error.
        source: io::Error,
    },
    /// The kernel is not configured to accept SCTP over UDP.
    #[error("the kernel's SCTP has no UDP port (set one: sysctl -w net.sctp.udp_port=9899)")]
    NoUdpPort,
    /// The thread or its runtime cannot be started.
    #[error("cannot start the transport's thread")]
    Thread(#[source] io::Error),
}

/// Checks whether the kernel has SCTP.
pub fn probe() -> Result<(), StartError> {
    ports::probe().map_err(StartError::NoSctp)
}

/// Starts a transport on a thread of its own, which ends with it.
///
/// If no addresses are configured, a loopback address is used on which the SCTP port with the number
/// [`Config::udp_port`] is free.
pub fn start(config: Config) -> Result<(Transport, Events), StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(StartError::Thread)?;
    let (transport, events, prepared) = match prepare(config, runtime.handle().clone()) {
        Ok(prepared) => prepared,
        Err(error) => {
            // It must not be dropped in an asynchronous context.
            runtime.shutdown_background();
            return Err(error);
        }
    };
    std::thread::Builder::new()
        .name("transport".into())
        .spawn(move || LocalSet::new().block_on(&runtime, prepared.run()))
        .map_err(StartError::Thread)?;
    Ok((transport, events))
}

/// Starts a transport as a task on this thread, within a runtime, so that messages do not cross threads. It runs as
/// long as the set is polled.
pub fn start_local(config: Config, tasks: &LocalSet) -> Result<(Transport, Events), StartError> {
    let (transport, events, prepared) = prepare(config, Handle::current())?;
    tasks.spawn_local(prepared.run());
    Ok((transport, events))
}

/// The parts of an actor, wherever it will run.
struct Prepared {
    shared: Arc<Shared>,
    ports: Arc<ports::Ports>,
    new_ports: mpsc::UnboundedReceiver<Arc<ports::Port>>,
    outbox: Outbox,
    /// Keeps other processes away from the loopback address.
    claimed: Option<Socket>,
}

impl Prepared {
    async fn run(self) {
        let Self {
            shared,
            ports,
            new_ports,
            outbox,
            claimed,
        } = self;
        actor::Actor::new(shared, ports, new_ports, outbox).run().await;
        drop(claimed);
    }
}

fn prepare(config: Config, runtime: Handle) -> Result<(Transport, Events, Prepared), StartError> {
    if config.association.receive_buffer <= LARGEST_MESSAGE {
        return Err(StartError::Config(
            "the receive buffer must hold more than the largest message",
        ));
    }
    probe()?;
    let udp_port = std::fs::read_to_string(UDP_PORT_SETTING)
        .ok()
        .and_then(|text| text.trim().parse::<u16>().ok())
        .filter(|port| *port != 0);
    if config.encapsulate && udp_port.is_none() {
        return Err(StartError::NoUdpPort);
    }
    allow_descriptors();
    let (addresses, claimed) = if config.addresses.is_empty() {
        let (address, socket) = ports::claim_loopback(config.udp_port)?;
        (vec![address], Some(socket))
    } else {
        ports::check(&config.addresses)?;
        (config.addresses.clone(), None)
    };
    let (new_port, new_ports) = mpsc::unbounded_channel();
    let ports = Arc::new(ports::Ports::new(
        addresses.clone(),
        config.association.clone(),
        config.encapsulate.then_some(config.peer_udp_port),
        runtime,
        new_port,
    ));
    let settings = Settings {
        addresses,
        udp_port: udp_port.filter(|_| config.encapsulate),
        association: config.association.clone(),
        max_associations: config.max_associations,
        capabilities: Capabilities {
            back_end: BackEnd::Kernel,
            path_events: true,
            packet_tap: false,
            impairments: false,
            largest_message: LARGEST_MESSAGE,
        },
    };
    let shared = Shared::with_ports(settings, config.impairment_seed, ports.clone());
    let transport = Transport::new(Arc::clone(&shared));
    let (sender, receiver) = mpsc::channel(config.event_queue.max(1));
    let prepared = Prepared {
        shared,
        ports,
        new_ports,
        outbox: Outbox::new(sender),
        claimed,
    };
    Ok((transport, Events(receiver), prepared))
}

/// Requests enough descriptors, since each association needs one. If there are too few nevertheless, peers are
/// refused.
fn allow_descriptors() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard.min(ENOUGH_DESCRIPTORS)
    {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard.min(ENOUGH_DESCRIPTORS), hard);
    }
}
