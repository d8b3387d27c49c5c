//! The facts about a component, as a table of names and values.

use egui::Ui;
use feed::{ComponentRole, PeerState};

use super::rows_ui;
use crate::snapshot::Snapshot;
use crate::{card, load, registrar_state, wording};
use model::{Agreement, Component, Load, words};

pub(super) fn details(ui: &mut Ui, snapshot: &Snapshot<'_>, component: &Component) {
    let mut rows: Vec<(&str, String)> = Vec::new();
    if let Some(identifier) = wording::identifier(component) {
        rows.push(("Identifier", identifier));
    }
    if let Some(pid) = component.process.pid() {
        rows.push(("Process", pid.to_string()));
    }
    if let Some(since) = card::started(component) {
        let age = words::age(snapshot.now - since);
        rows.push(("Up for", age));
        rows.push((
            "Started",
            format!("{} UTC", words::clock(snapshot.wall_clock, since)),
        ));
    }
    for address in &component.addresses {
        rows.push(("Address", address.to_string()));
    }
    if let Some(policy) = wording::policy(component) {
        rows.push(("Policy", policy));
    }
    if let Some(Load {
        load,
        sessions,
        capacity,
    }) = component.load
    {
        let stale = if component.silence.is_some() {
            ", as last heard"
        } else {
            ""
        };
        rows.push(("Load", format!("{}{stale}", words::percent(load))));
        rows.push(("Sessions", format!("{sessions} of {capacity}{stale}")));
    }
    if let Some(work) = component.pool_element_work {
        rows.push(("Work done", load::work(work.done, work.unit)));
        if let Some(capacity) = work.capacity {
            rows.push(("Capacity", load::work_rate(capacity, work.unit)));
        }
        rows.push(("Requests", requests(work.completed, work.rejected)));
    }
    if let Some(work) = component.pool_user_work {
        rows.push(("Requests", requests(work.completed, work.rejected)));
        rows.push(("In service", format!("{}, {} waiting", work.running, work.queued)));
        rows.push(("Work received", load::work(work.done, work.unit)));
    }
    if component.role() == ComponentRole::PoolElement {
        let home = component.home_registrar.and_then(|id| snapshot.component(id));
        rows.push((
            "Home registrar",
            home.map_or_else(|| "none".to_owned(), |home| home.name.clone()),
        ));
    }
    if let Some(size) = component.handlespace {
        rows.push(("Pool elements", size.pool_elements.to_string()));
        rows.push(("Owned", size.owned.to_string()));
        rows.push(("Checksum", words::checksum(size.checksum)));
    }
    rows.extend(registrar_rows(snapshot, component));
    for (session, served) in &component.served {
        rows.push((
            "Served by",
            format!(
                "{} (session {session})",
                snapshot.model.pool_element_name(served.pe_identifier)
            ),
        ));
    }
    if !component.failovers.is_empty() {
        rows.push(("Failovers", component.failovers.len().to_string()));
    }
    rows_ui(ui, rows);
}

fn requests(completed: u64, rejected: u64) -> String {
    let completed = format!("{} completed", words::count(completed));
    match rejected {
        0 => completed,
        rejected => format!("{completed}, {} rejected", words::count(rejected)),
    }
}

/// Returns the rows that only registrars have: the progress of the start-up, and the peers.
fn registrar_rows(snapshot: &Snapshot<'_>, component: &Component) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if let Some(text) = registrar_state::start_up(snapshot, component) {
        rows.push(("Start-up", text));
    }
    for peer in component.registrar.peers.iter().take(16) {
        let state = match peer.entry.state {
            PeerState::Unconfirmed => "not heard yet",
            PeerState::Active => "heard",
            PeerState::Probed => "not heard, asked",
            PeerState::BeingTakenOver => "being taken over",
        };
        let checksum = match snapshot.model.agreement(component, peer, snapshot.now) {
            Agreement::Unknown => "",
            Agreement::Agree => ", checksums agree",
            Agreement::Settling => ", checksums change",
            Agreement::Differ => ", checksums differ",
        };
        let name = snapshot.model.registrar_name(peer.entry.identifier);
        rows.push(("Peer", format!("{name}: {state}{checksum}")));
    }
    rows
}
