//! Measures the time from the start of the program to the first pixels of a picture in its window.
//!
//! Runs the real program in a real window on a virtual display, rendered in software; what is on screen is read from
//! its accessibility tree. `cargo bench -p poolscope --features inspection --bench first_pixel [-- ROUNDS]`

#[path = "window/display.rs"]
mod display;
#[path = "window/driver.rs"]
#[allow(dead_code, reason = "tests of the window use the rest")]
mod driver;

use std::time::Instant;

use egui::accesskit::Role;
use laboratory::Figures;

use crate::display::Display;
use crate::driver::Window;

fn main() {
    let rounds = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(10);
    let Some(display) = Display::start(1280, 800) else {
        return;
    };
    Figures::print_headline(format_args!("milliseconds from the start, {rounds} rounds"));
    let mut figures = Figures::default();
    for _ in 0..rounds {
        let begin = Instant::now();
        let window = Window::open(&display, &[]);
        window.wait_for("pixels", |nodes| {
            nodes
                .iter()
                .any(|node| node.role == Role::Image && has_pixels(&node.label))
                .then_some(())
        });
        figures.add(begin.elapsed().as_secs_f64() * 1e3);
    }
    figures.print("first pixels on screen");
}

/// Returns whether this labels a picture that is at least one percent complete: `Picture of PU 1, 12 % complete…`.
fn has_pixels(label: &str) -> bool {
    let progress = label
        .strip_prefix("Picture of ")
        .and_then(|rest| rest.split_once(", "))
        .and_then(|(_, progress)| progress.split_once(' '));
    progress.is_some_and(|(percent, _)| percent.parse::<u32>().is_ok_and(|percent| percent >= 1))
}
