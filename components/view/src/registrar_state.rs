//! The relation of a registrar to its peers, in words: the same in graph, cards and inspector.

use feed::{ComponentRole, PeerState, StartUpPhase, SynchronizationProgress};

use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::theme::Theme;
use crate::wording::Standing;
use model::{Agreement, Component, ComponentId, Outcome, Takeover, words};
use wire::RegistrarIdentifier;

/// How good or bad a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// In good order.
    Good,
    /// In progress.
    Busy,
    /// Something is wrong.
    Wrong,
    /// Over.
    Past,
}

/// The relation of a registrar to its peers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Relation {
    /// How good or bad it is.
    pub(crate) mood: Mood,
    /// A few words.
    pub(crate) text: String,
    /// One or two words, for limited room.
    pub(crate) short: String,
    /// The progress of a takeover by this registrar, from 0 to 1.
    pub(crate) share: Option<f32>,
}

impl Relation {
    fn new(mood: Mood, short: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            mood,
            text: text.into(),
            short: short.into(),
            share: None,
        }
    }

    /// Returns its icon.
    pub(crate) fn icon(&self) -> Icon {
        match self.mood {
            Mood::Good => Icon::Check,
            Mood::Busy => Icon::Dots,
            Mood::Wrong => Icon::Warning,
            Mood::Past => Icon::Swap,
        }
    }

    /// Returns its colour.
    pub(crate) fn colour(&self, theme: &Theme) -> egui::Color32 {
        match self.mood {
            Mood::Good => theme.good,
            Mood::Busy => theme.accent,
            Mood::Wrong => theme.fault,
            Mood::Past => theme.weak,
        }
    }
}

/// Returns the relation of a registrar to its peers; `None` where there is nothing to say, as for the only registrar.
#[must_use]
pub(crate) fn relation(snapshot: &Snapshot<'_>, registrar: &Component) -> Option<Relation> {
    if registrar.role() != ComponentRole::Registrar {
        return None;
    }
    let alive = registrar.process.is_alive();
    if alive && let Some(relation) = taking_over(snapshot, registrar) {
        return Some(relation);
    }
    if let Some(relation) = missed(snapshot, registrar) {
        return Some(relation);
    }
    // What a silent one knew of the others is not what is.
    if !alive || Standing::of(registrar).is_silent() {
        return None;
    }
    let short = match registrar.registrar.start_up {
        Some((StartUpPhase::LookingForMentor, _)) => "starts",
        Some((StartUpPhase::Downloading { .. }, _)) => "learns",
        Some((StartUpPhase::InService { .. }, _)) | None => return agreement(snapshot, registrar),
    };
    start_up(snapshot, registrar).map(|text| Relation::new(Mood::Busy, short, text))
}

/// Describes the progress of a registrar's start-up.
pub(crate) fn start_up(snapshot: &Snapshot<'_>, registrar: &Component) -> Option<String> {
    let name = |mentor: RegistrarIdentifier| snapshot.model.registrar_name(mentor);
    let (phase, _) = registrar.registrar.start_up?;
    Some(match phase {
        StartUpPhase::LookingForMentor => "looks for a mentor".to_owned(),
        StartUpPhase::Downloading { mentor } => format!("learns from {}", name(mentor)),
        StartUpPhase::InService { mentor, took, .. } => {
            let from = mentor.map_or_else(|| "as the first".to_owned(), |it| format!("from {}", name(it)));
            format!("in service after {}, {from}", words::duration(took))
        }
    })
}

/// Describes its own takeover of another registrar, while in progress.
fn taking_over(snapshot: &Snapshot<'_>, registrar: &Component) -> Option<Relation> {
    let mut takeovers = snapshot.model.takeovers.iter().rev();
    let takeover = takeovers.find(|takeover| takeover.is_under_way())?;
    let (id, view) = takeover.initiator()?;
    if id != registrar.id {
        return None;
    }
    let target = snapshot.model.registrar_name(takeover.target);
    let (adopted, all) = (view.adopted(), view.pool_elements());
    let (short, text) = if view.won.is_some() {
        let text = format!("takes over {target}: {adopted} of {all}");
        (format!("{adopted} of {all} moved"), text)
    } else {
        (
            "wants to take over".to_owned(),
            format!("wants to take over {target}"),
        )
    };
    Some(Relation {
        share: Some(adopted as f32 / all.max(1) as f32),
        ..Relation::new(Mood::Busy, short, text)
    })
}

