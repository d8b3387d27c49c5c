//! Where things lie.

use std::collections::BTreeSet;
use std::time::Duration;

use ladder::{
    Band, BandKind, Caused, Content, Ending, Fate, FoldClass, Layout, Mark, Options, Origin, Receiver,
    Source, Target, measure,
};

use crate::{arrow, at, event, laid_out, three};

#[test]
fn a_chart_of_nothing_has_headers_and_a_height() {
    for content in [Content::default(), three()] {
        let layout = laid_out(&content);
        assert_eq!(layout.headers.len(), content.life_lines.len());
        assert!(layout.height > 0.0 && layout.width > 0.0);
        assert!(layout.arrows.is_empty() && layout.gaps.is_empty() && layout.ticks.is_empty());
    }
}

#[test]
fn an_idle_stretch_is_shortened_and_says_how_long_it_was() {
    let mut content = three();
    content.arrows = vec![arrow(1, 0, 1, 0), arrow(2, 1, 0, 400), arrow(3, 0, 2, 20_500)];
    let options = Options {
        idle: Some(Duration::from_millis(5)),
        ..Options::default()
    };
    let layout = Layout::new(&content, &options, &measure);
    let [gap] = layout.gaps.as_slice() else {
        panic!("{:?}", layout.gaps)
    };
    assert_eq!(
        (gap.from, gap.to, gap.text.as_str()),
        (at(500), at(20_500), "idle 20.0 ms")
    );
    let idle = gap.bottom - gap.top;
    assert!(idle < 50.0 && gap.top < layout.axis.y_of(at(10_000)), "{idle}");
    assert!(
        layout.notes.iter().any(|note| note.contains("not to scale")),
        "{:?}",
        layout.notes
    );

    let patient = Options {
        idle: Some(Duration::from_secs(1)),
        ..Options::default()
    };
    assert!(Layout::new(&content, &patient, &measure).gaps.is_empty());
}

#[test]
fn arrows_of_the_same_moment_lie_below_each_other() {
    let mut content = three();
    content.arrows = (0..40).map(|id| arrow(id, 0, 1, 1_000)).collect();
    let layout = laid_out(&content);
    let starts: Vec<f32> = layout
        .arrows
        .iter()
        .filter_map(|arrow| Some(arrow.start()?.y))
        .collect();
    assert_eq!(starts.len(), 40);
    assert!(
        starts.windows(2).all(|pair| pair[1] - pair[0] >= 10.0),
        "{starts:?}"
    );
    assert!(layout.arrows.iter().all(|arrow| arrow.label.is_some()));
    // All of them are the same moment on the axis.
    assert!(
        starts.iter().all(|y| layout.axis.time_at(*y) == at(1_000)),
        "{starts:?}"
    );
}

#[test]
fn what_becomes_of_a_message_is_seen_where_its_arrow_ends() {
    let mut content = three();
    content.arrows = (0..4).map(|id| arrow(id, 0, 1, 1_000 * id)).collect();
    for (arrow, fate) in
        content
            .arrows
            .iter_mut()
            .zip([Fate::Arrived, Fate::Lost, Fate::Refused, Fate::Unknown])
    {
        arrow.fate = fate;
    }
    content.arrows[3].arrived = None;
    let layout = laid_out(&content);
    let (from, to) = (layout.lines[0].x, layout.lines[1].x);
    let ends: Vec<(Mark, f32)> = layout
        .arrows
        .iter()
        .map(|arrow| {
            let leg = &arrow.legs[0];
            (leg.mark, (leg.points[1].x - from) / (to - from))
        })
        .collect();
    assert_eq!(ends[0], (Mark::Head, 1.0));
    assert!(
        ends[1].0 == Mark::Lost && (ends[1].1 - 2.0 / 3.0).abs() < 0.01,
        "{ends:?}"
    );
    assert!(ends[2].0 == Mark::Refused && ends[2].1 < 0.3, "{ends:?}");
    assert_eq!(ends[3], (Mark::Head, 1.0));
}

