//! Links between two components: their impairments, and how to change them.
//!
//! A component impairs what it sends to an address and what it receives from there. For loss and delay, one end is
//! therefore enough, and both ends would count twice. A cut needs both: what one end sends to a multicast group is
//! not addressed to the other end, so only the other end can drop it.

use feed::{Impairment, LinkTarget};

use crate::Command;
use model::{Component, ComponentId, Model, words};

/// Two components, the smaller identifier first.
pub type Link = (ComponentId, ComponentId);

/// Returns the link between two components, in either order.
#[must_use]
pub fn between(one: ComponentId, other: ComponentId) -> Link {
    (one.min(other), one.max(other))
}

/// Returns the commands that give the link between two components this impairment, and no other.
#[must_use]
pub fn impair(one: &Component, other: &Component, impairment: Impairment) -> Vec<Command> {
    let mut commands = Vec::new();
    // A frozen process does not process commands.
    let first_acts = takes_orders(one) || !takes_orders(other);
    for (here, there, acts) in [(one, other, first_acts), (other, one, !first_acts)] {
        let wanted = if impairment.cut || acts {
            impairment
        } else {
            Impairment::default()
        };
        for address in &there.addresses {
            let target = LinkTarget::Peer(*address);
            let now = here.impairments.iter().find(|(link, _)| *link == target);
            if now.map(|(_, now)| *now).unwrap_or_default() != wanted {
                commands.push(Command::Impair(here.id, target, wanted));
            }
        }
    }
    commands
}

/// Returns the command that cuts all links of a component.
#[must_use]
pub fn unplug(id: ComponentId) -> Command {
    Command::Impair(id, LinkTarget::All, Impairment::UNPLUGGED)
}

/// Returns the command that undoes this. Other impairments of its links stay.
#[must_use]
pub fn plug(component: &Component) -> Command {
    let rest = Impairment {
        cut: false,
        ..impairment_of_all(component)
    };
    Command::Impair(component.id, LinkTarget::All, rest)
}

/// Returns the impairment of the link between two components alone, without those of all links of either one.
#[must_use]
pub fn impairment(one: &Component, other: &Component) -> Impairment {
    let parts = [(one, other), (other, one)]
        .into_iter()
        .flat_map(|(here, there)| {
            here.impairments.iter().filter_map(move |(target, impairment)| {
                let LinkTarget::Peer(address) = target else {
                    return None;
                };
                there.addresses.contains(address).then_some(*impairment)
            })
        });
    parts.fold(Impairment::default(), both)
}

/// Returns the impairment of all links of a component.
#[must_use]
pub fn impairment_of_all(component: &Component) -> Impairment {
    let mut impairments = component.impairments.iter();
    let all = impairments.find(|(target, _)| *target == LinkTarget::All);
    all.map(|(_, impairment)| *impairment).unwrap_or_default()
}

/// Returns the links with an impairment of their own, each once, in the order of their ends.
#[must_use]
pub fn impaired(model: &Model) -> Vec<(Link, Impairment)> {
    let mut links: Vec<(Link, Impairment)> = Vec::new();
    for (here, there) in peers(model) {
        let link = between(here.id, there.id);
        if !links.iter().any(|(other, _)| *other == link) {
            links.push((link, impairment(here, there)));
        }
    }
    links.sort_by_key(|(link, _)| *link);
    links
}

/// Returns, for impairments of links to addresses that no component has (any more), the component with the
/// impairment.
pub fn orphans(model: &Model) -> impl Iterator<Item = ComponentId> + '_ {
    model.components.values().flat_map(|here| {
        let targets = here.impairments.iter().filter(|(target, _)| match target {
            LinkTarget::All => false,
            LinkTarget::Peer(address) => {
                let mut others = model.components.values();
                !others.any(|other| other.id != here.id && other.addresses.contains(address))
            }
        });
        targets.map(|_| here.id)
    })
}

/// Describes an impairment: "cut", "20 % loss, 50 ± 10 ms".
#[must_use]
pub fn words(impairment: &Impairment) -> String {
    if impairment.cut {
        return "cut".to_owned();
    }
    let mut words = Vec::new();
    if impairment.loss > 0.0 {
        words.push(format!("{} loss", words::percent(impairment.loss)));
    }
    if impairment.jitter_ms > 0.0 {
        words.push(format!(
            "{:.0} \u{b1} {:.0} ms",
            impairment.delay_ms, impairment.jitter_ms
        ));
    } else if impairment.delay_ms > 0.0 {
        words.push(format!("{:.0} ms delay", impairment.delay_ms));
    }
    if words.is_empty() {
        "good".to_owned()
    } else {
        words.join(", ")
    }
}

fn peers(model: &Model) -> impl Iterator<Item = (&Component, &Component)> {
    model.components.values().flat_map(move |here| {
        here.impairments.iter().filter_map(move |(target, _)| {
            let LinkTarget::Peer(address) = target else {
                return None;
            };
            let mut others = model.components.values();
            let there = others.find(|other| other.id != here.id && other.addresses.contains(address))?;
            Some((here, there))
        })
    })
}

fn takes_orders(component: &Component) -> bool {
    component.process.is_alive() && !component.is_stopped()
}

/// Combines two impairments on the same path.
fn both(one: Impairment, other: Impairment) -> Impairment {
    if one.cut || other.cut {
        return Impairment::UNPLUGGED;
    }
    Impairment {
        cut: false,
        loss: 1.0 - (1.0 - one.loss) * (1.0 - other.loss),
        delay_ms: one.delay_ms + other.delay_ms,
        jitter_ms: one.jitter_ms + other.jitter_ms,
    }
}
