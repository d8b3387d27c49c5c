//! The user's actions on time: those of the buttons, the keys and the palette.

use std::borrow::Cow;

use chronicle::{HighlightKind, Source, Stop};
use egui::{Key, KeyboardShortcut, Modifiers};

use crate::snapshot::Snapshot;

/// An action on time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is explained to the user by `explanation`")]
pub enum TimeAction {
    Live,
    Beginning,
    PlayOrPause,
    PlayBack,
    StoryBack,
    StoryOn,
    /// To the next stop of a kind, or to the previous one.
    Step(Stop, bool),
    /// To the next stop of the chosen kind, or to the previous one.
    StepChosen(bool),
    Slower,
    Faster,
    Mark,
    Loop,
    WatchAgain,
    Lanes,
    Save,
    Open,
    Compare,
    Close,
}

/// The kinds of stops, in the order of menus.
pub(super) const STOPS: [Stop; 8] = [
    Stop::Event,
    Stop::Message,
    Stop::Fault,
    Stop::Failover,
    Stop::Takeover,
    Stop::Step,
    Stop::Expectation,
    Stop::Mark,
];

/// Returns the word for a kind of stop.
pub(super) fn stop_word(stop: Stop) -> &'static str {
    match stop {
        Stop::Event => "event",
        Stop::Message => "message",
        Stop::Failover => "failover",
        Stop::Takeover => "takeover",
        Stop::Fault => "fault",
        Stop::Step => "step of the story",
        Stop::Expectation => "expectation",
        Stop::Mark => "mark",
    }
}

impl TimeAction {
    /// Returns all actions, in the order of the palette and the help. Those with more keys at once are first where others
    /// have the same key with fewer.
    pub fn all() -> impl Iterator<Item = Self> {
        let steps = STOPS
            .into_iter()
            .flat_map(|stop| [Self::Step(stop, false), Self::Step(stop, true)]);
        [
            Self::Live,
            Self::Beginning,
            Self::PlayOrPause,
            Self::PlayBack,
            Self::WatchAgain,
            Self::StoryBack,
            Self::StoryOn,
        ]
        .into_iter()
        .chain(steps)
        .chain([
            Self::StepChosen(false),
            Self::StepChosen(true),
            Self::Slower,
            Self::Faster,
            Self::Mark,
            Self::Loop,
            Self::Lanes,
            Self::Save,
            Self::Open,
            Self::Compare,
            Self::Close,
        ])
    }

