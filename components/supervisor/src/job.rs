//! The life of a component's process as a state machine without I/O: commands and news go in, actions come out, in
//! the order in which they are to be carried out.

use std::time::{Duration, Instant};

use feed::LinkTarget;

use super::lanes::Urgency;
use model::{Change, Ending, Fault, Severity, SystemState};

/// A command line: what follows the program's name.
pub type CommandLine = Vec<String>;

/// A command to a component.
#[derive(Debug, Clone, PartialEq)]
pub enum JobCommand {
    /// Start it.
    Start(CommandLine),
    /// Clean stop.
    Stop,
    /// Clean stop if it is running, then start.
    Restart(CommandLine),
    /// SIGKILL.
    Kill,
    /// SIGSTOP.
    Freeze,
    /// SIGCONT.
    Thaw,
    /// A command of the feed.
    Send(feed::Command),
}

impl JobCommand {
    /// Returns whether it must take effect regardless of what else is queued.
    pub(crate) fn is_urgent(&self) -> bool {
        match self {
            Self::Stop | Self::Kill | Self::Freeze => true,
            Self::Send(command) => command.is_urgent(),
            Self::Start(_) | Self::Restart(_) | Self::Thaw => false,
        }
    }
}

impl Urgency for feed::Command {
    fn is_urgent(&self) -> bool {
        match self {
            Self::Stop => true,
            Self::Impair { target, impairment } => *target == LinkTarget::All && impairment.is_unplugged(),
            Self::FailAfter { .. }
            | Self::SetCapacity { .. }
            | Self::SetPolicy { .. }
            | Self::SetLoad { .. }
            | Self::LeavePool
            | Self::JoinPool { .. }
            | Self::SetMaxJobs { .. }
            | Self::Begin
            | Self::Failover
            | Self::NewImage { .. } => false,
        }
    }

    /// An impairment must not be applied after a later one.
    fn precedes(&self, urgent: &Self) -> bool {
        matches!((self, urgent), (Self::Impair { .. }, Self::Impair { .. }))
    }
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// With this exit status.
    Status(i32),
    /// By this signal.
    Signal(i32),
}

/// A signal to the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobSignal {
    Kill,
    Freeze,
    Thaw,
}

/// An action to carry out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// Start a process; answered by [`Job::spawned`] or [`Job::not_spawned`].
    Spawn(CommandLine),
    /// Write a command to its standard input.
    Write(feed::Command),
    /// Close its standard input.
    CloseInput,
    /// Send it a signal.
    Signal(JobSignal),
    /// Report a change to the model.
    Report(Change),
}

/// One component's process.
#[derive(Debug, Default)]
pub(crate) struct Job {
    state: State,
    listening: Listening,
}

/// Whether the process is heard.
#[derive(Debug, Default)]
struct Listening {
    /// When to check; absent if nothing is expected.
    due: Option<Instant>,
    /// While it is silent for longer than it may be: the state of the process that was reported.
    silent: Option<SystemState>,
    /// Whether somebody else stopped the process, as far as was last seen.
    stopped: bool,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Running {
        frozen: bool,
    },
    Stopping {
        deadline: Instant,
        then_start: Option<CommandLine>,
    },
    Killing {
        why: Why,
        then_start: Option<CommandLine>,
    },
}

/// The reason why a process was sent SIGKILL.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Why {
    Asked,
    DidNotStop,
    FeedBroken(String),
}

impl Job {
    /// The maximum duration of a clean stop.
    pub(crate) const STOP_WITHIN: Duration = Duration::from_secs(3);
    /// A feed that is silent for longer than this is no longer up to date; it has a sign of life at least every two
    /// seconds.
    pub(crate) const SILENT_AFTER: Duration = Duration::from_secs(3);
    /// How often the system is asked about a process that is silent or frozen.
    const ASK_EVERY: Duration = Duration::from_secs(1);

    /// Processes a command.
    pub(crate) fn handle_command(&mut self, now: Instant, command: JobCommand) -> Vec<Action> {
        match command {
            JobCommand::Start(command_line) => self.start(command_line),
            JobCommand::Stop => self.stop(now, None),
            JobCommand::Restart(command_line) => match self.state {
                State::Idle => vec![Action::Spawn(command_line)],
                _ => self.stop(now, Some(command_line)),
            },
            JobCommand::Kill => self.kill(),
            JobCommand::Freeze => match &mut self.state {
                State::Running { frozen: true } => refused("cannot be frozen: it is frozen already"),
                State::Running { frozen } => {
                    *frozen = true;
                    vec![
                        Action::Signal(JobSignal::Freeze),
                        Action::Report(Change::Fault(Fault::Freeze)),
                        Action::Report(Change::Frozen),
                    ]
                }
                State::Stopping { .. } => refused("cannot be frozen: it is stopping"),
                State::Idle | State::Killing { .. } => refused("cannot be frozen: it is not running"),
            },
            JobCommand::Thaw => match &mut self.state {
                State::Running { frozen } if *frozen => {
                    *frozen = false;
                    vec![Action::Signal(JobSignal::Thaw), Action::Report(Change::Thawed)]
                }
                State::Running { .. } if self.listening.stopped => {
                    self.listening.stopped = false;
                    vec![Action::Signal(JobSignal::Thaw), Action::Report(Change::Thawed)]
                }
                _ => refused("cannot be thawed: it is not frozen"),
            },
            JobCommand::Send(command) => self.send(command),
        }
    }

