//! The window: an [`eframe::App`] that drives the control centre, draws the model, and hands back the requested
//! commands.

use std::path::{Path, PathBuf};
use std::time::Duration;

use eframe::egui;
use feed::{Timestamp, WallClock};

use crate::appearance::{Appearance, Renderer, TextSize, Theme};
use crate::stage::{self, FullScreen};
use crate::still_pointer::StillPointer;
use crate::window::window_ui;
use crate::{LaboratoryStatus, Other, ScenarioEntry, ScenarioStatus, Settings, Snapshot, ViewState, theme};
use analysis::Analysis;
use chronicle::TimeStatus;
use command::Command;
use model::Model;

/// How often the ages on the screen are refreshed while nothing happens. They are shown to the minute.
const AGES: Duration = Duration::from_secs(60);
/// How often components that report their status are checked for silence.
const REPORTS: Duration = Duration::from_secs(1);
/// How often a failover or a takeover in progress is redrawn.
const UNDER_WAY: Duration = Duration::from_millis(100);

/// What a window shows and commands: the control centre, or a fixture in its place.
pub trait Centre {
    /// Processes pending events, in bounded work; returns whether more of them are left to process immediately.
    fn drain(&mut self) -> bool;
    /// Returns the model.
    fn model(&self) -> &Model;
    /// Returns the model mutably, so that the textures can take the changes of the pictures.
    fn model_mut(&mut self) -> &mut Model;
    /// Runs a command; its effect appears in the model.
    fn run(&mut self, command: Command);
    /// Returns the status of the scenario.
    fn scenario_status(&self) -> ScenarioStatus<'_>;
    /// Returns the status of the policy laboratory.
    fn laboratory(&self) -> LaboratoryStatus<'_> {
        LaboratoryStatus::default()
    }
    /// Returns what is recorded, and where the cursor is; `None` if nothing is. While there is a cursor, the other
    /// methods return what was at that time: no view knows whether what it draws takes place now.
    fn time(&self) -> Option<TimeStatus<'_>> {
        None
    }
    /// Returns another recording that the one that is shown is compared with. It is at the moment that counts as the one
    /// that is shown, which commands about time move.
    fn other(&self) -> Option<Other<'_>> {
        None
    }
    /// Returns the model of the other recording mutably, so that the textures can take the changes of the pictures.
    fn other_model_mut(&mut self) -> Option<&mut Model> {
        None
    }
    /// Returns what is known of the messages of what is shown, once it was asked for with [`Command::Protocol`]; `None` if there is
    /// no recording of them.
    fn protocol(&self) -> Option<&Analysis> {
        None
    }
    /// Returns when [`Self::drain`] must be called at the latest, even without new events.
    fn wake_at(&self) -> Option<Timestamp>;
    /// Returns the current time.
    fn now(&self) -> Timestamp;
    /// Returns the clock that currently converts timestamps to times of day.
    fn wall_clock(&self) -> WallClock;
    /// Returns whether everything has ended after [`Command::Quit`].
    fn has_quit(&self) -> bool;
}

/// The application of the window.
#[derive(Debug)]
pub struct App<C> {
    centre: C,
    /// The state of the views.
    pub view: ViewState,
    quitting: bool,
    /// The zoom that was applied last; none before the first frame, whatever egui kept from an earlier run.
    zoom: Option<f32>,
    full_screen: FullScreen,
    still_pointer: StillPointer,
    wall_clock: WallClock,
}

impl<C: Centre> App<C> {
    /// Creates an application for a context, and installs the fonts and colours there.
    pub fn new(context: &egui::Context, centre: C, settings: Settings) -> Self {
        theme::install(context);
        Self {
            wall_clock: centre.wall_clock(),
            centre,
            view: ViewState::new(settings),
            quitting: false,
            zoom: None,
            full_screen: FullScreen::default(),
            still_pointer: StillPointer::default(),
        }
    }

    /// Returns the control centre.
    pub fn centre(&mut self) -> &mut C {
        &mut self.centre
    }

    /// Processes pending events and brings the textures up to date.
    pub fn logic(&mut self, context: &egui::Context) {
        if self.centre.drain() {
            context.request_repaint();
        }
        if let Some(wake_at) = self.centre.wake_at() {
            let wait = wake_at - self.centre.now();
            context.request_repaint_after(wait);
        }
        let epoch = self.centre.time().map_or(0, |time| time.epoch);
        self.view
            .results
            .canvases
            .update(context, epoch, self.centre.model_mut(), self.view.settings.tint);
        let epoch = self.centre.other().map_or(0, |other| other.time.epoch);
        if let Some(model) = self.centre.other_model_mut() {
            let tint = self.view.settings.tint;
            self.view.comparison.update_textures(context, epoch, model, tint);
        }
        if context.input(|input| input.viewport().close_requested()) && !self.centre.has_quit() {
            // Everything is stopped in order first; the window closes when that is done.
            context.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.quit();
        }
        if self.quitting {
            if self.centre.has_quit() {
                context.send_viewport_cmd(egui::ViewportCommand::Close);
            }
            context.request_repaint_after(UNDER_WAY);
        }
    }

