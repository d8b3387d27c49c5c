//! The single list of user actions. Buttons, menus, shortcuts and the palette are all built from it.

use std::borrow::Cow;

use egui::{Key, KeyboardShortcut, Modifiers};
use feed::ComponentRole;

pub use crate::comparison::CompareAction;
use crate::icon::Icon;
pub use crate::measured_fault::MeasuredFault;
use crate::snapshot::Snapshot;
pub use crate::time::action::TimeAction;
use command::{Command, Undoable, links};
use model::{Component, ComponentId, ProcessState};
use wire::csp::ComponentIdentifier;
use wire::parameter::PolicyType;

/// How strongly a button warns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// No emphasis.
    Plain,
    /// The most likely next action.
    Primary,
    /// A fault that can be undone.
    Fault,
    /// An abrupt end of a process.
    Danger,
}

/// An action on a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is explained to the user by `explanation`")]
pub enum ComponentAction {
    Start,
    Stop,
    Kill,
    Restart,
    Freeze,
    Thaw,
    Unplug,
    Plug,
    KillServing,
    Failover,
    NewPicture,
    SavePicture,
    Remove,
}

impl ComponentAction {
    /// All actions, in menu order.
    pub const ALL: [Self; 13] = [
        Self::Start,
        Self::Stop,
        Self::Kill,
        Self::Restart,
        Self::Freeze,
        Self::Thaw,
        Self::Unplug,
        Self::Plug,
        Self::KillServing,
        Self::Failover,
        Self::NewPicture,
        Self::SavePicture,
        Self::Remove,
    ];

    /// Returns whether the action is applicable to a component in its current state.
    #[must_use]
    pub fn applies_to(self, component: &Component) -> bool {
        let alive = component.process.is_alive();
        let frozen = component.is_stopped();
        let user = component.role() == ComponentRole::PoolUser;
        match self {
            Self::Start | Self::Remove => !alive,
            Self::Stop => alive && !frozen && !matches!(component.process, ProcessState::Stopping { .. }),
            Self::Kill => alive,
            Self::Restart => alive && !frozen,
            Self::Freeze => alive && !frozen,
            Self::Thaw => frozen,
            Self::Unplug => alive && !component.is_unplugged(),
            Self::Plug => alive && component.is_unplugged(),
            Self::KillServing => user && component.served.values().any(|served| served.component.is_some()),
            Self::Failover | Self::NewPicture => user && alive && !frozen,
            Self::SavePicture => component.canvas.is_some(),
        }
    }

    /// Returns whether components of this role have the action at all.
    #[must_use]
    pub fn is_for(self, role: ComponentRole) -> bool {
        match self {
            Self::KillServing | Self::Failover | Self::NewPicture | Self::SavePicture => {
                role == ComponentRole::PoolUser
            }
            Self::Start
            | Self::Stop
            | Self::Kill
            | Self::Restart
            | Self::Freeze
            | Self::Thaw
            | Self::Unplug
            | Self::Plug
            | Self::Remove => true,
        }
    }

    /// Returns the icon; the state that the action leads to has the same icon.
    #[must_use]
    pub fn icon(self) -> Icon {
        match self {
            Self::Start => Icon::Play,
            Self::Stop => Icon::Stop,
            Self::Kill | Self::KillServing => Icon::Bolt,
            Self::Restart | Self::NewPicture => Icon::Restart,
            Self::Freeze => Icon::Snowflake,
            Self::Thaw => Icon::Undo,
            Self::Unplug | Self::Plug => Icon::Plug,
            Self::Failover => Icon::Swap,
            Self::SavePicture => Icon::Save,
            Self::Remove => Icon::Cross,
        }
    }

