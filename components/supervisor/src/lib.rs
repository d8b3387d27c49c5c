//! Manages the processes of the components, on one background thread.
//!
//! Commands go in, [`Update`]s come out, both through bounded channels; nothing here ever makes the window wait.
//! Each process has a `job` that decides and a `child` that acts.
//!
//! Copies of the components' packets do not go to the window but to a [`PacketSink`], which takes them on the
//! supervisor's thread.
//!
//! Feeds and logs wait while the window takes no updates. Commands do not: what stops, kills, freezes or unplugs a
//! component overtakes all commands for others (see `lanes`), and never waits for a task that is itself waiting.
//!
//! The thread starts all processes itself and lives until they have all ended, since components ask the kernel to
//! kill them when the thread that started them ends.

mod child;
mod driver;
mod hearing;
mod job;
#[cfg(test)]
mod job_tests;
mod lanes;
mod last_words;
mod log_lines;
mod packets;
mod sleep;
pub mod status_listener;
mod system_state;
mod updates;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread::JoinHandle;

pub use job::{CommandLine, JobCommand};
use lanes::{LaneSender, Urgency};
pub use packets::{PacketBatch, PacketSink};
pub use updates::Repaint;

use model::{ComponentId, Update};
use updates::{Announcement, UpdateReceiver};

/// A command to the supervisor.
pub enum SupervisorCommand {
    /// A command concerning a component's process.
    Job(ComponentId, JobCommand),
    /// Forget the component once it has no process.
    Forget(ComponentId),
    /// Work that takes too long for the window's thread, such as writing a picture. Its result is reported as an
    /// update.
    Work(ComponentId, Box<dyn FnOnce() -> model::Change + Send>),
}

/// A command, with the number by which the background thread reports its progress.
struct NumberedCommand {
    number: u64,
    command: SupervisorCommand,
}

impl NumberedCommand {
    /// Returns the component concerned, unless the command does not affect its process.
    fn component(&self) -> Option<ComponentId> {
        match &self.command {
            SupervisorCommand::Job(component, _) | SupervisorCommand::Forget(component) => Some(*component),
            SupervisorCommand::Work(..) => None,
        }
    }
}

impl Urgency for NumberedCommand {
    fn is_urgent(&self) -> bool {
        matches!(&self.command, SupervisorCommand::Job(_, command) if command.is_urgent())
    }

    /// Commands for one component are carried out in order: a start must not come after a later stop.
    fn precedes(&self, urgent: &Self) -> bool {
        self.component() == urgent.component()
    }
}

/// The handle of the background thread. Dropping it ends all processes and waits for that.
pub struct Supervisor {
    commands: Option<LaneSender<NumberedCommand>>,
    updates: UpdateReceiver,
    thread: Option<JoinHandle<()>>,
    /// The number of commands so far.
    number: u64,
    /// The latest command of each component that may not be idle after it.
    busy: BTreeMap<ComponentId, u64>,
}

/// Too many commands are already waiting; nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many commands are waiting to be carried out")]
pub struct Busy;

impl Supervisor {
    /// How long components may take to shut down gracefully when the control centre leaves.
    pub const LEAVE_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);
    /// The maximum number of commands under way; exceeds the number of components in a scenario.
    const COMMANDS: usize = 1_024;
    /// The maximum number of urgent commands under way in addition.
    const URGENT_COMMANDS: usize = 512;

    /// Starts the thread. Children run `program`; see [`this_program`]. Their packets go to the sink; without one,
    /// they are not asked for any.
    ///
    /// # Errors
    /// Returns an error if the thread or its runtime cannot be started.
    pub fn start(program: PathBuf, repaint: Repaint, packets: Option<PacketSink>) -> std::io::Result<Self> {
        let (commands, to_do) = lanes::channel(Self::COMMANDS, Self::URGENT_COMMANDS);
        let (sender, updates) = updates::channel(repaint);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = std::thread::Builder::new()
            .name("supervisor".into())
            .spawn(move || runtime.block_on(driver::run(program, to_do, sender, packets)))?;
        Ok(Self {
            commands: Some(commands),
            updates,
            thread: Some(thread),
            number: 0,
            busy: BTreeMap::new(),
        })
    }

    /// Passes on a command, without waiting.
    ///
    /// # Errors
    /// Returns an error if too many commands are under way, i.e. not carried out, or with results among the waiting
    /// updates. Also after [`Self::leave`].
    pub fn command(&mut self, command: SupervisorCommand) -> Result<(), Busy> {
        let number = self.number + 1;
        let component = match &command {
            SupervisorCommand::Job(component, _) => Some(*component),
            SupervisorCommand::Forget(_) | SupervisorCommand::Work(..) => None,
        };
        self.commands
            .as_ref()
            .ok_or(Busy)?
            .try_send(NumberedCommand { number, command })
            .map_err(|_| Busy)?;
        self.number = number;
        self.busy.extend(component.map(|component| (component, number)));
        Ok(())
    }

    /// Stops everything cleanly within [`Self::LEAVE_WITHIN`], then by SIGKILL. No more commands are accepted.
    pub fn leave(&mut self) {
        self.commands = None;
    }

    /// Returns whether a component has a process or will have one, or a command for it has not been carried out.
    /// Becomes false eventually while updates are taken.
    #[must_use]
    pub fn is_busy(&self, component: ComponentId) -> bool {
        self.busy.contains_key(&component)
    }

    /// Returns whether any component is busy.
    #[must_use]
    pub fn any_busy(&self) -> bool {
        !self.busy.is_empty()
    }

    /// Begins to take updates; the repaint callback is called again for those that arrive from now on.
    pub fn begin_updates(&self) {
        self.updates.begin();
    }

    /// Returns the next waiting update.
    pub fn next_update(&mut self) -> Option<Update> {
        loop {
            match self.updates.try_next()? {
                Announcement::Update(update) => return Some(update),
                Announcement::Standing {
                    component,
                    command,
                    idle,
                } => {
                    // Another command may have been sent meanwhile.
                    if idle && self.busy.get(&component) == Some(&command) {
                        self.busy.remove(&component);
                    }
                }
            }
        }
    }

    /// Returns whether the thread has ended, which it does after [`Self::leave`] when no process is left.
    #[must_use]
    pub fn has_left(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.leave();
        self.updates.close();
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed by its own thread.
            let _ = thread.join();
        }
    }
}

/// Returns the path of the running program. On Linux, the path works even if the file has been replaced meanwhile.
///
/// # Errors
/// Returns an error if the system does not provide it.
pub fn this_program() -> std::io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        return Ok("/proc/self/exe".into());
    }
    std::env::current_exe()
}
