//! The control centre in a window.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use egui::ViewportCommand;
use feed::{Timestamp, WallClock};
use interruption::Interruption;

use crate::cli::WindowOptions;
use crate::control_centre::{Begin, ControlCentre, PlayOptions};
use crate::terminal;
use command::Command;
use model::Model;
use scenario::{Scenario, folder, library};
use supervisor::{Repaint, this_program};
use view::app::{self, Centre};
use view::{LaboratoryStatus, ScenarioEntry, ScenarioStatus};

/// The advice to show if there is no display.
const WITHOUT_DISPLAY: &str = "What can be done:
  - start it on a desktop, or name an X server in DISPLAY: ssh -X, or Xvfb :7 & DISPLAY=:7 poolscope
  - play a demonstration without a window: poolscope run failover-kill --headless
  - start components by hand: poolscope registrar, poolscope pool-element, poolscope pool-user (each with --help)";

/// The control centre behind the window.
struct Live {
    centre: ControlCentre,
    scenarios: Vec<ScenarioEntry>,
    /// The folder in which scenarios are saved.
    folder: PathBuf,
}

/// How long the window may take to end in order after a signal: it depends on the windowing system.
const LEAVE_WITHIN: Duration = Duration::from_secs(5);

/// Opens the window with a scenario, whose steps begin as specified. Returns when it has been closed and no process
/// is left, with the exit status.
///
/// # Errors
/// Returns an error if the scenario cannot be used, or no window can be opened.
pub fn open(options: &WindowOptions, play: PlayOptions, begin: Begin) -> anyhow::Result<ExitCode> {
    let interruption = Interruption::watch().context("cannot handle signals")?;
    let scenario = match &options.scenario {
        Some(path) => Scenario::read(path)?,
        None => Scenario::built_in()?,
    };
    if !has_display() {
        bail!(
            "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set, so no window can be opened.\n{WITHOUT_DISPLAY}"
        );
    }
    let program = this_program().context("cannot find the program that components run")?;
    let (starter, repaint) = repaint_later();
    let mut centre = ControlCentre::start(program, Arc::clone(&repaint))
        .context("cannot start the thread that supervises components")?;
    centre.listen(options.status_reports.unwrap_or_default(), repaint);
    if let Some(group) = options.group {
        centre.set_group(group);
    }
    centre.set_sctp_port(options.sctp_port);
    centre.set_play_options(play);
    end_when_asked(&interruption, Arc::clone(&starter));
    end_if_windowing_fails(Arc::clone(&starter));
    let opened = app::run_window(&options.appearance, |context| {
        // Start nothing before there is a window.
        let _ = starter.set(context.clone());
        if interruption.signal().is_some() {
            context.send_viewport_cmd(ViewportCommand::Close);
        }
        centre.play(scenario, begin);
        Live {
            centre,
            scenarios: scenarios(),
            folder: folder(),
        }
    });
    opened.map_err(|error| anyhow!("{error}\n{WITHOUT_DISPLAY}"))?;
    let signal = interruption.signal();
    Ok(signal.map_or(ExitCode::SUCCESS, |signal| signal.exit_status().into()))
}

/// Ends the program with one message if a library of the windowing system panics: that is how they tell that the system
/// has gone, or that it is none they can use. To clean up would mean to call them again.
fn end_if_windowing_fails(context: Arc<OnceLock<egui::Context>>) {
    const LIBRARIES: [&str; 6] = ["winit-", "glutin-", "eframe-", "egui_glow-", "x11rb-", "wayland-"];
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let within = |library| panic.location().is_some_and(|at| at.file().contains(library));
        if !LIBRARIES.into_iter().any(within) {
            return usual(panic);
        }
        let why = panic.payload_as_str().unwrap_or("without a reason");
        if context.get().is_some() {
            terminal::complain(format_args!(
                "the windowing system has gone, and the window with it ({why})"
            ));
        } else {
            terminal::complain(format_args!(
                "the windowing system failed: {why}. An X server needs the RANDR extension (Xvfb: +extension RANDR).\n\
                 {WITHOUT_DISPLAY}"
            ));
        }
        // Components end with this process.
        interruption::end_at_once(1);
    }));
}

/// Lets a signal close the window, as its user would.
fn end_when_asked(interruption: &Interruption, context: Arc<OnceLock<egui::Context>>) {
    interruption.end_in_order(LEAVE_WITHIN, move || {
        if let Some(context) = context.get() {
            context.send_viewport_cmd(ViewportCommand::Close);
            context.request_repaint();
        }
    });
}

/// Returns the available scenario files.
fn scenarios() -> Vec<ScenarioEntry> {
    let entries = library().into_iter();
    let entries = entries.map(|entry| {
        let scenario = Scenario::load(&entry.path).ok();
        ScenarioEntry {
            name: entry.name,
            path: entry.path,
            duration: scenario.as_ref().and_then(Scenario::least_duration),
            description: scenario.map(|scenario| scenario.description).unwrap_or_default(),
        }
    });
    entries.collect()
}

/// Returns a repaint callback for a window that does not exist yet, and the cell for its context.
fn repaint_later() -> (Arc<OnceLock<egui::Context>>, Repaint) {
    let context = Arc::new(OnceLock::<egui::Context>::new());
    let place = Arc::clone(&context);
    let repaint = Arc::new(move || {
        if let Some(context) = context.get() {
            context.request_repaint_after(BURST);
        }
    });
    (place, repaint)
}

/// Combines the repaints for a burst of updates.
const BURST: Duration = Duration::from_millis(10);

/// Returns whether a window can be opened at all; systems other than Unix always have a display.
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos"))
        || ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"]
            .into_iter()
            .any(set)
}

impl Centre for Live {
    fn drain(&mut self) -> bool {
        self.centre.drain()
    }

    fn model(&self) -> &Model {
        self.centre.model()
    }

    fn model_mut(&mut self) -> &mut Model {
        self.centre.model_mut()
    }

    fn run(&mut self, command: Command) {
        let saves = matches!(command, Command::SaveScenario(_));
        self.centre.run(command);
        if saves {
            self.scenarios = scenarios();
        }
    }

    fn scenario_status(&self) -> ScenarioStatus<'_> {
        ScenarioStatus {
            name: self.centre.scenario(),
            description: self.centre.description(),
            play: self.centre.steps(),
            library: &self.scenarios,
            folder: Some(&self.folder),
            problem: self.centre.problem(),
            outcome: self.centre.file_outcome(),
            preset: self.centre.preset(),
            random_faults: self.centre.random_faults(),
            undoable: self.centre.undoable(),
        }
    }

    fn laboratory(&self) -> LaboratoryStatus<'_> {
        let laboratory = self.centre.laboratory();
        LaboratoryStatus {
            run: laboratory.run(),
            number: laboratory.number(),
            report: laboratory.report(),
        }
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.centre.wake_at()
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn wall_clock(&self) -> WallClock {
        WallClock::sample()
    }

    fn has_quit(&self) -> bool {
        self.centre.has_left()
    }
}
