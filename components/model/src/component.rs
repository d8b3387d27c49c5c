//! One component as the control centre knows it.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use events::pool_user::SessionId;
use feed::{ComponentIdentity, ComponentRole, HandlespaceEntry, Impairment, Limits, LinkTarget, Timestamp};
use wire::PeIdentifier;

use crate::{Canvas, Failover, FailoverKey, PictureCount, ProcessState, Registrar};
use scenario::ComponentSpec;
use scenario::Timers;

/// Names a component within this control centre for as long as it runs; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentId(pub u32);

/// One component.
#[derive(Debug)]
pub struct Component {
    /// Its identifier here.
    pub id: ComponentId,
    /// Its name for people, unique: "PE 1".
    pub name: String,
    /// What it was, or will be, started with.
    pub spec: ComponentSpec,
    /// The timers that it was started with.
    pub timers: Option<Timers>,
    /// For pool elements: which colour it has everywhere, counted from 0 and never given to another one.
    pub colour: usize,
    /// Its process.
    pub process: ProcessState,
    /// What it is in the protocols, once it has said hello.
    pub identity: Option<ComponentIdentity>,
    /// The addresses it is bound to, once it has said hello.
    pub addresses: Vec<IpAddr>,
    /// Whether the process that runs has said hello.
    pub(crate) said_hello: bool,
    /// Whether it does what it is there for: registered, serving, connected.
    pub ready: bool,
    /// What it does, in a few words of its own.
    pub status: String,
    /// Policy in words, for pool elements.
    pub policy: Option<String>,
    /// For pool elements: how much they have to do.
    pub load: Option<Load>,
    /// What holds the sessions of a pool element back.
    pub limits: Limits,
    /// How many times that has been told, or forgotten.
    pub limits_told: u64,
    /// For pool elements: the registrar that owns it, as a registrar's handlespace has it; it may have died meanwhile.
    pub home_registrar: Option<ComponentId>,
    /// For pool elements: the registrar whose handlespace had it last, which `home_registrar` may run ahead of.
    pub registered_with: Option<ComponentId>,
    /// For registrars: how large the handlespace is.
    pub handlespace: Option<HandlespaceSize>,
    /// For registrars: what is in the handlespace. Of a dead one, what was in it at last.
    pub entries: Vec<HandlespaceEntry>,
    /// For registrars: start-up, peers and synchronizations.
    pub registrar: Registrar,
    /// For pool users: who serves each session.
    pub served: BTreeMap<SessionId, Server>,
    /// For pool users: failovers, the latest at the end, bounded.
    pub failovers: VecDeque<Failover>,
    /// For pool users: the picture.
    pub canvas: Option<Canvas>,
    /// For pool users: what became of all pictures.
    pub pictures: PictureCount,
    /// The impairments in force.
    pub impairments: Vec<(LinkTarget, Impairment)>,
    /// The latest lines of its log, bounded.
    pub log: VecDeque<LogLine>,
    /// The latest problem it told of, until the next start.
    pub problem: Option<String>,
    /// Events of its feed that could not be true, such as pixels outside the picture; they were ignored.
    pub ignored_events: u64,
}

/// How much a pool element has to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// From 0 to 1.
    pub load: f64,
    /// Sessions that it serves.
    pub sessions: u32,
    /// The most sessions that it takes.
    pub capacity: u32,
}

/// How large a registrar's handlespace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandlespaceSize {
    /// Pool elements in it.
    pub pool_elements: u32,
    /// Those that the registrar owns.
    pub owned: u32,
    /// The PE checksum of those (RFC 5353 section 3.7).
    pub checksum: u16,
}

/// A pool element that serves a session, or has served it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    /// Its identifier in the protocols.
    pub pe_identifier: PeIdentifier,
    /// The component, if it is one of this control centre's.
    pub component: Option<ComponentId>,
}

/// A line of a component's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it was read.
    pub at: Timestamp,
    /// The line.
    pub text: String,
}

impl Component {
    /// A component that has not been started yet.
    #[must_use]
    pub fn new(id: ComponentId, name: String, spec: ComponentSpec, colour: usize) -> Self {
        Self {
            id,
            name,
            spec,
            timers: None,
            colour,
            process: ProcessState::Pending,
            identity: None,
            addresses: Vec::new(),
            said_hello: false,
            ready: false,
            status: String::new(),
            policy: None,
            load: None,
            limits: Limits::default(),
            limits_told: 0,
            home_registrar: None,
            registered_with: None,
            handlespace: None,
            entries: Vec::new(),
            registrar: Registrar::default(),
            served: BTreeMap::new(),
            failovers: VecDeque::new(),
            canvas: None,
            pictures: PictureCount::default(),
            impairments: Vec::new(),
            log: VecDeque::new(),
            problem: None,
            ignored_events: 0,
        }
    }

    /// Forgets what only a running process has; the picture, the log, the failovers and the last of the handlespace stay.
    pub(crate) fn forget_life(&mut self) {
        self.said_hello = false;
        self.ready = false;
        self.status.clear();
        self.load = None;
        self.limits = Limits::default();
        self.limits_told += 1;
        self.home_registrar = None;
        self.registered_with = None;
        self.served.clear();
        self.abandon_failovers();
        self.impairments.clear();
    }

    /// Forgets what a registrar knew before its process is another one.
    pub(crate) fn forget_handlespace(&mut self) {
        self.handlespace = None;
        self.entries.clear();
        self.registrar = Registrar::default();
    }

    /// No failover that is under way will be complete.
    pub(crate) fn abandon_failovers(&mut self) {
        let open = self
            .failovers
            .iter_mut()
            .filter(|failover| failover.is_under_way());
        open.for_each(|failover| failover.abandoned = true);
    }

    /// Its role.
    #[must_use]
    pub fn role(&self) -> ComponentRole {
        self.spec.role()
    }

    /// The failover with this key, as long as it is kept.
    #[must_use]
    pub fn failover(&self, key: FailoverKey) -> Option<&Failover> {
        // They are kept in the order of their keys.
        let at = self.failovers.binary_search_by_key(&key, |failover| failover.key);
        at.ok().and_then(|at| self.failovers.get(at))
    }

    /// Whether all its links are cut.
    #[must_use]
    pub fn is_unplugged(&self) -> bool {
        self.impairments
            .iter()
            .any(|(target, impairment)| *target == LinkTarget::All && impairment.cut)
    }
}
