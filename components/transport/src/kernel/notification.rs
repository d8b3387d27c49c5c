//! The kernel's notifications about associations, between their messages (RFC 6458 section 6.1).

use std::net::IpAddr;

use super::system;

const ASSOC_CHANGE: u16 = 0x8001;
const PEER_ADDR_CHANGE: u16 = 0x8002;
const SHUTDOWN_EVENT: u16 = 0x8005;

/// A notification of the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Notification {
    /// The association is established.
    Up { out_streams: u16 },
    /// It has failed; with the ABORT chunk, if one was received.
    Lost { error: u16, abort: Vec<u8> },
    /// The peer has restarted.
    Restarted,
    /// It has been shut down gracefully.
    ShutDown,
    /// It could not be established.
    CannotStart,
    /// One of its paths has changed.
    Path { address: IpAddr, state: PathState },
    /// The peer accepts no further messages.
    PeerShutsDown,
    /// Anything else.
    Other,
}

/// The state of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathState {
    Up,
    Down,
    Primary,
    Other,
}

impl Notification {
    /// Parses a notification.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        Self::try_parse(bytes).unwrap_or(Self::Other)
    }

    /// Returns the association that a change notification is about.
    pub(super) fn association_of_change(bytes: &[u8]) -> Option<i32> {
        let kind = u16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?);
        let association = i32::from_ne_bytes(bytes.get(16..20)?.try_into().ok()?);
        (kind == ASSOC_CHANGE).then_some(association)
    }

    fn try_parse(bytes: &[u8]) -> Option<Self> {
        let short = |at: usize| Some(u16::from_ne_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
        match short(0)? {
            ASSOC_CHANGE => {
                let state = short(8)?;
                let info = bytes.get(20..).unwrap_or_default();
                Some(match state {
                    0 => Self::Up {
                        out_streams: short(12)?,
                    },
                    1 => Self::Lost {
                        error: short(10)?,
                        abort: info.to_vec(),
                    },
                    2 => Self::Restarted,
                    3 => Self::ShutDown,
                    4 => Self::CannotStart,
                    _ => Self::Other,
                })
            }
            PEER_ADDR_CHANGE => {
                let after = 8 + system::STORAGE;
                let address = system::address_in(bytes.get(8..after)?)?;
                let state = match i32::from_ne_bytes(bytes.get(after..after + 4)?.try_into().ok()?) {
                    0 | 5 => PathState::Up,
                    1 => PathState::Down,
                    4 => PathState::Primary,
                    _ => PathState::Other,
                };
                Some(Self::Path { address, state })
            }
            SHUTDOWN_EVENT => Some(Self::PeerShutsDown),
            _ => None,
        }
    }
}

/// Describes the reason of an ABORT: its first error cause (RFC 9260 section 3.3.10), with the peer's own text if
/// there is one.
pub(super) fn abort_reason(error: u16, abort: &[u8]) -> String {
    // Chunk header, then the cause's code and length.
    let cause = |at: usize| Some(u16::from_be_bytes(abort.get(at..at + 2)?.try_into().ok()?));
    let code = cause(4).unwrap_or_else(|| u16::from_be(error));
    let length = cause(6).map_or(0, usize::from);
    let name = match code {
        0 => return String::new(),
        1 => "invalid stream identifier",
        2 => "missing mandatory parameter",
        3 => "stale cookie",
        4 => "out of resource",
        5 => "unresolvable address",
        6 => "unrecognized chunk type",
        7 => "invalid mandatory parameter",
        8 => "unrecognized parameters",
        9 => "no user data",
        10 => "cookie received while shutting down",
        11 => "restart with new addresses",
        12 => "user-initiated abort",
        13 => "protocol violation",
        _ => return format!("error cause {code}"),
    };
    let text = abort.get(8..4 + length).unwrap_or_default();
    if matches!(code, 12 | 13) && !text.is_empty() {
        format!("{name}: {}", String::from_utf8_lossy(text))
    } else {
        name.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn association_change(state: u16, error: u16, streams: u16, info: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for short in [ASSOC_CHANGE, 0] {
            bytes.extend(short.to_ne_bytes());
        }
        bytes.extend((20 + info.len() as u32).to_ne_bytes());
        for short in [state, error, streams, 10] {
            bytes.extend(short.to_ne_bytes());
        }
        bytes.extend(1_i32.to_ne_bytes());
        bytes.extend(info);
        bytes
    }

    #[test]
    fn association_changes_are_told_apart() {
        let parse = |state| Notification::parse(&association_change(state, 0, 5, &[]));
        assert_eq!(parse(0), Notification::Up { out_streams: 5 });
        assert_eq!(parse(2), Notification::Restarted);
        assert_eq!(parse(3), Notification::ShutDown);
        assert_eq!(parse(4), Notification::CannotStart);
        assert_eq!(parse(77), Notification::Other);
        let change = association_change(0, 0, 5, &[]);
        assert_eq!(Notification::association_of_change(&change), Some(1));
        assert_eq!(Notification::association_of_change(&change[..19]), None);
    }

    #[test]
    fn an_abort_gives_its_reason() {
        let abort = [6, 0, 0, 11, 0, 12, 0, 7, b'b', b'y', b'e'];
        let lost = Notification::parse(&association_change(1, 12_u16.to_be(), 0, &abort));
        let Notification::Lost { error, abort } = lost else {
            panic!("{lost:?}")
        };
        assert_eq!(abort_reason(error, &abort), "user-initiated abort: bye");
        assert_eq!(abort_reason(4_u16.to_be(), &[]), "out of resource");
        assert_eq!(abort_reason(0, &[]), "");
        assert_eq!(
            abort_reason(0, &[6, 0, 0, 8, 0, 12, 0xff, 0xff]),
            "user-initiated abort"
        );
    }

    #[test]
    fn path_changes_name_the_address() {
        let mut bytes = vec![0; 8];
        bytes[..2].copy_from_slice(&PEER_ADDR_CHANGE.to_ne_bytes());
        let mut storage = vec![0; system::STORAGE];
        storage[..2].copy_from_slice(&2_u16.to_ne_bytes());
        storage[4..8].copy_from_slice(&[192, 0, 2, 1]);
        bytes.extend(storage);
        bytes.extend(1_i32.to_ne_bytes());
        bytes.extend([0; 8]);
        let expected = Notification::Path {
            address: "192.0.2.1".parse().unwrap(),
            state: PathState::Down,
        };
        assert_eq!(Notification::parse(&bytes), expected);
        for length in 0..bytes.len() - 8 {
            assert_eq!(
                Notification::parse(&bytes[..length]),
                Notification::Other,
                "{length}"
            );
        }
    }
}
