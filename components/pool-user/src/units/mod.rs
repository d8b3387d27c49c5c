//! The client of the scripting service: uploads work packages and gets their results.

mod args;
mod files;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use events::counted;
use feed::{Activity, Command, PoolUserWork, WorkUnit};
use protocol::Time;
use protocol::pool_user::{Event, SessionId};
use runtime::WorkSender;
use scripting::client::{Environment, Event as Happened, Settings, Unit};
use tracing::info;
use wire::{PoolHandle, Ppid};

pub use args::UnitArgs;
pub(crate) use files::FileEvent;

use crate::Args;
use crate::client::{Client, Host};
use crate::work::Work;

/// The number of messages to send before returning to the driver.
const BURST: usize = 16;
/// The maximum length of a stranger's text that is shown, in bytes.
const LONGEST_SHOWN: usize = 80;

/// Has units of work run in a pool.
pub(crate) struct UnitsClient {
    pool_handle: PoolHandle,
    settings: Settings,
    source: Source,
    parallel: usize,
    environment: Option<Environment>,
    work: WorkSender<Work>,
    /// The number of units that were begun.
    begun: usize,
    /// Units that are being read, run or written.
    active: BTreeMap<usize, Active>,
    sessions: BTreeMap<SessionId, usize>,
    complete: usize,
    failed: usize,
    /// The time that units took which are over, from their turn on.
    handling: Duration,
}

/// Where packages come from.
enum Source {
    /// Files, with those for their results.
    Files(Vec<(PathBuf, PathBuf)>),
    /// They are made up.
    Demonstration(usize),
}

/// A unit in work.
struct Active {
    /// When it was its turn.
    since: Time,
    /// Absent while its package is read, and once its result is written.
    unit: Option<Unit>,
    session: Option<SessionId>,
    /// Whether to send further messages at once.
    goes_on: bool,
    /// Whether a pool element has begun to run it.
    has_begun: bool,
    /// Whether its last exit status was 0.
    good: bool,
}

impl UnitsClient {
    /// Creates a client that begins at its first timeout.
    ///
    /// # Errors
    /// Returns an error if the environment cannot be read.
    pub(crate) fn new(args: &Args, pool_handle: PoolHandle, work: WorkSender<Work>) -> anyhow::Result<Self> {
        let units = &args.units;
        let environment = match &units.environment {
            Some(path) => {
                let content =
                    files::read(path).with_context(|| format!("--environment {}", path.display()))?;
                Some(Environment::new(content))
            }
            None => None,
        };
        let source = match units.demo_packages {
            Some(number) => Source::Demonstration(number as usize),
            None => {
                let output = units.output.clone().unwrap_or_default();
                let result = |package: &PathBuf| args::result_path(&output, package);
                let files = units
                    .package
                    .iter()
                    .map(|package| (package.clone(), result(package)));
                Source::Files(files.collect())
            }
        };
        Ok(Self {
            pool_handle,
            settings: units.settings(args.shared.preset()),
            source,
            parallel: units.parallel.into(),
            environment,
            work,
            begun: 0,
            active: BTreeMap::new(),
            sessions: BTreeMap::new(),
            complete: 0,
            failed: 0,
            handling: Duration::ZERO,
        })
    }

    fn total(&self) -> usize {
        match &self.source {
            Source::Files(files) => files.len(),
            Source::Demonstration(number) => *number,
        }
    }

    fn may_begin(&self) -> bool {
        self.active.len() < self.parallel && self.begun < self.total()
    }

    fn begin(&mut self, host: &mut Host<'_, '_>) {
        while self.may_begin() {
            let index = self.begun;
            self.begun += 1;
            self.active.insert(
                index,
                Active {
                    since: host.now(),
                    unit: None,
                    session: None,
                    goes_on: false,
                    has_begun: false,
                    good: false,
                },
            );
            match &self.source {
                Source::Files(files) => {
                    let Some((package, _)) = files.get(index) else {
                        continue;
                    };
                    let started = files::start_reading(index, package.clone(), self.work.clone());
                    if let Err(error) = started {
                        self.fail(host, index, &format!("its package cannot be read: {error}"));
                    }
                }
                Source::Demonstration(_) => {
                    let package = format!("Package {}\n", index + 1);
                    self.start(host, index, package.into_bytes().into());
                }
            }
        }
    }

    fn start(&mut self, host: &mut Host<'_, '_>, index: usize, package: Arc<[u8]>) {
        if let Some(active) = self.active.get_mut(&index) {
            let unit = Unit::new(self.settings.clone(), package, self.environment.clone());
            active.unit = Some(unit);
            self.pump(host, index);
        }
    }

