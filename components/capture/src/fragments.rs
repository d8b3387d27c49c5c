//! Puts fragmented IP packets together again (RFC 791, RFC 8200 section 4.5).

use std::net::IpAddr;

use etherparse::IpNumber;
use etherparse::defrag::IpDefragBuf;

use crate::Time;
use crate::network::IpPacket;

/// The most packets that may be incomplete at a time. Each has 64 KiB at most.
const MOST: usize = 256;
/// How long the fragments of a packet may be apart (RFC 8200 section 4.5).
const PATIENCE_NS: i64 = 60_000_000_000;

/// The packets of which not all fragments are there.
#[derive(Debug, Default)]
pub(crate) struct Fragments {
    /// The one that was begun first is the first.
    incomplete: Vec<Incomplete>,
    /// How many packets were given up.
    given_up: u64,
}

#[derive(Debug)]
struct Incomplete {
    key: Key,
    since: Option<Time>,
    buffer: IpDefragBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    interface: u32,
    source: IpAddr,
    destination: IpAddr,
    identification: u32,
    protocol: IpNumber,
}

impl Fragments {
    /// Takes in a fragment. Returns the whole payload if it was the last one that was missing.
    pub(crate) fn handle_fragment(
        &mut self,
        ip: &IpPacket<'_>,
        interface: u32,
        time: Option<Time>,
    ) -> Option<Vec<u8>> {
        let fragment = ip.fragment?;
        let key = Key {
            interface,
            source: ip.source,
            destination: ip.destination,
            identification: fragment.identification,
            protocol: ip.protocol,
        };
        let late = |since| matches!((since, time), (Some(since), Some(time)) if Time::since(time, since) > PATIENCE_NS);
        let mut place = self.incomplete.iter().position(|other| other.key == key);
        if let Some(position) = place
            && late(self.incomplete.get(position)?.since)
        {
            self.give_up(position);
            place = None;
        }
        // What the capture has cut can never be complete.
        if ip.payload.len() < ip.whole {
            match place {
                Some(position) => self.give_up(position),
                None => self.given_up += 1,
            }
            return None;
        }
        let position = place.unwrap_or_else(|| {
            if self.incomplete.len() == MOST {
                self.give_up(0);
            }
            self.incomplete.push(Incomplete {
                key,
                since: time,
                buffer: IpDefragBuf::new(ip.protocol, Vec::new(), Vec::new()),
            });
            self.incomplete.len() - 1
        });
        let buffer = &mut self.incomplete.get_mut(position)?.buffer;
        if buffer.add(fragment.offset, fragment.more, ip.payload).is_err() {
            self.give_up(position);
            return None;
        }
        if !buffer.is_complete() {
            return None;
        }
        Some(self.incomplete.remove(position).buffer.take_bufs().0)
    }

    fn give_up(&mut self, position: usize) {
        self.incomplete.remove(position);
        self.given_up += 1;
    }

    /// Returns how many packets could not be put together, with those that are incomplete now.
    pub(crate) fn lost(&self) -> u64 {
        self.given_up + self.incomplete.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use etherparse::IpFragOffset;

    use super::*;
    use crate::network::Fragment;

    fn fragment(identification: u32, offset: u16, more: bool, payload: &[u8]) -> IpPacket<'_> {
        IpPacket {
            source: [10, 0, 0, 1].into(),
            destination: [10, 0, 0, 2].into(),
            protocol: IpNumber::SCTP,
            payload,
            whole: payload.len(),
            fragment: Some(Fragment {
                identification,
                offset: IpFragOffset::try_new(offset).unwrap(),
                more,
            }),
        }
    }

    #[test]
    fn fragments_are_put_together_in_any_order() {
        let mut fragments = Fragments::default();
        let parts = [
            fragment(1, 2, false, b"end"),
            fragment(1, 0, true, b"12345678"),
            fragment(2, 0, true, b"another "),
            fragment(1, 1, true, b"abcdefgh"),
        ];
        let whole: Vec<_> = parts
            .iter()
            .filter_map(|part| fragments.handle_fragment(part, 0, None))
            .collect();
        assert_eq!(whole, [b"12345678abcdefghend"]);
        assert_eq!(fragments.lost(), 1);
    }

    #[test]
    fn what_is_incomplete_is_bounded_in_number_and_age() {
        let mut fragments = Fragments::default();
        for identification in 0..1000 {
            let part = fragment(identification, 0, true, b"12345678");
            assert_eq!(fragments.handle_fragment(&part, 0, Some(Time(0))), None);
        }
        assert_eq!(fragments.incomplete.len(), MOST);
        assert_eq!(fragments.lost(), 1000);
        let late = Some(Time(PATIENCE_NS + 1));
        let end = fragment(999, 1, false, b"end");
        assert_eq!(fragments.handle_fragment(&end, 0, late), None);
        let begin = fragment(999, 0, true, b"12345678");
        let whole = fragments.handle_fragment(&begin, 0, late);
        assert_eq!(whole.unwrap(), b"12345678end");
    }

    #[test]
    fn fragments_that_contradict_each_other_are_given_up() {
        let mut fragments = Fragments::default();
        for part in [
            fragment(1, 1, false, b"end"),
            fragment(1, 1, false, b"another end"),
            fragment(2, 8191, true, b"12345678"),
            fragment(3, 0, true, b"123"),
        ] {
            assert_eq!(fragments.handle_fragment(&part, 0, None), None);
        }
        assert!(fragments.incomplete.is_empty());
        assert_eq!(fragments.lost(), 3);
    }
}
