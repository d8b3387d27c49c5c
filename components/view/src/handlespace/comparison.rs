//! Compares the handlespaces of all registrars. Nothing is drawn here.

use std::collections::BTreeMap;

use feed::{ComponentRole, HandlespaceEntry};
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

use crate::snapshot::Snapshot;
use crate::wording::Standing;
use model::{Agreement, Component, ComponentId};

/// Loads that differ by less are considered equal: every change takes a moment to reach all registrars.
const SAME_LOAD: f64 = 0.1;
/// The maximum number of rows for owners that are not registrars of this control centre.
const EXTERNAL_OWNERS: usize = 16;

/// The handlespaces of all registrars side by side.
#[derive(Debug)]
pub(super) struct Comparison {
    /// The registrars, one per column.
    pub(super) registrars: Vec<ComponentId>,
    /// The checksums of each owner's pool elements, as seen by each registrar.
    pub(super) checksums: Vec<Checksums>,
    /// All pool elements that any registrar knows, by pool and identifier.
    pub(super) rows: Vec<Row>,
}

/// The comparison as of a revision of the model, cached so that it is not computed in each frame.
#[derive(Debug, Default)]
pub(super) struct Compared {
    latest: Option<((u64, u64), Comparison)>,
}

impl Compared {
    /// Returns the comparison of the latest reports of all registrars.
    pub(super) fn update(&mut self, snapshot: &Snapshot<'_>) -> &Comparison {
        let revision = (snapshot.epoch(), snapshot.model.revision);
        let (_, comparison) = match self.latest.take() {
            Some(latest) if latest.0 == revision && !latest.1.settles() => self.latest.insert(latest),
            _ => self.latest.insert((revision, Comparison::new(snapshot))),
        };
        comparison
    }
}

/// A pool element as seen by all registrars.
#[derive(Debug)]
pub(super) struct Row {
    /// The reference for the comparison: the owner's entry, where there is one.
    pub(super) reference: HandlespaceEntry,
    /// The pool element as seen by each registrar.
    pub(super) cells: Vec<Cell>,
}

/// A pool element as seen by one registrar.
#[derive(Debug, PartialEq)]
pub(super) enum Cell {
    /// Same as the reference, and owned by this registrar.
    Own,
    /// Same as the reference, and owned by another registrar.
    Known,
    /// Not there.
    Missing,
    /// There, with differences.
    Different(Vec<Difference>),
    /// The registrar is dead, frozen, cut off or not in service yet: its last known entry, if any.
    Stale(Option<HandlespaceEntry>),
    /// Possibly there: the registrar has more pool elements than it lists.
    NotListed,
}

/// A difference from the reference.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Difference {
    /// The owner, as this registrar sees it.
    Owner(RegistrarIdentifier),
    /// The policy, as this registrar sees it.
    Policy(String),
    /// The load, as this registrar sees it.
    Load(Option<f64>),
}

/// The checksum of an owner's pool elements as seen by all registrars.
#[derive(Debug, PartialEq)]
pub(super) struct Checksums {
    /// The owner.
    pub(super) owner: RegistrarIdentifier,
    /// The checksum as seen by each registrar.
    pub(super) cells: Vec<ChecksumCell>,
}

/// The checksum of an owner's pool elements as seen by one registrar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChecksumCell {
    /// The registrar is the owner.
    Own(u16),
    /// The checksum of the registrar's copy, and whether it agrees with the owner's.
    Copy(u16, Agreement),
    /// The registrar does not know the owner.
    Unknown,
    /// The registrar is dead, frozen, cut off or not in service yet.
    Stale(Option<u16>),
}

impl Cell {
    /// Returns whether it is a difference worth looking at.
    pub(super) fn differs(&self) -> bool {
        matches!(self, Self::Missing | Self::Different(_))
    }
}

