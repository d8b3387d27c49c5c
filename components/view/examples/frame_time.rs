//! Measures the cost of a frame: `cargo run --release --example frame_time`.
//!
//! The model has 60 components, one message in transit per frame, and a 512 x 512 picture that receives a few rows
//! per frame; every pool element and pool user reports its load and its work twice a second, as it has done for minutes.
//! The time measured is the processor time for applying updates and for drawing (`logic` and `ui`), without
//! rasterisation: with the messages and with the load in the dock, and with the line of time and its lanes when two hours
//! have been recorded.

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use std::time::Duration;

use eframe::egui;
use feed::Protocol;
use fixture::{Fixture, FixtureCentre};
use rustix::time::{ClockId, clock_gettime};
use view::Settings;
use view::app::App;

const FRAMES: usize = 1200;
const SIDE: u32 = 512;
/// How long everybody has been reporting.
const MINUTES: u64 = 12;

fn main() {
    for size in [[1280.0, 800.0], [1920.0, 1080.0]] {
        let nothing = |_: &mut App<FixtureCentre>| {};
        let messages = measure(size, "messages", nothing);
        let load = measure(size, "load", |app| app.view.show_load());
        let bar = measure(size, "messages and the bar of two hours", record);
        let lanes = measure(size, "messages and the lanes of two hours", |app| {
            record(app);
            app.view.show_lanes();
        });
        for (what, times) in [("load takes", load), ("bar takes", bar), ("lanes take", lanes)] {
            let more = |share| quantile(&times, share) - quantile(&messages, share);
            println!(
                "{} x {}: the {what} {:.2} ms more at p50, {:.2} ms more at p95",
                size[0],
                size[1],
                more(0.5),
                more(0.95)
            );
        }
    }
}

/// Lets two hours have been recorded, with thousands of highlights.
fn record(app: &mut App<FixtureCentre>) {
    let centre = app.centre();
    centre.recorded = Some(fixture::times::two_hours(&centre.fixture));
}

/// Measures the time for each frame of a window of this size.
fn measure(size: [f32; 2], dock: &str, prepare: impl FnOnce(&mut App<FixtureCentre>)) -> Vec<Duration> {
    let mut fixture = fixture::sixty();
    fixture.report_all(MINUTES * 120);
    let user = fixture
        .model
        .components
        .values()
        .find(|it| it.canvas.is_some())
        .expect("a pool user")
        .id;
    fixture.begin_picture(user, 2, SIDE);
    let mut centre = FixtureCentre::new(fixture);
    centre.live = Some(go_on);
    let context = egui::Context::default();
    let settings = Settings {
        dock: Some(true),
        ..Settings::default()
    };
    let mut app = App::new(&context, centre, settings);
    prepare(&mut app);
    // Enables the accessibility tree, whose cost would otherwise be missing from the measurement.
    context.enable_accesskit();
    let mut times = Vec::with_capacity(FRAMES);
    for frame in 0..FRAMES {
        let input = egui::RawInput {
            screen_rect: Some(egui::Rect::from_min_size(egui::Pos2::ZERO, size.into())),
            time: Some(frame as f64 / 60.0),
            ..egui::RawInput::default()
        };
        let mut spent = Duration::ZERO;
        let output = context.run_ui(input, |ui| {
            let begin = processor_time();
            app.logic(ui.ctx());
            app.ui(ui);
            spent += processor_time() - begin;
        });
        output.drop_without_applying_deltas();
        times.push(spent);
    }
    times.sort_unstable();
    println!(
        "{} x {}, {dock}: p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
        size[0],
        size[1],
        quantile(&times, 0.5),
        quantile(&times, 0.95),
        quantile(&times, 0.99),
        quantile(&times, 1.0)
    );
    times
}

/// Returns the processor time of this thread, which does not depend on what else the machine does.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Returns a quantile of sorted times in milliseconds.
fn quantile(times: &[Duration], share: f64) -> f64 {
    figures::quantile(times, share).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}

/// Advances the time, and adds some rows to the picture and a message, and twice a second everybody's reports.
fn go_on(fixture: &mut Fixture, frame: u64) {
    fixture.wait(16);
    if frame.is_multiple_of(30) {
        fixture.report_all(1);
    }
    let components = fixture.model.components.values();
    let Some((user, served)) = components
        .filter_map(|it| Some((it.id, it.served.values().next()?.component?)))
        .find(|(id, _)| {
            fixture.model.components[id]
                .canvas
                .as_ref()
                .is_some_and(|canvas| canvas.width == SIDE)
        })
    else {
        return;
    };
    let row = (frame * 4 % u64::from(SIDE)) as u32;
    let number = fixture.model.associations.values().find_map(|association| {
        let wanted = association.protocol == Protocol::Application && association.ends.contains(&Some(user));
        wanted
            .then(|| association.views.get(&served).map(|view| view.number))
            .flatten()
    });
    fixture.rows(user, served, row..row + 4);
    if let Some(number) = number {
        fixture.message(
            served,
            user,
            number.number(),
            wire::Ppid::FRACTAL_GENERATOR,
            "FGP_DATA",
            1100,
        );
    }
}
