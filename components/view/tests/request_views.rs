//! Pool users whose service has no pictures, and pools beside each other in the graph.

mod fixture;

use command::Command;
use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use fixture::painted;
use fixture::window::{Window, click_on, commands, id, labels, place, press, says, window_of_size};
use fixture::{Fixture, loaded, two_pools};
use wire::parameter::Policy;

fn window(fixture: Fixture) -> Window {
    window_of_size(fixture, Vec2::new(1280.0, 900.0))
}

/// Returns the descriptions of the pool users' requests.
fn requests(window: &Window) -> Vec<String> {
    let items = window.query_all_by_role(Role::ListItem);
    let names = items.filter_map(|item| item.accesskit_node().label());
    names.filter(|name| name.starts_with("Requests of ")).collect()
}

#[test]
fn few_pool_users_without_pictures_have_a_card_each() {
    let window = window(loaded());
    let requests = requests(&window);
    assert_eq!(requests.len(), 5, "{requests:?}");
    assert!(
        requests[0].starts_with("Requests of PU 1: 1 in service, "),
        "{requests:?}"
    );
    assert!(!painted::shows(&window, "no picture yet"));
    assert_eq!(labels(&window, "CalcAppPool"), 1);
    assert!(says(&window, " completed, "), "the figures of the pool");
}

#[test]
fn a_crowd_has_a_cell_each_in_the_colour_of_its_pool_element() {
    let mut window = window(two_pools());
    let all = requests(&window);
    assert!(all.len() >= 90, "{}", all.len());
    assert!(
        all[0].starts_with("Requests of PU 1, served by PE 1: 1 in service, "),
        "{all:?}"
    );
    let cell = all[7].clone();
    window.get_by_role_and_label(Role::ListItem, &cell).click();
    window.run();
    let user = id(&mut window, "PU 8");
    assert_eq!(window.state().view.selection.component(), Some(user));
}

#[test]
fn pools_beside_each_other_have_frames_of_their_own_in_the_graph() {
    let window = window(two_pools());
    for text in ["LeastUsed", "Least Used", "Random"] {
        assert!(painted::shows(&window, text), "{text}");
    }
    assert!(!painted::shows(&window, "LeastUsed, Random"));
}

#[test]
fn pools_have_headings_beside_each_other_where_the_graph_is_low() {
    let mut window = window_of_size(two_pools(), Vec2::new(1280.0, 800.0));
    press(&mut window, Key::L);
    let heading = |name: &str| place(&window, &format!("Policy of the pool {name}"));
    let (one, other) = (heading("LeastUsed"), heading("Random"));
    assert!(
        one.right() < other.left() && one.top() == other.top(),
        "{one:?} {other:?}"
    );
    for text in ["LeastUsed", "Least Used", "Random"] {
        assert!(painted::shows(&window, text), "{text}");
    }
    click_on(&mut window, Role::Button, "Policy of the pool Random");
    click_on(&mut window, Role::Button, "Round Robin  RR");
    let [Command::SetPoolPolicy(pool, Policy::RoundRobin)] = &commands(&mut window)[..] else {
        panic!("no other command");
    };
    assert_eq!(pool.to_string(), "Random");
}

#[test]
fn pool_elements_of_pools_show_their_load_in_the_graph_with_the_dock_open() {
    let mut window = window_of_size(two_pools(), Vec2::new(1280.0, 800.0));
    press(&mut window, Key::L);
    let graph = window
        .get_by_role_and_label(Role::Canvas, "Association graph")
        .rect();
    let loads = painted::texts(&window);
    let loads = loads.iter().filter(|painted| {
        graph.contains_rect(painted.rect)
            && painted.text.ends_with('%')
            && painted.rect.left() > graph.center().x
    });
    assert_eq!(loads.count(), 10);
}

#[test]
fn the_data_of_a_policy_stand_at_the_pool_element_in_the_graph() {
    let window = window(loaded());
    assert!(painted::shows(&window, "weight 3"));
    assert!(painted::shows(&window, "Weighted Round Robin"));
}