    /// Sends what a unit has to send as far as its association takes it, and follows its events.
    fn pump(&mut self, host: &mut Host<'_, '_>, index: usize) {
        let now = host.now();
        let Some(active) = self.active.get_mut(&index) else {
            return;
        };
        let Some(unit) = &mut active.unit else {
            return;
        };
        if unit.wants_session(now) {
            let session = host.core.open_session(now, self.pool_handle.clone());
            active.session = Some(session);
            self.sessions.insert(session, index);
        }
        active.goes_on = false;
        if let Some(session) = active.session
            && let Some((_, association)) = host.core.served_by(session)
            && host.context.is_writable(association)
        {
            for _ in 0..BURST {
                let Some(message) = unit.next_message(now) else {
                    break;
                };
                host.send(session, Ppid::SCRIPTING, message.encode());
            }
            active.goes_on = unit.wants_to_send();
        }
        while let Some(event) = self.next_event(index) {
            self.follow(host, index, event);
        }
    }

    fn next_event(&mut self, index: usize) -> Option<Happened> {
        self.active.get_mut(&index)?.unit.as_mut()?.poll_event()
    }

    fn follow(&mut self, host: &mut Host<'_, '_>, index: usize, event: Happened) {
        let now = host.now();
        let name = self.name(index);
        match event {
            Happened::Accepted { host: place } => info!("{name} is accepted by {}", shown(place.as_bytes())),
            Happened::NotReady { why } => info!("{name}: {}", shown(why.as_bytes())),
            Happened::Begun => {
                if let Some(active) = self.active.get_mut(&index) {
                    active.has_begun = true;
                }
                host.say(&format!("{name} runs"));
            }
            Happened::Ended { exit_status, again } => {
                if exit_status != 0 {
                    let then = if again { "; it will be run again" } else { "" };
                    host.say(&format!("{name} has exit status {exit_status}{then}"));
                }
            }
            Happened::FailOver { why, report } => {
                if let Some(session) = self.active.get(&index).and_then(|active| active.session) {
                    host.core.fail_over(now, session, why.into(), report);
                }
            }
            Happened::Leave => self.leave(host, index),
            Happened::Complete { exit_status, output } => {
                self.leave(host, index);
                self.keep(host, index, exit_status, output);
            }
            Happened::TooLarge => {
                self.leave(host, index);
                let most = self.settings.most_output;
                self.fail(host, index, &format!("its result has more than {most} bytes"));
            }
        }
    }

    /// Closes the session of a unit.
    fn leave(&mut self, host: &mut Host<'_, '_>, index: usize) {
        let Some(active) = self.active.get_mut(&index) else {
            return;
        };
        active.has_begun = false;
        if let Some(session) = active.session.take() {
            self.sessions.remove(&session);
            host.core.close_session(host.context.now, session);
        }
    }

    /// Keeps the result of a unit.
    fn keep(&mut self, host: &mut Host<'_, '_>, index: usize, exit_status: u32, output: Vec<u8>) {
        if let Some(active) = self.active.get_mut(&index) {
            active.unit = None;
            active.good = exit_status == 0;
        }
        match &self.source {
            Source::Files(files) => {
                let path = files
                    .get(index)
                    .map(|(_, result)| result.clone())
                    .unwrap_or_default();
                let started = files::start_writing(index, path, output, self.work.clone());
                if let Err(error) = started {
                    self.fail(host, index, &format!("its result cannot be written: {error}"));
                }
            }
            Source::Demonstration(_) => self.finish(host, index, &shown(&output)),
        }
    }

    /// A unit is done, and its result is where it belongs.
    fn finish(&mut self, host: &mut Host<'_, '_>, index: usize, result: &str) {
        if let Some(active) = self.active.remove(&index) {
            self.handling += host.now() - active.since;
            self.complete += usize::from(active.good);
            self.failed += usize::from(!active.good);
            let state = if active.good { "complete" } else { "failed" };
            host.say(&format!("{} is {state}: {result}", self.name(index)));
            self.begin(host);
        }
    }

    fn fail(&mut self, host: &mut Host<'_, '_>, index: usize, why: &str) {
        if let Some(active) = self.active.remove(&index) {
            self.handling += host.now() - active.since;
            self.failed += 1;
            host.context
                .problem(format!("{} has failed: {why}", self.name(index)));
            self.begin(host);
        }
    }

    fn name(&self, index: usize) -> String {
        match &self.source {
            Source::Files(files) => {
                let path = files.get(index).map(|(package, _)| package.display().to_string());
                format!("unit {} ({})", index + 1, path.unwrap_or_default())
            }
            Source::Demonstration(_) => format!("unit {}", index + 1),
        }
    }

    fn unit(&mut self, session: SessionId) -> Option<(usize, &mut Unit)> {
        let index = *self.sessions.get(&session)?;
        Some((index, self.active.get_mut(&index)?.unit.as_mut()?))
    }

