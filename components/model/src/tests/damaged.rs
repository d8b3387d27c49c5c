//! Records of models that somebody has changed: they are refused, or what is read from them goes on without a panic.

use std::ops::Range;

use proptest::prelude::*;
use wire::csp::ComponentIdentifier;

use super::*;
use crate::{Grid, Span};

/// Returns the places of all values in a record in MessagePack, each with what it contains.
fn values(record: &[u8]) -> Vec<Range<usize>> {
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
enum Damage {
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

fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => (index(), prop::sample::select(ODD)).prop_map(|(at, odd)| Damage::Value(at, odd)),
        4 => (index(), index()).prop_map(|(at, from)| Damage::Another(at, from)),
        2 => (index(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        1 => index().prop_map(Damage::Cut),
    ]
}

impl Damage {
    fn done_to(&self, record: &[u8], places: &[Range<usize>]) -> Vec<u8> {
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

/// Asks a model for everything that a window shows.
fn look_at(model: &Model, now: Timestamp) {
    let _ = model.start_failure();
    let _ = model.timeline.headline();
    let _: Vec<_> = model.external_links().collect();
    let _ = model.external_at(IpAddr::from([192, 0, 2, 1]));
    let _ = model.external().get(ComponentIdentifier::from_number(1));
    let _ = model.external().poll_timeout();
    for component in model.external().iter() {
        let _ = (
            component.is_stale(now),
            component.silence(now),
            component.short_name(),
        );
    }
    for component in model.components.values() {
        let _ = (
            component.trouble(),
            component.fails_after(),
            component.held_canvas(),
        );
        let _ = component.silence.map(|silence| silence.sentence(now));
        let _ = component
            .picture_to_compare()
            .map(|canvas| crate::Comparison::of(canvas, &[]));
        let comparison = component.held.as_ref().and_then(|held| held.comparison());
        let _ = comparison.map(crate::Comparison::in_words);
        for peer in &component.registrar.peers {
            let _ = model.agreement(component, peer, now);
        }
        for failover in &component.failovers {
            let _ = (failover.gap(), component.failover(failover.key));
        }
    }
    for takeover in &model.takeovers {
        let _ = (takeover.initiator(), takeover.duration(), takeover.sign(model));
        for view in takeover.views.values() {
            let _ = (view.adopted(), view.pool_elements());
        }
    }
    for record in &model.messages.records {
        let _ = (model.protocol_of(record), model.messages.get(record.number));
    }
    let grid = Grid::until(now, ms(500), 20);
    for pool in model.history.pools(Timestamp::default()) {
        let _ = model.history.pool_totals(pool, grid);
        let span = model.history.pool_span(pool, Timestamp::default(), now);
        let _ = (
            span.utilisation(),
            span.speed(feed::WorkUnit::Pixels),
            span.mean_capacity(),
        );
    }
    for (_, track) in model.history.tracks() {
        let sound =
            |span: &Span| span.load().is_none_or(f64::is_finite) && span.queued().is_none_or(f64::is_finite);
        assert!(track.spans(grid).all(|span| sound(&span)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_from_a_damaged_record_goes_on(
        updates in anything::updates(),
        damages in prop::collection::vec(damage(), 100),
    ) {
        let (before, after) = updates.split_at(updates.len() * 2 / 3);
        let mut model = Model::default();
        before.iter().for_each(|update| model.apply(update.clone()));
        let record = rmp_serde::to_vec_named(&model).unwrap();
        let places = values(&record);
        let mut read = 0;
        for damage in damages {
            let Ok(mut model) = rmp_serde::from_slice::<Model>(&damage.done_to(&record, &places)) else {
                continue;
            };
            read += 1;
            look_at(&model, moment(1_000_000));
            after.iter().for_each(|update| model.apply(update.clone()));
            look_at(&model, moment(2_000_000));
            let again = rmp_serde::to_vec_named(&model).unwrap();
            let again: Model = rmp_serde::from_slice(&again).unwrap();
            prop_assert_eq!(again.digest(), model.digest());
        }
        prop_assert!(read > 0, "everything was refused");
    }
}
