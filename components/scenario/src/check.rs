//! Checks a component's values beyond their types.

use super::entry::{ComponentEntry, Identifier};
use super::{ComponentArgs, ComponentSpec};

/// The maximum length of a name, in characters.
const NAME: usize = 60;
/// The area in which positions are specified.
const AREA: [f32; 2] = [1000.0, 700.0];
/// The maximum width and height of a picture.
const SIDE: u32 = 2048;
/// The maximum number of pixels in a picture that the control centre shows.
pub const MAX_PICTURE_PIXELS: u32 = SIDE * SIDE;

/// The maximum number of further options of a component.
const OPTIONS: usize = 32;
/// The maximum length of an option, in bytes.
const OPTION: usize = 200;

/// A member, and what is wrong with it and what is allowed.
pub(super) type Problem = (String, String);

/// Checks a component.
///
/// # Errors
/// Returns everything that is wrong with it.
pub(super) fn check(entry: &ComponentEntry) -> Result<ComponentSpec, Vec<Problem>> {
    let mut problems = Vec::new();
    check_values(entry, |member, what| problems.push((member.to_owned(), what)));
    check_options(entry.options(), |what| {
        problems.push(("options".to_owned(), what));
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    // The component's own command line parser has the final say.
    let args = ComponentArgs::parse(&entry.argv())
        .map_err(|refused| vec![(refused.option.unwrap_or("options".into()), refused.why)])?;
    if let Some(option) = reaches_out(&args) {
        let what = format!("`--{option}` is not allowed in a scenario");
        return Err(vec![("options".to_owned(), what)]);
    }
    Ok(ComponentSpec {
        name: entry.name().cloned(),
        position: entry.position(),
        args,
    })
}

/// Returns an option with effects outside the demonstration, if there is one: on files, on other hosts' monitors, or
/// on what the control centre itself decides.
fn reaches_out(args: &ComponentArgs) -> Option<&'static str> {
    if args.shared().feed {
        return Some("feed");
    }
    if args.shared().csp_server.is_some() {
        return Some("csp-server");
    }
    match args {
        ComponentArgs::Registrar(_) => None,
        // A scenario may come from anywhere.
        ComponentArgs::PoolElement(args) => args.scripting.unit_program.is_some().then_some("unit-program"),
        ComponentArgs::PoolUser(args) => {
            let png = args.picture.png.is_some().then_some("png");
            png.or_else(|| args.units.touches_files())
        }
    }
}

/// Limits the number and the length of options.
fn check_options(options: &[String], mut problem: impl FnMut(String)) {
    if options.len() > OPTIONS || options.iter().any(|option| option.len() > OPTION) {
        problem(format!(
            "at most {OPTIONS} options of at most {OPTION} bytes are allowed"
        ));
    }
}

fn check_values(entry: &ComponentEntry, mut problem: impl FnMut(&str, String)) {
    if let (Some(Identifier(number)), largest) = entry.identifier()
        && !(1..=largest).contains(&number)
    {
        problem(
            "identifier",
            format!("{number:#x} is out of range: 0x1 to {largest:#x} are allowed"),
        );
    }
    if let Some(name) = entry.name()
        && (name.trim().is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control))
    {
        problem(
            "name",
            format!("must have 1 to {NAME} characters without control characters"),
        );
    }
    if let Some([x, y]) = entry.position()
        && !((0.0..=AREA[0]).contains(&x) && (0.0..=AREA[1]).contains(&y))
    {
        let [width, height] = AREA;
        problem(
            "position",
            format!("[{x}, {y}] is outside the area [0, 0] to [{width}, {height}]"),
        );
    }
    if let Some([width, height]) = entry.size()
        && !((1..=SIDE).contains(&width) && (1..=SIDE).contains(&height))
    {
        problem(
            "size",
            format!("[{width}, {height}]; 1 to {SIDE} pixels each are allowed"),
        );
    }
}