    /// Returns the text on the button.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Stop => "Stop",
            Self::Kill => "Kill",
            Self::Restart => "Restart",
            Self::Freeze => "Freeze",
            Self::Thaw => "Thaw",
            Self::Unplug => "Unplug",
            Self::Plug => "Plug in",
            Self::KillServing => "Kill serving PE",
            Self::Failover => "Another PE",
            Self::NewPicture => "New picture",
            Self::SavePicture => "Save picture",
            Self::Remove => "Remove",
        }
    }

    /// Returns the name of the button for a component, as used in the accessibility tree and the palette.
    #[must_use]
    pub fn name(self, component: &Component) -> String {
        match self {
            Self::KillServing => format!("Kill the PE that serves {}", component.name),
            Self::Failover => format!("Let {} go to another PE", component.name),
            Self::NewPicture => format!("New picture for {}", component.name),
            Self::SavePicture => format!("Save the picture of {}", component.name),
            _ => format!("{} {}", self.label(), component.name),
        }
    }

    /// Describes what happens, and its effect on the wire.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Start => "Starts the process.",
            Self::Stop => {
                "Clean stop: planned maintenance. A pool element sends its last cookie, deregisters (RFC 5352, 2.2.2) and \
                 shuts its associations down: the others know at once."
            }
            Self::Kill => {
                "Hard kill (SIGKILL): a crash. No last words: the others find out by an aborted association or by \
                 time-outs, report it, and fail over with the last cookie (RFC 5352, 3.3)."
            }
            Self::Restart => "Clean stop, then start.",
            Self::Freeze => {
                "SIGSTOP: a hung process. It answers nothing, but the network says nothing either: only time-outs help."
            }
            Self::Thaw => "SIGCONT: the process goes on as if no time had passed.",
            Self::Unplug => {
                "Drops every packet from and to it: power or network failure. No abort, no ICMP; the process itself goes on."
            }
            Self::Plug => "Lets packets pass again.",
            Self::KillServing => {
                "SIGKILL to the pool element that computes this picture right now. Another one goes on from the state \
                 cookie that the pool user keeps (RFC 5351, 2.5.1)."
            }
            Self::Failover => "The pool user leaves its pool element and resolves the pool handle anew.",
            Self::NewPicture => "Starts a new picture.",
            Self::SavePicture => "Writes the picture as a PNG file into the current directory.",
            Self::Remove => "Removes the component, which must have no process. Ctrl+Z brings it back.",
        }
    }

    /// Returns how strongly the button warns.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Kill | Self::KillServing => Tone::Danger,
            Self::Freeze | Self::Unplug => Tone::Fault,
            Self::Start | Self::Thaw | Self::Plug => Tone::Primary,
            Self::Stop
            | Self::Restart
            | Self::Failover
            | Self::NewPicture
            | Self::SavePicture
            | Self::Remove => Tone::Plain,
        }
    }

    /// Returns the key that applies the action to the selected component. An action and its opposite share a key.
    #[must_use]
    pub fn key(self) -> Option<Key> {
        Some(match self {
            Self::Start | Self::Stop => Key::S,
            Self::Kill => Key::K,
            Self::Restart => Key::R,
            Self::Freeze | Self::Thaw => Key::F,
            Self::Unplug | Self::Plug => Key::U,
            Self::KillServing => Key::X,
            Self::NewPicture => Key::N,
            Self::Failover | Self::SavePicture => return None,
            Self::Remove => Key::Delete,
        })
    }

    /// Returns the command for a component.
    #[must_use]
    pub fn command(self, component: &Component) -> Command {
        let id = component.id;
        match self {
            Self::Start => Command::Start(id),
            Self::Stop => Command::Stop(id),
            Self::Kill => Command::Kill(id),
            Self::Restart => Command::Restart(id),
            Self::Freeze => Command::Freeze(id),
            Self::Thaw => Command::Thaw(id),
            Self::Unplug => links::unplug(id),
            Self::Plug => links::plug(component),
            Self::KillServing => Command::KillServing(id),
            Self::Failover => Command::Send(id, feed::Command::Failover),
            Self::NewPicture => Command::Send(id, feed::Command::NewImage { width: 0, height: 0 }),
            Self::SavePicture => {
                let number = component.canvas.as_ref().map_or(0, |canvas| canvas.image);
                let name: String = component
                    .name
                    .chars()
                    .map(|char| {
                        if char.is_alphanumeric() {
                            char.to_ascii_lowercase()
                        } else {
                            '-'
                        }
                    })
                    .collect();
                Command::SavePicture(id, format!("poolscope-{name}-{number}.png").into())
            }
            Self::Remove => Command::Remove(id),
        }
    }
}