    fn start(&mut self, command_line: CommandLine) -> Vec<Action> {
        match &mut self.state {
            State::Idle => vec![Action::Spawn(command_line)],
            State::Running { .. } => refused("cannot be started: it runs already"),
            State::Stopping { then_start, .. } | State::Killing { then_start, .. } => {
                *then_start = Some(command_line);
                Vec::new()
            }
        }
    }

    fn stop(&mut self, now: Instant, next: Option<CommandLine>) -> Vec<Action> {
        match &mut self.state {
            State::Idle => refused("cannot be stopped: it is not running"),
            State::Stopping { then_start, .. } | State::Killing { then_start, .. } => {
                *then_start = next;
                Vec::new()
            }
            State::Running { frozen } => {
                let mut actions = Vec::new();
                if *frozen || self.listening.stopped {
                    // A frozen process cannot shut down gracefully.
                    actions.push(Action::Signal(JobSignal::Thaw));
                    actions.push(Action::Report(Change::Thawed));
                }
                actions.extend([
                    Action::Report(Change::Fault(Fault::Stop)),
                    Action::Report(Change::Stopping),
                    Action::Write(feed::Command::Stop),
                    Action::CloseInput,
                ]);
                self.state = State::Stopping {
                    deadline: now + Self::STOP_WITHIN,
                    then_start: next,
                };
                actions
            }
        }
    }

    fn kill(&mut self) -> Vec<Action> {
        match self.state {
            State::Idle => refused("cannot be killed: it is not running"),
            // SIGKILL has been sent; it cannot be ignored.
            State::Killing { .. } => Vec::new(),
            State::Running { .. } | State::Stopping { .. } => {
                self.state = State::Killing {
                    why: Why::Asked,
                    then_start: None,
                };
                // Signal first: reporting may have to wait for room.
                vec![
                    Action::Signal(JobSignal::Kill),
                    Action::Report(Change::Fault(Fault::Kill)),
                ]
            }
        }
    }

    fn send(&mut self, command: feed::Command) -> Vec<Action> {
        if !matches!(self.state, State::Running { .. }) {
            return refused("cannot be sent a command: it is not running");
        }
        let report = match command {
            feed::Command::Impair { target, impairment } if !impairment.is_none() => {
                let fault = match target {
                    LinkTarget::All if impairment.is_unplugged() => Fault::Unplug,
                    _ if impairment.cut => Fault::CutLink,
                    _ => Fault::Impair,
                };
                Some(Action::Report(Change::LinkFault {
                    fault,
                    target,
                    impairment,
                }))
            }
            feed::Command::SetLoad { load } => Some(Action::Report(Change::LoadTold(load))),
            _ => None,
        };
        report.into_iter().chain([Action::Write(command)]).collect()
    }

    /// Takes note of the state of the process before a command is carried out.
    pub(crate) fn observe(&mut self, system: SystemState) {
        self.listening.stopped = system == SystemState::Stopped;
    }

    /// Must be called when it is time ([`Self::poll_listening`]), with the time at which the process was last heard.
    pub(crate) fn listen(
        &mut self,
        now: Instant,
        heard: Instant,
        ask: impl FnOnce() -> SystemState,
    ) -> Vec<Action> {
        let State::Running { frozen } = &mut self.state else {
            self.listening = Listening::default();
            return Vec::new();
        };
        self.listening.due = Some(now + Self::ASK_EVERY);
        if *frozen {
            // Silence is expected, unless somebody else has thawed it.
            if matches!(ask(), SystemState::Running | SystemState::Waiting) {
                *frozen = false;
                return vec![
                    Action::Report(Change::Thawed),
                    Action::Report(Change::Told {
                        severity: Severity::Normal,
                        text: "was thawed by somebody else".into(),
                    }),
                ];
            }
            return Vec::new();
        }
        let silence = now.saturating_duration_since(heard);
        if silence < Self::SILENT_AFTER {
            self.listening.due = Some(heard + Self::SILENT_AFTER);
            return self.heard();
        }
        let system = ask();
        self.listening.stopped = system == SystemState::Stopped;
        if self.listening.silent.replace(system) == Some(system) {
            return Vec::new();
        }
        vec![Action::Report(Change::Silent { silence, system })]
    }

    /// The process is heard.
    pub(crate) fn heard(&mut self) -> Vec<Action> {
        self.listening.stopped = false;
        let silent = self.listening.silent.take().is_some();
        silent
            .then_some(Action::Report(Change::Heard))
            .into_iter()
            .collect()
    }

