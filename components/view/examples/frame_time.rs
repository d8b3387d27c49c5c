//! Measures the cost of a frame: `cargo run --release --example frame_time`.
//!
//! The model has 60 components, one message in transit per frame, and a 512 x 512 picture that receives a few rows
//! per frame. The time measured is the processor time for applying updates and for drawing (`logic` and `ui`),
//! without rasterisation.

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use std::time::{Duration, Instant};

use eframe::egui;
use feed::Protocol;
use fixture::{Fixture, FixtureCentre};
use view::Settings;
use view::app::App;

const FRAMES: usize = 1200;
const SIDE: u32 = 512;

fn main() {
    let mut fixture = fixture::sixty();
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
    let mut app = App::new(
        &context,
        centre,
        Settings {
            dock: Some(true),
            ..Settings::default()
        },
    );
    // Enables the accessibility tree, whose cost would otherwise be missing from the measurement.
    context.enable_accesskit();
    for size in [[1280.0, 800.0], [1920.0, 1080.0]] {
        let mut times = Vec::with_capacity(FRAMES);
        for frame in 0..FRAMES {
            let input = egui::RawInput {
                screen_rect: Some(egui::Rect::from_min_size(egui::Pos2::ZERO, size.into())),
                time: Some(frame as f64 / 60.0),
                ..egui::RawInput::default()
            };
            let mut spent = Duration::ZERO;
            let output = context.run_ui(input, |ui| {
                let begin = Instant::now();
                app.logic(ui.ctx());
                app.ui(ui);
                spent += begin.elapsed();
            });
            output.drop_without_applying_deltas();
            times.push(spent);
        }
        times.sort_unstable();
        let at = |share| figures::quantile(&times, share).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
        println!(
            "{} x {}: p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
            size[0],
            size[1],
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0)
        );
    }
}

/// Advances the time, and adds some rows to the picture and a message.
fn go_on(fixture: &mut Fixture, frame: u64) {
    fixture.wait(16);
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