    /// Draws the window and hands over the requested commands.
    pub fn ui(&mut self, ui: &mut egui::Ui) {
        let context = ui.ctx().clone();
        self.apply_settings(&context);
        self.wall_clock.follow(self.centre.wall_clock());
        let snapshot = Snapshot::new(
            self.centre.model(),
            self.centre.scenario_status(),
            self.centre.now(),
            self.wall_clock,
        )
        .with_laboratory(self.centre.laboratory())
        .with_time(self.centre.time())
        .with_other(self.centre.other())
        .with_protocol(self.centre.protocol());
        let before = self.view.settings.clone();
        let commands = window_ui(ui, &snapshot, &mut self.view);
        if std::mem::take(&mut self.view.reset_zoom) {
            self.zoom = None;
        }
        let under_way = snapshot.model.components.values().any(|component| {
            let last = component.failovers.back();
            last.is_some_and(|failover| failover.is_under_way() && component.process.is_alive())
        });
        let under_way = under_way || snapshot.has_fresh_takeover() || snapshot.has_running_clock();
        let waits = under_way && snapshot.goes_on();
        context.request_repaint_after(match (waits, snapshot.model.external().is_empty()) {
            _ if !snapshot.is_present() && snapshot.goes_on() => self.view.frame_time(),
            (true, _) => UNDER_WAY,
            (false, false) => REPORTS,
            (false, true) => AGES,
        });
        if before != self.view.settings {
            context.request_repaint();
        }
        for command in commands {
            if command == Command::Quit {
                self.quit();
            } else {
                self.centre.run(command);
            }
        }
    }

    fn quit(&mut self) {
        // What is saved at the end is the window as it is without an audience.
        self.view.presenting = false;
        if !std::mem::replace(&mut self.quitting, true) {
            self.centre.run(Command::Quit);
        }
    }

    fn apply_settings(&mut self, context: &egui::Context) {
        if context.options(|options| options.theme_preference) != self.view.settings.theme {
            context.set_theme(self.view.settings.theme);
        }
        let presented = self.zoom.filter(|_| self.full_screen.is_on());
        self.full_screen.follow(context, self.view.presenting);
        let zoom = if self.view.presenting {
            stage::magnification(context, presented)
        } else if self.view.settings.large {
            theme::LARGE_ZOOM * fitting(context)
        } else {
            fitting(context)
        };
        // Only on a change: otherwise Ctrl + and - would have no effect.
        if self.zoom != Some(zoom) {
            self.zoom = Some(zoom);
            context.set_zoom_factor(zoom);
        }
    }
}

impl<C: Centre> eframe::App for App<C> {
    fn logic(&mut self, context: &egui::Context, _frame: &mut eframe::Frame) {
        Self::logic(self, context);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        Self::ui(self, ui);
    }

    fn raw_input_hook(&mut self, context: &egui::Context, input: &mut egui::RawInput) {
        let latest = context.pointer_latest_pos();
        self.still_pointer.correct(context.zoom_factor(), latest, input);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, SETTINGS, &self.view.settings);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

const SETTINGS: &str = "settings";

/// The size below which a window is of no use, in points; screens may have scale factors.
const LEAST_SIZE: egui::Vec2 = egui::Vec2::new(480.0, 360.0);
/// The size of the first window.
pub(crate) const SIZE: egui::Vec2 = egui::Vec2::new(1280.0, 800.0);

/// Opens the window and returns when it is closed. `centre` creates the control centre, once there is a context that
/// can request repaints.
///
/// # Errors
/// Fails when there is no display, or no renderer that works on it. The error text includes a hint on what to do.
pub fn run_window<C: Centre + 'static>(
    options: &Appearance,
    centre: impl FnOnce(&egui::Context) -> C,
) -> Result<(), String> {
    let make = std::cell::RefCell::new(Some(centre));
    let open = |renderer: eframe::Renderer| {
        let low_graphics = options.low_graphics;
        eframe::run_native(
            APP,
            native_options(renderer),
            Box::new(|creation| {
                let low = low_graphics || draws_in_software(creation);
                if low {
                    creation
                        .egui_ctx
                        .tessellation_options_mut(|tessellation| tessellation.feathering = false);
                }
                let settings = settings(options, creation.storage);
                let centre = make.borrow_mut().take().ok_or("the window was opened already")?;
                let mut app = App::new(&creation.egui_ctx, centre(&creation.egui_ctx), settings);
                app.view.low_graphics = low;
                app.view.can_drop = delivers_drops();
                if let Some(problem) = cannot_keep_settings(creation.storage) {
                    app.view.tell(problem);
                }
                Ok(Box::new(app))
            }),
        )
    };
    let outcome = match options.renderer {
        Renderer::Glow => open(eframe::Renderer::Glow),
        Renderer::Wgpu => open(eframe::Renderer::Wgpu),
        Renderer::Auto => open(eframe::Renderer::Glow).or_else(|error| {
            // Without an event loop no renderer can help, and winit's second error would hide the reason given in its
            // first.
            let has_loop = !matches!(error, eframe::Error::WinitEventLoop(_));
            if has_loop && make.borrow().is_some() {
                open(eframe::Renderer::Wgpu)
            } else {
                Err(error)
            }
        }),
    };
    outcome.map_err(|error| format!("cannot open a window: {error}\n{}", hint()))
}

