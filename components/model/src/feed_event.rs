//! How feed events change the model. Nothing in a feed is trusted: what cannot be true is ignored and counted.

use feed::{ComponentRole, Event, Frame, PoolElementWork, PoolUserWork, Timestamp};

use crate::association::AssociationUp;
use crate::image::{Completed, Place};
use crate::message::MessageReport;
use crate::{Canvas, ComponentId, HandlespaceSize, Load, Model, ProcessState, Request, Severity, words};
use wire::PoolHandle;
use wire::fractal_generator::Message;

/// The maximum number of addresses of a component.
pub(crate) const ADDRESSES: usize = 64;
/// The maximum length of an event's text that is kept, in bytes.
const TEXT: usize = 200;
/// The maximum amount of work of a process: 2^64 calculations a second for years.
const MOST_WORK: f64 = 1e30;
/// The maximum number of requests of a process, up to which all numbers are exact in a curve.
const MOST_REQUESTS: u64 = 1 << 53;

impl Model {
    /// Applies one event of a component's feed.
    pub(crate) fn feed(&mut self, id: ComponentId, arrived: Timestamp, frame: Frame) {
        if !self.event(id, arrived, frame)
            && let Some(component) = self.components.get_mut(&id)
        {
            component.ignored_events += 1;
        }
    }

    /// Applies an event. Returns false if it cannot be true.
    fn event(&mut self, id: ComponentId, arrived: Timestamp, frame: Frame) -> bool {
        let at = frame.stamped.at;
        // A curve cannot go on from a time that has not come yet.
        let on_curve = at.min(arrived);
        let Some(component) = self.components.get_mut(&id) else {
            return true;
        };
        match frame.stamped.event {
            Event::Hello {
                component: identity,
                addresses,
                pool_handle,
                policy,
                ..
            } => return self.hello(id, at, identity, addresses, (pool_handle, policy)),
            Event::Status { ready, status } => {
                let mut text = status.in_words(self);
                super::shorten(&mut text, TEXT);
                let Some(component) = self.components.get_mut(&id) else {
                    return false;
                };
                let told = ready && !component.ready && component.role() != ComponentRole::PoolElement;
                component.ready = ready;
                component.status.clone_from(&text);
                if let feed::Status::PoolUser { activity, .. } = &status
                    && *activity != feed::Activity::Stopping
                {
                    component.done.clone_from(&text);
                }
                self.history.ready(id, on_curve, ready);
                if told {
                    self.note(Some(id), at, Severity::Normal, |name| format!("{name}: {text}"));
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
                return self.association_up(id, at, up);
            }
            Event::AssociationPeer { association, peer } => {
                return self.association_peer(id, association, peer);
            }
            Event::AssociationDown {
                association, cause, ..
            } => self.association_lost(id, at, association, cause),
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
                self.message(id, at, report);
            }
            Event::Load {
                load,
                sessions,
                capacity,
            } => {
                if !(0.0..=1.0).contains(&load) {
                    return false;
                }
                let load = Load {
                    load,
                    sessions,
                    capacity,
                };
                component.load = Some(load);
                self.history.load(id, on_curve, load);
            }
            Event::Limits(limits) => {
                let before = std::mem::replace(&mut component.limits, limits);
                component.limits_told += 1;
                self.limits_changed(id, at, &before, &limits);
            }
            Event::Policy { policy } => {
                self.history.policy(id, on_curve, &policy);
                let before = component.policy_data.replace(policy.clone());
                if let Some(before) = before.filter(|before| before.data() != policy.data()) {
                    component.policy_told += 1;
                    self.policy_data_changed(id, at, &before, &policy);
                }
            }
            Event::PoolElementWork(work) => {
                let before = component.pool_element_work;
                if component.role() != ComponentRole::PoolElement || !element_work_may_follow(before, &work) {
                    return false;
                }
                component.pool_element_work = Some(work);
                self.history.element_work(id, on_curve, &work);
            }
            Event::PoolUserWork(work) => {
                let before = component.pool_user_work;
                if component.role() != ComponentRole::PoolUser || !user_work_may_follow(before, &work) {
                    return false;
                }
                component.pool_user_work = Some(work);
                self.history.user_work(id, on_curve, &work);
            }
            Event::Handlespace {
                pool_elements,
                owned,
                checksum,
                entries,
                ..
            } => {
                component.handlespace = Some(HandlespaceSize {
                    pool_elements,
                    owned,
                    checksum,
                });
                return self.handlespace(id, at, entries, pool_elements);
            }
            Event::ImageStarted {
                image,
                width,
                height,
                max_iterations,
                sessions,
                ..
            } => {
                let Some(mut canvas) = Canvas::new(image, width, height, max_iterations) else {
                    return false;
                };
                canvas.request = request(&frame.bytes, &canvas, sessions);
                component.begin_picture(canvas);
                // Each picture has sessions of its own.
                component.forget_sessions();
            }
            Event::Pixels {
                image,
                x,
                y,
                tile_x,
                tile_width,
                session,
                pe_identifier,
            } => {
                let place = Place {
                    image,
                    x,
                    y,
                    tile_x,
                    tile_width,
                    session,
                    pe_identifier,
                };
                let canvas = component.canvas.as_mut();
                return canvas.is_some_and(|canvas| canvas.draw(place, &frame.bytes));
            }
            Event::ImageCompleted {
                image,
                duration,
                missing,
                left_out,
                ..
            } => {
                let completed = Completed {
                    duration,
                    missing,
                    left_out,
                    wrong: None,
                };
                return self.image_completed(id, at, image, completed);
            }
            Event::ImageVerified { image, wrong } => {
                component.pictures.verified(wrong);
                // Another picture may have begun meanwhile.
                let canvas = component.canvas.as_mut().filter(|canvas| canvas.image == image);
                if let Some(completed) = canvas.and_then(|canvas| canvas.completed.as_mut()) {
                    completed.wrong = Some(wrong);
                }
            }
            Event::Registrar(event) => return self.registrar_event(id, at, &event),
            Event::PoolElement(event) => return self.pool_element_event(id, at, &event),
            Event::PoolUser(event) => return self.pool_user_event(id, at, &event),
            Event::Peers { peers } => return self.peers(id, at, peers),
            Event::Beat => {}
            Event::Dropped { events } => {
                self.history.left_out(id);
                self.messages_dropped(id, events);
            }
            Event::Impairments { links } => self.impairments(id, at, links),
            Event::Problem { text } => self.problem(id, at, text),
            Event::Goodbye { mut reason } => {
                super::shorten(&mut reason, TEXT);
                component.ready = false;
                component.status = reason;
                let done = std::mem::take(&mut component.done);
                let is_done = component.status == feed::FINISHED && !done.is_empty();
                component.finished = is_done.then_some(done);
            }
        }
        true
    }

