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

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    fn parse(words: &[&str]) -> Result<DecodeArgs, clap::Error> {
        let command = DecodeArgs::augment_args(Command::new("decode"));
        let matches = command.try_get_matches_from([&["decode"], words].concat())?;
        DecodeArgs::from_arg_matches(&matches)
    }

    #[test]
    fn the_options_are_consistent() {
        DecodeArgs::augment_args(Command::new("decode")).debug_assert();
        let args = parse(&["--tree", "--bytes", "--udp-port=5000", "a.pcap", "-"]).unwrap();
        assert_eq!(args.files, [PathBuf::from("a.pcap"), PathBuf::from("-")]);
        assert_eq!(args.udp_ports, [5000]);
        assert!(args.tree && args.bytes && !args.json && !args.sctp);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for words in [
            &[][..],
            &["--bytes", "a"],
            &["--json", "--tree", "a"],
            &["--udp-port=0", "a"],
        ] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }
}
