//! Who is who: the ends of a trace, and the components of a demonstration.

use std::collections::BTreeMap;

use chronicle::{Lane, Lanes};
use feed::ComponentRole;
use model::ComponentId;
use trace::{End, EndId, Trace};

/// Who is who. Components and ends are brought together by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cast {
    members: Vec<Member>,
}

/// An end of a trace, as it is known to those who watch the demonstration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The name; of what is none of the components, its address.
    pub name: String,
    /// The component.
    pub component: Option<ComponentId>,
    /// What it does in the pool, if that is known.
    pub role: Option<ComponentRole>,
    /// The index of its colour.
    pub colour: usize,
}

impl Cast {
    /// Finds out who is who.
    #[must_use]
    pub fn of(trace: &Trace, lanes: &Lanes) -> Self {
        let by_name: BTreeMap<&str, (ComponentId, &Lane)> = lanes
            .components
            .iter()
            .map(|(id, lane)| (lane.name.as_str(), (*id, lane)))
            .collect();
        let member = |end: &End| {
            let known = end.component.as_deref().and_then(|name| by_name.get(name));
            Member {
                name: end.component.clone().unwrap_or_else(|| end.address.to_string()),
                component: known.map(|(id, _)| *id),
                role: known.map(|(_, lane)| lane.role),
                colour: known.map_or(0, |(_, lane)| lane.colour),
            }
        };
        Self {
            members: trace.ends.iter().map(member).collect(),
        }
    }

    /// Returns an end.
    #[must_use]
    pub fn get(&self, end: EndId) -> Option<&Member> {
        self.members.get(usize::from(end.0))
    }

    /// Returns all ends in the order of their numbers.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter()
    }

    /// Returns the end that is this component.
    #[must_use]
    pub fn end_of(&self, component: ComponentId) -> Option<EndId> {
        let is_it = |member: &Member| member.component == Some(component);
        self.members
            .iter()
            .position(is_it)
            .map(|place| EndId(place as u16))
    }
}