impl Comparison {
    /// Compares the latest reports of all registrars.
    fn new(snapshot: &Snapshot<'_>) -> Self {
        let registrars: Vec<&Component> = snapshot.role(ComponentRole::Registrar).collect();
        let mut seen: BTreeMap<(&PoolHandle, PeIdentifier), Vec<Option<&HandlespaceEntry>>> = BTreeMap::new();
        for (column, registrar) in registrars.iter().enumerate() {
            for entry in &registrar.entries {
                let row = seen.entry((&entry.pool_handle, entry.pe_identifier)).or_default();
                row.resize(registrars.len(), None);
                row[column] = Some(entry);
            }
        }
        let rows = seen
            .values()
            .filter_map(|entries| row(snapshot, &registrars, entries))
            .collect();
        let checksums = checksums(snapshot, &registrars);
        Self {
            registrars: registrars.iter().map(|registrar| registrar.id).collect(),
            checksums,
            rows,
        }
    }

    /// Returns whether time alone will change the comparison: checksums that have just changed get a while to settle.
    fn settles(&self) -> bool {
        let mut cells = self.checksums.iter().flat_map(|checksums| &checksums.cells);
        cells.any(|cell| matches!(cell, ChecksumCell::Copy(_, Agreement::Settling)))
    }

    /// Returns the number of pool elements and checksums that are not the same everywhere.
    pub(super) fn differences(&self) -> usize {
        let rows = self.rows.iter().filter(|row| row.differs()).count();
        let checksums = self.checksums.iter().filter(|row| row.differs()).count();
        rows + checksums
    }
}

impl Row {
    /// Returns whether a registrar sees the pool element differently.
    pub(super) fn differs(&self) -> bool {
        self.cells.iter().any(Cell::differs)
    }
}

impl Checksums {
    /// Returns whether a registrar has another checksum than the owner.
    pub(super) fn differs(&self) -> bool {
        let differ = |cell: &ChecksumCell| matches!(cell, ChecksumCell::Copy(_, Agreement::Differ));
        self.cells.iter().any(differ)
    }
}

/// Returns whether the latest report of a registrar is still current.
pub(super) fn is_current(registrar: &Component) -> bool {
    Standing::of(registrar) == Standing::Ready
}

fn row(
    snapshot: &Snapshot<'_>,
    registrars: &[&Component],
    entries: &[Option<&HandlespaceEntry>],
) -> Option<Row> {
    let reference = reference(snapshot, registrars, entries)?;
    let cells = registrars
        .iter()
        .zip(entries)
        .map(|(registrar, entry)| {
            if !is_current(registrar) {
                return Cell::Stale(entry.cloned());
            }
            let Some(entry) = entry else {
                let all = registrar
                    .handlespace
                    .map_or(0, |size| size.pool_elements as usize);
                return if all > registrar.entries.len() {
                    Cell::NotListed
                } else {
                    Cell::Missing
                };
            };
            let differences = differences(reference, entry);
            if !differences.is_empty() {
                Cell::Different(differences)
            } else if registrar.is_registrar(entry.home_registrar) {
                Cell::Own
            } else {
                Cell::Known
            }
        })
        .collect();
    Some(Row {
        reference: reference.clone(),
        cells,
    })
}

/// Returns the reference entry: that of the pool element's home registrar, else that of another registrar that claims
/// to own it, else any.
fn reference<'a>(
    snapshot: &Snapshot<'_>,
    registrars: &[&Component],
    entries: &[Option<&'a HandlespaceEntry>],
) -> Option<&'a HandlespaceEntry> {
    let rank = |registrar: &Component, entry: &HandlespaceEntry| {
        let own = registrar.is_registrar(entry.home_registrar);
        let home = snapshot
            .element(entry.pe_identifier)
            .and_then(|element| element.home_registrar);
        (is_current(registrar), own, home == Some(registrar.id))
    };
    registrars
        .iter()
        .zip(entries)
        .filter_map(|(registrar, entry)| Some((rank(registrar, (*entry)?), (*entry)?)))
        // The first of equals: the reference must not change from frame to frame.
        .rev()
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, entry)| entry)
}

