//! The multicast group in which only the components of one control centre find each other.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::str::FromStr;

use rand::RngExt;

use scenario::{AnnounceGroup, Settings};
use wire::{asap, enrp};

/// The multicast group of a control centre's components. The UDP ports are those of the protocols, so that protocol
/// analysers recognise them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeetingGroup {
    /// The default of the components, in which they also find components that were started by hand.
    Usual,
    /// This address.
    Address(IpAddr),
}

/// The maximum number of groups to try; the last one is used even if it is not free.
const ATTEMPTS: usize = 16;

impl MeetingGroup {
    /// Returns a group that is not in use on this host, from the site-local range (RFC 2365 section 6.1). Other
    /// hosts are not asked: components on loopback addresses cannot hear them.
    #[must_use]
    pub fn free() -> Self {
        let candidate = || {
            let [high, low]: [u8; 2] = rand::rng().random();
            IpAddr::V4(Ipv4Addr::new(239, 255, high, low))
        };
        let mut candidates = std::iter::repeat_with(candidate);
        let found = candidates.by_ref().take(ATTEMPTS).find(|group| is_free(*group));
        Self::Address(found.unwrap_or_else(candidate))
    }

    /// Fills in the group in settings that name none.
    pub(crate) fn complete(self, settings: &mut Settings) {
        if let Self::Address(group) = self {
            let at = |port| AnnounceGroup::Group(SocketAddr::new(group, port));
            settings.asap_announce.get_or_insert_with(|| at(asap::PORT));
            settings.enrp_announce.get_or_insert_with(|| at(enrp::PORT));
        }
    }
}

/// Members share the group's ports with each other, but not with a socket that binds exclusively.
fn is_free(group: IpAddr) -> bool {
    [asap::PORT, enrp::PORT]
        .into_iter()
        .all(|port| UdpSocket::bind((group, port)).is_ok())
}

impl fmt::Display for MeetingGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usual => f.write_str("usual"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl FromStr for MeetingGroup {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "usual" {
            return Ok(Self::Usual);
        }
        match text.parse::<IpAddr>() {
            Ok(address) if address.is_multicast() => Ok(Self::Address(address)),
            _ => Err("expected a multicast address such as 239.255.1.2, or usual".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_read_as_it_is_written() {
        for text in ["usual", "239.255.1.2", "ff08::133"] {
            assert_eq!(text.parse::<MeetingGroup>().unwrap().to_string(), text);
        }
        for text in ["", "239.255.1.2:3863", "127.0.0.1", "off"] {
            assert!(text.parse::<MeetingGroup>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_group_with_a_member_is_not_free() {
        let MeetingGroup::Address(group) = MeetingGroup::free() else {
            panic!("a free group has an address");
        };
        assert!(is_free(group));
        let _member = UdpSocket::bind((group, enrp::PORT)).unwrap();
        assert!(!is_free(group));
    }

    #[test]
    fn what_a_scenario_says_of_its_groups_holds() {
        let mut settings = Settings {
            asap_announce: Some(AnnounceGroup::Off),
            ..Settings::default()
        };
        "239.255.1.2"
            .parse::<MeetingGroup>()
            .unwrap()
            .complete(&mut settings);
        assert_eq!(settings.asap_announce, Some(AnnounceGroup::Off));
        assert_eq!(settings.enrp_announce, "239.255.1.2:9901".parse().ok());
        let mut usual = Settings::default();
        MeetingGroup::Usual.complete(&mut usual);
        assert_eq!(usual, Settings::default());
    }
}