    fn running(&self) -> usize {
        let units = self.active.values().filter_map(|active| active.unit.as_ref());
        units.filter(|unit| unit.is_running()).count()
    }
}

impl Client for UnitsClient {
    fn handle_event(&mut self, host: &mut Host<'_, '_>, event: Event) {
        let now = host.now();
        match event {
            Event::SessionUp { session, .. } => {
                if let Some((index, unit)) = self.unit(session) {
                    unit.session_up(now);
                    self.pump(host, index);
                }
            }
            Event::FailoverStarted { session, .. } => {
                if let Some((index, unit)) = self.unit(session) {
                    unit.session_lost();
                    let active = self.active.get_mut(&index);
                    if active.is_some_and(|active| std::mem::take(&mut active.has_begun)) {
                        host.say(&format!("{} starts over elsewhere", self.name(index)));
                    }
                }
            }
            Event::Data {
                session,
                ppid: Ppid::SCRIPTING,
                bytes,
                ..
            } => {
                if let Some((index, unit)) = self.unit(session) {
                    unit.handle_message(now, &bytes);
                    self.pump(host, index);
                }
            }
            // All other events are logged by the pool user; the sessions continue by themselves.
            _ => {}
        }
    }

    fn is_done_with(&self, session: SessionId) -> bool {
        !self.sessions.contains_key(&session)
    }

    fn handle_command(&mut self, host: &mut Host<'_, '_>, command: Command) -> bool {
        if command != Command::Failover {
            return false;
        }
        let sessions: Vec<SessionId> = self.sessions.keys().copied().collect();
        for session in sessions {
            host.core
                .fail_over(host.context.now, session, "asked for".into(), false);
        }
        true
    }

    fn handle_work(&mut self, host: &mut Host<'_, '_>, work: Work) {
        match work {
            Work::File(FileEvent::Read { unit, package }) => match package {
                Ok(package) => self.start(host, unit, package),
                Err(why) => self.fail(host, unit, &why),
            },
            Work::File(FileEvent::Written { unit, path }) => match path {
                Ok(path) => self.finish(host, unit, &path.display().to_string()),
                Err(why) => self.fail(host, unit, &why),
            },
            Work::Checked(_) | Work::Typed(_) => {}
        }
    }

    fn handle_writable(&mut self, host: &mut Host<'_, '_>) {
        let all: Vec<usize> = self.active.keys().copied().collect();
        for index in all {
            self.pump(host, index);
        }
    }

    fn handle_timeout(&mut self, host: &mut Host<'_, '_>) {
        let now = host.now();
        self.begin(host);
        let due = |active: &Active| {
            let unit = active.unit.as_ref();
            active.goes_on || unit.and_then(Unit::poll_timeout).is_some_and(|time| time <= now)
        };
        let active = self.active.iter().filter(|(_, active)| due(active));
        let due: Vec<usize> = active.map(|(index, _)| *index).collect();
        for index in due {
            if let Some(unit) = self
                .active
                .get_mut(&index)
                .and_then(|active| active.unit.as_mut())
            {
                unit.handle_timeout(now);
            }
            self.pump(host, index);
        }
    }

    fn poll_timeout(&self) -> Option<Time> {
        if self.may_begin() || self.active.values().any(|active| active.goes_on) {
            return Some(Time::ZERO);
        }
        let units = self.active.values().filter_map(|active| active.unit.as_ref());
        units.filter_map(Unit::poll_timeout).min()
    }

    fn outcome(&self) -> Option<u8> {
        (self.complete + self.failed == self.total()).then_some(u8::from(self.failed > 0))
    }

    fn outcome_if_stopped(&self) -> u8 {
        u8::from(self.complete < self.total())
    }

    fn work(&self, _now: Time) -> Option<PoolUserWork> {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let over = self.complete + self.failed;
        Some(PoolUserWork {
            unit: WorkUnit::Units,
            // All units are there from the beginning, but only those whose turn it is are requests.
            queued: 0,
            running: number(self.active.len()),
            requested: self.begun as u64,
            completed: over as u64,
            rejected: 0,
            done: over as f64,
            handling: self.handling,
            queueing: Duration::ZERO,
        })
    }

    fn activity(&self) -> Activity {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Activity::Units {
            total: number(self.total()),
            running: number(self.running()),
            complete: number(self.complete),
            failed: number(self.failed),
        }
    }

    fn report(&self) -> String {
        counted(self.sessions.len() as u64, "Session")
    }
}

/// Returns the beginning of a stranger's text, as one line without characters that a terminal obeys.
fn shown(text: &[u8]) -> String {
    let start = text.get(..LONGEST_SHOWN).unwrap_or(text);
    String::from_utf8_lossy(start).trim().escape_debug().to_string()
}