fn differences(reference: &HandlespaceEntry, entry: &HandlespaceEntry) -> Vec<Difference> {
    let mut differences = Vec::new();
    if entry.home_registrar != reference.home_registrar {
        differences.push(Difference::Owner(entry.home_registrar));
    }
    if without_distance(&entry.policy) != without_distance(&reference.policy) {
        differences.push(Difference::Policy(entry.policy.clone()));
    }
    let load = match (entry.load, reference.load) {
        (Some(one), Some(other)) => (one - other).abs() > SAME_LOAD,
        (one, other) => one.is_some() != other.is_some(),
    };
    if load {
        differences.push(Difference::Load(entry.load));
    }
    differences
}

/// Distances depend on where a registrar is: they are no difference. They are a policy's last value.
fn without_distance(policy: &str) -> &str {
    policy.split_once(", distance ").map_or(policy, |(rest, _)| rest)
}

fn checksums(snapshot: &Snapshot<'_>, registrars: &[&Component]) -> Vec<Checksums> {
    let mut owners: Vec<RegistrarIdentifier> = registrars
        .iter()
        .filter(|registrar| registrar.process.is_alive())
        .filter_map(|registrar| registrar.registrar_identifier())
        .collect();
    let ours = owners.len();
    for registrar in registrars.iter().filter(|registrar| is_current(registrar)) {
        for peer in &registrar.registrar.peers {
            let owner = peer.entry.identifier;
            if owners.len() < ours + EXTERNAL_OWNERS && !owners.contains(&owner) {
                owners.push(owner);
            }
        }
    }
    let cell = |owner: RegistrarIdentifier, viewer: &&Component| {
        let own = viewer.handlespace.map(|size| size.checksum);
        let itself = viewer.is_registrar(owner);
        let peer = viewer.registrar.peer(owner);
        if !is_current(viewer) {
            let copy = peer.map(|peer| peer.entry.local_checksum);
            return ChecksumCell::Stale(if itself { own } else { copy });
        }
        match (itself, own, peer) {
            (true, Some(own), _) => ChecksumCell::Own(own),
            (false, _, Some(peer)) => {
                let agreement = snapshot.model.agreement(viewer, peer, snapshot.now);
                ChecksumCell::Copy(peer.entry.local_checksum, agreement)
            }
            _ => ChecksumCell::Unknown,
        }
    };
    owners
        .into_iter()
        .map(|owner| Checksums {
            owner,
            cells: registrars.iter().map(|viewer| cell(owner, viewer)).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use wire::RegistrarIdentifier;

    use super::*;

    fn entry(home: u32, policy: &str, load: f64) -> HandlespaceEntry {
        HandlespaceEntry {
            pool_handle: PoolHandle::new(b"pool").expect("a short handle"),
            pe_identifier: PeIdentifier(7),
            home_registrar: RegistrarIdentifier(home),
            policy: policy.into(),
            load: Some(load),
        }
    }

    #[test]
    fn distances_may_differ() {
        let at = |distance: u32| {
            let policy = wire::parameter::Policy::LeastUsedDpf {
                load: 1,
                load_dpf: 2,
                distance,
            };
            entry(1, &policy.to_string(), 0.3)
        };
        assert_eq!(differences(&at(0), &at(50)), []);
    }

    #[test]
    fn owner_policy_and_load_are_compared() {
        let reference = entry(1, "least used", 0.3);
        assert_eq!(differences(&reference, &entry(1, "least used", 0.35)), []);
        assert_eq!(
            differences(&reference, &entry(2, "round robin", 0.9)),
            [
                Difference::Owner(RegistrarIdentifier(2)),
                Difference::Policy("round robin".into()),
                Difference::Load(Some(0.9))
            ]
        );
    }
}
