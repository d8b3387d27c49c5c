//! Injected faults of links, with or without an association.

use egui::Color32;
use feed::{Impairment, Protocol};

use crate::graph::curve::way_between;
use crate::icon::Icon;
use crate::theme::Theme;
use command::links::{self, Link};
use model::{ComponentId, Model};

/// The most severe fault of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing gets through.
    Cut,
    /// Packets get lost.
    Lossy,
    /// Packets are delayed.
    Slow,
}

/// A link with a fault.
#[derive(Debug, Clone)]
pub(super) struct LinkFault {
    /// The link.
    pub(super) link: Link,
    /// The most severe fault.
    pub(super) kind: Kind,
    /// All faults.
    pub(super) impairment: Impairment,
    /// The kind of curve.
    pub(super) way: Protocol,
    /// Whether the fault is the link's own; otherwise one end has it on all its links.
    pub(super) own: bool,
}

impl Kind {
    /// Returns the most severe fault.
    pub(super) fn of(impairment: &Impairment) -> Self {
        if impairment.cut {
            Self::Cut
        } else if impairment.loss > 0.0 {
            Self::Lossy
        } else {
            Self::Slow
        }
    }

    /// Returns its icon.
    pub(super) fn icon(self) -> Icon {
        match self {
            Self::Cut => Icon::Cross,
            Self::Lossy => Icon::Percent,
            Self::Slow => Icon::Clock,
        }
    }

    /// Returns its colour.
    pub(super) fn colour(self, theme: &Theme) -> Color32 {
        match self {
            Self::Cut => theme.danger,
            Self::Lossy | Self::Slow => theme.fault,
        }
    }
}

/// Returns all links with faults: those with faults of their own, and the associations of components with faults on
/// all links.
#[must_use]
pub(super) fn faults(model: &Model) -> Vec<LinkFault> {
    let component = |id| model.components.get(&id);
    let role = |id| component(id).map(|component| component.role());
    let mut faults: Vec<LinkFault> = links::impaired(model)
        .into_iter()
        .filter_map(|(link, impairment)| {
            Some(LinkFault {
                link,
                kind: Kind::of(&impairment),
                impairment,
                way: way_between([Some(role(link.0)?), Some(role(link.1)?)]),
                own: true,
            })
        })
        .collect();
    let bad = |id: ComponentId| {
        let all = links::impairment_of_all(component(id)?);
        (!all.is_none() && !all.cut).then_some(all)
    };
    for association in model.associations.values() {
        let [Some(one), Some(other)] = association.ends else {
            continue;
        };
        let link = links::between(one, other);
        if let Some(impairment) = bad(one).or_else(|| bad(other))
            && !faults.iter().any(|fault| fault.link == link)
        {
            faults.push(LinkFault {
                link,
                kind: Kind::of(&impairment),
                impairment,
                way: association.protocol,
                own: false,
            });
        }
    }
    faults
}
