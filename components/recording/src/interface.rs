//! Interfaces: in a recording, each component is one.

use crate::block::{Block, Options, text};
use crate::writer::NAME;

/// An interface of a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfaceId(pub(crate) usize);

/// What an interface of ours is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InterfaceName {
    pub(crate) name: String,
    pub(crate) description: String,
}

/// An interface in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name: that of the component, in a recording of ours.
    pub name: String,
    /// Its description.
    pub description: String,
    /// The kind of its packets: [`Self::IP`] in a recording of ours.
    pub link_type: u16,
    /// The unit of its times.
    pub(crate) resolution: Resolution,
    /// What has to be added to its times, in seconds.
    pub(crate) offset_s: i64,
}

/// The unit of time of an interface: a negative power of 10 or 2, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resolution(pub(crate) u8);

/// The maximum size of a name or description.
const TEXT: usize = 1024;

impl From<&InterfaceName> for Interface {
    fn from(ours: &InterfaceName) -> Self {
        Self {
            name: ours.name.clone(),
            description: ours.description.clone(),
            link_type: Self::IP,
            resolution: Resolution::NANOSECONDS,
            offset_s: 0,
        }
    }
}

impl From<&Interface> for InterfaceName {
    fn from(interface: &Interface) -> Self {
        let shortened = |text: &str| text[..text.floor_char_boundary(NAME)].to_owned();
        Self {
            name: shortened(&interface.name),
            description: shortened(&interface.description),
        }
    }
}

impl Interface {
    /// An interface whose declaration is lost: of packets that begin with an IP header, in nanoseconds.
    #[must_use]
    pub const fn lost() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            link_type: Self::IP,
            resolution: Resolution::NANOSECONDS,
            offset_s: 0,
        }
    }

    /// The link type of packets that begin with an IP header (LINKTYPE_RAW).
    pub const IP: u16 = 101;
    pub(crate) const NAME: u16 = 2;
    pub(crate) const DESCRIPTION: u16 = 3;
    pub(crate) const RESOLUTION: u16 = 9;
    pub(crate) const OFFSET: u16 = 14;

    /// Returns the interface that the block describes; `None` if it is malformed.
    #[must_use]
    pub fn parse(block: &Block<'_>) -> Option<Self> {
        let mut interface = Self {
            name: String::new(),
            description: String::new(),
            link_type: block.order.u16(block.body, 0)?,
            resolution: Resolution::MICROSECONDS,
            offset_s: 0,
        };
        let bounded = |value| {
            let text = text(value);
            text[..text.floor_char_boundary(TEXT)].to_owned()
        };
        for (code, value) in Options::new(block.body.get(8..)?, block.order) {
            match code {
                Self::NAME => interface.name = bounded(value),
                Self::DESCRIPTION => interface.description = bounded(value),
                Self::RESOLUTION => interface.resolution = Resolution(*value.first()?),
                Self::OFFSET => {
                    let halves = (block.order.u32(value, 0)?, block.order.u32(value, 4)?);
                    let (high, low) = match block.order {
                        crate::block::Order::Little => (halves.1, halves.0),
                        crate::block::Order::Big => halves,
                    };
                    interface.offset_s = (u64::from(high) << 32 | u64::from(low)).cast_signed();
                }
                _ => {}
            }
        }
        Some(interface)
    }

    /// Returns the microseconds since the Unix epoch after so many units of its time.
    pub(crate) fn unix_us(&self, ticks: u64) -> u64 {
        (self.unix_ns(ticks) / 1000).clamp(0, u64::MAX.into()) as u64
    }

    /// Returns the nanoseconds since the Unix epoch after so many units of its time.
    #[must_use]
    pub fn unix_ns(&self, ticks: u64) -> i128 {
        self.resolution.nanoseconds(ticks) + i128::from(self.offset_s) * 1_000_000_000
    }
}

impl Resolution {
    pub(crate) const MICROSECONDS: Self = Self(6);
    pub(crate) const NANOSECONDS: Self = Self(9);

    fn nanoseconds(self, ticks: u64) -> i128 {
        const BINARY: u8 = 0x80;
        // The usual ones, without a division that takes as long as everything else that is done for a packet.
        match self {
            Self::NANOSECONDS => return ticks.into(),
            Self::MICROSECONDS => return i128::from(ticks) * 1000,
            _ => {}
        }
        let exponent = u32::from(self.0 & !BINARY);
        let base: i128 = if self.0 & BINARY == 0 { 10 } else { 2 };
        // Units so small that no number of them is a nanosecond.
        base.checked_pow(exponent)
            .map_or(0, |per_second| i128::from(ticks) * 1_000_000_000 / per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_converted_from_any_unit() {
        for (resolution, ticks, expected) in [
            (6, 1_500_000, 1_500_000_000),
            (9, 1_500_000_999, 1_500_000_999),
            (12, 1_500_000_999_999, 1_500_000_999),
            (0, 3, 3_000_000_000),
            (0x80 | 10, 1536, 1_500_000_000),
            (0x7f, u64::MAX, 0),
            (0xff, u64::MAX, 0),
        ] {
            assert_eq!(
                Resolution(resolution).nanoseconds(ticks),
                expected,
                "{resolution}"
            );
        }
    }
}
