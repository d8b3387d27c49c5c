//! What holds for any chart.

use std::collections::BTreeSet;

use ladder::{
    Arrow, Band, BandKind, Caused, Content, Ending, Event, EventKind, Fate, FoldClass, Hit, Kind, Layout,
    LifeLine, Options, Origin, Receiver, Style, Target, measure, svg,
};
use proptest::prelude::*;

use crate::at;

fn fold_class() -> impl Strategy<Value = Option<FoldClass>> {
    prop_oneof![
        Just(None),
        Just(Some(FoldClass::Pixels)),
        Just(Some(FoldClass::KeepAlive)),
        (0_u16..3).prop_map(|number| Some(FoldClass::Other(number))),
    ]
}

fn time() -> impl Strategy<Value = u64> {
    prop_oneof![
        6 => 0_u64..3_000,
        3 => 0_u64..5_000_000,
        1 => Just(0),
        1 => Just(u64::MAX),
    ]
}

fn role() -> impl Strategy<Value = feed::ComponentRole> {
    use feed::ComponentRole::{PoolElement, PoolUser, Registrar};
    prop_oneof![Just(PoolElement), Just(PoolUser), Just(Registrar)]
}

fn life() -> impl Strategy<Value = LifeLine> {
    let ending = prop_oneof![Just(Ending::Killed), Just(Ending::Stopped), Just(Ending::Failed)];
    let ends = prop::option::of((time().prop_map(at), ending));
    (
        any::<u32>(),
        ".{0,20}",
        role(),
        prop::option::of(time().prop_map(at)),
        ends,
    )
        .prop_map(|(key, name, role, begins, ends)| LifeLine {
            key,
            name,
            role,
            begins,
            ends,
        })
}

fn target() -> impl Strategy<Value = Target> {
    let receiver = (0_usize..8, prop::option::of(time().prop_map(at)));
    let receiver = receiver.prop_map(|(line, arrived)| Receiver { line, arrived });
    prop_oneof![
        5 => (0_usize..8).prop_map(Target::Line),
        1 => Just(Target::Outside),
        1 => prop::collection::vec(receiver, 0..4).prop_map(Target::Multicast),
    ]
}

