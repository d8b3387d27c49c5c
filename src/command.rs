//! What a view may ask for. Views do not act: they return commands, which run in one place.

use std::path::PathBuf;

use feed::{Impairment, LinkTarget};

use crate::model::ComponentId;
use crate::play::PlayOrder;
use crate::scenario::ComponentSpec;

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Add a component and start it.
    Add(ComponentSpec),
    /// Take a component that has no process off the scene.
    Remove(ComponentId),
    /// Start a component that has no process.
    Start(ComponentId),
    /// Clean stop.
    Stop(ComponentId),
    /// Hard kill (SIGKILL).
    Kill(ComponentId),
    /// Clean stop, then start again.
    Restart(ComponentId),
    /// SIGSTOP.
    Freeze(ComponentId),
    /// SIGCONT.
    Thaw(ComponentId),
    /// Sets or removes an impairment; unplugging is `LinkTarget::All` with [`Impairment::UNPLUGGED`].
    Impair(ComponentId, LinkTarget, Impairment),
    /// Hard kill of the pool element that serves this pool user's (first) session.
    KillServing(ComponentId),
    /// Another command of the feed, such as failing after n messages.
    Tell(ComponentId, feed::Command),
    /// Undo every freeze and every impairment.
    UndoFaults,
    /// Start everything that has no process.
    StartAll,
    /// Clean stop of everything.
    StopAll,
    /// Take everything down and start this scenario.
    LoadScenario(PathBuf),
    /// Something about the steps of the scenario that is on.
    Play(PlayOrder),
    /// Write the picture of a pool user to a PNG file.
    SavePicture(ComponentId, PathBuf),
    /// Leave.
    Quit,
}
