//! What a component's values must be like, beyond their types.

use super::{Arguments, ComponentSpec, Settings};
use crate::cli;
use crate::model::Canvas;

/// The longest name, in characters.
const NAME: usize = 60;
/// The area in which positions are given.
const AREA: [f32; 2] = [1000.0, 700.0];
/// The widest and highest picture.
const SIDE: u32 = 2048;

/// Tells everything that is wrong with a component: the member, and what is wrong and allowed.
pub(super) fn check(spec: &ComponentSpec, settings: &Settings) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    check_values(spec, |member, what| problems.push((member.to_owned(), what)));
    if problems.is_empty() {
        // The component has the last word on its own command line.
        let refused = cli::check_component(&spec.command_line(settings)).err();
        problems.extend(refused.map(|refused| (refused.option.unwrap_or("options".into()), refused.why)));
    }
    problems
}

fn check_values(spec: &ComponentSpec, mut problem: impl FnMut(&str, String)) {
    if let Some(name) = &spec.name
        && (name.trim().is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control))
    {
        problem(
            "name",
            format!("must have 1 to {NAME} characters without control characters"),
        );
    }
    if let Some([x, y]) = spec.position
        && !((0.0..=AREA[0]).contains(&x) && (0.0..=AREA[1]).contains(&y))
    {
        let [width, height] = AREA;
        problem(
            "position",
            format!("[{x}, {y}] is outside the area [0, 0] to [{width}, {height}]"),
        );
    }
    match &spec.arguments {
        Arguments::Registrar(_) | Arguments::PoolElement(_) => {}
        Arguments::PoolUser(arguments) => {
            if let Some([width, height]) = arguments.size
                && !((1..=SIDE).contains(&width)
                    && (1..=SIDE).contains(&height)
                    && width * height <= Canvas::PIXELS)
            {
                problem(
                    "size",
                    format!("[{width}, {height}]; 1 to {SIDE} pixels each are allowed"),
                );
            }
        }
    }
}