    fn hello(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        identity: feed::ComponentIdentity,
        mut addresses: Vec<std::net::IpAddr>,
        (pool_handle, policy): (Option<PoolHandle>, Option<String>),
    ) -> bool {
        let Some(component) = self.components.get_mut(&id) else {
            return false;
        };
        if identity.role() != component.role() {
            return false;
        }
        // A process has a single identity. Otherwise a feed could flood the index with identities.
        let another = component.identity != Some(identity);
        if another && std::mem::replace(&mut component.said_hello, true) {
            return false;
        }
        super::shorten_list(&mut addresses, ADDRESSES);
        self.index.leave_addresses(id, &component.addresses);
        self.index.enter(id, identity, &addresses);
        component.identity = Some(identity);
        component.addresses = addresses;
        self.history.in_pool(id, pool_handle.clone());
        component.pool_handle = pool_handle;
        component.policy = policy.map(|mut policy| {
            super::shorten(&mut policy, TEXT);
            policy
        });
        if let ProcessState::Starting { pid, since } = component.process {
            component.process = ProcessState::Running { pid, since };
        }
        self.name_ends(id, identity);
        if let feed::ComponentIdentity::PoolElement(pe_identifier) = identity {
            for component in self.components.values_mut() {
                for served in component.served.values_mut() {
                    if served.pe_identifier == pe_identifier {
                        served.component = Some(id);
                    }
                }
            }
            self.find_home(id, at, pe_identifier);
        }
        true
    }

    fn image_completed(&mut self, id: ComponentId, at: Timestamp, image: u32, completed: Completed) -> bool {
        let Completed {
            duration,
            missing,
            left_out,
            ..
        } = completed;
        let Some(component) = self.components.get_mut(&id) else {
            return false;
        };
        component.pictures.finished(missing, left_out);
        component.served_before.append(&mut component.served);
        let Some(canvas) = component.canvas.as_mut().filter(|canvas| canvas.image == image) else {
            return false;
        };
        canvas.completed = Some(completed);
        let duration = words::duration(duration);
        let unseen = match left_out {
            0 => String::new(),
            _ => format!("; {left_out} of its pixels could not be shown in time"),
        };
        self.note(Some(id), at, Severity::Normal, |name| match missing {
            0 => format!("{name} completed its picture {image} in {duration}{unseen}"),
            _ => format!(
                "{name} ended its picture {image} after {duration}, {missing} pixels are missing{unseen}"
            ),
        });
        true
    }
}

/// Returns whether a pool element's work can be this after that of the same process before: counters only grow.
fn element_work_may_follow(before: Option<PoolElementWork>, work: &PoolElementWork) -> bool {
    work.is_plausible()
        && work.done <= MOST_WORK
        && work.capacity.is_none_or(|capacity| capacity <= MOST_WORK)
        && work.completed.max(work.rejected) <= MOST_REQUESTS
        && before.is_none_or(|before| {
            work.done >= before.done && work.completed >= before.completed && work.rejected >= before.rejected
        })
}

/// Returns whether a pool user's requests can be these after those of the same process before.
fn user_work_may_follow(before: Option<PoolUserWork>, work: &PoolUserWork) -> bool {
    let counters = [work.requested, work.completed, work.rejected];
    work.is_plausible()
        && work.done <= MOST_WORK
        && counters.iter().all(|count| *count <= MOST_REQUESTS)
        && before.is_none_or(|before| {
            let earlier = [before.requested, before.completed, before.rejected];
            counters.iter().zip(earlier).all(|(now, before)| *now >= before)
                && work.done >= before.done
                && work.handling >= before.handling
                && work.queueing >= before.queueing
        })
}

/// Returns the request for a picture, if it is one for a picture of this size.
fn request(bytes: &[u8], canvas: &Canvas, sessions: u32) -> Option<Request> {
    match Message::decode(bytes) {
        Ok(Message::Parameter(parameter))
            if (parameter.width, parameter.height) == (canvas.width, canvas.height)
                && (1..=Request::SESSIONS).contains(&sessions) =>
        {
            Some(Request { parameter, sessions })
        }
        _ => None,
    }
}
