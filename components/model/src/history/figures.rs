//! The figures of a pool.

use std::time::Duration;

use feed::{ComponentRole, WorkUnit};

use super::span::{Count, Level, Span, Totals, ratio};

/// What the pool elements and the pool users of a pool did in a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PoolSpan {
    /// All pool elements together.
    pub elements: Span,
    /// All pool users together.
    pub users: Span,
}

/// What the pool elements and the pool users of a pool had done up to a point in time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PoolTotals {
    elements: Totals,
    users: Totals,
}

impl PoolTotals {
    /// Adds what a member of this role had done.
    pub fn add(&mut self, role: ComponentRole, totals: &Totals) {
        match role {
            ComponentRole::PoolElement => self.elements.add(totals),
            ComponentRole::PoolUser => self.users.add(totals),
            ComponentRole::Registrar => {}
        }
    }

    /// Returns what was done since an earlier point in time, so long before.
    #[must_use]
    pub fn since(&self, earlier: &Self, length: Duration) -> PoolSpan {
        PoolSpan {
            elements: self.elements.since(&earlier.elements, length),
            users: self.users.since(&earlier.users, length),
        }
    }
}

/// How much of a pool is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Utilisation {
    /// The work done, as a share of what the pool elements could have done.
    OfCapacity(f64),
    /// Where what they can do is not known: the sessions, as a share of the maximum number of sessions.
    OfSessions(f64),
}

/// How fast requests are handled, as their pool users see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// The work of completed requests per second from when they came up to their completion, as a share of the mean
    /// capacity of a pool element.
    OfCapacity(f64),
    /// The same per second, where the capacity is not known.
    PerSecond(f64),
    /// Pixels per second that a pool user got while a picture was in progress.
    Pixels(f64),
}

impl Utilisation {
    /// Returns the share.
    #[must_use]
    pub const fn share(self) -> f64 {
        match self {
            Self::OfCapacity(share) | Self::OfSessions(share) => share,
        }
    }
}

impl Speed {
    /// Returns the figure, in its unit.
    #[must_use]
    pub const fn value(self) -> f64 {
        match self {
            Self::OfCapacity(value) | Self::PerSecond(value) | Self::Pixels(value) => value,
        }
    }
}

impl PoolSpan {
    /// Returns how much of the pool was used; `None` if there was no pool element.
    #[must_use]
    pub fn utilisation(&self) -> Option<Utilisation> {
        let elements = &self.elements;
        if self.capacity_is_known() {
            return ratio(elements.count(Count::Work), elements.level(Level::Capacity))
                .map(Utilisation::OfCapacity);
        }
        ratio(elements.level(Level::Sessions), elements.level(Level::Limit)).map(Utilisation::OfSessions)
    }

    /// Returns how fast requests were handled; `None` if none was completed, or there are no pool users.
    #[must_use]
    pub fn speed(&self, unit: WorkUnit) -> Option<Speed> {
        let users = &self.users;
        if unit == WorkUnit::Pixels {
            // A picture takes so long, and arrives so steadily, that its end is not awaited.
            return ratio(users.count(Count::Work), users.level(Level::Sessions)).map(Speed::Pixels);
        }
        let speed = ratio(users.count(Count::Work), users.count(Count::Handling))?;
        if self.capacity_is_known() {
            return ratio(speed, self.mean_capacity()?).map(Speed::OfCapacity);
        }
        Some(Speed::PerSecond(speed))
    }

    /// Returns the mean capacity of a pool element, in the unit of the service per second.
    #[must_use]
    pub fn mean_capacity(&self) -> Option<f64> {
        let elements = &self.elements;
        ratio(elements.level(Level::Capacity), elements.level(Level::Measured))
    }

    /// Returns whether the capacities of all pool elements were known all the time.
    fn capacity_is_known(&self) -> bool {
        /// A pool element tells its capacity with its first report, a moment after its start.
        const NEARLY_ALL: f64 = 0.9;
        let elements = &self.elements;
        let measured = elements.level(Level::Measured);
        measured > 0.0 && measured >= NEARLY_ALL * elements.level(Level::Alive)
    }
}
