//! What is found at a place.

use ladder::{Band, BandKind, FoldClass, Hit};

use crate::{arrow, at, event, laid_out, three};

#[test]
fn everything_is_found_where_it_lies() {
    let mut content = three();
    content.arrows = vec![arrow(1, 0, 1, 0), arrow(2, 0, 1, 900_000)];
    content
        .arrows
        .extend((10..16).map(|id| arrow(id, 2, 1, 910_000 + 200 * id)));
    for arrow in content.arrows.iter_mut().skip(2) {
        arrow.folds = Some(FoldClass::Pixels);
    }
    content.events = vec![event(5, 1, 905_000)];
    content.bands = vec![Band {
        from: at(900_000),
        to: at(905_000),
        label: "resolved".into(),
        lines: None,
        kind: BandKind::Resolution,
    }];
    let layout = laid_out(&content);

    let first = layout.arrows.iter().find(|arrow| arrow.id == 1).unwrap();
    let points = &first.legs[0].points;
    let middle = points[0].towards(points[1], 0.3);
    assert_eq!(layout.at(middle.x, middle.y + 2.0, 3.0), Some(Hit::Arrow(1)));
    let label = first.label.as_ref().unwrap().area.centre;
    assert_eq!(layout.at(label.x, label.y, 0.0), Some(Hit::Arrow(1)));

    let place = layout.events[0].place;
    assert_eq!(layout.at(place.x + 3.0, place.y, 1.0), Some(Hit::Event(5)));

    let group = &layout.groups[0];
    let inside = group.corners[0].towards(group.corners[2], 0.4);
    assert_eq!(layout.at(inside.x, inside.y, 0.0), Some(Hit::Group(10)));

    let gap = &layout.gaps[0];
    let idle = f32::midpoint(gap.top, gap.bottom);
    assert_eq!(layout.at(5.0, idle, 1.0), Some(Hit::Gap(0)));
    assert_eq!(
        layout.at(layout.lines[2].x + 1.0, idle, 2.0),
        Some(Hit::LifeLine(2))
    );

    let name = layout.bands[0].text_area.centre();
    assert_eq!(layout.at(name.x, name.y, 0.0), Some(Hit::Band(0)));
    assert_eq!(layout.at(layout.width + 50.0, layout.height + 50.0, 3.0), None);
}

#[test]
fn of_two_arrows_the_nearer_one_is_found() {
    let mut content = three();
    content.arrows = vec![arrow(1, 0, 1, 0), arrow(2, 0, 1, 0)];
    let layout = laid_out(&content);
    for arrow in &layout.arrows {
        let points = &arrow.legs[0].points;
        let near = points[0].towards(points[1], 0.9);
        assert_eq!(layout.at(near.x, near.y + 1.0, 30.0), Some(Hit::Arrow(arrow.id)));
    }
}
