//! Models to draw without processes: made by the updates that a supervisor would send, and always the same.

#![allow(
    dead_code,
    reason = "every program that includes this uses another part of it"
)]

mod centre;
pub(crate) mod foreign;
mod registrars;
mod scenes;
mod stories;

use std::net::IpAddr;

pub(crate) use centre::FixtureCentre;
use feed::{
    Component as Identity, ComponentRole, Direction, Event, Frame, HandlespaceEntry, Impairment, Limits,
    LinkTarget, Protocol, Stamped, TransportAddress,
};
use poolscope::model::{Change, ComponentId, Ending, Fault, Model, Update};
use poolscope::scenario::ComponentSpec;
#[allow(unused_imports, reason = "every program that includes this shows others")]
pub(crate) use registrars::{crowd, disagreement, taken_over, takeover, two_registrars};
#[allow(unused_imports, reason = "every program that includes this shows others")]
pub(crate) use scenes::{demo, failures, sixty};
#[allow(unused_imports, reason = "every program that includes this shows others")]
pub(crate) use stories::{Told, bad_links, story};

/// Begin of all fixtures: 2026-11-23 10:00:00 UTC.
pub(crate) const BEGIN_US: u64 = 1_795_428_000_000_000;
const MAX_ITERATIONS: u32 = 1024;