/// An action on the window or on everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is explained to the user by `label`")]
pub enum WindowAction {
    Palette,
    Help,
    Present,
    StartAll,
    StopAll,
    Undo,
    UndoFaults,
    Inspector,
    Dock,
    Load,
    MessageWindow,
    ResultWindow,
    Laboratory,
    Theme,
    LargeType,
    Tint,
    FitGraph,
    TidyGraph,
    PauseMessages,
    ResetLayout,
    RunOrPause,
    NextStep,
    EarlierSentence,
    RestartStory,
    Blank,
    OpenScenario,
    SaveScenario,
    RestartAll,
    Timers,
    Quit,
}

impl WindowAction {
    /// All actions, in palette order.
    pub const ALL: [Self; 30] = [
        Self::RunOrPause,
        Self::NextStep,
        Self::EarlierSentence,
        Self::RestartStory,
        Self::Present,
        Self::Blank,
        Self::Undo,
        Self::UndoFaults,
        Self::StartAll,
        Self::StopAll,
        Self::RestartAll,
        Self::Timers,
        Self::OpenScenario,
        Self::SaveScenario,
        Self::Inspector,
        Self::Dock,
        Self::Load,
        Self::MessageWindow,
        Self::ResultWindow,
        Self::Laboratory,
        Self::Theme,
        Self::LargeType,
        Self::Tint,
        Self::FitGraph,
        Self::TidyGraph,
        Self::PauseMessages,
        Self::ResetLayout,
        Self::Palette,
        Self::Help,
        Self::Quit,
    ];

