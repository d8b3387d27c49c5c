//! Hosts on the command line: addresses, and names that are looked up once, when the component starts.

use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

use anyhow::anyhow;

/// A host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// By its address.
    Address(IpAddr),
    /// By its name.
    Name(String),
}

/// A host with a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    /// The host.
    pub host: Host,
    /// The port, not 0.
    pub port: u16,
}

impl Host {
    /// Returns the addresses of the host: at least one, in the order of the system's preference.
    ///
    /// # Errors
    /// Returns an error if its name cannot be resolved. The message names `option`, which it was given for.
    pub fn addresses(&self, option: &str) -> anyhow::Result<Vec<IpAddr>> {
        let name = match self {
            Self::Address(address) => return Ok(vec![*address]),
            Self::Name(name) => name,
        };
        let found = (name.as_str(), 0).to_socket_addrs().map_err(|error| {
            let why = error.to_string();
            let why = why.rsplit(": ").next().unwrap_or_default();
            anyhow!(
                "{option}: the name {name} cannot be resolved ({why}): check its spelling and /etc/hosts, or give an \
                 address"
            )
        })?;
        let mut addresses = Vec::new();
        for address in found {
            // There is one entry for each kind of socket.
            if !addresses.contains(&address.ip()) {
                addresses.push(address.ip());
            }
        }
        Ok(addresses)
    }
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let is_label = |label: &str| {
            let legal = |character: char| character.is_alphanumeric() || "-_".contains(character);
            (1..=63).contains(&label.len()) && !label.starts_with('-') && label.chars().all(legal)
        };
        let mut labels = text.strip_suffix('.').unwrap_or(text).split('.');
        let is_name = text.len() <= 253 && labels.clone().all(is_label);
        // A number in the last place is a slip in an address.
        let is_number = |label: &str| label.chars().all(|character| character.is_ascii_digit());
        if is_name && !labels.next_back().is_some_and(is_number) {
            Ok(Self::Name(text.to_owned()))
        } else {
            Err("expected an IP address, or the name of a host".to_owned())
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl HostPort {
    /// Parses a host with an optional port.
    ///
    /// # Errors
    /// Returns an error if the text is neither, or if the port is 0.
    pub fn parse(text: &str, default_port: u16) -> Result<Self, String> {
        let (host, port) = if let Ok(host) = text.parse() {
            (host, default_port)
        } else if let Ok(address) = text.parse::<SocketAddr>() {
            (Host::Address(address.ip()), address.port())
        } else {
            let parts = text.rsplit_once(':');
            let parsed = parts.and_then(|(host, port)| Some((host.parse().ok()?, port.parse().ok()?)));
            parsed.ok_or("expected HOST or HOST:PORT, with an address ([ADDRESS]:PORT for IPv6) or a name")?
        };
        if port == 0 {
            return Err("the port must not be 0".into());
        }
        Ok(Self { host, port })
    }

    /// Returns the addresses of the host with the port; see [`Host::addresses`].
    ///
    /// # Errors
    /// Returns an error if its name cannot be resolved.
    pub fn addresses(&self, option: &str) -> anyhow::Result<Vec<SocketAddr>> {
        let addresses = self.host.addresses(option)?.into_iter();
        Ok(addresses
            .map(|address| SocketAddr::new(address, self.port))
            .collect())
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Address(address) => SocketAddr::new(*address, self.port).fmt(f),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

/// Returns the peers that have these hosts' addresses, each address as a peer of its own: which of them belong to one
/// endpoint is not known.
///
/// # Errors
/// Returns an error if a name cannot be resolved.
pub fn peers<'a>(
    hosts: impl Iterator<Item = &'a HostPort>,
    option: &str,
) -> anyhow::Result<Vec<protocol::Peer>> {
    let mut peers = Vec::new();
    for host in hosts {
        let addresses = host.host.addresses(option)?.into_iter();
        peers.extend(addresses.map(|address| protocol::Peer {
            addresses: vec![address],
            port: host.port,
        }));
    }
    Ok(peers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_read_as_it_is_written() {
        for (text, written) in [
            ("alpha", "alpha:3863"),
            ("alpha.example.", "alpha.example.:3863"),
            ("alpha:1", "alpha:1"),
            ("10.0.0.1", "10.0.0.1:3863"),
            ("10.0.0.1:2", "10.0.0.1:2"),
            ("::1", "[::1]:3863"),
            ("[::1]:3", "[::1]:3"),
        ] {
            let parsed = HostPort::parse(text, 3863).unwrap();
            assert_eq!(parsed.to_string(), written);
            assert_eq!(HostPort::parse(written, 1), Ok(parsed));
        }
    }

    #[test]
    fn slips_are_no_names() {
        for text in [
            "",
            ":1",
            "alpha:",
            "alpha:0",
            "alpha:70000",
            "10.0.0.300",
            "10.0.0.1:0",
            "[::1]",
            "-alpha",
            "a..b",
            "a b",
            "a,b",
        ] {
            assert!(HostPort::parse(text, 1).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_has_the_addresses_that_the_system_knows() {
        let host: Host = "localhost".parse().unwrap();
        let addresses = host.addresses("--registrar").unwrap();
        assert!(
            !addresses.is_empty() && addresses.iter().all(IpAddr::is_loopback),
            "{addresses:?}"
        );
        let peers = peers(
            [
                HostPort { host, port: 7 },
                HostPort::parse("10.0.0.1", 8).unwrap(),
            ]
            .iter(),
            "--registrar",
        );
        assert_eq!(
            peers.unwrap().last().map(ToString::to_string).as_deref(),
            Some("10.0.0.1:8")
        );
        // Reserved for this (RFC 6761 section 6.4).
        let unknown: Host = "nowhere.invalid".parse().unwrap();
        let error = format!("{:#}", unknown.addresses("--registrar").unwrap_err());
        assert!(
            error.starts_with("--registrar: the name nowhere.invalid cannot be resolved"),
            "{error}"
        );
    }
}
