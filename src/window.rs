//! The control centre in a window.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use egui::ViewportCommand;
use interruption::Interruption;

use crate::cli::WindowOptions;
use crate::control_centre::{Begin, ControlCentre, PlayOptions, Recording};
use crate::headless::ReplayArgs;
use crate::live::Live;
use crate::terminal;
use recorder::Destination;
use scenario::Scenario;
use supervisor::{Repaint, this_program};
use view::Appearance;
use view::app;

/// The advice to show if there is no display.
const WITHOUT_DISPLAY: &str = "What can be done:
  - start it on a desktop, or name an X server in DISPLAY: ssh -X, or Xvfb :7 & DISPLAY=:7 poolscope
  - play a demonstration without a window: poolscope run failover-kill --headless
  - start components by hand: poolscope registrar, poolscope pool-element, poolscope pool-user (each with --help)";

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
    let mut window = Window::prepare(interruption, true)?;
    let centre = &mut window.centre;
    centre.listen(
        options.status_reports.unwrap_or_default(),
        Arc::clone(&window.repaint),
    );
    if let Some(group) = options.group {
        centre.set_group(group);
    }
    centre.set_sctp_port(options.sctp_port);
    centre.set_play_options(play);
    window.show(&options.appearance, |live| live.play(scenario, begin))
}

/// Opens the window with a recording. Returns when it has been closed, with the exit status.
///
/// # Errors
/// Returns an error if no window can be opened. What is wrong with the recording is shown there.
pub fn replay(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let interruption = Interruption::watch().context("cannot handle signals")?;
    // Most mistakes are typing errors, which are told where they were made.
    for file in args.recording.iter().chain(&args.other) {
        std::fs::File::open(file).with_context(|| format!("{} cannot be replayed", file.display()))?;
    }
    let window = Window::prepare(interruption, false)?;
    window.show(&args.appearance, |live| {
        match &args.recording {
            Some(recording) => live.open(recording.clone()),
            None => live.open_carried(),
        }
        if let Some(other) = &args.other {
            live.compare(other.clone());
        }
    })
}

/// A window that has not been opened yet.
struct Window {
    centre: ControlCentre,
    starter: Arc<OnceLock<egui::Context>>,
    repaint: Repaint,
    interruption: Interruption,
}

impl Window {
    fn prepare(interruption: Interruption, record: bool) -> anyhow::Result<Self> {
        if !has_display() {
            bail!(
                "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set, so no window can be opened.\n{WITHOUT_DISPLAY}"
            );
        }
        let program = this_program().context("cannot find the program that components run")?;
        let (starter, repaint) = repaint_later();
        let (recording, problem) = match record.then(|| begin_recording(&repaint)) {
            None => (None, None),
            Some(Ok(recording)) => (Some(recording), None),
            Some(Err(problem)) => (None, Some(problem)),
        };
        let mut centre = ControlCentre::start(program, Arc::clone(&repaint), recording)
            .context("cannot start the thread that supervises components")?;
        centre.offer_packets();
        if let Some(problem) = problem {
            centre.tell_problem(format!("Nothing is recorded: {problem}"));
        }
        Ok(Self {
            centre,
            starter,
            repaint,
            interruption,
        })
    }

    /// Shows the window, in which `begin` starts something, until it is closed.
    fn show(self, appearance: &Appearance, begin: impl FnOnce(&mut Live)) -> anyhow::Result<ExitCode> {
        let Self {
            centre,
            starter,
            repaint,
            interruption,
        } = self;
        end_when_asked(&interruption, Arc::clone(&starter));
        end_if_windowing_fails(Arc::clone(&starter));
        let opened = app::run_window(appearance, |context| {
            // Start nothing before there is a window.
            let _ = starter.set(context.clone());
            if interruption.signal().is_some() {
                context.send_viewport_cmd(ViewportCommand::Close);
            }
            let mut live = Live::new(centre, repaint);
            begin(&mut live);
            live
        });
        opened.map_err(|error| anyhow!("{error}\n{WITHOUT_DISPLAY}"))?;
        let signal = interruption.signal();
        Ok(signal.map_or(ExitCode::SUCCESS, |signal| signal.exit_status().into()))
    }
}

/// Begins the recording that every demonstration gets.
fn begin_recording(repaint: &Repaint) -> Result<Recording, String> {
    let destination = Destination::usual()?;
    Recording::begin(&destination, Arc::clone(repaint)).map_err(|error| error.to_string())
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
