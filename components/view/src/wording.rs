//! Figures and states in words, the same everywhere.

use std::borrow::Cow;

use egui::Color32;
use feed::{ComponentRole, Timestamp, WallClock};

use crate::icon::Icon;
use crate::theme::Theme;
use model::{Completed, Component, Ending, ProcessState};

/// The state of a component as it is shown: process and links together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No process yet, or it could not be started.
    NotStarted,
    /// Started, has not said hello.
    Starting,
    /// Runs, but does not yet do what it is there for.
    Running,
    /// Does what it is there for.
    Ready,
    /// Leaving in order.
    Stopping,
    /// SIGSTOP.
    Frozen,
    /// All its links are cut.
    Unplugged,
    /// Left in order.
    Stopped,
    /// SIGKILL from here.
    Killed,
    /// Ended by itself.
    Crashed,
}

impl Standing {
    /// The standing of a component.
    #[must_use]
    pub fn of(component: &Component) -> Self {
        match &component.process {
            ProcessState::Pending => Self::NotStarted,
            ProcessState::Starting { .. } => Self::Starting,
            ProcessState::Frozen { .. } => Self::Frozen,
            ProcessState::Stopping { .. } => Self::Stopping,
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

    /// Its icon: that of the action that leads to it.
    #[must_use]
    pub fn icon(self) -> Icon {
        match self {
            Self::NotStarted => Icon::Dash,
            Self::Starting | Self::Running | Self::Stopping => Icon::Dots,
            Self::Ready => Icon::Check,
            Self::Frozen => Icon::Snowflake,
            Self::Unplugged => Icon::Plug,
            Self::Stopped => Icon::Stop,
            Self::Killed => Icon::Bolt,
            Self::Crashed => Icon::Warning,
        }
    }

    /// Its colour.
    #[must_use]
    pub fn colour(self, theme: &Theme) -> Color32 {
        match self {
            Self::NotStarted | Self::Stopped | Self::Stopping => theme.weak,
            Self::Starting | Self::Running => theme.accent,
            Self::Ready => theme.good,
            Self::Frozen => theme.frost,
            Self::Unplugged => theme.fault,
            Self::Killed | Self::Crashed => theme.danger,
        }
    }

    /// Whether what is shown of the component may be out of date, since nothing gets out of it or to it.
    #[must_use]
    pub fn is_silent(self) -> bool {
        matches!(self, Self::Frozen | Self::Unplugged)
    }
}

/// The state in one word or two, the same everywhere on screen and in the accessibility tree.
#[must_use]
pub fn state_word(component: &Component) -> Cow<'static, str> {
    let word = component.process.word();
    match &component.process {
        ProcessState::Ended {
            ending: Ending::NotStarted { .. },
            ..
        } => "cannot start".into(),
        ProcessState::Running { .. } if component.is_unplugged() => "unplugged".into(),
        ProcessState::Frozen { .. } if component.is_unplugged() => "frozen, unplugged".into(),
        _ => word.into(),
    }
}

/// One line on what a component does, or why it does not.
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
        (_, Standing::Unplugged) => "unplugged, nothing gets through".into(),
        (_, Standing::Stopped) => "left in order".into(),
        (_, Standing::Killed) => "SIGKILL, no last words".into(),
        (_, Standing::NotStarted) => "no process".into(),
        _ if component.status.is_empty() => component.process.word().into(),
        _ => component.status.as_str().into(),
    }
}

/// A role in words.
#[must_use]
pub fn role(role: ComponentRole) -> &'static str {
    match role {
        ComponentRole::Registrar => "registrar",
        ComponentRole::PoolElement => "pool element",
        ComponentRole::PoolUser => "pool user",
    }
}

/// A role's plural with a capital.
#[must_use]
pub fn roles(role: ComponentRole) -> &'static str {
    match role {
        ComponentRole::Registrar => "Registrars",
        ComponentRole::PoolElement => "Pool elements",
        ComponentRole::PoolUser => "Pool users",
    }
}

/// A component's identifier as its protocols write it.
#[must_use]
pub fn identifier(component: &Component) -> Option<String> {
    let identifier = component.identifier?;
    Some(match component.role() {
        ComponentRole::PoolUser => format!("0x{identifier:014x}"),
        ComponentRole::Registrar | ComponentRole::PoolElement => format!("0x{identifier:08x}"),
    })
}

/// A duration with three figures and its unit.
#[must_use]
pub fn duration(us: u64) -> String {
    let ms = us as f64 / 1000.0;
    match us {
        0..1_000 => format!("{us} \u{b5}s"),
        1_000..10_000 => format!("{ms:.1} ms"),
        10_000..1_000_000 => format!("{} ms", us / 1000),
        1_000_000..10_000_000 => format!("{:.2} s", ms / 1e3),
        10_000_000..120_000_000 => format!("{:.1} s", ms / 1e3),
        _ => format!("{:.0} min", ms / 6e4),
    }
}

/// How long something has been so, to the minute: nothing has to be drawn anew every second for its sake.
#[must_use]
pub fn age(us: u64) -> String {
    match us / 60_000_000 {
        0 => "< 1 min".to_owned(),
        minutes @ 1..120 => format!("{minutes} min"),
        minutes => format!("{} h {:02} min", minutes / 60, minutes % 60),
    }
}

/// How long something has been so, to the second.
#[must_use]
pub fn seconds(us: u64) -> String {
    format!("{} s", us / 1_000_000)
}

/// The time of day (UTC) of a timestamp, to the second.
#[must_use]
pub fn clock(wall_clock: WallClock, at: Timestamp) -> String {
    let seconds = wall_clock.unix_us(at) / 1_000_000 % 86_400;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// The time of day (UTC) to the millisecond.
#[must_use]
pub fn clock_ms(wall_clock: WallClock, at: Timestamp) -> String {
    format!(
        "{}.{:03}",
        clock(wall_clock, at),
        wall_clock.unix_us(at) / 1000 % 1000
    )
}

/// How a picture ended.
#[must_use]
pub fn completed(completed: &Completed) -> String {
    let mut text = match completed.missing {
        0 => "complete; it took this long".to_owned(),
        missing => format!("{} pixels are missing; it took this long", count(missing)),
    };
    match completed.wrong {
        None => {}
        Some(0) => text.push_str("\ncompared: no pixel is wrong"),
        Some(wrong) => text.push_str(&format!("\ncompared: {} pixels are wrong", count(wrong))),
    }
    if completed.left_out > 0 {
        text.push_str(&format!(
            "\n{} pixels could not be shown in time",
            count(completed.left_out)
        ));
    }
    text
}

/// A number of bytes with its unit.
#[must_use]
pub fn bytes(count: u64) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..10_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// A count with thin spaces between thousands.
#[must_use]
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn durations_have_a_unit_and_three_figures_at_most() {
        for (us, text) in [
            (12, "12 \u{b5}s"),
            (1_240, "1.2 ms"),
            (38_400, "38 ms"),
            (999_400, "999 ms"),
            (1_234_000, "1.23 s"),
            (61_000_000, "61.0 s"),
            (180_000_000, "3 min"),
        ] {
            assert_eq!(duration(us), text);
        }
    }

    #[test]
    fn a_time_of_day_is_that_of_the_wall_clock() {
        let at = Timestamp::from_micros(77);
        let wall_clock = WallClock::showing(Duration::from_micros(1_795_428_061_002_345), at);
        assert_eq!(clock(wall_clock, at), "10:01:01");
        assert_eq!(clock_ms(wall_clock, at), "10:01:01.002");
    }

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!(count(7), "7");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