#[test]
fn a_message_to_a_group_has_a_leg_for_each_receiver_or_leads_to_both_margins() {
    let mut content = three();
    let receiver = |line| Receiver {
        line,
        arrived: Some(at(300)),
    };
    content.arrows = vec![arrow(1, 1, 1, 0), arrow(2, 1, 1, 1_000)];
    content.arrows[0].to = Target::Multicast(vec![receiver(0), receiver(2), receiver(9)]);
    content.arrows[1].to = Target::Multicast(Vec::new());
    let layout = laid_out(&content);
    let ends = |index: usize| -> Vec<f32> {
        layout.arrows[index]
            .legs
            .iter()
            .map(|leg| leg.points[1].x)
            .collect()
    };
    assert_eq!(ends(0), [layout.lines[0].x, layout.lines[2].x]);
    assert!(
        layout
            .arrows
            .iter()
            .all(|arrow| arrow.source == Source::Multicast)
    );
    let margins = ends(1);
    assert!(
        margins[0] < layout.lines[0].x && margins[1] > layout.lines[2].x,
        "{margins:?}"
    );
}

#[test]
fn a_message_that_arrives_before_it_was_sent_points_up() {
    let mut content = three();
    content.arrows = vec![arrow(1, 0, 1, 1_000)];
    content.arrows[0].arrived = Some(at(500));
    let layout = laid_out(&content);
    let points = &layout.arrows[0].legs[0].points;
    assert!(
        layout.arrows[0].backwards && points[1].y < points[0].y,
        "{points:?}"
    );
}

#[test]
fn pixels_fold_and_unfold() {
    let mut content = three();
    content.arrows = (0..23).map(|id| arrow(id, 2, 0, 150 * id)).collect();
    for arrow in &mut content.arrows {
        arrow.folds = Some(FoldClass::Pixels);
        arrow.label = "FGP_DATA".into();
    }
    let folded = laid_out(&content);
    assert_eq!((folded.arrows.len(), folded.groups.len()), (0, 1));
    let group = &folded.groups[0];
    assert_eq!(group.label.as_ref().unwrap().text, "23 × FGP_DATA");
    assert_eq!((group.id, group.lines, group.ids.len()), (0, (2, 0), 23));

    let options = Options {
        unfolded: BTreeSet::from([0]),
        ..Options::default()
    };
    let unfolded = Layout::new(&content, &options, &measure);
    assert_eq!((unfolded.arrows.len(), unfolded.groups.len()), (23, 0));
    assert!(unfolded.height > folded.height);
}

#[test]
fn lives_begin_and_end_where_they_did() {
    let mut content = three();
    content.life_lines[2].begins = Some(at(1_000));
    content.life_lines[2].ends = Some((at(5_000), Ending::Killed));
    content.arrows = vec![arrow(1, 0, 2, 500), arrow(2, 0, 2, 3_000)];
    let layout = laid_out(&content);
    let line = &layout.lines[2];
    let end = line.ends.as_ref().unwrap();
    assert_eq!(end.label.as_ref().unwrap().text, "killed");
    let arrived = layout.arrows[1].legs[0].points[1].y;
    assert!(line.begins.unwrap() < arrived && arrived < end.y);
    assert!(layout.lines[0].begins.is_none() && layout.lines[0].ends.is_none());
}

#[test]
fn a_timer_is_joined_to_what_it_caused() {
    let mut content = three();
    content.arrows = vec![arrow(7, 0, 1, 2_000)];
    content.events = vec![event(1, 0, 1_000), event(2, 1, 4_000)];
    content.events[0].caused = vec![Caused::Arrow(7), Caused::Event(2), Caused::Arrow(999)];
    let layout = laid_out(&content);
    let caused: Vec<_> = layout
        .joins
        .iter()
        .map(|join| (join.event, join.caused))
        .collect();
    assert_eq!(caused, [(1, Caused::Arrow(7)), (1, Caused::Event(2))]);
    let (from, to) = (&layout.events[0], &layout.arrows[0]);
    let points = &layout.joins[0].points;
    assert_eq!((points[0].y, points[3].y), (from.place.y, to.start().unwrap().y));
}

