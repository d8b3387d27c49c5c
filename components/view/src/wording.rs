//! States in words, the same everywhere.

use std::borrow::Cow;
use std::time::Duration;

use egui::Color32;
use feed::ComponentRole;

use crate::icon::Icon;
use crate::theme::Theme;
use model::{Completed, Component, Ending, Farewell, ProcessState, words};

/// The state of a component as shown: process and links together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is no process yet, or it could not be started.
    NotStarted,
    /// Started, but has not said hello yet.
    Starting,
    /// Runs, but does not provide its service yet.
    Running,
    /// Provides its service.
    Ready,
    /// Stopping in order.
    Stopping,
    /// Stopped by SIGSTOP.
    Frozen,
    /// Its feed is silent for longer than it may be: what is shown of it is out of date.
    Silent,
    /// All its links are cut.
    Unplugged,
    /// Stopped in order.
    Stopped,
    /// Killed by SIGKILL from here.
    Killed,
    /// Ended on its own.
    Crashed,
}

impl Standing {
    /// Returns the standing of a component.
    #[must_use]
    pub fn of(component: &Component) -> Self {
        match &component.process {
            ProcessState::Pending => Self::NotStarted,
            ProcessState::Frozen { .. } => Self::Frozen,
            ProcessState::Stopping { .. } => Self::Stopping,
            ProcessState::Starting { .. } | ProcessState::Running { .. } if component.silence.is_some() => {
                Self::Silent
            }
            ProcessState::Starting { .. } => Self::Starting,
            ProcessState::Running { .. } if component.is_unplugged() => Self::Unplugged,
            ProcessState::Running { .. } if component.ready => Self::Ready,
            ProcessState::Running { .. } => Self::Running,
            ProcessState::Ended { ending, .. } => match ending {
                Ending::Clean => Self::Stopped,
                Ending::Killed => Self::Killed,
                Ending::Crashed { .. } => Self::Crashed,
                Ending::NotStarted { .. } => Self::NotStarted,
            },
        }
    }

    /// Returns its icon: that of the action that leads to it.
    #[must_use]
    pub fn icon(self) -> Icon {
        match self {
            Self::NotStarted => Icon::Dash,
            Self::Starting | Self::Running | Self::Stopping => Icon::Dots,
            Self::Ready => Icon::Check,
            Self::Frozen => Icon::Snowflake,
            Self::Silent => Icon::Question,
            Self::Unplugged => Icon::Plug,
            Self::Stopped => Icon::Stop,
            Self::Killed => Icon::Bolt,
            Self::Crashed => Icon::Warning,
        }
    }

    /// Returns its colour.
    #[must_use]
    pub fn colour(self, theme: &Theme) -> Color32 {
        match self {
            Self::NotStarted | Self::Stopped | Self::Stopping => theme.weak,
            Self::Starting | Self::Running => theme.accent,
            Self::Ready => theme.good,
            Self::Frozen => theme.frost,
            Self::Silent | Self::Unplugged => theme.fault,
            Self::Killed | Self::Crashed => theme.danger,
        }
    }

    /// Returns whether the component may be out of date as shown, since nothing gets out of it or to it.
    #[must_use]
    pub fn is_silent(self) -> bool {
        matches!(self, Self::Frozen | Self::Silent | Self::Unplugged)
    }
}

/// Returns the state in one or two words, the same everywhere on screen and in the accessibility tree.
#[must_use]
pub fn state_word(component: &Component) -> Cow<'static, str> {
    let word = component.process.word();
    match &component.process {
        ProcessState::Ended {
            ending: Ending::NotStarted { .. },
            ..
        } => "cannot start".into(),
        ProcessState::Starting { .. } | ProcessState::Running { .. } if component.silence.is_some() => {
            if component.is_stopped() {
                "not heard, stopped".into()
            } else {
                "not heard".into()
            }
        }
        ProcessState::Running { .. } if component.is_unplugged() => "unplugged".into(),
        ProcessState::Frozen { .. } if component.is_unplugged() => "frozen, unplugged".into(),
        _ => word.into(),
    }
}

/// Returns one line on what a component does, or why it does not.
#[must_use]
pub fn status_line(component: &Component) -> Cow<'_, str> {
    match (&component.process, Standing::of(component)) {
        (
            ProcessState::Ended {
                ending: Ending::Crashed { why } | Ending::NotStarted { why },
                ..
            },
            _,
        ) => why.into(),
        (_, Standing::Frozen) => "frozen, shown as it was".into(),
        (_, Standing::Silent) => match &component.silence {
            Some(silence) => format!(
                "not heard any more, shown as it was; the system says: {}",
                silence.system.words()
            )
            .into(),
            None => "not heard any more, shown as it was".into(),
        },
        (_, Standing::Unplugged) => "unplugged, nothing gets through".into(),
        (_, Standing::Stopped) => match component.farewell {
            Farewell::Heard if let Some(done) = &component.finished => format!("finished: {done}").into(),
            Farewell::Heard => "left in order".into(),
            Farewell::Unheard => "nobody heard it leave".into(),
            Farewell::None => "stopped".into(),
        },
        (_, Standing::Killed) => "SIGKILL, no last words".into(),
        (_, Standing::NotStarted) => "no process".into(),
        _ if component.status.is_empty() => component.process.word().into(),
        _ => component.status.as_str().into(),
    }
}

/// Returns the policy of a pool element with its data, as it is now.
#[must_use]
pub fn policy(component: &Component) -> Option<String> {
    let told = component.policy_data.as_ref().map(ToString::to_string);
    told.or_else(|| component.policy.clone())
}

/// Returns the data of a pool element's policy other than the load, if there are any.
#[must_use]
pub fn policy_data(component: &Component) -> Option<String> {
    let data = words::policy_data(component.policy_data.as_ref()?);
    (!data.is_empty()).then_some(data)
}

/// Returns the plural of a role, capitalised.
#[must_use]
pub fn roles(role: ComponentRole) -> &'static str {
    match role {
        ComponentRole::Registrar => "Registrars",
        ComponentRole::PoolElement => "Pool elements",
        ComponentRole::PoolUser => "Pool users",
    }
}

/// Returns a component's identifier as its protocols write it.
#[must_use]
pub fn identifier(component: &Component) -> Option<String> {
    component.identity.map(|identity| identity.to_string())
}

/// Returns a part of a duration, normally from 0 to 1.
#[must_use]
pub fn share(part: Duration, whole: Duration) -> f32 {
    part.as_secs_f32() / whole.max(Duration::from_micros(1)).as_secs_f32()
}

/// Describes how a picture ended.
#[must_use]
pub fn completed(completed: &Completed) -> String {
    let mut text = match completed.missing {
        0 => "complete; it took this long".to_owned(),
        missing => format!("{} pixels are missing; it took this long", words::count(missing)),
    };
    match completed.wrong {
        None => {}
        Some(0) => text.push_str("\ncompared: no pixel is wrong"),
        Some(wrong) => text.push_str(&format!("\ncompared: {} pixels are wrong", words::count(wrong))),
    }
    if completed.left_out > 0 {
        text.push_str(&format!(
            "\n{} pixels could not be shown in time",
            words::count(completed.left_out)
        ));
    }
    text
}

/// Describes the fault of a pool element that is to break its sessions.
#[must_use]
pub fn fails_after(messages: u32) -> String {
    format!("fails after {}", words::counted(messages.into(), "message"))
}
