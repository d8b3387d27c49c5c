//! Damages records in MessagePack so that much of them can still be read.

use std::ops::Range;

use proptest::prelude::*;

/// Returns the places of all values in a record in MessagePack, each with what it contains.
pub(super) fn values(record: &[u8]) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut at = 0;
    while at < record.len() {
        at = value(record, at, &mut places);
    }
    places
}

/// Adds the places of the value that begins here and of all within it. Returns its end.
fn value(record: &[u8], begin: usize, places: &mut Vec<Range<usize>>) -> usize {
    let number = |at: usize, bytes: usize| {
        let bytes = &record[at..at + bytes];
        bytes
            .iter()
            .fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let place = places.len();
    places.push(begin..begin);
    let after = begin + 1;
    let (mut end, parts) = match record[begin] {
        0x00..=0x7f | 0xc0..=0xc3 | 0xe0..=0xff => (after, 0),
        marker @ 0x80..=0x8f => (after, 2 * usize::from(marker & 0x0f)),
        marker @ 0x90..=0x9f => (after, usize::from(marker & 0x0f)),
        marker @ 0xa0..=0xbf => (after + usize::from(marker & 0x1f), 0),
        0xc4 | 0xd9 => (after + 1 + number(after, 1), 0),
        0xc5 | 0xda => (after + 2 + number(after, 2), 0),
        0xc6 | 0xdb => (after + 4 + number(after, 4), 0),
        0xcc | 0xd0 => (after + 1, 0),
        0xcd | 0xd1 => (after + 2, 0),
        0xca | 0xce | 0xd2 => (after + 4, 0),
        0xcb | 0xcf | 0xd3 => (after + 8, 0),
        0xdc => (after + 2, number(after, 2)),
        0xdd => (after + 4, number(after, 4)),
        0xde => (after + 2, 2 * number(after, 2)),
        0xdf => (after + 4, 2 * number(after, 4)),
        marker => panic!("no model is written with {marker:#x}"),
    };
    for _ in 0..parts {
        end = value(record, end, places);
    }
    places[place] = begin..end;
    end
}

/// What is done to a record.
#[derive(Debug, Clone)]
pub(super) enum Damage {
    /// A value becomes this one.
    Value(prop::sample::Index, &'static [u8]),
    /// A value becomes another one of the record.
    Another(prop::sample::Index, prop::sample::Index),
    Byte(prop::sample::Index, u8),
    /// The rest is missing.
    Cut(prop::sample::Index),
}

/// Values that are seldom right: the largest numbers, no number, nothing, an empty text, list and map, and long ones.
const ODD: &[&[u8]] = &[
    &[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0xcf, 0x10, 0, 0, 0, 0, 0, 0, 0],
    &[0xce, 0xff, 0xff, 0xff, 0xff],
    &[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0],
    &[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
    &[0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0],
    &[0x00],
    &[0xff],
    &[0xc0],
    &[0xa0],
    &[0x90],
    &[0x80],
    &[0xdd, 0xff, 0xff, 0xff, 0xff],
    &[0xc6, 0xff, 0xff, 0xff, 0xff],
];

pub(super) fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => (index(), prop::sample::select(ODD)).prop_map(|(at, odd)| Damage::Value(at, odd)),
        4 => (index(), index()).prop_map(|(at, from)| Damage::Another(at, from)),
        2 => (index(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        1 => index().prop_map(Damage::Cut),
    ]
}

impl Damage {
    /// Returns the record after that; `places` are those of its values.
    pub(super) fn done_to(&self, record: &[u8], places: &[Range<usize>]) -> Vec<u8> {
        let with = |place: &Range<usize>, value: &[u8]| {
            [&record[..place.start], value, &record[place.end..]].concat()
        };
        match self {
            Self::Value(at, value) => with(at.get(places), value),
            Self::Another(at, from) => with(at.get(places), &record[from.get(places).clone()]),
            Self::Byte(at, byte) => {
                let mut record = record.to_vec();
                *at.get_mut(&mut record) = *byte;
                record
            }
            Self::Cut(at) => record[..at.index(record.len())].to_vec(),
        }
    }
}