#[test]
fn bands_tell_their_durations_beside_each_other() {
    let band = |from, to, lines| Band {
        from: at(from),
        to: at(to),
        label: "detected".into(),
        lines,
        kind: BandKind::Detection,
    };
    let mut content = three();
    content.arrows = vec![arrow(1, 0, 1, 0), arrow(2, 1, 0, 9_000)];
    content.bands = vec![
        band(0, 6_200, None),
        band(1_000, 2_000, Some(1..2)),
        band(6_200, 9_000, None),
    ];
    let layout = laid_out(&content);
    let durations: Vec<_> = layout.bands.iter().map(|band| band.duration.as_str()).collect();
    assert_eq!(durations, ["6.20 ms", "1.00 ms", "2.80 ms"]);
    let [first, within, after] = layout.bands.as_slice() else {
        panic!("{:?}", layout.bands)
    };
    assert!(within.bracket > first.bracket && after.bracket == first.bracket);
    assert!(within.area.width() < first.area.width());
    for (one, next) in [(first, within), (within, after), (first, after)] {
        let apart =
            one.text_area.max.y <= next.text_area.min.y || next.text_area.max.y <= one.text_area.min.y;
        assert!(apart, "{one:?} {next:?}");
    }
}

#[test]
fn times_are_told_from_the_origin() {
    let mut content = three();
    content.arrows = vec![arrow(1, 0, 1, 1_000), arrow(2, 1, 0, 7_200)];
    content.events = vec![event(1, 2, 5_000)];
    content.origin = Some(Origin {
        at: at(5_000),
        name: "the fault".into(),
    });
    let options = Options {
        idle: Some(Duration::from_millis(1)),
        ..Options::default()
    };
    let layout = Layout::new(&content, &options, &measure);
    let ticks: Vec<_> = layout.ticks.iter().map(|tick| tick.text.as_str()).collect();
    assert_eq!(ticks, ["\u{2212}4.00 ms", "0", "+2.20 ms"]);
    assert!(layout.notes[0].contains("the fault"));
}

#[test]
fn labels_say_what_a_reader_must_know_and_notes_what_is_not_shown() {
    let mut content = three();
    content.arrows = (1..=4).map(|id| arrow(id, 0, 1, 1_000 * id)).collect();
    content.arrows[0].retransmission = true;
    content.arrows[1].fate = Fate::Refused;
    content.arrows[2].label = "x".repeat(1_000);
    (content.arrows[3].from, content.arrows[3].to) = (None, Target::Line(77));
    let layout = laid_out(&content);
    let labels: Vec<_> = layout.labels().map(|label| label.text.as_str()).collect();
    assert_eq!(
        labels[..2],
        ["ASAP_MESSAGE_1 (again)", "ASAP_MESSAGE_2 (refused)"]
    );
    assert!(labels[2].ends_with("x…") && labels[2].len() < 100, "{labels:?}");
    assert_eq!(layout.arrows.len(), 3);
    assert!(
        layout.notes.iter().any(|note| note.ends_with("not shown: 1.")),
        "{:?}",
        layout.notes
    );
}

#[test]
fn choosing_an_arrow_moves_nothing() {
    let mut content = three();
    content.arrows = (0..30).map(|id| arrow(id, 0, 1, 90 * id)).collect();
    let before = laid_out(&content);
    content.arrows[17].selected = true;
    let mut after = laid_out(&content);
    assert!(after.arrows[17].selected);
    after.arrows[17].selected = false;
    assert_eq!(before, after);
}
