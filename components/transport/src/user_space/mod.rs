//! SCTP in this process, over UDP (RFC 6951), using the crate dcsctp.
//!
//! dcsctp handles one association and does no I/O. This module surrounds it: `driver`, the thread with its sockets,
//! feeds `endpoint`, which holds all associations, determines to which of them a packet belongs, and answers packets
//! that belong to none. `association` wraps dcsctp, `answers` and `allowance` limit what peers can request, `cookie`
//! protects dcsctp's state cookies, `liveness` detects dead peers, and `icmp` reads the errors that the network
//! reports.
//!
//! One address of each side is in use at a time, and there are no path events. The peer's address is the one from
//! which its part of the handshake came. Others that it lists are ignored, since nothing confirms them (RFC 9260
//! section 5.4).

mod allowance;
mod answers;
#[cfg(test)]
mod answers_tests;
mod association;
mod cookie;
#[cfg(test)]
mod crafted;
mod driver;
mod endpoint;
#[cfg(test)]
mod endpoint_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod hosts;
mod icmp;
#[cfg(test)]
mod identity_tests;
mod liveness;
mod packet;
mod receive;
mod running_time;
mod sockets;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use thiserror::Error;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use crate::outbox::Outbox;
use crate::shared::{Settings, Shared};
use crate::{BackEnd, Capabilities, Config, Events, LARGEST_MESSAGE, Transport};

/// The reason why a transport cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// Another process uses the UDP port on that address.
    #[error(
        "UDP port {port} of {address} is in use by another process: choose another address of this machine \
         (such as 127.0.0.2), leave the address out to have one chosen, or choose another UDP port"
    )]
    InUse {
        /// The address.
        address: IpAddr,
        /// The UDP port.
        port: u16,
    },
    /// The address does not belong to this machine.
    #[error("{0} is not an address of this machine")]
    NotOurs(IpAddr),
    /// The UDP port is in use on all loopback addresses.
    #[error(
        "UDP port {0} is in use on all loopback addresses, probably by one program (ss -ulpn names it): end that \
         program, or choose another port with --udp-port, for all components of a control centre with --sctp-port"
    )]
    NoneFree(u16),
    /// This machine has no loopback addresses.
    #[error(
        "the loopback interface is down, as it is at first in a new network namespace: bring it up with \
         \"ip link set lo up\", or choose an address of this machine with --address"
    )]
    NoLoopback,
    /// The settings are contradictory.
    #[error("{0}")]
    Config(&'static str),
    /// A socket cannot be set up.
    #[error("cannot set up a UDP socket on {address}")]
    Socket {
        /// Address and UDP port.
        address: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// The thread or its runtime cannot be started.
    #[error("cannot start the transport's thread")]
    Thread(#[source] io::Error),
}

/// Binds the sockets and starts the transport on a thread of its own, which ends with it.
pub fn start(config: Config) -> Result<(Transport, Events), StartError> {
    if config.association.receive_buffer <= LARGEST_MESSAGE {
        return Err(StartError::Config(
            "the receive buffer must hold more than the largest message",
        ));
    }
    let (addresses, sockets) = sockets::bind(&config)?;
    let locals: Vec<SocketAddr> = sockets
        .iter()
        .map(std::net::UdpSocket::local_addr)
        .collect::<Result<_, _>>()
        .map_err(StartError::Thread)?;
    let settings = settings(&config, addresses, locals.first().map(SocketAddr::port));
    let shared = Shared::new(settings, config.impairment_seed);
    let transport = Transport::new(shared.clone());
    let (sender, receiver) = mpsc::channel(config.event_queue.max(1));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(StartError::Thread)?;
    let sockets = {
        let _entered = runtime.enter();
        sockets
            .into_iter()
            .map(UdpSocket::from_std)
            .collect::<Result<_, _>>()
            .map_err(StartError::Thread)?
    };
    std::thread::Builder::new()
        .name("transport".into())
        .spawn(move || {
            // dcsctp's sockets cannot leave the thread on which they were created.
            let endpoint =
                endpoint::Endpoint::new(Instant::now(), &config, shared.clone(), Outbox::new(sender));
            runtime.block_on(driver::Driver::new(endpoint, shared, sockets, locals).run());
        })
        .map_err(StartError::Thread)?;
    Ok((transport, Events(receiver)))
}

fn settings(config: &Config, addresses: Vec<IpAddr>, udp_port: Option<u16>) -> Settings {
    Settings {
        addresses,
        udp_port,
        association: config.association.clone(),
        max_associations: config.max_associations,
        capabilities: Capabilities {
            back_end: BackEnd::UserSpace,
            path_events: false,
            packet_tap: true,
            impairments: true,
            largest_message: LARGEST_MESSAGE,
        },
    }
}
