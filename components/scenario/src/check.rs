//! What a component's values must be like, beyond their types.

use super::{Arguments, ComponentCommand, ComponentSpec, PoolUserArguments, Settings};

/// The longest name, in characters.
const NAME: usize = 60;
/// The area in which positions are given.
const AREA: [f32; 2] = [1000.0, 700.0];
/// The widest and highest picture.
const SIDE: u32 = 2048;

/// The most further options of a component.
const OPTIONS: usize = 32;
/// The longest option, in bytes.
const OPTION: usize = 200;
/// Options that reach out of the demonstration: files, other hosts' monitors, and what the control centre itself decides.
const FORBIDDEN: &[&str] = &["--png", "--csp-server", "--feed"];

/// Tells everything that is wrong with a component: the member, and what is wrong and allowed.
pub(super) fn check(spec: &ComponentSpec, settings: &Settings) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    check_values(spec, |member, what| problems.push((member.to_owned(), what)));
    check_options(&spec.options, |what| problems.push(("options".to_owned(), what)));
    if problems.is_empty() {
        // The component has the last word on its own command line.
        let refused = ComponentCommand::parse_words(&spec.command_line(settings)).err();
        problems.extend(refused.map(|refused| (refused.option.unwrap_or("options".into()), refused.why)));
    }
    problems
}

/// A scenario may come from elsewhere: it must not write files, and what it says must be short.
fn check_options(options: &[String], mut problem: impl FnMut(String)) {
    if options.len() > OPTIONS || options.iter().any(|option| option.len() > OPTION) {
        problem(format!(
            "at most {OPTIONS} options of at most {OPTION} bytes are allowed"
        ));
    }
    for forbidden in FORBIDDEN {
        let named = |option: &String| option.split('=').next() == Some(*forbidden);
        if options.iter().any(named) {
            problem(format!("`{forbidden}` is not allowed in a scenario"));
        }
    }
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
                    && width * height <= PoolUserArguments::PIXELS)
            {
                problem(
                    "size",
                    format!("[{width}, {height}]; 1 to {SIDE} pixels each are allowed"),
                );
            }
        }
    }
}
