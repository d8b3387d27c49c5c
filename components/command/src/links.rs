//! Links between two components: their impairments, and how to change them.
//!
//! A component impairs what it sends to an address and what it receives from there. For loss and delay, one end is
//! therefore enough, and both ends would count twice. A cut needs both: what one end sends to a multicast group is
//! not addressed to the other end, so only the other end can drop it.

use feed::{Affected, Impairment, LinkTarget};

use crate::Command;
use model::{Component, ComponentId, Model, words};

/// Two components, the smaller identifier first.
pub type Link = (ComponentId, ComponentId);

/// Returns the link between two components, in either order.
#[must_use]
pub fn between(one: ComponentId, other: ComponentId) -> Link {
    (one.min(other), one.max(other))
}

/// Returns the commands that give the link between two components this impairment, seen from the first one, and no
/// other.
#[must_use]
pub fn impair(one: &Component, other: &Component, impairment: Impairment) -> Vec<Command> {
    let mut commands = Vec::new();
    // A frozen process does not process commands.
    let first_acts = takes_orders(one) || !takes_orders(other);
    let from_other = impairment.from_other_end();
    for (here, there, seen, acts) in [
        (one, other, impairment, first_acts),
        (other, one, from_other, !first_acts),
    ] {
        let wanted = if impairment.cut || acts {
            seen
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

/// Returns the impairment of the link between two components alone, seen from the first one, without those of all
/// links of either one.
#[must_use]
pub fn impairment(one: &Component, other: &Component) -> Impairment {
    let parts =
        [(one, other, false), (other, one, true)]
            .into_iter()
            .flat_map(|(here, there, from_other)| {
                here.impairments.iter().filter_map(move |(target, impairment)| {
                    let LinkTarget::Peer(address) = target else {
                        return None;
                    };
                    let seen = if from_other {
                        impairment.from_other_end()
                    } else {
                        *impairment
                    };
                    there.addresses.contains(address).then_some(seen)
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

/// Returns the links with an impairment of their own, each once, in the order of their ends; the impairment is seen
/// from the first end.
#[must_use]
pub fn impaired(model: &Model) -> Vec<(Link, Impairment)> {
    let mut links: Vec<(Link, Impairment)> = Vec::new();
    for (here, there) in peers(model) {
        let link = between(here.id, there.id);
        if !links.iter().any(|(other, _)| *other == link) {
            let seen = impairment(here, there);
            let seen = if link.0 == here.id {
                seen
            } else {
                seen.from_other_end()
            };
            links.push((link, seen));
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

/// Describes an impairment: "cut", "20 % loss in bursts of 5, 50 ± 10 ms, only what it sends".
#[must_use]
pub fn words(impairment: &Impairment) -> String {
    words::impairment(impairment, "it")
}

/// Describes an impairment, seen from a component with this name.
#[must_use]
pub fn words_of(impairment: &Impairment, name: &str) -> String {
    words::impairment(impairment, name)
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
    if one.is_none() {
        return other;
    }
    if other.is_none() {
        return one;
    }
    let direction = if one.direction == other.direction {
        one.direction
    } else {
        Affected::Both
    };
    if one.cut || other.cut {
        return Impairment {
            direction,
            ..Impairment::UNPLUGGED
        };
    }
    let share = |one: f64, other: f64| 1.0 - (1.0 - one) * (1.0 - other);
    let rates = [one.rate_kbit_s, other.rate_kbit_s];
    let slowest = rates.into_iter().filter(|rate| *rate > 0.0).reduce(f64::min);
    Impairment {
        direction,
        cut: false,
        loss: share(one.loss, other.loss),
        burst: one.burst.max(other.burst),
        delay_ms: one.delay_ms + other.delay_ms,
        jitter_ms: one.jitter_ms + other.jitter_ms,
        rate_kbit_s: slowest.unwrap_or(0.0),
        corruption: share(one.corruption, other.corruption),
        first_lost: one.first_lost.saturating_add(other.first_lost),
    }
}