    /// Returns whether the process counts as silent.
    pub(crate) fn is_silent(&self) -> bool {
        self.listening.silent.is_some()
    }

    /// Returns when [`Self::listen`] must be called.
    pub(crate) fn poll_listening(&self) -> Option<Instant> {
        self.listening.due
    }

    /// This program, and perhaps the process as well, did not run up to now: nobody could be heard, and the process
    /// has its time yet.
    pub(crate) fn slept(&mut self, now: Instant, duration: Duration) {
        if self.listening.due.is_some() {
            self.listening.due = Some(now + Self::SILENT_AFTER);
        }
        if let State::Stopping { deadline, .. } = &mut self.state {
            *deadline += duration;
        }
    }

    /// The process has been started.
    pub(crate) fn spawned(&mut self, now: Instant, pid: u32) -> Vec<Action> {
        self.listening = Listening {
            due: Some(now + Self::SILENT_AFTER),
            ..Listening::default()
        };
        self.state = State::Running { frozen: false };
        vec![Action::Report(Change::Spawned { pid })]
    }

    /// No process could be started.
    pub(crate) fn not_spawned(&mut self, why: String) -> Vec<Action> {
        self.state = State::Idle;
        vec![Action::Report(Change::Ended(Ending::NotStarted { why }))]
    }

    /// The process ended, and said this last.
    pub(crate) fn exited(&mut self, exit: Exit, last_words: Option<String>) -> Vec<Action> {
        self.listening = Listening::default();
        let (ending, next) = match std::mem::take(&mut self.state) {
            State::Killing { why, then_start } => {
                let ending = match why {
                    Why::FeedBroken(why) => Ending::Crashed {
                        why: format!("its feed made no sense: {why}"),
                    },
                    Why::Asked | Why::DidNotStop if exit == Exit::Signal(SIGKILL) => Ending::Killed,
                    // It ended before the signal arrived.
                    Why::Asked | Why::DidNotStop => ending_of(exit, last_words),
                };
                (ending, then_start)
            }
            State::Stopping { then_start, .. } => (ending_of(exit, last_words), then_start),
            State::Running { .. } | State::Idle => (ending_of(exit, last_words), None),
        };
        let spawn = next.map(Action::Spawn);
        [Action::Report(Change::Ended(ending))]
            .into_iter()
            .chain(spawn)
            .collect()
    }

    /// Its standard output is not a valid feed.
    pub(crate) fn feed_broken(&mut self, why: String) -> Vec<Action> {
        if !matches!(self.state, State::Running { .. } | State::Stopping { .. }) {
            return Vec::new();
        }
        self.state = State::Killing {
            why: Why::FeedBroken(why.clone()),
            then_start: None,
        };
        vec![
            Action::Report(Change::FeedBroken { why }),
            Action::Signal(JobSignal::Kill),
        ]
    }

    /// A command could not be written, since the process does not read its standard input.
    pub(crate) fn not_written(&self) -> Vec<Action> {
        refused("does not take commands")
    }

    /// Returns when [`Self::handle_timeout`] must be called.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Stopping { deadline, .. } => Some(deadline),
            State::Idle | State::Running { .. } | State::Killing { .. } => None,
        }
    }

    /// Must be called when time has passed.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Vec<Action> {
        match &mut self.state {
            State::Stopping { deadline, then_start } if *deadline <= now => {
                self.state = State::Killing {
                    why: Why::DidNotStop,
                    then_start: then_start.take(),
                };
                vec![
                    Action::Report(Change::Told {
                        severity: Severity::Problem,
                        text: format!(
                            "did not stop within {} s and was killed",
                            Self::STOP_WITHIN.as_secs()
                        ),
                    }),
                    Action::Signal(JobSignal::Kill),
                ]
            }
            _ => Vec::new(),
        }
    }

    /// Returns whether there is a process.
    pub(crate) fn is_alive(&self) -> bool {
        !matches!(self.state, State::Idle)
    }

    /// The control centre is leaving: asks the process to shut down gracefully, and starts nothing any more.
    pub(crate) fn leave(&mut self, now: Instant) -> Vec<Action> {
        if self.is_alive() {
            self.stop(now, None)
        } else {
            Vec::new()
        }
    }
}

const SIGKILL: i32 = nix::sys::signal::Signal::SIGKILL as i32;

fn refused(why: &str) -> Vec<Action> {
    vec![Action::Report(Change::Refused { why: why.into() })]
}

fn ending_of(exit: Exit, last_words: Option<String>) -> Ending {
    match exit {
        Exit::Status(0) => Ending::Clean,
        Exit::Status(status) => Ending::Crashed {
            why: last_words.unwrap_or_else(|| format!("exit status {status}")),
        },
        Exit::Signal(number) => Ending::Crashed {
            why: match nix::sys::signal::Signal::try_from(number) {
                Ok(signal) => format!("signal {signal}, sent by somebody else or by its own fault"),
                Err(_) => format!("signal {number}"),
            },
        },
    }
}