fn arrow() -> impl Strategy<Value = Arrow> {
    let fate = prop_oneof![
        5 => Just(Fate::Arrived),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Unknown),
        1 => Just(Fate::Refused)
    ];
    let kind = prop::sample::select(Kind::ALL.to_vec());
    let way = (prop::option::weighted(0.9, 0_usize..8), target());
    let times = (time(), prop::option::of(time()));
    let label = prop_oneof![4 => "[A-Z_]{4,30}", 1 => ".{0,12}", 1 => Just("x".repeat(500))];
    (way, times, fate, kind, label, fold_class(), any::<(bool, bool)>()).prop_map(
        |((from, to), (sent, arrived), fate, kind, label, folds, (again, selected))| Arrow {
            id: 0,
            from,
            to,
            sent: at(sent),
            arrived: arrived.map(at),
            fate,
            kind,
            label,
            folds,
            retransmission: again && selected,
            selected,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let kind = prop::sample::select(EventKind::ALL.to_vec());
    let caused = prop_oneof![
        (0_u64..30).prop_map(Caused::Arrow),
        (0_u64..5).prop_map(Caused::Event)
    ];
    let caused = prop::collection::vec(caused, 0..3);
    (0_usize..8, time(), ".{0,40}", kind, caused).prop_map(|(line, us, text, kind, caused)| Event {
        id: 0,
        line,
        at: at(us),
        text,
        kind,
        caused,
    })
}

fn band() -> impl Strategy<Value = Band> {
    let lines = prop::option::of((0_usize..8, 0_usize..8).prop_map(|(start, end)| start..end));
    (time(), time(), ".{0,20}", lines).prop_map(|(from, to, label, lines)| Band {
        from: at(from),
        to: at(to),
        label,
        lines,
        kind: BandKind::Other,
    })
}

prop_compose! {
    fn content()(
        title in ".{0,30}",
        life_lines in prop::collection::vec(life(), 0..7),
        arrows in prop::collection::vec(arrow(), 0..40),
        events in prop::collection::vec(event(), 0..6),
        bands in prop::collection::vec(band(), 0..4),
        origin in prop::option::of(time()),
    ) -> Content {
        let number = |id: usize| id as u64;
        Content {
            title,
            life_lines,
            arrows: arrows.into_iter().enumerate().map(|(id, arrow)| Arrow { id: number(id), ..arrow }).collect(),
            events: events.into_iter().enumerate().map(|(id, event)| Event { id: number(id), ..event }).collect(),
            bands,
            origin: origin.map(|us| Origin { at: at(us), name: "the fault".into() }),
        }
    }
}

fn options() -> impl Strategy<Value = Options> {
    let scale = prop_oneof![Just(1.0_f32), 0.05_f32..12.0, Just(f32::NAN)];
    let unfolded = prop::collection::btree_set(0_u64..40, 0..5);
    (scale, unfolded).prop_map(|(scale, unfolded)| Options {
        unfolded,
        scale,
        ..Options::default()
    })
}

/// Returns whether an arrow can be shown: whether anybody is who sent or received it.
fn is_shown(arrow: &Arrow, lines: usize) -> bool {
    let from = arrow.from.is_some_and(|line| line < lines);
    from || match &arrow.to {
        Target::Line(line) => *line < lines,
        Target::Outside => false,
        Target::Multicast(receivers) => receivers.iter().any(|receiver| receiver.line < lines),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn each_message_is_shown_once(content in content(), options in options()) {
        let layout = Layout::new(&content, &options, &measure);
        let shown = content.arrows.iter().filter(|arrow| is_shown(arrow, content.life_lines.len()));
        let expected: BTreeSet<u64> = shown.map(|arrow| arrow.id).collect();
        let singles = layout.arrows.iter().map(|arrow| arrow.id);
        let drawn: Vec<u64> = singles.chain(layout.groups.iter().flat_map(|group| group.ids.iter().copied())).collect();
        prop_assert_eq!(drawn.len(), expected.len());
        prop_assert_eq!(drawn.into_iter().collect::<BTreeSet<_>>(), expected);
        for group in &layout.groups {
            prop_assert!(group.ids.len() > 1 && group.ids.first() == Some(&group.id));
            prop_assert!(!options.unfolded.contains(&group.id));
        }
    }

    #[test]
    fn the_axis_never_turns_back(content in content(), options in options(), mut times in prop::collection::vec(time(), 2..40)) {
        let axis = Layout::new(&content, &options, &measure).axis;
        times.sort_unstable();
        for pair in times.windows(2) {
            prop_assert!(axis.y_of(at(pair[0])) <= axis.y_of(at(pair[1])), "{:?}", pair);
        }
    }

    #[test]
    fn reading_a_time_from_the_axis_undoes_putting_it_there(content in content(), options in options(), part in 0.0_f32..1.0) {
        let layout = Layout::new(&content, &options, &measure);
        let axis = &layout.axis;
        let Some((first, last)) = axis.span() else { return Ok(()) };
        let (top, bottom) = (axis.y_of(first), axis.y_of(last));
        let y = (bottom - top).mul_add(part, top);
        let read = axis.time_at(y);
        // Time is in whole microseconds, rounded down; coordinates of several thousand points are rounded themselves.
        let rounding = 1e-3_f32.max(layout.height * 1e-6);
        prop_assert!((first..=last).contains(&read), "{:?}", read);
        prop_assert!(axis.y_of(read) <= y + rounding, "{:?}", read);
        // Floating-point numbers do not tell the largest times apart.
        let precision = (read.as_micros() >> 50) + 1;
        let next = at(read.as_micros().saturating_add(precision));
        prop_assert!(next > last || axis.y_of(next) >= y - rounding, "{:?}", read);
    }

    #[test]
    fn no_label_lies_upon_another(content in content(), options in options()) {
        let layout = Layout::new(&content, &options, &measure);
        let labels: Vec<_> = layout.labels().collect();
        for (index, one) in labels.iter().enumerate() {
            for other in labels.iter().skip(index + 1) {
                prop_assert!(!one.area.overlaps(&other.area), "{:?} and {:?}", one, other);
            }
            prop_assert!(one.text.chars().count() <= 160);
        }
        for pair in layout.ticks.windows(2) {
            prop_assert!(pair[1].y - pair[0].y > 10.0, "{:?}", pair);
        }
    }

    #[test]
    fn everything_lies_within_the_chart(content in content(), options in options()) {
        let layout = Layout::new(&content, &options, &measure);
        prop_assert!(layout.width.is_finite() && layout.height.is_finite());
        let legs = layout.arrows.iter().flat_map(|arrow| &arrow.legs).flat_map(|leg| &leg.points);
        for place in legs.chain(layout.groups.iter().flat_map(|group| &group.corners)) {
            prop_assert!((0.0..=layout.width).contains(&place.x) && (0.0..=layout.height).contains(&place.y), "{:?}", place);
        }
    }

    #[test]
    fn the_same_content_is_laid_out_in_the_same_way(content in content(), options in options()) {
        prop_assert_eq!(Layout::new(&content, &options, &measure), Layout::new(&content, &options, &measure));
    }

    #[test]
    fn documents_are_well_formed(content in content()) {
        let layout = Layout::new(&content, &Options::default(), &measure);
        let document = svg(&layout, &Style::default());
        let parsed = roxmltree::Document::parse(&document);
        prop_assert!(parsed.is_ok(), "{:?}", parsed.err());
    }

    #[test]
    fn whatever_is_found_exists(content in content(), x in -10.0_f32..2_000.0, y in -10.0_f32..2_000.0, tolerance in -1.0_f32..20.0) {
        let layout = Layout::new(&content, &Options::default(), &measure);
        match layout.at(x, y, tolerance) {
            None => {}
            Some(Hit::Event(id)) => prop_assert!(layout.events.iter().any(|event| event.id == id)),
            Some(Hit::Arrow(id)) => prop_assert!(layout.arrows.iter().any(|arrow| arrow.id == id)),
            Some(Hit::Group(id)) => prop_assert!(layout.groups.iter().any(|group| group.id == id)),
            Some(Hit::Band(index)) => prop_assert!(index < content.bands.len()),
            Some(Hit::LifeLine(index)) => prop_assert!(index < content.life_lines.len()),
            Some(Hit::Gap(index)) => prop_assert!(index < layout.gaps.len()),
        }
    }
}
