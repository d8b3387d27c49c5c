//! Models to draw without processes: made by the updates that a supervisor would send, and always the same.

#![allow(dead_code, reason = "every program that includes this uses another part of it")]

use std::net::IpAddr;

use feed::{
    AssociationCause, Component as Identity, ComponentRole, Direction, Event, Frame, HandlespaceEntry, Impairment,
    LinkTarget, Protocol, Stamped, TransportAddress,
};
use poolscope::app::Centre;
use poolscope::command::Command;
use poolscope::model::{Change, ComponentId, Ending, Fault, Model, Update, Weight};
use poolscope::scenario::ComponentSpec;
use poolscope::view::ScenarioEntry;

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
        Self { now_us: BEGIN_US, next: 1, ..Self::default() }
    }

    pub(crate) fn wait(&mut self, ms: u64) {
        self.now_us += ms * 1000;
    }

    pub(crate) fn change(&mut self, component: ComponentId, change: Change) {
        self.model.apply(Update::Component { component, at_us: self.now_us, change });
    }

    pub(crate) fn event_with(&mut self, component: ComponentId, event: Event, bytes: Vec<u8>) {
        let frame = Frame { stamped: Stamped { at_us: self.now_us, event }, bytes };
        self.change(component, Change::Feed(Box::new(frame)));
    }

    pub(crate) fn event(&mut self, component: ComponentId, event: Event) {
        self.event_with(component, event, Vec::new());
    }

    pub(crate) fn add(&mut self, role: ComponentRole, name: &str) -> ComponentId {
        let id = ComponentId(self.next);
        self.next += 1;
        let spec = Box::new(ComponentSpec::new(role));
        self.change(id, Change::Added { name: name.to_owned(), spec });
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
        self.change(id, Change::Spawned { pid: 41_000 + id.0 * 7 });
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
        for line in ["INFO bound to the loopback address", "INFO looking for a registrar", "WARN no answer yet, once more"] {
            self.change(id, Change::LogLine(format!("2026-11-23T10:00:00.{:03}Z  {line}", id.0)));
        }
    }

    pub(crate) fn ready(&mut self, id: ComponentId, text: &str) {
        self.event(id, Event::Status { ready: true, text: text.into() });
    }

    fn end(id: ComponentId, port: u16) -> TransportAddress {
        TransportAddress { addresses: vec![Self::address(id)], port }
    }

    pub(crate) fn associate(&mut self, from: ComponentId, to: ComponentId, protocol: Protocol) -> u64 {
        self.association += 1;
        let number = self.association;
        let here = Self::end(from, 9000 + (number % 20_000) as u16);
        let there = Self::end(to, 3863);
        for (id, local, remote, peer, inbound) in [(from, &here, &there, to, false), (to, &there, &here, from, true)] {
            let peer = Some(self.identity(peer));
            let (local, remote) = (local.clone(), remote.clone());
            self.event(id, Event::AssociationUp { association: number, protocol, local, remote, inbound, peer });
        }
        number
    }

    pub(crate) fn message(&mut self, from: ComponentId, to: ComponentId, association: u64, ppid: u32, name: &str, size: u32) {
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
        self.event(id, Event::Load { load, sessions, capacity: 4 });
    }

    pub(crate) fn handlespace(&mut self, registrar: ComponentId, owned: &[ComponentId], known: &[(ComponentId, ComponentId)]) {
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
            checksum: 0x5a1f,
            entries,
        };
        self.event(registrar, event);
    }

    pub(crate) fn serve(&mut self, user: ComponentId, element: ComponentId, session: u32) -> u64 {
        let association = self.associate(user, element, Protocol::Application);
        let pe_identifier = self.identity(element).identifier as u32;
        self.event(user, Event::SessionServed { session, pe_identifier, association });
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
        let canvas = self.model.components[&user].canvas.as_ref().expect("a picture has begun");
        let (image, side) = (canvas.image, canvas.width);
        let pe_identifier = self.identity(element).identifier as u32;
        for y in rows {
            let bytes = (0..side).flat_map(|x| mandelbrot(x, y, side, user.0).to_be_bytes()).collect();
            let event = Event::Pixels { image, x: 0, y, tile_x: 0, tile_width: side, pe_identifier };
            self.event_with(user, event, bytes);
        }
    }

    pub(crate) fn kill(&mut self, id: ComponentId) {
        self.change(id, Change::Fault(Fault::Kill));
        self.change(id, Change::Ended(Ending::Killed));
    }

    /// A failover with parts of these lengths in microseconds.
    pub(crate) fn fail_over(&mut self, user: ComponentId, from: ComponentId, to: ComponentId, parts: [u64; 5]) {
        let begin = self.now_us;
        let (left, next) = (self.identity(from).identifier as u32, self.identity(to).identifier as u32);
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
        self.change(id, Change::Fault(if impairment.cut { Fault::Unplug } else { Fault::Impair }));
        self.event(id, Event::Impairments { links: vec![(LinkTarget::All, impairment)] });
    }
}

