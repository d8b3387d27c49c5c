//! How the events of a component's feed change the model. Nothing a feed says is trusted: what cannot be true is ignored
//! and counted.

use std::collections::BTreeSet;

use feed::{ComponentRole, Event, Frame, HandlespaceEntry};

use crate::model::association::AssociationUp;
use crate::model::failover::FailoverTimes;
use crate::model::image::Place;
use crate::model::message::MessageReport;
use crate::model::{Canvas, ComponentId, Model, ProcessState, Weight};

/// Entries of a handlespace that are kept.
const ENTRIES: usize = 200;
/// The longest text of an event that is kept, in bytes.
const TEXT: usize = 200;

impl Model {
    /// Takes one event of a component's feed.
    pub(crate) fn feed(&mut self, id: ComponentId, frame: Frame) {
        if !self.event(id, frame)
            && let Some(component) = self.components.get_mut(&id)
        {
            component.ignored_events += 1;
        }
    }

    /// Returns false if the event cannot be true.
    fn event(&mut self, id: ComponentId, frame: Frame) -> bool {
        let at_us = frame.stamped.at_us;
        let Some(component) = self.components.get_mut(&id) else {
            return true;
        };
        match frame.stamped.event {
            Event::Hello {
                component: identity,
                addresses,
                policy,
                ..
            } => return self.hello(id, identity, addresses, policy),
            Event::Status { ready, mut text } => {
                super::shorten(&mut text, TEXT);
                let told = ready && !component.ready && component.role() != ComponentRole::PoolElement;
                component.ready = ready;
                component.status.clone_from(&text);
                if told {
                    self.tell(Some(id), at_us, Weight::Normal, |name| format!("{name}: {text}"));
                }
            }
            Event::AssociationUp {
                association,
                protocol,
                local,
                remote,
                inbound,
                peer,
            } => {
                let up = AssociationUp {
                    number: association,
                    protocol,
                    local,
                    remote,
                    inbound,
                    peer,
                };
                return self.association_up(id, at_us, up);
            }
            Event::AssociationPeer { association, peer } => {
                return self.association_peer(id, association, peer);
            }
            Event::AssociationDown {
                association, cause, ..
            } => self.association_lost(id, at_us, association, cause),
            Event::Message {
                direction,
                association,
                remote,
                ppid,
                name,
                summary,
                size,
            } => {
                let report = MessageReport {
                    direction,
                    association,
                    remote,
                    ppid,
                    name,
                    summary,
                    size,
                    bytes: frame.bytes,
                };
                self.message(id, at_us, report);
            }
            Event::Load {
                load,
                sessions,
                capacity,
            } => {
                if !(0.0..=1.0).contains(&load) {
                    return false;
                }
                component.load = Some((load, sessions, capacity));
            }
            Event::Handlespace {
                pool_elements,
                owned,
                checksum,
                entries,
                ..
            } => {
                component.handlespace = Some((pool_elements, owned, checksum));
                let complete = entries.len() == pool_elements as usize;
                self.handlespace(id, at_us, entries, complete);
            }
            Event::SessionServed {
                session,
                pe_identifier,
                ..
            } => return self.session_served(id, session, pe_identifier),
            Event::FailoverStarted {
                session,
                pe_identifier,
                reason,
                last_data_us,
            } => self.failover_started(id, at_us, session, pe_identifier, reason, last_data_us),
            Event::FailoverComplete {
                session,
                from,
                to,
                last_data_us,
                detected_us,
                resolved_us,
                connected_us,
                cookie_echoed_us,
                first_data_us,
            } => {
                let times = FailoverTimes {
                    session,
                    from,
                    to,
                    last_data_us,
                    detected_us,
                    resolved_us,
                    connected_us,
                    cookie_echoed_us,
                    first_data_us,
                };
                self.failover_complete(id, at_us, times);
            }
            Event::ImageStarted {
                image,
                width,
                height,
                max_iterations,
                ..
            } => {
                let Some(canvas) = Canvas::new(image, width, height, max_iterations) else {
                    return false;
                };
                component.canvas = Some(canvas);
                // Each picture has sessions of its own.
                component.served.clear();
                component.abandon_failovers();
            }
            Event::Pixels {
                image,
                x,
                y,
                tile_x,
                tile_width,
                pe_identifier,
            } => {
                let place = Place {
                    image,
                    x,
                    y,
                    tile_x,
                    tile_width,
                    pe_identifier,
                };
                let canvas = component.canvas.as_mut();
                return canvas.is_some_and(|canvas| canvas.draw(place, &frame.bytes));
            }
            Event::ImageCompleted {
                image, duration_us, ..
            } => return self.image_completed(id, at_us, image, duration_us),
            Event::StartUp { .. }
            | Event::Peers { .. }
            | Event::Synchronization { .. }
            | Event::Takeover { .. } => return false,
            Event::Dropped { events } => self.messages_dropped(id, events),
            Event::Impairments { links } => self.impairments(id, at_us, links),
            Event::Problem { text } => self.problem(id, at_us, text),
            Event::Goodbye { mut reason } => {
                super::shorten(&mut reason, TEXT);
                component.ready = false;
                component.status = reason;
            }
        }
        true
    }

