//! Faults of links, as sentences: which link, and what exactly. What changes quickly, as while a slider is dragged, is
//! one entry.

use std::net::IpAddr;

use feed::{Impairment, LinkTarget, Timestamp};
use serde::{Deserialize, Serialize};

use crate::timeline::EntryNumber;
use crate::{ComponentId, Fault, Model, Severity, Timeline, words};

/// The latest fault of a link that was told.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct ToldLinkFault {
    component: ComponentId,
    target: LinkTarget,
    impairment: Impairment,
    at: Timestamp,
    entry: EntryNumber,
}

impl Model {
    /// A component's links were impaired from here.
    pub(crate) fn link_fault(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        fault: Fault,
        (target, impairment): (LinkTarget, Impairment),
    ) {
        self.index.enter_fault(id, at, fault);
        let told = self
            .told_link_fault
            .filter(|told| at - told.at <= Timeline::ONE_CHANGE);
        if let Some(told) = told
            && impairment.cut
            && told.impairment == impairment.from_other_end()
            && self.is_other_end(told, id, target)
        {
            // Both ends cut a link.
            return;
        }
        let text = self.link_fault_text(id, target, &impairment);
        let same = told.filter(|told| (told.component, told.target) == (id, target));
        let entry = match same {
            Some(told) if self.timeline.amend(told.entry, text.clone()) => told.entry,
            _ => self.timeline.push(at, Some(id), Severity::Fault, text),
        };
        self.told_link_fault = Some(ToldLinkFault {
            component: id,
            target,
            impairment,
            at,
            entry,
        });
    }

    /// Returns the sentences about links of a component that are good again.
    pub(crate) fn good_again(
        &self,
        id: ComponentId,
        before: &[(LinkTarget, Impairment)],
        now: &[(LinkTarget, Impairment)],
    ) -> Vec<String> {
        let has = |target: &LinkTarget| now.iter().any(|(other, _)| other == target);
        let mut gone = before.iter().filter(|(target, _)| !has(target));
        let name = self.name(id);
        if before.len() > 1 && now.is_empty() {
            return vec![format!("{name} has good links again")];
        }
        let sentence = |(target, _): &(LinkTarget, Impairment)| match target {
            LinkTarget::All => format!("{name} has good links again"),
            LinkTarget::Peer(address) => {
                format!("The link between {name} and {} is good again", self.at(*address))
            }
        };
        gone.by_ref().map(sentence).collect()
    }

    fn link_fault_text(&self, id: ComponentId, target: LinkTarget, impairment: &Impairment) -> String {
        let name = self.name(id);
        let words = words::impairment(impairment, &name);
        match target {
            LinkTarget::All if impairment.is_unplugged() => format!("{name} was unplugged"),
            LinkTarget::All => format!("All links of {name} are bad: {words}"),
            LinkTarget::Peer(address) => {
                let other = self.at(address);
                if impairment.is_unplugged() {
                    format!("{name} was cut off from {other}")
                } else {
                    format!("The link between {name} and {other} is bad: {words}")
                }
            }
        }
    }

    fn is_other_end(&self, told: ToldLinkFault, id: ComponentId, target: LinkTarget) -> bool {
        let (LinkTarget::Peer(there), LinkTarget::Peer(here)) = (told.target, target) else {
            return false;
        };
        let has = |id: ComponentId, address: IpAddr| {
            let component = self.components.get(&id);
            component.is_some_and(|component| component.addresses.contains(&address))
        };
        has(id, there) && has(told.component, here)
    }

    fn name(&self, id: ComponentId) -> String {
        let component = self.components.get(&id);
        component.map_or_else(String::new, |component| component.name.clone())
    }

    /// Returns the name of the component with this address, or else the address.
    fn at(&self, address: IpAddr) -> String {
        let mut components = self.components.values();
        components
            .find(|component| component.addresses.contains(&address))
            .map_or_else(|| address.to_string(), |component| component.name.clone())
    }
}