fn mandelbrot(x: u32, y: u32, side: u32, variant: u32) -> u32 {
    let scale = if variant.is_multiple_of(2) { 3.0 } else { 0.012 };
    let (cx, cy) = if variant.is_multiple_of(2) { (-0.6, 0.0) } else { (-0.7435, 0.1314) };
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

/// One registrar, three pool elements and two pool users in the middle of the demonstration: one failover is over.
pub(crate) fn demo() -> Scene {
    let mut scene = Scene::new();
    let registrar = scene.add(ComponentRole::Registrar, "PR 1");
    let elements: Vec<_> = (1..=3).map(|n| scene.add(ComponentRole::PoolElement, &format!("PE {n}"))).collect();
    let users: Vec<_> = (1..=2).map(|n| scene.add(ComponentRole::PoolUser, &format!("PU {n}"))).collect();
    scene.wait(200);
    for id in [registrar].into_iter().chain(elements.iter().copied()).chain(users.iter().copied()) {
        scene.start(id);
        scene.wait(20);
    }
    scene.ready(registrar, "serving, announced by multicast");
    for (index, &element) in elements.iter().enumerate() {
        let association = scene.associate(element, registrar, Protocol::Asap);
        scene.message(element, registrar, association, 11, "ASAP_REGISTRATION", 96);
        scene.message(registrar, element, association, 11, "ASAP_REGISTRATION_RESPONSE", 48);
        scene.ready(element, "registered");
        scene.load(element, [0.38, 0.74, 0.05][index], [1, 2, 0][index]);
        scene.wait(15);
    }
    scene.handlespace(registrar, &elements, &[]);
    let mut serving = Vec::new();
    for (index, &user) in users.iter().enumerate() {
        let association = scene.associate(user, registrar, Protocol::Asap);
        scene.message(user, registrar, association, 11, "ASAP_HANDLE_RESOLUTION", 40);
        scene.message(registrar, user, association, 11, "ASAP_HANDLE_RESOLUTION_RESPONSE", 220);
        scene.ready(user, "computing a picture");
        serving.push(scene.serve(user, elements[index], 1));
        scene.begin_picture(user, 1, 256);
    }
    scene.wait(40_000);
    scene.rows(users[0], elements[0], 0..96);
    scene.rows(users[1], elements[1], 0..200);
    scene.kill(elements[0]);
    scene.event(
        users[0],
        Event::AssociationDown {
            association: serving[0],
            remote: Scene::end(elements[0], 3863),
            cause: AssociationCause::PeerAbort,
        },
    );
    scene.fail_over(users[0], elements[0], elements[2], [11_200, 2_400, 6_900, 900, 14_300]);
    scene.rows(users[0], elements[2], 96..170);
    scene.load(elements[2], 0.52, 1);
    for index in 0..40 {
        scene.wait(37);
        scene.message(elements[1], users[1], serving[1], 32, "FGP_DATA", 1100 + index);
    }
    scene.model.apply(Update::Notice {
        at_us: BEGIN_US,
        weight: Weight::Normal,
        text: "Scenario \u{201c}Failover with a state cookie\u{201d} was loaded".into(),
    });
    scene.wait(4_000);
    scene
}

/// Four registrars, 38 pool elements and 18 pool users at work.
pub(crate) fn sixty() -> Scene {
    let mut scene = Scene::new();
    let registrars: Vec<_> = (1..=4).map(|n| scene.add(ComponentRole::Registrar, &format!("PR {n}"))).collect();
    let elements: Vec<_> = (1..=38).map(|n| scene.add(ComponentRole::PoolElement, &format!("PE {n}"))).collect();
    let users: Vec<_> = (1..=18).map(|n| scene.add(ComponentRole::PoolUser, &format!("PU {n}"))).collect();
    let all: Vec<_> = scene.model.components.keys().copied().collect();
    for id in all {
        scene.start(id);
    }
    for (index, &one) in registrars.iter().enumerate() {
        scene.ready(one, "serving");
        for &other in &registrars[index + 1..] {
            scene.associate(one, other, Protocol::Enrp);
        }
    }
    for (index, &element) in elements.iter().enumerate() {
        scene.associate(element, registrars[(index * 7) % 4], Protocol::Asap);
        scene.ready(element, "registered");
        scene.load(element, (index * 37 % 100) as f64 / 100.0, (index % 4) as u32);
    }
    for (place, &registrar) in registrars.iter().enumerate() {
        let (owned, known): (Vec<_>, Vec<_>) =
            elements.iter().enumerate().partition(|(index, _)| (index * 7) % 4 == place);
        let owned: Vec<_> = owned.into_iter().map(|(_, id)| *id).collect();
        let known: Vec<_> = known.into_iter().map(|(index, id)| (*id, registrars[(index * 7) % 4])).collect();
        scene.handlespace(registrar, &owned, &known);
    }
    for (index, &user) in users.iter().enumerate() {
        scene.associate(user, registrars[index % 4], Protocol::Asap);
        scene.ready(user, "computing a picture");
        let element = elements[index * 2];
        scene.serve(user, element, 1);
        scene.begin_picture(user, 1, 128);
        scene.rows(user, element, 0..(20 + 6 * index as u32).min(128));
    }
    scene.wait(90_000);
    scene.kill(elements[5]);
    scene.change(elements[9], Change::Frozen);
    scene.impair(elements[14], Impairment::UNPLUGGED);
    scene.change(elements[20], Change::Ended(Ending::Clean));
    scene
}

/// Everything that can be wrong at once.
pub(crate) fn failures() -> Scene {
    let mut scene = demo();
    let ids: Vec<_> = scene.model.components.keys().copied().collect();
    let (frozen, unplugged, user) = (ids[2], ids[3], ids[5]);
    scene.change(frozen, Change::Fault(Fault::Freeze));
    scene.change(frozen, Change::Frozen);
    scene.impair(unplugged, Impairment::UNPLUGGED);
    let crashed = scene.add(ComponentRole::PoolElement, "PE 4");
    scene.start(crashed);
    scene.change(crashed, Change::Ended(Ending::Crashed { why: "exit status 101".into() }));
    let absent = scene.add(ComponentRole::PoolElement, "PE 5");
    let why = "cannot start: address 127.0.0.9 port 9899 is in use; choose another address".into();
    scene.change(absent, Change::Ended(Ending::NotStarted { why }));
    let stopped = scene.add(ComponentRole::PoolElement, "PE 6");
    scene.start(stopped);
    scene.change(stopped, Change::Ended(Ending::Clean));
    scene.event(user, Event::Problem { text: "no pool element answers; asking the registrar again".into() });
    let leaving = scene.add(ComponentRole::PoolUser, "PU 3");
    scene.start(leaving);
    scene.wait(3_000);
    scene
}

/// A control centre without processes: it shows a fixture and writes down what it is told to do.
pub(crate) struct FixtureCentre {
    pub(crate) scene: Scene,
    pub(crate) commands: Vec<Command>,
    pub(crate) scenarios: Vec<ScenarioEntry>,
    pub(crate) problem: Option<String>,
    /// What happens in each frame, if anything does.
    pub(crate) live: Option<fn(&mut Scene, u64)>,
    frame: u64,
}

impl FixtureCentre {
    pub(crate) fn new(scene: Scene) -> Self {
        let scenarios = ["failover.json", "two-registrars.json"].map(|name| poolscope::app::scenario_entry(name.into()));
        Self { scene, commands: Vec::new(), scenarios: scenarios.into(), problem: None, live: None, frame: 0 }
    }
}

impl Centre for FixtureCentre {
    fn drain(&mut self) -> bool {
        if let Some(live) = self.live {
            live(&mut self.scene, self.frame);
            self.frame += 1;
        }
        self.live.is_some()
    }

    fn model(&self) -> &Model {
        &self.scene.model
    }

    fn model_mut(&mut self) -> &mut Model {
        &mut self.scene.model
    }

    fn run(&mut self, command: Command) {
        self.commands.push(command);
    }

    fn scenario(&self) -> &str {
        "failover"
    }

    fn scenarios(&self) -> &[ScenarioEntry] {
        &self.scenarios
    }

    fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    fn now_us(&self) -> u64 {
        self.scene.now_us
    }

    fn has_quit(&self) -> bool {
        self.commands.contains(&Command::Quit)
    }
}