fn hint() -> &'static str {
    "Is there a display (DISPLAY or WAYLAND_DISPLAY set)? An X server needs the RANDR extension. \
     Without a graphics processor try --renderer glow --low-graphics."
}

/// Returns whether files can be dropped on the window: winit does not receive them on Wayland, which it prefers to X.
fn delivers_drops() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !(cfg!(target_os = "linux") && ["WAYLAND_DISPLAY", "WAYLAND_SOCKET"].into_iter().any(set))
}

/// Returns a sentence if the settings will be lost.
fn cannot_keep_settings(storage: Option<&dyn eframe::Storage>) -> Option<String> {
    let folder = eframe::storage_dir(APP)?;
    let problem = |error: std::io::Error| {
        format!(
            "Settings are not kept for the next start: {} cannot be written ({error}).",
            folder.display()
        )
    };
    if storage.is_none() {
        let error = std::fs::create_dir_all(&folder).err();
        return Some(error.map_or_else(|| "Settings are not kept for the next start.".to_owned(), problem));
    }
    let mut file = std::fs::OpenOptions::new();
    file.append(true)
        .create(true)
        .open(folder.join("app.ron"))
        .err()
        .map(problem)
}

/// The name under which settings are kept.
const APP: &str = "poolscope";

/// Returns the share of the usual size at which everything fits into the window: less than 1 on small screens, and on those
/// whose scale factor leaves little room.
fn fitting(context: &egui::Context) -> f32 {
    let room = context.content_rect().size() * context.zoom_factor();
    let share = (room / FITS).min_elem().clamp(LEAST_SHARE, 1.0);
    // In steps, since room is rounded to pixels.
    (share * 20.0).round() / 20.0
}

/// The smallest window, in points, that shows everything at its usual size; and the smallest share of that size.
const FITS: egui::Vec2 = egui::vec2(900.0, 560.0);
const LEAST_SHARE: f32 = 0.4;

/// Returns what to keep of a window from an earlier run: its size, unless that is of no use. The monitor of its position
/// may be gone, and a window that was closed while presenting shall not begin so.
fn kept(mut window: egui::ViewportBuilder) -> egui::ViewportBuilder {
    window.position = None;
    window.fullscreen = None;
    window.inner_size = window.inner_size.map(|size| {
        if size.is_finite() {
            size.max(LEAST_SIZE)
        } else {
            SIZE
        }
    });
    window
}

fn native_options(renderer: eframe::Renderer) -> eframe::NativeOptions {
    eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Poolscope")
            .with_app_id(APP)
            .with_inner_size(SIZE)
            .with_min_inner_size(LEAST_SIZE),
        renderer,
        dithering: false,
        persist_window: true,
        window_builder: Some(Box::new(kept)),
        ..eframe::NativeOptions::default()
    }
}

/// Returns the saved settings, overridden by the command line.
fn settings(options: &Appearance, storage: Option<&dyn eframe::Storage>) -> Settings {
    let mut settings: Settings = storage
        .and_then(|storage| eframe::get_value(storage, SETTINGS))
        .unwrap_or_default();
    match options.theme {
        Theme::System => {}
        Theme::Dark => settings.theme = egui::ThemePreference::Dark,
        Theme::Light => settings.theme = egui::ThemePreference::Light,
    }
    if options.text_size == TextSize::Large {
        settings.large = true;
    }
    settings
}

/// Returns whether drawing is done in software. OpenGL does not report this without `unsafe`, so this checks whether
/// there is a graphics processor, and whether Mesa was told not to use it.
fn draws_in_software(creation: &eframe::CreationContext<'_>) -> bool {
    if let Some(state) = &creation.wgpu_render_state {
        return state.adapter.get_info().device_type == wgpu::DeviceType::Cpu;
    }
    let told =
        std::env::var_os("LIBGL_ALWAYS_SOFTWARE").is_some_and(|value| !value.is_empty() && value != "0");
    let devices = [
        "/dev/dri",
        "/dev/nvidiactl",
        "/dev/dxg",
        "/dev/mali0",
        "/dev/kgsl-3d0",
    ];
    let none = cfg!(target_os = "linux") && !devices.iter().any(|path| Path::new(path).exists());
    told || none
}

/// Returns the entry of a scenario file, with a name for display.
#[must_use]
pub fn scenario_entry(path: PathBuf) -> ScenarioEntry {
    let name = path.file_stem().map_or_else(
        || "scenario".to_owned(),
        |stem| stem.to_string_lossy().replace(['-', '_'], " "),
    );
    ScenarioEntry {
        name,
        path,
        description: String::new(),
        duration: None,
    }
}
