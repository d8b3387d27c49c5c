//! The user's actions on a comparison: those of its buttons, of the keys and of the palette.

use egui::{Key, KeyboardShortcut, Modifiers, Ui};

use crate::snapshot::Snapshot;
use crate::state::ViewState;
use chronicle::{Alignment, Anchor, TimeControl};
use command::Command;

/// An action on a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is explained to the user by `label`")]
pub enum CompareAction {
    Swap,
    /// Aligns the recording on the right, or else the one on the left, at its next anchor, or else at its previous one.
    Anchor {
        right: bool,
        next: bool,
    },
    Close,
}

impl CompareAction {
    /// All actions, in the order of the palette. Those with more keys at once come first, where others have the same key.
    pub const ALL: [Self; 6] = [
        Self::Swap,
        Self::Anchor {
            right: true,
            next: false,
        },
        Self::Anchor {
            right: true,
            next: true,
        },
        Self::Anchor {
            right: false,
            next: false,
        },
        Self::Anchor {
            right: false,
            next: true,
        },
        Self::Close,
    ];

    /// Returns the text for the action.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Swap => "Swap the two recordings",
            Self::Anchor {
                right: false,
                next: false,
            } => "Align the left recording at its previous fault",
            Self::Anchor {
                right: false,
                next: true,
            } => "Align the left recording at its next fault",
            Self::Anchor {
                right: true,
                next: false,
            } => "Align the right recording at its previous fault",
            Self::Anchor {
                right: true,
                next: true,
            } => "Align the right recording at its next fault",
            Self::Close => "End the comparison",
        }
    }

    /// Returns the keyboard shortcut.
    #[must_use]
    pub const fn shortcut(self) -> Option<KeyboardShortcut> {
        let (modifiers, key) = match self {
            Self::Swap => (Modifiers::NONE, Key::F4),
            Self::Anchor { right, next } => {
                let modifiers = if right { Modifiers::SHIFT } else { Modifiers::NONE };
                (modifiers, if next { Key::F3 } else { Key::F2 })
            }
            Self::Close => return None,
        };
        Some(KeyboardShortcut::new(modifiers, key))
    }
}

/// Returns the action that a key requests.
pub(crate) fn keys(ui: &Ui, snapshot: &Snapshot<'_>) -> Option<CompareAction> {
    snapshot.compared.as_ref()?;
    CompareAction::ALL.into_iter().find(|action| {
        let shortcut = action.shortcut();
        shortcut.is_some_and(|shortcut| ui.input_mut(|input| input.consume_shortcut(&shortcut)))
    })
}

/// Performs an action.
pub(crate) fn perform(
    action: CompareAction,
    snapshot: &Snapshot<'_>,
    state: &mut ViewState,
    commands: &mut Vec<Command>,
) {
    match action {
        CompareAction::Swap => state.comparison.swapped = !state.comparison.swapped,
        CompareAction::Anchor { right, next } => {
            let is_other = right != state.comparison.swapped;
            if let Some(alignment) = moved(snapshot, is_other, next) {
                commands.push(Command::Time(TimeControl::Align(alignment)));
            }
        }
        CompareAction::Close => commands.push(Command::Time(TimeControl::Close)),
    }
}

/// Returns the alignment with the next anchor of one recording, or the previous one.
fn moved(snapshot: &Snapshot<'_>, is_other: bool, next: bool) -> Option<Alignment> {
    let compared = snapshot.compared.as_ref()?;
    let alignment = compared.alignment;
    let (time, anchor) = if is_other {
        (compared.snapshot.time?, alignment.other)
    } else {
        (snapshot.time?, alignment.own)
    };
    let anchor = anchor.neighbour(&Anchor::all(&time), next)?;
    Some(with(alignment, is_other, anchor))
}

/// Returns an alignment with another anchor of one recording.
pub(super) const fn with(alignment: Alignment, is_other: bool, anchor: Anchor) -> Alignment {
    let Alignment { own, other } = alignment;
    if is_other {
        Alignment { own, other: anchor }
    } else {
        Alignment { own: anchor, other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{ComponentAction, TimeAction, WindowAction};

    #[test]
    fn every_key_has_one_meaning() {
        let window = WindowAction::ALL.into_iter().filter_map(WindowAction::shortcut);
        let component = ComponentAction::ALL.into_iter().filter_map(ComponentAction::key);
        let component = component.map(|key| KeyboardShortcut::new(Modifiers::NONE, key));
        let time = TimeAction::all().filter_map(TimeAction::shortcut);
        let others: Vec<KeyboardShortcut> = window.chain(component).chain(time).collect();
        for action in CompareAction::ALL {
            if let Some(shortcut) = action.shortcut() {
                assert!(!others.contains(&shortcut), "{action:?}");
            }
        }
    }
}