/// A model under construction, with its own clock.
#[derive(Default)]
pub(crate) struct Scene {
    pub(crate) model: Model,
    pub(crate) now_us: u64,
    next: u32,
    association: u64,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self {
            now_us: BEGIN_US,
            next: 1,
            ..Self::default()
        }
    }

    pub(crate) fn wait(&mut self, ms: u64) {
        self.now_us += ms * 1000;
    }

    pub(crate) fn change(&mut self, component: ComponentId, change: Change) {
        self.model.apply(Update::Component {
            component,
            at_us: self.now_us,
            change,
        });
    }

    pub(crate) fn event_with(&mut self, component: ComponentId, event: Event, bytes: Vec<u8>) {
        let frame = Frame {
            stamped: Stamped {
                at_us: self.now_us,
                event,
            },
            bytes,
        };
        self.change(component, Change::Feed(Box::new(frame)));
    }

    pub(crate) fn event(&mut self, component: ComponentId, event: Event) {
        self.event_with(component, event, Vec::new());
    }

    pub(crate) fn add(&mut self, role: ComponentRole, name: &str) -> ComponentId {
        let id = ComponentId(self.next);
        self.next += 1;
        let spec = Box::new(ComponentSpec::new(role));
        self.change(
            id,
            Change::Added {
                name: name.to_owned(),
                spec,
            },
        );
        id
    }

    pub(crate) fn identity(&self, id: ComponentId) -> Identity {
        let role = self.model.components[&id].role();
        let identifier = match role {
            ComponentRole::PoolUser => 0x00c0_ffee_0000_0000 + u64::from(id.0),
            ComponentRole::Registrar => 0x5e11_0000 + u64::from(id.0),
            ComponentRole::PoolElement => 0x7a3b_0000 + u64::from(id.0) * 0x1111,
        };
        Identity { role, identifier }
    }

    fn address(id: ComponentId) -> IpAddr {
        IpAddr::from([127, 0, 1 + (id.0 / 200) as u8, (id.0 % 200) as u8 + 1])
    }

    pub(crate) fn start(&mut self, id: ComponentId) {
        self.change(
            id,
            Change::Spawned {
                pid: 41_000 + id.0 * 7,
            },
        );
        let component = self.identity(id);
        let element = component.role == ComponentRole::PoolElement;
        self.event(
            id,
            Event::Hello {
                component,
                version: "0.1.0".into(),
                pid: 41_000 + id.0 * 7,
                addresses: vec![Self::address(id)],
                transport: "user".into(),
                pool_handle: Some("FractalGeneratorPool".into()),
                policy: element.then(|| "least used".into()),
            },
        );
        if element {
            self.limits(id, Some(0), Some(0));
        }
        for line in [
            "INFO bound to the loopback address",
            "INFO looking for a registrar",
            "WARN no answer yet, once more",
        ] {
            self.change(
                id,
                Change::LogLine(format!("2026-11-23T10:00:00.{:03}Z  {line}", id.0)),
            );
        }
    }

    pub(crate) fn ready(&mut self, id: ComponentId, text: &str) {
        self.event(
            id,
            Event::Status {
                ready: true,
                text: text.into(),
            },
        );
    }

    fn end(id: ComponentId, port: u16) -> TransportAddress {
        TransportAddress {
            addresses: vec![Self::address(id)],
            port,
        }
    }

    pub(crate) fn associate(&mut self, from: ComponentId, to: ComponentId, protocol: Protocol) -> u64 {
        self.association += 1;
        let number = self.association;
        let here = Self::end(from, 9000 + (number % 20_000) as u16);
        let there = Self::end(to, 3863);
        for (id, local, remote, peer, inbound) in
            [(from, &here, &there, to, false), (to, &there, &here, from, true)]
        {
            let peer = Some(self.identity(peer));
            let (local, remote) = (local.clone(), remote.clone());
            self.event(
                id,
                Event::AssociationUp {
                    association: number,
                    protocol,
                    local,
                    remote,
                    inbound,
                    peer,
                },
            );
        }
        number
    }

    pub(crate) fn message(
        &mut self,
        from: ComponentId,
        to: ComponentId,
        association: u64,
        ppid: u32,
        name: &str,
        size: u32,
    ) {
        let bytes: Vec<u8> = (0..size.min(300)).map(|byte| (byte * 7 + 1) as u8).collect();
        let summary = match name {
            "FGP_DATA" => "264 pixels from (0, 118)".to_owned(),
            "ASAP_ENDPOINT_KEEP_ALIVE" => "pool FractalGeneratorPool".to_owned(),
            "ENRP_PRESENCE" => "checksum 0x5a1f".to_owned(),
            _ => "PE 0x7a3b2222, least used, load 38 %".to_owned(),
        };
        self.event_with(
            from,
            Event::Message {
                direction: Direction::Sent,
                association: Some(association),
                remote: Self::end(to, 3863),
                ppid,
                name: name.into(),
                summary,
                size,
            },
            bytes,
        );
    }

    pub(crate) fn load(&mut self, id: ComponentId, load: f64, sessions: u32) {
        self.event(
            id,
            Event::Load {
                load,
                sessions,
                capacity: 4,
            },
        );
    }

    pub(crate) fn limits(
        &mut self,
        id: ComponentId,
        fail_after: Option<u32>,
        iterations_per_second: Option<u64>,
    ) {
        self.event(
            id,
            Event::Limits(Limits {
                fail_after,
                iterations_per_second,
            }),
        );
    }

    pub(crate) fn handlespace(
        &mut self,
        registrar: ComponentId,
        owned: &[ComponentId],
        known: &[(ComponentId, ComponentId)],
    ) {
        let home = |id: ComponentId| self.identity(id).identifier as u32;
        let entries: Vec<HandlespaceEntry> = owned
            .iter()
            .map(|&id| (id, registrar))
            .chain(known.iter().copied())
            .map(|(id, owner)| HandlespaceEntry {
                pool_handle: "FractalGeneratorPool".into(),
                pe_identifier: home(id),
                home_registrar: home(owner),
                policy: "least used".into(),
                load: self.model.components[&id].load.map(|(load, _, _)| load),
            })
            .collect();
        let event = Event::Handlespace {
            pools: 1,
            pool_elements: entries.len() as u32,
            owned: owned.len() as u32,
            peers: 0,
            checksum: Self::checksum(registrar),
            entries,
        };
        self.event(registrar, event);
    }

    /// The checksum of what a registrar owns.
    pub(crate) fn checksum(registrar: ComponentId) -> u16 {
        0x5a1e_u16.wrapping_mul(registrar.0 as u16)
    }

    pub(crate) fn serve(&mut self, user: ComponentId, element: ComponentId, session: u32) -> u64 {
        let association = self.associate(user, element, Protocol::Application);
        let pe_identifier = self.identity(element).identifier as u32;
        self.event(
            user,
            Event::SessionServed {
                session,
                pe_identifier,
                association,
            },
        );
        association
    }

    pub(crate) fn begin_picture(&mut self, user: ComponentId, image: u32, side: u32) {
        self.event(
            user,
            Event::ImageStarted {
                image,
                width: side,
                height: side,
                max_iterations: MAX_ITERATIONS,
                algorithm: "Mandelbrot".into(),
            },
        );
    }

    /// Rows of a picture, computed by a pool element.
    pub(crate) fn rows(&mut self, user: ComponentId, element: ComponentId, rows: std::ops::Range<u32>) {
        let canvas = self.model.components[&user]
            .canvas
            .as_ref()
            .expect("a picture has begun");
        let (image, side) = (canvas.image, canvas.width);
        let pe_identifier = self.identity(element).identifier as u32;
        for y in rows {
            let bytes = (0..side)
                .flat_map(|x| mandelbrot(x, y, side, user.0).to_be_bytes())
                .collect();
            let event = Event::Pixels {
                image,
                x: 0,
                y,
                tile_x: 0,
                tile_width: side,
                pe_identifier,
            };
            self.event_with(user, event, bytes);
        }
    }

    pub(crate) fn kill(&mut self, id: ComponentId) {
        self.change(id, Change::Fault(Fault::Kill));
        self.change(id, Change::Ended(Ending::Killed));
    }

    /// A failover with parts of these lengths in microseconds.
    pub(crate) fn fail_over(
        &mut self,
        user: ComponentId,
        from: ComponentId,
        to: ComponentId,
        parts: [u64; 5],
    ) {
        let begin = self.now_us;
        let (left, next) = (
            self.identity(from).identifier as u32,
            self.identity(to).identifier as u32,
        );
        let mut at = [begin; 5];
        let mut sum = begin;
        for (end, part) in at.iter_mut().zip(parts) {
            sum += part;
            *end = sum;
        }
        self.now_us = at[0];
        self.event(
            user,
            Event::FailoverStarted {
                session: 1,
                pe_identifier: Some(left),
                reason: "the association was aborted".into(),
                last_data_us: begin - 800,
            },
        );
        self.now_us = at[2];
        self.serve(user, to, 1);
        self.now_us = at[4];
        self.event(
            user,
            Event::FailoverComplete {
                session: 1,
                from: Some(left),
                to: next,
                last_data_us: begin - 800,
                detected_us: at[0],
                resolved_us: at[1],
                connected_us: at[2],
                cookie_echoed_us: Some(at[3]),
                first_data_us: at[4],
            },
        );
    }

    pub(crate) fn impair(&mut self, id: ComponentId, impairment: Impairment) {
        self.change(
            id,
            Change::Fault(if impairment.cut {
                Fault::Unplug
            } else {
                Fault::Impair
            }),
        );
        self.event(
            id,
            Event::Impairments {
                links: vec![(LinkTarget::All, impairment)],
            },
        );
    }
}

fn mandelbrot(x: u32, y: u32, side: u32, variant: u32) -> u32 {
    let scale = if variant.is_multiple_of(2) { 3.0 } else { 0.012 };
    let (cx, cy) = if variant.is_multiple_of(2) {
        (-0.6, 0.0)
    } else {
        (-0.7435, 0.1314)
    };
    let (cr, ci) = (
        cx + (f64::from(x) / f64::from(side) - 0.5) * scale,
        cy + (f64::from(y) / f64::from(side) - 0.5) * scale,
    );
    let (mut zr, mut zi, mut count) = (0.0, 0.0, 0);
    while count < MAX_ITERATIONS && zr * zr + zi * zi < 4.0 {
        (zr, zi) = (zr * zr - zi * zi + cr, 2.0 * zr * zi + ci);
        count += 1;
    }
    count
}