    fn hello(
        &mut self,
        id: ComponentId,
        identity: feed::Component,
        mut addresses: Vec<std::net::IpAddr>,
        policy: Option<String>,
    ) -> bool {
        let Some(component) = self.components.get_mut(&id) else {
            return false;
        };
        if identity.role != component.role() {
            return false;
        }
        addresses.truncate(64);
        self.index.leave_addresses(id, &component.addresses);
        self.index.enter(id, identity, &addresses);
        component.identifier = Some(identity.identifier);
        component.addresses = addresses;
        component.policy = policy.map(|mut policy| {
            super::shorten(&mut policy, TEXT);
            policy
        });
        if let ProcessState::Starting { pid, since_us } = component.process {
            component.process = ProcessState::Running { pid, since_us };
        }
        self.name_ends(id, identity);
        if identity.role == ComponentRole::PoolElement {
            for component in self.components.values_mut() {
                for served in component.served.values_mut() {
                    if u64::from(served.pe_identifier) == identity.identifier {
                        served.component = Some(id);
                    }
                }
            }
        }
        true
    }

    /// A registrar told of its handlespace. It is believed about the pool elements that it owns itself.
    fn handlespace(
        &mut self,
        registrar: ComponentId,
        at_us: u64,
        mut entries: Vec<HandlespaceEntry>,
        complete: bool,
    ) {
        entries.truncate(ENTRIES);
        let mut owned = BTreeSet::new();
        let own_identifier = self
            .components
            .get(&registrar)
            .and_then(|component| component.identifier);
        for entry in &mut entries {
            super::shorten(&mut entry.pool_handle, TEXT);
            super::shorten(&mut entry.policy, TEXT);
            if own_identifier != Some(u64::from(entry.home_registrar)) {
                continue;
            }
            let Some(id) = self.index.pool_element(entry.pe_identifier) else {
                continue;
            };
            owned.insert(id);
            let Some(pool_element) = self.components.get_mut(&id) else {
                continue;
            };
            let before = pool_element.home_registrar.replace(registrar);
            let confirmed = pool_element.registered_with.replace(registrar);
            if confirmed != Some(registrar) {
                let moved_from = before.filter(|before| *before != registrar).or(confirmed);
                self.tell_registered(id, at_us, registrar, moved_from);
            }
        }
        for (id, pool_element) in &mut self.components {
            if complete && !owned.contains(id) && pool_element.registered_with == Some(registrar) {
                pool_element.registered_with = None;
                pool_element.home_registrar = pool_element.home_registrar.filter(|home| *home != registrar);
            }
        }
        if let Some(component) = self.components.get_mut(&registrar) {
            component.entries = entries;
        }
    }

    fn tell_registered(
        &mut self,
        pool_element: ComponentId,
        at_us: u64,
        registrar: ComponentId,
        before: Option<ComponentId>,
    ) {
        let name_of = |id: ComponentId| self.components.get(&id).map(|component| component.name.clone());
        let registrar = name_of(registrar).unwrap_or_default();
        let before = before.and_then(name_of).filter(|before| *before != registrar);
        self.tell(Some(pool_element), at_us, Weight::Normal, |name| match before {
            Some(before) => format!("{name} moved from {before} to {registrar}"),
            None => format!("{name} registered with {registrar}"),
        });
    }

    fn image_completed(&mut self, id: ComponentId, at_us: u64, image: u32, duration_us: u64) -> bool {
        let canvas = self
            .components
            .get_mut(&id)
            .and_then(|component| component.canvas.as_mut());
        let Some(canvas) = canvas.filter(|canvas| canvas.image == image) else {
            return false;
        };
        canvas.completed = Some(duration_us);
        let missing = (canvas.width * canvas.height).saturating_sub(canvas.done);
        let duration = super::duration_in_words(duration_us);
        self.tell(Some(id), at_us, Weight::Normal, |name| match missing {
            0 => format!("{name} completed its picture {image} in {duration}"),
            _ => format!(
                "{name} calls its picture {image} complete after {duration}, but {missing} pixels are missing"
            ),
        });
        true
    }
}
