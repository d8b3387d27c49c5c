//! SCTP in this process, over UDP (RFC 6951).

use std::io;
use std::net::{IpAddr, SocketAddr};

use thiserror::Error;

use crate::{Config, Events, Transport};

/// Why a transport cannot start.
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
    /// The address is none of this machine.
    #[error("{0} is no address of this machine")]
    NotOurs(IpAddr),
    /// All loopback addresses that were tried are in use.
    #[error("UDP port {0} is in use on every loopback address tried: choose another UDP port")]
    NoneFree(u16),
    /// The settings contradict themselves.
    #[error("{0}")]
    Config(&'static str),
    /// A socket cannot be set up.
    #[error("cannot set up a UDP socket on {address}")]
    Socket {
        /// Address and UDP port.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The thread or its runtime cannot be started.
    #[error("cannot start the transport's thread")]
    Thread(#[source] io::Error),
}

/// Binds the sockets and starts the transport on a thread of its own.
pub fn start(config: Config) -> Result<(Transport, Events), StartError> {
    let _ = config;
    unimplemented!()
}
