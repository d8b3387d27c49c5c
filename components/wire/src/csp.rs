//! Component Status Protocol (CSP) of rsplib, version 2.0: every component reports its status to a monitor.
//!
//! One report is one UDP datagram to port [`MONITOR_PORT`]; there are no responses. A monitor ignores malformed
//! reports.

use std::fmt;

use crate::layout::{Header, begin, cut, finish, text};
use crate::reader::Reader;
use crate::{Malformed, PeIdentifier, PoolUserIdentifier, Ppid, RegistrarIdentifier};

/// The UDP port on which a monitor listens.
pub const MONITOR_PORT: u16 = 2960;

/// IP protocol number of SCTP, for [`AssociationEntry::protocol`].
pub const PROTOCOL_SCTP: u16 = 132;

const TYPE_REPORT: u8 = 1;
const FLAG_FINAL: u8 = 0x01;
const VERSION: u32 = 0x0000_0200;
const TEXT_SIZE: usize = 128;
const DURATION_UNKNOWN: u64 = u64::MAX;

/// A component's report about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Report {
    /// The component's identifier.
    pub component: ComponentIdentifier,
    /// F flag: the component is ending; a monitor removes it.
    pub is_final: bool,
    /// Microseconds since the component's first report.
    pub uptime_us: u64,
    /// Microseconds between two reports.
    pub interval_us: u32,
    /// Host name and addresses; truncated to [`Self::LONGEST_TEXT`] bytes.
    pub location: String,
    /// The component's status; truncated to [`Self::LONGEST_TEXT`] bytes.
    pub status: String,
    /// Its load, reported by pool elements with an adaptive policy.
    pub workload: Option<Workload>,
    /// Its associations, at most [`Self::MOST_ASSOCIATIONS`].
    pub associations: Vec<AssociationEntry>,
}

/// An association of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AssociationEntry {
    /// The component at the other end.
    pub receiver: ComponentIdentifier,
    /// Microseconds since it came up, if known.
    pub duration_us: Option<u64>,
    /// IP protocol number, usually [`PROTOCOL_SCTP`].
    pub protocol: u16,
    /// The payload protocol identifier; 0 if it is nothing in particular.
    pub ppid: Ppid,
}

/// Identifies a component among all kinds of components.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(from = "u64", into = "u64")
)]
pub struct ComponentIdentifier {
    /// The kind of component.
    pub group: Group,
    /// The component within its group: 56 bits; 0 is "unknown".
    pub object: u64,
}

/// The kind of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// 0x01: the object is a registrar identifier.
    Registrar,
    /// 0x02: the object is a PE identifier.
    PoolElement,
    /// 0x03: the object is a number chosen by the pool user.
    PoolUser,
    /// Any other number.
    Other(u8),
}

/// A load from 0 to 1, in units of 1 / 0xfffe.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "u16", into = "u16")
)]
pub struct Workload(u16);

impl Report {
    /// The maximum length of a text in bytes; encoding truncates longer ones between two characters.
    pub const LONGEST_TEXT: usize = TEXT_SIZE - 1;
    /// The maximum number of association entries that are accepted, and that are encoded. A limit of ours.
    pub const MOST_ASSOCIATIONS: usize = 256;
    /// The size of a report without associations, in bytes.
    pub const FIXED_SIZE: usize = 288;
    /// The size of an association entry, in bytes.
    pub const ENTRY_SIZE: usize = 24;

    /// Creates the last report of a component: no texts, no associations, workload 0.
    #[must_use]
    pub const fn last(component: ComponentIdentifier, uptime_us: u64, interval_us: u32) -> Self {
        Self {
            component,
            is_final: true,
            uptime_us,
            interval_us,
            location: String::new(),
            status: String::new(),
            workload: Some(Workload::NONE),
            associations: Vec::new(),
        }
    }

    /// Decodes one datagram. Like rsplib's receivers, this ignores the length field: old senders leave it 0.
    ///
    /// # Errors
    /// Returns an error if the size does not exactly match the number of associations, if type or version are
    /// different, or if there are more associations than [`Self::MOST_ASSOCIATIONS`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() < Self::FIXED_SIZE {
            return Err(Malformed::Truncated);
        }
        let mut reader = Reader::new(bytes);
        let header = Header::decode(&mut reader)?;
        if header.message_type != TYPE_REPORT {
            return Err(Malformed::UnknownType(header.message_type));
        }
        if reader.u32()? != VERSION {
            return Err(Malformed::Identification("version"));
        }
        let component = ComponentIdentifier::from_number(reader.u64()?);
        let (uptime_us, interval_us) = (reader.u64()?, reader.u32()?);
        let location = fixed_text(&mut reader)?;
        let status = fixed_text(&mut reader)?;
        let workload = Workload::from_number(reader.u16()?);
        let count = usize::from(reader.u16()?);
        if count > Self::MOST_ASSOCIATIONS {
            return Err(Malformed::OutOfRange("number of associations"));
        }
        let associations = (0..count)
            .map(|_| AssociationEntry::decode(&mut reader))
            .collect::<Result<_, _>>()?;
        crate::layout::end(&reader)?;
        let is_final = header.flags & FLAG_FINAL != 0;
        Ok(Self {
            component,
            is_final,
            uptime_us,
            interval_us,
            location,
            status,
            workload,
            associations,
        })
    }

    /// Encodes the datagram.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let count = self.associations.len().min(Self::MOST_ASSOCIATIONS);
        let flags = if self.is_final { FLAG_FINAL } else { 0 };
        let mut bytes = begin(TYPE_REPORT, flags, Self::FIXED_SIZE + Self::ENTRY_SIZE * count);
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        bytes.extend_from_slice(&self.component.number().to_be_bytes());
        bytes.extend_from_slice(&self.uptime_us.to_be_bytes());
        bytes.extend_from_slice(&self.interval_us.to_be_bytes());
        for text in [&self.location, &self.status] {
            let end = bytes.len() + TEXT_SIZE;
            bytes.extend_from_slice(cut(text, Self::LONGEST_TEXT));
            bytes.resize(end, 0);
        }
        bytes.extend_from_slice(
            &self
                .workload
                .map_or(Workload::NOT_GIVEN, |load| load.0)
                .to_be_bytes(),
        );
        bytes.extend_from_slice(&(count as u16).to_be_bytes());
        for association in self.associations.iter().take(count) {
            association.encode(&mut bytes);
        }
        finish(bytes)
    }

    /// Returns the name of the message type.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        "CSP_REPORT"
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_final {
            return write!(f, "{} ends", self.component);
        }
        write!(
            f,
            "{}: {}, {} associations",
            self.component,
            self.status,
            self.associations.len()
        )?;
        match self.workload {
            Some(workload) => write!(f, ", load {:.0} %", 100.0 * workload.load()),
            None => Ok(()),
        }
    }
}