    /// Returns the text for the action.
    #[must_use]
    pub fn label(self) -> Cow<'static, str> {
        match self {
            Self::Live => "Back to the present".into(),
            Self::Beginning => "To the beginning of what is recorded".into(),
            Self::PlayOrPause => "Play or pause time".into(),
            Self::PlayBack => "Play time backwards".into(),
            Self::StoryBack => "Back to the story's previous step".into(),
            Self::StoryOn => "On from there, and to the story's next step".into(),
            Self::Step(stop, forward) => {
                let which = if forward { "Next" } else { "Previous" };
                format!("{which} {}", stop_word(stop)).into()
            }
            Self::StepChosen(true) => "Next stop of the chosen kind".into(),
            Self::StepChosen(false) => "Previous stop of the chosen kind".into(),
            Self::Slower => "Slower time".into(),
            Self::Faster => "Faster time".into(),
            Self::Mark => "Set a mark in time".into(),
            Self::Loop => "Loop: from here, until here, no longer".into(),
            Self::WatchAgain => "Watch the latest failover or takeover again".into(),
            Self::Lanes => "Time line of each component".into(),
            Self::Save => "Save the recording".into(),
            Self::Open => "Open a recording".into(),
            Self::Compare => "Compare with another recording".into(),
            Self::Close => "Close the recording".into(),
        }
    }

    /// Returns the keyboard shortcut. Arrows and named keys are where they are on every keyboard.
    #[must_use]
    pub fn shortcut(self) -> Option<KeyboardShortcut> {
        let both = Modifiers::COMMAND.plus(Modifiers::SHIFT);
        let (modifiers, key) = match self {
            Self::Live => (Modifiers::NONE, Key::End),
            Self::Beginning => (Modifiers::NONE, Key::Home),
            Self::PlayOrPause => (Modifiers::SHIFT, Key::Space),
            Self::PlayBack => (Modifiers::SHIFT, Key::Backspace),
            // The keys that presentation remotes send.
            Self::StoryBack => (Modifiers::NONE, Key::PageUp),
            Self::StoryOn => (Modifiers::NONE, Key::PageDown),
            Self::Step(Stop::Failover, false) => (both, Key::ArrowLeft),
            Self::Step(Stop::Failover, true) => (both, Key::ArrowRight),
            Self::Step(Stop::Message, false) => (Modifiers::ALT, Key::ArrowLeft),
            Self::Step(Stop::Message, true) => (Modifiers::ALT, Key::ArrowRight),
            Self::StepChosen(false) => (Modifiers::COMMAND, Key::ArrowLeft),
            Self::StepChosen(true) => (Modifiers::COMMAND, Key::ArrowRight),
            Self::Slower => (Modifiers::COMMAND, Key::ArrowDown),
            Self::Faster => (Modifiers::COMMAND, Key::ArrowUp),
            Self::Mark => (Modifiers::NONE, Key::M),
            Self::Loop => (Modifiers::NONE, Key::O),
            Self::WatchAgain => (Modifiers::NONE, Key::W),
            Self::Lanes => (Modifiers::NONE, Key::H),
            Self::Save => (both, Key::S),
            Self::Open => (both, Key::O),
            Self::Compare => (Modifiers::COMMAND, Key::D),
            Self::Step(..) | Self::Close => return None,
        };
        Some(KeyboardShortcut::new(modifiers, key))
    }

    /// Returns whether the action is applicable now.
    #[must_use]
    pub fn applies_to(self, snapshot: &Snapshot<'_>) -> bool {
        let Some(time) = snapshot.time else {
            return false;
        };
        let is_file = time.source != Source::Live;
        match self {
            Self::StoryBack => snapshot.scenario_status.play.is_some(),
            Self::StoryOn => snapshot.scenario_status.play.is_some() && !snapshot.is_present(),
            // In a comparison, ending it comes first, and there is one line of time.
            Self::Close => is_file && snapshot.compared.is_none(),
            Self::Lanes => snapshot.compared.is_none(),
            Self::Mark => !is_file,
            Self::WatchAgain => time
                .lanes
                .points
                .iter()
                .any(|point| matches!(point.kind, HighlightKind::Recovery { succeeded: true, .. })),
            _ => true,
        }
    }
}

/// Returns the actions with keys, those with the most modifiers first: the others would take these keys as well.
pub(crate) fn keys() -> Vec<(TimeAction, KeyboardShortcut)> {
    let mut keys: Vec<_> = TimeAction::all()
        .filter_map(|action| Some((action, action.shortcut()?)))
        .collect();
    keys.sort_by_key(|(_, shortcut)| !(shortcut.modifiers.shift || shortcut.modifiers.alt));
    keys
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::action::{ComponentAction, WindowAction};

    #[test]
    fn every_key_has_one_meaning() {
        let named = |shortcut: KeyboardShortcut| (format!("{:?}", shortcut.modifiers), shortcut.logical_key);
        let plain = |key| KeyboardShortcut::new(Modifiers::NONE, key);
        let of_window = WindowAction::ALL.into_iter().filter_map(WindowAction::shortcut);
        let of_components: BTreeSet<_> = ComponentAction::ALL
            .into_iter()
            .filter_map(ComponentAction::key)
            .map(|key| named(plain(key)))
            .collect();
        let others: BTreeSet<_> = of_window.map(named).chain(of_components).collect();
        let mut seen = BTreeSet::new();
        for (action, shortcut) in keys() {
            let key = named(shortcut);
            // In the present and in the past, these keys mean the story.
            let of_story = matches!(action, TimeAction::StoryBack | TimeAction::StoryOn);
            assert!(of_story || !others.contains(&key), "{action:?}: {key:?}");
            assert!(seen.insert(key.clone()), "{action:?}: {key:?}");
        }
    }
}
