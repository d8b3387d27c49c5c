//! The processes of the components, owned by one background thread.
//!
//! Commands go in, [`Update`]s come out, both through bounded channels; nothing here ever makes the window wait. Each
//! process has a `job` that decides and a `child` that does.
//!
//! Feeds and logs wait while the window does not take updates. Commands do not: what stops, kills, freezes or unplugs a
//! component overtakes all commands for others (see `lanes`), and waits for nobody who waits.
//!
//! The thread starts all processes itself and lives until they have all ended, since components ask the kernel to kill
//! them when the thread that started them ends.

mod child;
mod driver;
mod job;
#[cfg(test)]
mod job_tests;
mod lanes;
mod log_lines;
pub mod status_listener;
mod updates;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread::JoinHandle;

pub use job::{CommandLine, JobCommand};
use lanes::{LaneSender, Urgency};
pub use updates::Repaint;

use model::{ComponentId, Update};
use updates::{Announcement, UpdateReceiver};

/// What may be asked of the supervisor.
pub enum SupervisorCommand {
    /// Something concerning one component's process.
    Job(ComponentId, JobCommand),
    /// The component is removed once it has no process.
    Forget(ComponentId),
    /// Work that takes too long for the window's thread, such as writing a picture; its result is told as an update.
    Work(ComponentId, Box<dyn FnOnce() -> model::Change + Send>),
}

/// A command, by the number of which the background thread says how far it has come.
struct NumberedCommand {
    number: u64,
    command: SupervisorCommand,
}

impl NumberedCommand {
    /// The component that it is about, unless it has nothing to do with its process.
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

    /// What a component was asked for is done in turn: a start is not to come after the stop that followed it.
    fn precedes(&self, urgent: &Self) -> bool {
        self.component() == urgent.component()
    }
}

/// The handle of the background thread. Dropping it ends all processes and waits for that.
pub struct Supervisor {
    commands: Option<LaneSender<NumberedCommand>>,
    updates: UpdateReceiver,
    thread: Option<JoinHandle<()>>,
    /// Commands so far.
    number: u64,
    /// The latest command of each component that is not idle after it, as far as is known here.
    busy: BTreeMap<ComponentId, u64>,
}

/// The commands that wait are too many already; nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many commands are waiting to be carried out")]
pub struct Busy;

impl Supervisor {
    /// How long the components have for leaving in order when the control centre leaves.
    pub const LEAVE_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);
    /// Commands that may be under way: more than a scenario has components.
    const COMMANDS: usize = 1_024;
    /// Urgent commands that may be under way besides.
    const URGENT_COMMANDS: usize = 512;

    /// Starts the thread. Children run `program`; see [`this_program`].
    ///
    /// # Errors
    /// When the thread or its runtime cannot be started.
    pub fn start(program: PathBuf, repaint: Repaint) -> std::io::Result<Self> {
        let (commands, to_do) = lanes::channel(Self::COMMANDS, Self::URGENT_COMMANDS);
        let (sender, updates) = updates::channel(repaint);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = std::thread::Builder::new()
            .name("supervisor".into())
            .spawn(move || runtime.block_on(driver::run(program, to_do, sender)))?;
        Ok(Self {
            commands: Some(commands),
            updates,
            thread: Some(thread),
            number: 0,
            busy: BTreeMap::new(),
        })
    }

    /// Hands over a command, without waiting.
    ///
    /// # Errors
    /// When too many commands are under way: not carried out, or what came of them is among the updates that wait. Also after
    /// [`Self::leave`].
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

    /// Clean stop of everything within [`Self::LEAVE_WITHIN`], then SIGKILL. Nothing can be ordered any more.
    pub fn leave(&mut self) {
        self.commands = None;
    }

    /// Whether a component has a process, or will have one, or a command of it has not been carried out. That comes to an
    /// end while updates are taken.
    #[must_use]
    pub fn is_busy(&self, component: ComponentId) -> bool {
        self.busy.contains_key(&component)
    }

    /// Whether that is so for any component.
    #[must_use]
    pub fn any_busy(&self) -> bool {
        !self.busy.is_empty()
    }

    /// Begins to take updates; the repaint callback is called again for those that come from now on.
    pub fn begin_updates(&self) {
        self.updates.begin();
    }

    /// The next update that waits.
    pub fn next_update(&mut self) -> Option<Update> {
        loop {
            match self.updates.try_next()? {
                Announcement::Update(update) => return Some(update),
                Announcement::Standing {
                    component,
                    command,
                    idle,
                } => {
                    // It may have been given another command meanwhile.
                    if idle && self.busy.get(&component) == Some(&command) {
                        self.busy.remove(&component);
                    }
                }
            }
        }
    }

    /// Whether the thread has ended, which it does after [`Self::leave`] when no process is left.
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

/// The program that is running. On Linux a path that works even when its file has been replaced meanwhile.
///
/// # Errors
/// When the system does not tell.
pub fn this_program() -> std::io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        return Ok("/proc/self/exe".into());
    }
    std::env::current_exe()
}