impl AssociationEntry {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let receiver = ComponentIdentifier::from_number(reader.u64()?);
        let duration_us = Some(reader.u64()?).filter(|&duration| duration != DURATION_UNKNOWN);
        let _flags = reader.u16()?;
        Ok(Self {
            receiver,
            duration_us,
            protocol: reader.u16()?,
            ppid: Ppid(reader.u32()?),
        })
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.receiver.number().to_be_bytes());
        bytes.extend_from_slice(&self.duration_us.unwrap_or(DURATION_UNKNOWN).to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&self.protocol.to_be_bytes());
        bytes.extend_from_slice(&self.ppid.0.to_be_bytes());
    }
}

impl ComponentIdentifier {
    /// The bits of an object.
    const OBJECT_MASK: u64 = PoolUserIdentifier::LARGEST;

    /// Identifies a registrar; undetermined means that its identifier is not known yet.
    #[must_use]
    pub const fn registrar(identifier: RegistrarIdentifier) -> Self {
        Self {
            group: Group::Registrar,
            object: identifier.0 as u64,
        }
    }

    /// Identifies a pool element.
    #[must_use]
    pub const fn pool_element(identifier: PeIdentifier) -> Self {
        Self {
            group: Group::PoolElement,
            object: identifier.0 as u64,
        }
    }

    /// Identifies a pool user.
    #[must_use]
    pub const fn pool_user(identifier: PoolUserIdentifier) -> Self {
        Self {
            group: Group::PoolUser,
            object: identifier.number(),
        }
    }

    /// Returns group and object as one number, as on the wire.
    #[must_use]
    pub const fn number(self) -> u64 {
        let group: u8 = match self.group {
            Group::Registrar => 1,
            Group::PoolElement => 2,
            Group::PoolUser => 3,
            Group::Other(number) => number,
        };
        (group as u64) << 56 | self.object & Self::OBJECT_MASK
    }

    /// Returns the component with this [`Self::number`].
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        let group = match (number >> 56) as u8 {
            1 => Group::Registrar,
            2 => Group::PoolElement,
            3 => Group::PoolUser,
            other => Group::Other(other),
        };
        Self {
            group,
            object: number & Self::OBJECT_MASK,
        }
    }

    /// Returns whether it identifies a component, not only its kind. A component without an identifier does not
    /// report.
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.object != 0
    }
}

/// Formats it like rsplib's monitor: `PR $0a000001`, `PE $11223344`, `PU $0123456789abcd`.
impl fmt::Display for ComponentIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.group {
            Group::Registrar => write!(f, "PR ${:08x}", self.object),
            Group::PoolElement => write!(f, "PE ${:08x}", self.object),
            Group::PoolUser => write!(f, "PU ${:014x}", self.object),
            Group::Other(group) => write!(f, "group {group} ${:014x}", self.object),
        }
    }
}

impl fmt::Debug for ComponentIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Workload {
    /// No load.
    pub const NONE: Self = Self(0);
    /// Full load.
    pub const FULL: Self = Self(0xfffe);
    const NOT_GIVEN: u16 = 0xffff;

    /// Returns the nearest workload to a load from 0 to 1; values outside are clamped, NaN counts as 0.
    #[must_use]
    pub fn from_load(load: f64) -> Self {
        Self((load.clamp(0.0, 1.0) * f64::from(Self::FULL.0)).round() as u16)
    }

    /// Returns the load, from 0 to 1.
    #[must_use]
    pub fn load(self) -> f64 {
        f64::from(self.0) / f64::from(Self::FULL.0)
    }

    #[cfg(feature = "serde")]
    pub(crate) const fn number(self) -> u16 {
        self.0
    }

    pub(crate) fn from_number(number: u16) -> Option<Self> {
        (number != Self::NOT_GIVEN).then_some(Self(number))
    }
}

impl fmt::Debug for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.load())
    }
}

/// Reads a text field; its last byte counts as NUL regardless of its value.
fn fixed_text(reader: &mut Reader<'_>) -> Result<String, Malformed> {
    let field: [u8; TEXT_SIZE] = reader.array()?;
    let field = field.get(..Report::LONGEST_TEXT).unwrap_or_default();
    Ok(text(field, Report::LONGEST_TEXT))
}
