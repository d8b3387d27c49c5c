//! What arrives on the socket of an association: messages, assembled from their parts, and notifications.

use super::notification::Notification;
use super::receiving::Received;
use super::sending::UNORDERED;
use crate::{LARGEST_MESSAGE, Message};

/// Something that arrived.
#[derive(Debug, PartialEq)]
pub(super) enum Arrival {
    Message(Message),
    Notification(Notification),
    /// A message that exceeds the maximum size.
    TooLarge,
    /// The association ended.
    End,
}

/// Assembles messages.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    /// The beginning of a message that is not complete yet.
    partial: Vec<u8>,
}

impl Assembly {
    /// Processes the result of a receive call. Returns `None` if it completes nothing.
    pub(super) fn take(&mut self, received: Received, bytes: &[u8]) -> Option<Arrival> {
        if received.notification {
            return Some(Arrival::Notification(Notification::parse(bytes)));
        }
        let Some(info) = received.info else {
            return Some(Arrival::End);
        };
        if self.partial.len() + bytes.len() > LARGEST_MESSAGE {
            return Some(Arrival::TooLarge);
        }
        let whole = received.end_of_record && self.partial.is_empty();
        if !whole {
            self.partial.extend_from_slice(bytes);
        }
        received.end_of_record.then(|| {
            Arrival::Message(Message {
                stream: info.stream,
                ppid: info.ppid,
                unordered: info.flags & UNORDERED != 0,
                data: if whole {
                    bytes.to_vec()
                } else {
                    std::mem::take(&mut self.partial)
                },
            })
        })
    }

    /// Forgets the beginning of a message, because its end will not come.
    pub(super) fn clear(&mut self) {
        self.partial.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::receiving::Info;
    use super::*;

    fn part(length: usize, end_of_record: bool) -> Received {
        Received {
            length,
            notification: false,
            end_of_record,
            source: None,
            info: Some(Info {
                stream: 3,
                flags: 0,
                ppid: 11,
                association: 1,
            }),
        }
    }

    fn message(data: &[u8]) -> Option<Arrival> {
        Some(Arrival::Message(Message {
            stream: 3,
            ..Message::new(11, data.to_vec())
        }))
    }

    #[test]
    fn parts_become_messages() {
        let mut assembly = Assembly::default();
        assert_eq!(assembly.take(part(2, true), b"ab"), message(b"ab"));
        assert_eq!(assembly.take(part(2, false), b"cd"), None);
        assert_eq!(assembly.take(part(0, false), b""), None);
        assert_eq!(assembly.take(part(1, true), b"e"), message(b"cde"));
        assert_eq!(assembly.take(part(2, false), b"fg"), None);
        assembly.clear();
        assert_eq!(assembly.take(part(1, true), b"h"), message(b"h"));
    }

    #[test]
    fn what_is_too_large_is_not_collected() {
        let mut assembly = Assembly::default();
        let half = vec![0; LARGEST_MESSAGE / 2];
        assert_eq!(assembly.take(part(half.len(), false), &half), None);
        assert_eq!(assembly.take(part(half.len(), false), &half), None);
        assert_eq!(assembly.take(part(1, true), b"!"), Some(Arrival::TooLarge));
        let end = Received {
            info: None,
            ..part(0, false)
        };
        assert_eq!(Assembly::default().take(end, b""), Some(Arrival::End));
    }
}