    /// Returns the text for the action.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Palette => "Search all actions",
            Self::Help => "Help and shortcuts",
            Self::Present => "Presenter mode",
            Self::StartAll => "Start all",
            Self::StopAll => "Stop all",
            Self::Undo => "Undo",
            Self::UndoFaults => "Undo all faults",
            Self::Inspector => "Details of the chosen component",
            Self::Dock => "Messages, log, handlespace and load",
            Self::Load => "Load over time",
            Self::MessageWindow => "Messages in a window of their own",
            Self::ResultWindow => "Results in a window of their own",
            Self::Laboratory => "Policy laboratory",
            Self::Theme => "Dark or light",
            Self::LargeType => "Large type",
            Self::Tint => "Tint pictures by pool element",
            Self::FitGraph => "Show the whole graph",
            Self::TidyGraph => "Tidy the graph up",
            Self::PauseMessages => "Pause the message table",
            Self::ResetLayout => "Reset layout",
            Self::RunOrPause => "Run or pause the story",
            Self::NextStep => "Next step of the story now",
            Self::EarlierSentence => "Earlier sentence of the story",
            Self::RestartStory => "Restart the story",
            Self::Blank => "Blank the screen",
            Self::OpenScenario => "Open a scenario file",
            Self::SaveScenario => "Save as a scenario",
            Self::RestartAll => "Restart all",
            Self::Timers => "Timers of the RFCs or of demonstrations",
            Self::Quit => "Quit",
        }
    }

    /// Returns the keyboard shortcut.
    #[must_use]
    pub fn shortcut(self) -> Option<KeyboardShortcut> {
        let plain = |key| KeyboardShortcut::new(Modifiers::NONE, key);
        let control = |key| KeyboardShortcut::new(Modifiers::COMMAND, key);
        Some(match self {
            Self::Palette => control(Key::K),
            Self::Help => plain(Key::F1),
            Self::Present => plain(Key::F11),
            Self::Undo => control(Key::Z),
            Self::UndoFaults => KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z),
            Self::Inspector => plain(Key::I),
            Self::Dock => control(Key::J),
            Self::Load => plain(Key::L),
            Self::MessageWindow => control(Key::M),
            Self::Laboratory => control(Key::E),
            Self::Theme => control(Key::T),
            Self::LargeType => control(Key::L),
            Self::Tint => plain(Key::T),
            Self::FitGraph => plain(Key::Num0),
            Self::PauseMessages => plain(Key::P),
            Self::Quit => control(Key::Q),
            Self::RunOrPause => plain(Key::Space),
            // The keys that presentation remotes send.
            Self::NextStep => plain(Key::PageDown),
            Self::EarlierSentence => plain(Key::PageUp),
            Self::Blank => plain(Key::B),
            Self::RestartStory => control(Key::R),
            Self::OpenScenario => control(Key::O),
            Self::SaveScenario => control(Key::S),
            Self::StartAll
            | Self::StopAll
            | Self::TidyGraph
            | Self::RestartAll
            | Self::ResetLayout
            | Self::ResultWindow
            | Self::Timers => {
                return None;
            }
        })
    }

    /// Returns the text with what the action would be about now.
    #[must_use]
    pub fn label_now(self, snapshot: &Snapshot<'_>) -> Cow<'static, str> {
        match (self, snapshot.scenario_status.undoable) {
            (Self::Undo, Some(Undoable::Removal { name, .. })) => format!("Undo: bring back {name}").into(),
            (Self::Undo, Some(Undoable::PoolPolicy { pool, .. })) => {
                format!("Undo: the policy of {pool}").into()
            }
            (Self::Undo, Some(Undoable::Setting { name, what, .. })) => {
                format!("Undo: the {what} of {name}").into()
            }
            (Self::Undo, Some(Undoable::Faults)) => "Undo: all faults".into(),
            _ => self.label().into(),
        }
    }

    /// Returns whether the action does something to the demonstration, which takes place in the present alone.
    fn acts_on_demonstration(self) -> bool {
        matches!(
            self,
            Self::StartAll
                | Self::StopAll
                | Self::Undo
                | Self::UndoFaults
                | Self::RunOrPause
                | Self::NextStep
                | Self::RestartStory
                | Self::OpenScenario
                | Self::SaveScenario
                | Self::RestartAll
                | Self::Timers
        )
    }

    /// Returns whether the action is applicable now.
    #[must_use]
    pub fn applies_to(self, snapshot: &Snapshot<'_>) -> bool {
        if self.acts_on_demonstration() && !snapshot.is_present() {
            return false;
        }
        match self {
            Self::Undo => snapshot.scenario_status.undoable.is_some() || snapshot.has_faults(),
            Self::UndoFaults => snapshot.has_faults(),
            // With a recording, the story goes back as a whole.
            Self::EarlierSentence if snapshot.time.is_some() => false,
            Self::RunOrPause | Self::NextStep | Self::EarlierSentence | Self::RestartStory => {
                snapshot.scenario_status.play.is_some()
            }
            _ => true,
        }
    }
}

/// Any action that takes a single click or key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// An action on a component.
    Component(ComponentAction, ComponentId),
    /// An action on the window or on everything.
    Window(WindowAction),
    /// Injects or undoes a fault that has a measure.
    Fault(MeasuredFault, ComponentId),
    /// Gives the pool of this pool element the policy of this type.
    PoolPolicy(ComponentId, PolicyType),
    /// Selects a component.
    Select(ComponentId),
    /// Selects a component that was started elsewhere.
    SelectExternal(ComponentIdentifier),
    /// Loads the scenario at this position in the list.
    LoadScenario(usize),
    /// Moves the cursor in time, or does something with recordings.
    Time(TimeAction),
    /// An action on the comparison of two recordings.
    Compare(CompareAction),
}
