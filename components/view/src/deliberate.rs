//! Tells clicks that were meant from those that hit what happened to be there.
//!
//! Buttons appear, disappear and move while processes come and go. A click is not meant if
//!
//! - it is the second one of a double click, and the first one did something else, or
//! - what it hits has only just appeared or moved there by itself.
//!
//! Keys and screen readers name what they press, so these rules are for the pointer alone.

use egui::{Context, Id, Pos2, Rect, Response, Ui};

/// The time in seconds within which a second click belongs to the first one. Desktops use 0.4 or 0.5.
const DOUBLE_CLICK: f64 = 0.5;
/// The time in seconds that people need to react to what has appeared.
const REACTION: f64 = 0.3;
/// How far apart the clicks of a double click may be.
const SPOT: f32 = 16.0;
/// How far a button may be moved by rounding.
const STILL: f32 = 1.5;

/// A press of the pointer's button.
#[derive(Debug, Clone, Copy)]
struct Press {
    at: Pos2,
    time: f64,
    /// What it did, if it hit something that asks [`is_deliberate`].
    action: Option<u64>,
}

/// The latest press, and the one before.
#[derive(Debug, Clone, Copy, Default)]
struct Presses {
    latest: Option<Press>,
    previous: Option<Press>,
}

/// What a widget was when it was drawn last.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    action: u64,
    rect: Rect,
    /// When the action came to this place.
    since: f64,
    pass: u64,
}

/// Takes note of the presses of the pointer's button; to be called once in each frame, before any widget is drawn.
pub(crate) fn watch(context: &Context) {
    let pressed = context.input(|input| {
        let time = input.time;
        let mut presses = input.events.iter().filter_map(|event| match event {
            egui::Event::PointerButton {
                pos, pressed: true, ..
            } => Some(*pos),
            _ => None,
        });
        presses.next_back().map(|at| (at, time))
    });
    if let Some((at, time)) = pressed {
        context.data_mut(|data| {
            let presses = data.get_temp_mut_or_default::<Presses>(id());
            presses.previous = presses.latest;
            presses.latest = Some(Press {
                at,
                time,
                action: None,
            });
        });
    }
}

/// Returns whether the widget was clicked, and this click was meant for this action. To be called in each frame in which
/// the widget is drawn.
pub(crate) fn is_deliberate(ui: &Ui, response: &Response, action: &str) -> bool {
    let context = ui.ctx();
    let action = egui::util::hash(action);
    let pass = context.cumulative_pass_nr();
    let (time, scrolls, by_pointer) = context.input(|input| {
        let scrolls = input.smooth_scroll_delta() != egui::Vec2::ZERO || input.time_since_last_scroll() < 0.2;
        (input.time, scrolls, input.pointer.any_click())
    });
    // Neither may be asked within the closure, which holds the context's lock.
    let (rect, clicked) = (response.rect, response.clicked());
    context.data_mut(|data| {
        let before = data.get_temp::<Drawn>(response.id);
        let since = match before {
            Some(before) if before.action == action && pass <= before.pass + 1 => {
                let moved = before.rect.min.distance(rect.min) > STILL;
                // Who scrolls sees what moves.
                if moved && !scrolls { time } else { before.since }
            }
            // Nothing can have been aimed at before the very first frame.
            None if pass <= 1 => f64::NEG_INFINITY,
            _ => time,
        };
        let drawn = Drawn {
            action,
            rect,
            since,
            pass,
        };
        data.insert_temp(response.id, drawn);
        if !clicked {
            return false;
        }
        let presses = data.get_temp_mut_or_default::<Presses>(id());
        let (Some(latest), true) = (&mut presses.latest, by_pointer) else {
            return true;
        };
        let first = presses
            .previous
            .filter(|first| latest.time - first.time < DOUBLE_CLICK && first.at.distance(latest.at) < SPOT);
        let second_of_another = first.is_some_and(|first| first.action != Some(action));
        let meant = !second_of_another && latest.time - since >= REACTION;
        // The third click of a row belongs to the first one as well.
        latest.action = if meant {
            Some(action)
        } else {
            first.and_then(|first| first.action)
        };
        meant
    })
}

fn id() -> Id {
    Id::unique("presses of the pointer's button")
}
