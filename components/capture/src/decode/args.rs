//! The command line of `poolscope decode`.

use std::path::PathBuf;

/// What is decoded, and how it is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct DecodeArgs {
    /// Captures: pcap or pcapng, also compressed with zstd, as recordings are; - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print the fields of each message below it
    #[arg(long)]
    pub tree: bool,
    /// Print the place of each field, in bytes of the message
    #[arg(long, requires = "tree")]
    pub bytes: bool,
    /// Print a JSON object for each message, with all its fields, in a line of its own
    #[arg(long, conflicts_with_all = ["tree", "bytes"])]
    pub json: bool,
    /// Print SCTP packets as well, with their chunks
    #[arg(long)]
    pub sctp: bool,
    /// Look for SCTP over this UDP port as well, repeatable; those with whole packets and right checksums are found
    /// anyway
    #[arg(long = "udp-port", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub udp_ports: Vec<u16>,
}
