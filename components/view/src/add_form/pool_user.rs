//! The fields of a pool user.

use std::time::Duration;

use egui::{DragValue, Ui};

use super::{choice_ui, label_ui, parse, text_ui};
use scenario::{ByteService, ClientKind, PictureSize, PoolUserArgs};

/// The maximum length of a distribution, in characters.
const DISTRIBUTION: usize = 100;
const REQUEST_SIZE: &str = "Request size";
const REQUEST_INTERVAL: &str = "Interval";
/// The defaults, as one would type them.
const USUAL_SIZE: &str = "exponential:5e6";
const USUAL_INTERVAL: &str = "exponential:15";
/// The units of the scripting service at first.
const PACKAGES: u32 = 10;

/// The input so far.
#[derive(Debug)]
pub(super) struct PoolUserFields {
    pub(super) service: ClientKind,
    /// Service `fractal`: the sessions that share a picture.
    sessions: u16,
    /// Service `fractal`: width and height of the picture in pixels.
    side: u32,
    /// Service `calcapp`: distributions, as they are being typed.
    request_size: String,
    request_interval: String,
    /// Service `ping-pong`: milliseconds between two Pings.
    ping_interval_ms: u64,
    /// The service that the terminal's lines are for.
    byte_service: ByteService,
    /// Service `scripting`: the number of packages, and how many of them are under way at the same time.
    packages: u32,
    parallel: u16,
}

impl Default for PoolUserFields {
    fn default() -> Self {
        let usual = PoolUserArgs::default();
        Self {
            service: usual.service,
            sessions: usual.picture.sessions,
            side: usual.picture.size.width,
            request_size: USUAL_SIZE.to_owned(),
            request_interval: USUAL_INTERVAL.to_owned(),
            ping_interval_ms: u64::try_from(usual.ping_interval.as_millis()).unwrap_or(u64::MAX),
            byte_service: ByteService::Echo,
            packages: PACKAGES,
            parallel: usual.units.parallel,
        }
    }
}

impl PoolUserFields {
    /// Enters the input into the arguments, or returns what is wrong with it.
    pub(super) fn apply(&self, args: &mut PoolUserArgs) -> Result<(), String> {
        args.service = self.service;
        match self.service {
            ClientKind::Fractal => {
                args.picture.size = PictureSize {
                    width: self.side,
                    height: self.side,
                };
                args.picture.sessions = self.sessions;
            }
            ClientKind::Calcapp => {
                args.calc_app.request_size = parse(REQUEST_SIZE, &self.request_size)?;
                args.calc_app.request_interval = parse(REQUEST_INTERVAL, &self.request_interval)?;
            }
            ClientKind::PingPong => args.ping_interval = Duration::from_millis(self.ping_interval_ms),
            ClientKind::Terminal => args.terminal.byte_service = Some(self.byte_service),
            ClientKind::Scripting => {
                args.units.demo_packages = Some(self.packages);
                args.units.parallel = self.parallel;
            }
        }
        Ok(())
    }

    /// Returns the pool handle of the service.
    pub(super) fn usual_pool_handle(&self) -> String {
        let mut args = PoolUserArgs {
            service: self.service,
            ..PoolUserArgs::default()
        };
        args.terminal.byte_service = Some(self.byte_service);
        args.pool()
            .map_or_else(|_| String::new(), |handle| handle.to_string())
    }

    /// Draws the choice of what decides on the pool handle besides the service.
    pub(super) fn partner_ui(&mut self, ui: &mut Ui) {
        if self.service == ClientKind::Terminal {
            choice_ui(ui, "Lines for", &mut self.byte_service);
        }
    }

    /// Draws the fields that follow the pool handle; returns whether Enter was pressed in one for text.
    pub(super) fn ui(&mut self, ui: &mut Ui) -> bool {
        match self.service {
            ClientKind::Fractal => {
                let label = ui.label("Picture");
                let side = DragValue::new(&mut self.side).range(64..=2048);
                ui.add(side.suffix(" pixels wide and high")).labelled_by(label.id);
                ui.end_row();
                let label = ui.label("Sessions");
                ui.add(DragValue::new(&mut self.sessions).range(1..=16))
                    .labelled_by(label.id);
                ui.end_row();
                false
            }
            ClientKind::Calcapp => {
                let size = text_ui(
                    ui,
                    REQUEST_SIZE,
                    "Calculations of a request: a number, or one of exponential:MEAN, uniform:MINIMUM:MAXIMUM, \
                     pareto:MINIMUM:SHAPE, erlang:STAGES:MEAN and lognormal:MEAN:DEVIATION.",
                    &mut self.request_size,
                    USUAL_SIZE,
                    DISTRIBUTION,
                );
                let interval = text_ui(
                    ui,
                    REQUEST_INTERVAL,
                    "Seconds between two requests coming up: a number or a distribution. A request that comes up \
                     while another one is in service waits for its turn.",
                    &mut self.request_interval,
                    USUAL_INTERVAL,
                    DISTRIBUTION,
                );
                size || interval
            }
            ClientKind::PingPong => {
                let label = label_ui(ui, "Interval", "The time between two Pings.");
                let interval = DragValue::new(&mut self.ping_interval_ms).range(1..=60_000);
                ui.add(interval.suffix(" ms")).labelled_by(label.id);
                ui.end_row();
                false
            }
            ClientKind::Terminal => false,
            ClientKind::Scripting => {
                let label = label_ui(
                    ui,
                    "Units",
                    "So many small packages are made up. Their results are told only.",
                );
                ui.add(DragValue::new(&mut self.packages).range(1..=1_000_000))
                    .labelled_by(label.id);
                ui.end_row();
                let label = label_ui(ui, "At a time", "Each of them has a session of its own.");
                ui.add(DragValue::new(&mut self.parallel).range(1..=64))
                    .labelled_by(label.id);
                ui.end_row();
                false
            }
        }
    }

    /// Returns what has to be known about the fields.
    pub(super) fn remark(&self) -> Option<&'static str> {
        match self.service {
            ClientKind::Calcapp => {
                Some("In calculations and in seconds: a number, or a distribution such as uniform:1:5")
            }
            ClientKind::Terminal => Some("It sends a numbered line each second."),
            ClientKind::Fractal | ClientKind::PingPong | ClientKind::Scripting => None,
        }
    }
}