/// Describes a registrar that its peers do not hear, or take over.
fn missed(snapshot: &Snapshot<'_>, registrar: &Component) -> Option<Relation> {
    let identifier = registrar.registrar_identifier()?;
    let name = |id: ComponentId| {
        snapshot
            .component(id)
            .map_or("?", |component| component.name.as_str())
    };
    if let Some(takeover) = snapshot.model.takeover_of(identifier) {
        let by = takeover.initiator().map(|(id, _)| name(id));
        if takeover.is_under_way() {
            let by = by.unwrap_or("another");
            return Some(Relation::new(
                Mood::Wrong,
                "being taken over",
                format!("being taken over by {by}"),
            ));
        }
        if !registrar.process.is_alive()
            && let Some(by) = taken_over_by(snapshot, takeover)
        {
            return Some(Relation::new(
                Mood::Past,
                "taken over",
                format!("taken over by {by}"),
            ));
        }
    }
    let missing: Vec<(ComponentId, PeerState)> = snapshot
        .model
        .missed_by(identifier)
        .filter(|(id, _)| *id != registrar.id)
        .collect();
    match missing.as_slice() {
        [] => None,
        [(only, _)] => Some(Relation::new(
            Mood::Wrong,
            "not heard",
            format!("not heard by {}", name(*only)),
        )),
        several => Some(Relation::new(
            Mood::Wrong,
            "not heard",
            format!("not heard by {} PRs", several.len()),
        )),
    }
}

/// Returns the registrar that has taken over, unless it has ended as well: when all are stopped, each of them may have
/// taken over one that stopped before it, but nobody has anything any more.
fn taken_over_by(snapshot: &Snapshot<'_>, takeover: &Takeover) -> Option<String> {
    let alive = |id: ComponentId| {
        snapshot
            .component(id)
            .filter(|registrar| registrar.process.is_alive())
    };
    takeover
        .views
        .iter()
        .find_map(|(id, view)| match view.end?.outcome {
            Outcome::Complete { .. } => alive(*id).map(|registrar| registrar.name.clone()),
            Outcome::TakenOver { by } => match snapshot.model.registrar(by) {
                Some(id) => alive(id).map(|registrar| registrar.name.clone()),
                None => Some(snapshot.model.registrar_name(by)),
            },
            _ => None,
        })
}

/// Describes whether its copies of the peers' pool elements agree with the peers.
fn agreement(snapshot: &Snapshot<'_>, registrar: &Component) -> Option<Relation> {
    let (mut agree, mut differ) = (Vec::new(), Vec::new());
    for peer in &registrar.registrar.peers {
        let identifier = peer.entry.identifier;
        match snapshot.model.agreement(registrar, peer, snapshot.now) {
            Agreement::Unknown => {}
            Agreement::Agree | Agreement::Settling => agree.push(identifier),
            Agreement::Differ => differ.push(identifier),
        }
    }
    let asked = differ.iter().find(|owner| {
        let progress = registrar.registrar.synchronizations.get(owner);
        progress.is_some_and(|(progress, _)| *progress == SynchronizationProgress::Started)
    });
    let name = |identifier: RegistrarIdentifier| snapshot.model.registrar_name(identifier);
    Some(match (asked, differ.as_slice(), agree.as_slice()) {
        (Some(owner), ..) => Relation::new(Mood::Wrong, "differs", format!("differs, asks {}", name(*owner))),
        (None, [only], _) => Relation::new(Mood::Wrong, "differs", format!("differs from {}", name(*only))),
        (None, [_, _, ..], _) => Relation::new(
            Mood::Wrong,
            "differs",
            format!("differs from {} PRs", differ.len()),
        ),
        (None, [], []) => return None,
        (None, [], [only]) => Relation::new(Mood::Good, "agrees", format!("agrees with {}", name(*only))),
        (None, [], several) => {
            Relation::new(Mood::Good, "agrees", format!("agrees with {} PRs", several.len()))
        }
    })
}

/// Returns whether any checksum is still settling, after which things may look different.
#[must_use]
pub(crate) fn settles_soon(snapshot: &Snapshot<'_>) -> bool {
    snapshot.role(ComponentRole::Registrar).any(|registrar| {
        registrar
            .registrar
            .peers
            .iter()
            .any(|peer| snapshot.model.agreement(registrar, peer, snapshot.now) == Agreement::Settling)
    })
}

/// Returns a registrar's mark where there is no room for its name: the last word of the name, "1" for "PR 1".
#[must_use]
pub(crate) fn mark(registrar: &Component) -> String {
    let word = registrar.name.split_whitespace().last().unwrap_or("?");
    word.chars().take(2).collect()
}

/// Returns the home registrar of a pool element, if there are several registrars to be told apart.
#[must_use]
pub(crate) fn home<'a>(snapshot: &Snapshot<'a>, element: &Component) -> Option<&'a Component> {
    if element.role() != ComponentRole::PoolElement || !snapshot.has_several_registrars() {
        return None;
    }
    snapshot.component(element.home_registrar?)
}
