//! The load over time, found by role and name as a screen reader would.

mod fixture;

use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, Vec2, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use std::time::Duration;

use fixture::Fixture;
use fixture::window::{Window, click_on, id, labels, press, says, window_of_size};
use model::{Change, Ending};

/// A window with the tab open.
fn window(fixture: Fixture) -> Window {
    let mut window = window_of_size(fixture, Vec2::new(1280.0, 900.0));
    click_on(&mut window, Role::Tab, "Load");
    window
}

/// Returns the descriptions of the charts that begin with these words.
fn charts(window: &Window, begin: &str) -> Vec<String> {
    let images = window.query_all_by_role(Role::Image);
    let names = images.filter_map(|image| image.accesskit_node().label());
    names.filter(|name| name.starts_with(begin)).collect()
}

#[test]
fn charts_tell_their_latest_values_and_which_curves_have_ended() {
    let window = window(fixture::loaded());
    let load = charts(&window, "Load of each PE of pool CalcAppPool, the last 2 min: ");
    let [load] = load.as_slice() else {
        panic!("{load:?}");
    };
    assert!(load.contains("PE 1 nothing, PE 2 "), "{load}");
    assert!(load.ends_with(" %"), "{load}");
    assert_eq!(charts(&window, "Handling speed of pool CalcAppPool").len(), 1);
    assert!(charts(&window, "Utilisation").is_empty(), "was not chosen");
}

#[test]
fn the_policy_with_its_data_stands_beside_the_figures_of_each_pool_element() {
    let window = window(fixture::loaded());
    assert_eq!(labels(&window, "WRR, weight 1"), 2);
    assert_eq!(labels(&window, "WRR, weight 3"), 1);
    assert_eq!(
        labels(&window, "Weighted Round Robin"),
        2,
        "of the pool, beside its curves and beside its requests"
    );
    assert!(says(&window, "utilisation, handling speed "));
}

#[test]
fn quantities_and_span_can_be_chosen() {
    let mut window = window(fixture::loaded());
    click_on(&mut window, Role::Button, "Utilisation");
    click_on(&mut window, Role::Button, "1 min");
    assert_eq!(
        charts(&window, "Utilisation of pool CalcAppPool, the last 1 min").len(),
        1
    );
    click_on(&mut window, Role::Button, "Utilisation");
    assert!(charts(&window, "Utilisation").is_empty());
}

#[test]
fn charts_do_not_go_back_to_before_there_was_anything() {
    for (fixture, chosen, shown) in [
        (fixture::working_for(20), "2 min", "30 s"),
        (fixture::working_for(40), "2 min", "1 min"),
        (fixture::working_for(40), "10 min", "1 min"),
        (fixture::working_for(150), "10 min", "5 min"),
        (fixture::working_for(150), "2 min", "2 min"),
    ] {
        let mut window = window(fixture);
        click_on(&mut window, Role::Button, chosen);
        let begin = format!("Load of each PE of pool CalcAppPool, the last {shown}: ");
        assert_eq!(charts(&window, &begin).len(), 1, "{chosen}");
    }
}

#[test]
fn two_pools_are_beside_each_other_with_the_same_charts() {
    let window = window(fixture::two_pools());
    for chart in ["Load of each PE of pool ", "Handling speed of pool "] {
        let both = charts(&window, chart);
        assert_eq!(both.len(), 2, "{both:?}");
        assert!(both[0].contains("LeastUsed") && both[1].contains("Random"));
    }
    let images = window.query_all_by_role(Role::Image);
    let places: Vec<_> = images
        .filter(|image| {
            let label = image.accesskit_node().label();
            label.is_some_and(|label| label.starts_with("Load of each PE"))
        })
        .map(|image| image.rect())
        .collect();
    assert_eq!(places[0].top(), places[1].top());
    assert!(places[0].right() < places[1].left());
}

/// Returns whether a chart with this beginning is on the screen as a whole, and whether one is cut.
fn shown(window: &Window, begin: &str, height: f32) -> (bool, bool) {
    let images = window.query_all_by_role(Role::Image);
    let named = images.filter(|image| {
        let label = image.accesskit_node().label();
        label.is_some_and(|label| label.starts_with(begin))
    });
    let ends: Vec<f32> = named.map(|image| image.rect().bottom()).collect();
    (
        ends.iter().any(|end| *end <= height),
        ends.iter().any(|end| *end > height),
    )
}

#[test]
fn an_audience_sees_whole_charts_of_how_fast_requests_are_handled() {
    let mut window = window_of_size(fixture::two_pools(), Vec2::new(1024.0, 576.0));
    press(&mut window, Key::F11);
    assert!(window.state().view.presenting);
    assert_eq!(shown(&window, "Handling speed of pool ", 576.0), (true, false));
    assert!(!shown(&window, "Load of each PE", 576.0).1);
}

#[test]
fn a_click_on_a_curve_or_a_row_selects_the_pool_element() {
    let mut window = window(fixture::loaded());
    let chart = window
        .get_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with("Load of each PE"))
        })
        .rect();
    // Some curve is there at the middle of the last minute.
    let x = chart.left() + chart.width() * 0.6;
    let mut selected = None;
    for step in 1..20 {
        let at = pos2(x, chart.top() + chart.height() * step as f32 / 20.0);
        window.hover_at(at);
        window.run();
        window.drag_at(at);
        window.drop_at(at);
        window.run();
        selected = window.state().view.selection.component();
        if selected.is_some() {
            break;
        }
    }
    let elements: Vec<_> = (1..=4).map(|n| id(&mut window, &format!("PE {n}"))).collect();
    assert!(
        selected.is_some_and(|selected| elements.contains(&selected)),
        "{selected:?}"
    );
}

#[test]
fn without_any_pool_a_sentence_tells_what_comes_here() {
    let window = window(Fixture::new());
    assert!(says(&window, "Curves appear here"));
}

#[test]
fn curves_go_on_while_somebody_lives_and_rest_afterwards() {
    let delay = |window: &Window| window.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    let mut window = window(fixture::loaded());
    assert!(delay(&window) <= Duration::from_millis(500));
    let fixture = &mut window.state_mut().centre().fixture;
    let all: Vec<_> = fixture.model.components.keys().copied().collect();
    for id in all {
        fixture.change(id, Change::Ended(Ending::Clean));
    }
    window.run();
    assert!(delay(&window) > Duration::from_secs(1), "{:?}", delay(&window));
}

#[test]
fn an_audience_sees_curves_where_nobody_shows_pictures() {
    let mut window = window_of_size(fixture::two_pools(), Vec2::new(1280.0, 720.0));
    press(&mut window, Key::F11);
    assert_eq!(charts(&window, "Load of each PE").len(), 2);
    press(&mut window, Key::L);
    assert!(charts(&window, "Load of each PE").is_empty());

    let mut window = window_of_size(fixture::demo(), Vec2::new(1280.0, 720.0));
    press(&mut window, Key::F11);
    assert!(charts(&window, "Load of each PE").is_empty());
    press(&mut window, Key::L);
    assert_eq!(charts(&window, "Load of each PE").len(), 1);
}
