//! Shows the window with a model that needs no processes: `cargo run --example gallery -- --model demo`.
//!
//! Meant for viewing the window while working on it. `--live` keeps messages arriving; the other options are those of
//! the program's own window: `--theme dark`, `--text-size large`, `--low-graphics`.

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use fixture::{Fixture, FixtureCentre, Told};
use view::Appearance;
use wire::Ppid;

/// What is to be shown.
#[derive(Debug, Parser)]
struct Arguments {
    /// The model: demo, sixty, failures, empty, two-registrars, takeover, taken-over, disagreement, crowd, bad-links, external,
    /// many-external, loaded or two-pools; a comparison: kill-and-unplug or two-policies; or a story: story-ready, story-waiting, story-expecting or story-failed
    #[arg(long, default_value = "demo")]
    model: String,
    /// Let messages and pixels arrive all the time
    #[arg(long)]
    live: bool,
    /// Record it: demo, or two-hours for what has happened to sixty components
    #[arg(long)]
    recorded: Option<String>,
    /// The place of the cursor, in seconds before the end
    #[arg(long)]
    cursor: Option<f64>,
    /// A recording of this name instead of what takes place
    #[arg(long)]
    file: bool,
    #[command(flatten)]
    window: Appearance,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = view::app::run_window(&arguments.window, |_| {
        let told = match arguments.model.as_str() {
            "story-ready" => Some(Told::Ready),
            "story-waiting" => Some(Told::Waiting),
            "story-expecting" => Some(Told::Expecting),
            "story-failed" => Some(Told::Failed),
            _ => None,
        };
        if let Some(told) = told {
            return with_time(fixture::story(told), &arguments);
        }
        match arguments.model.as_str() {
            "kill-and-unplug" => return fixture::kill_and_unplug(),
            "two-policies" => return fixture::two_policies(),
            _ => {}
        }
        let mut centre = FixtureCentre::new(match arguments.model.as_str() {
            "sixty" => fixture::sixty(),
            "failures" => fixture::failures(),
            "empty" => Fixture::new(),
            "two-registrars" => fixture::two_registrars(),
            "takeover" => fixture::takeover(),
            "taken-over" => fixture::taken_over(),
            "disagreement" => fixture::disagreement(),
            "crowd" => fixture::crowd(),
            "bad-links" => fixture::bad_links(),
            "loaded" => fixture::loaded(),
            "two-pools" => fixture::two_pools(),
            "external" => fixture::external::external(),
            "many-external" => fixture::external::many_external(),
            _ => fixture::demo(),
        });
        if arguments.model == "failures" {
            centre.problem = Some(
                "demo-scenarios/broken.json cannot be used:\n  line 12: unknown member \u{201c}polcy\u{201d}; did you \
                 mean \u{201c}policy\u{201d}?\n  line 20: the name \u{201c}PE 2\u{201d} is taken"
                    .into(),
            );
        }
        centre.live = arguments.live.then_some(go_on);
        with_time(centre, &arguments)
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Adds what is recorded.
fn with_time(mut centre: FixtureCentre, arguments: &Arguments) -> FixtureCentre {
    let Some(which) = &arguments.recorded else {
        return centre;
    };
    let mut recorded = match which.as_str() {
        "two-hours" => fixture::times::two_hours(&centre.fixture),
        _ => fixture::times::of_demo(&centre.fixture),
    };
    recorded.obeys = true;
    if let Some(seconds) = arguments.cursor {
        recorded = recorded.at(centre.fixture.now - Duration::from_secs_f64(seconds));
        recorded.in_flight = fixture::times::in_flight(&centre.fixture, 0.4);
    }
    if arguments.file {
        recorded.file = Some(("failover-kill.pcapng.zst", None));
    }
    centre.recorded = Some(recorded);
    centre
}

/// Advances the time, and every few frames sends a message over the next association.
fn go_on(fixture: &mut Fixture, frame: u64) {
    fixture.wait(16);
    let edges: Vec<_> = fixture
        .model
        .associations
        .values()
        .filter_map(|association| {
            let [Some(from), Some(to)] = association.ends else {
                return None;
            };
            let number = association.views.get(&from)?.number;
            Some((from, to, number, association.protocol))
        })
        .collect();
    if edges.is_empty() || !frame.is_multiple_of(6) {
        return;
    }
    let (from, to, number, protocol) = edges[(frame / 6) as usize % edges.len()];
    let (ppid, name) = match protocol {
        feed::Protocol::Asap => (Ppid::ASAP, "ASAP_ENDPOINT_KEEP_ALIVE"),
        feed::Protocol::Enrp => (Ppid::ENRP, "ENRP_PRESENCE"),
        feed::Protocol::Application => (Ppid::FRACTAL_GENERATOR, "FGP_DATA"),
    };
    fixture.message(from, to, number.number(), ppid, name, 300);
}
