//! The settings shared by all components of a scenario.

use runtime::{AnnounceGroup, Preset};

/// Settings of all components. Absent ones are left to the components' defaults; a component's own arguments take
/// precedence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// The preset of the timers.
    pub preset: Option<Preset>,
    /// The multicast group in which registrars announce themselves.
    pub asap_announce: Option<AnnounceGroup>,
    /// The multicast group in which registrars find each other.
    pub enrp_announce: Option<AnnounceGroup>,
    /// The UDP port that carries SCTP. Not kept in files: it depends on the machine.
    pub udp_port: Option<u16>,
}
