//! What is wrong with links on purpose, whether or not an association is left.

use egui::Color32;
use feed::{Impairment, Protocol};

use crate::graph::curve::way_between;
use crate::icon::Icon;
use crate::theme::Theme;
use command::links::{self, Link};
use model::{ComponentId, Model};

/// What is wrong with a link above all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing gets through.
    Cut,
    /// Packets get lost.
    Lossy,
    /// Packets take their time.
    Slow,
}

/// A link with something wrong.
#[derive(Debug, Clone)]
pub(super) struct LinkFault {
    /// The link.
    pub(super) link: Link,
    /// What is wrong above all.
    pub(super) kind: Kind,
    /// All that is wrong.
    pub(super) impairment: Impairment,
    /// Which way its line takes.
    pub(super) way: Protocol,
    /// Whether it is the link's alone; otherwise one end has it on all its links.
    pub(super) own: bool,
}

impl Kind {
    /// What is wrong above all.
    pub(super) fn of(impairment: &Impairment) -> Self {
        if impairment.cut {
            Self::Cut
        } else if impairment.loss > 0.0 {
            Self::Lossy
        } else {
            Self::Slow
        }
    }

    /// Its icon.
    pub(super) fn icon(self) -> Icon {
        match self {
            Self::Cut => Icon::Cross,
            Self::Lossy => Icon::Percent,
            Self::Slow => Icon::Clock,
        }
    }

    /// Its colour.
    pub(super) fn colour(self, theme: &Theme) -> Color32 {
        match self {
            Self::Cut => theme.danger,
            Self::Lossy | Self::Slow => theme.fault,
        }
    }
}

/// All links with something wrong: those with faults of their own, and the associations of components with bad links.
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
