//! Limits how often new external components may appear, since anybody on the network can make them come and go.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use feed::Timestamp;
use serde::{Deserialize, Serialize};

use crate::bounded;
use crate::budget::{Allowance, Budget};
use crate::timeline::LeftOut;

/// The budget for external components: one per source address, and one overall.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Appearances {
    all: Budget,
    #[serde(deserialize_with = "bounded::map::<{ Appearances::SOURCES }, _, _, _>")]
    sources: BTreeMap<IpAddr, Budget>,
    pub(crate) left_out: LeftOut,
}

/// Whose budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    OfTheSource,
    InAll,
}

impl Default for Appearances {
    fn default() -> Self {
        Self {
            all: Budget::new(Self::IN_ALL),
            sources: BTreeMap::new(),
            left_out: LeftOut::default(),
        }
    }
}

impl Appearances {
    const IN_ALL: Allowance = Allowance {
        at_once: 1_024,
        every: Duration::from_secs(1),
    };
    const OF_A_SOURCE: Allowance = Allowance {
        at_once: 256,
        every: Duration::from_secs(5),
    };
    /// The maximum number of source addresses whose budgets are kept.
    const SOURCES: usize = 1_024;

    /// Admits another component whose report comes from this address.
    ///
    /// # Errors
    /// Returns whose budget is exhausted.
    pub(crate) fn take(&mut self, at: Timestamp, source: IpAddr) -> Result<(), Spent> {
        if !self.all.has_one(at) {
            return Err(Spent::InAll);
        }
        if !self.sources.contains_key(&source) {
            if self.sources.len() >= Self::SOURCES {
                self.sources.retain(|_, budget| !budget.is_full(at));
            }
            if self.sources.len() >= Self::SOURCES {
                return Err(Spent::InAll);
            }
        }
        let budget = self
            .sources
            .entry(source)
            .or_insert_with(|| Budget::new(Self::OF_A_SOURCE));
        if !budget.take(at) {
            return Err(Spent::OfTheSource);
        }
        self.all.take(at);
        Ok(())
    }
}
