//! Prints status reports of components of whatever make, as they come: `csp_print ADDRESS:PORT`.

use std::net::{SocketAddr, UdpSocket};

use clap::Parser;
use wire::csp::Report;

/// Prints status reports.
#[derive(Debug, Parser)]
struct Args {
    /// Where they come
    address: SocketAddr,
}

fn main() -> anyhow::Result<()> {
    let socket = UdpSocket::bind(Args::parse().address)?;
    let mut buffer = [0; 65536];
    loop {
        let (length, source) = socket.recv_from(&mut buffer)?;
        let bytes = buffer.get(..length).unwrap_or_default();
        match Report::decode(bytes) {
            // Our bytes are theirs, but for what is between the end of a text and the end of its field.
            Ok(report) if report.encode() == bytes => {
                println!("{source}: {report}, on {}", report.location);
                for association in &report.associations {
                    println!("   {} {}", association.receiver, association.ppid);
                }
            }
            Ok(report) => println!("{source}: written differently by us: {report}"),
            Err(error) => println!("{source}: no report: {error}"),
        }
    }
}
