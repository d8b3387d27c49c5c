//! One component as the control centre knows it.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use events::pool_user::SessionId;
use feed::{ComponentIdentity, ComponentRole, HandlespaceEntry, Impairment, Limits, LinkTarget, Timestamp};
use feed::{PoolElementWork, PoolUserWork};
use serde::{Deserialize, Serialize};
use wire::parameter::Policy;
use wire::{PeIdentifier, PoolHandle};

use crate::{
    Canvas, Failover, FailoverKey, HeldPicture, PictureCount, ProcessState, Registrar, Request, Shared,
    Silence, SystemState, apply, bounded, failover, feed_event, ownership,
};
use scenario::ComponentSpec;
use scenario::Timers;

/// Identifies a component within this control centre for as long as it runs. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ComponentId(pub u32);

/// One component.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Component {
    /// Its identifier here.
    pub id: ComponentId,
    /// Its unique display name, such as "PE 1".
    pub name: String,
    /// The arguments that it was, or will be, started with.
    pub spec: ComponentSpec,
    /// The timers that it was started with.
    pub timers: Option<Timers>,
    /// For pool elements: the index of its colour, counted from 0. Never reused for another pool element.
    #[serde(deserialize_with = "bounded::count")]
    pub colour: usize,
    /// Its process.
    pub process: ProcessState,
    /// Set while its feed is silent though it should be heard: what else is known of it is then out of date.
    pub silence: Option<Silence>,
    /// Its identity in the protocols, once it has said hello.
    pub identity: Option<ComponentIdentity>,
    /// The addresses that it is bound to, once it has said hello.
    #[serde(deserialize_with = "bounded::list::<{ feed_event::ADDRESSES }, _, _>")]
    pub addresses: Vec<IpAddr>,
    /// Whether the current process has said hello.
    pub(crate) said_hello: bool,
    /// Whether its peers know that it has left.
    pub farewell: Farewell,
    /// What it had done, in its own words, if it ended because that was all that was asked for.
    pub finished: Option<String>,
    /// For pool users: its last status before it began to stop.
    pub(crate) done: String,
    /// Whether it is operational: registered, serving or connected.
    pub ready: bool,
    /// Its status, in its own words.
    pub status: String,
    /// For pool elements and pool users: the pool, once it has said hello.
    pub pool_handle: Option<PoolHandle>,
    /// For pool elements: the policy in words.
    pub policy: Option<String>,
    /// For pool elements: its load.
    pub load: Option<Load>,
    /// For pool elements: the policy with its current data.
    pub policy_data: Option<Policy>,
    /// For pool elements: the load from 0 to 1 that it was told to tell registrars, instead of the one that it measures.
    pub told_load: Option<f64>,
    /// How many times its policy data, or the load that it is to tell, have changed or been forgotten.
    #[serde(deserialize_with = "bounded::count")]
    pub policy_told: u64,
    /// For pool elements: why a registrar does not let it into the pool, as long as that is the case.
    pub refusal: Option<String>,
    /// For pool elements: its work, the latest report.
    pub pool_element_work: Option<PoolElementWork>,
    /// For pool users: its requests, the latest report.
    pub pool_user_work: Option<PoolUserWork>,
    /// What limits the sessions of a pool element.
    pub limits: Limits,
    /// How many times the limits have been reported or forgotten.
    #[serde(deserialize_with = "bounded::count")]
    pub limits_told: u64,
    /// For pool elements: the home registrar, according to a registrar's handlespace. It may have died meanwhile.
    pub home_registrar: Option<ComponentId>,
    /// For pool elements: the last registrar whose handlespace contained it; `home_registrar` may be ahead of this.
    pub registered_with: Option<ComponentId>,
    /// For registrars: the size of its handlespace.
    pub handlespace: Option<HandlespaceSize>,
    /// For registrars: the entries of its handlespace. For a dead registrar, its last entries.
    #[serde(deserialize_with = "bounded::shared_list::<{ ownership::ENTRIES }, _, _>")]
    pub entries: Shared<Vec<HandlespaceEntry>>,
    /// For registrars: start-up, peers and synchronizations.
    pub registrar: Registrar,
    /// For pool users: the pool element that serves each session. What is over is not in it: sessions that were
    /// closed, and those whose pool element has no process any more.
    #[serde(deserialize_with = "bounded::map::<{ failover::SESSIONS }, _, _, _>")]
    pub served: BTreeMap<SessionId, Server>,
    /// For pool users: the pool elements that served the sessions of its picture that are closed.
    #[serde(deserialize_with = "bounded::map::<{ Request::SESSIONS as usize }, _, _, _>")]
    pub served_before: BTreeMap<SessionId, Server>,
    /// For pool users: its failovers, the latest last, bounded.
    #[serde(deserialize_with = "bounded::list::<{ failover::FAILOVERS }, _, _>")]
    pub failovers: VecDeque<Failover>,
    /// For pool users: its picture.
    pub canvas: Option<Canvas>,
    /// For pool users: the picture that a story is about, which is kept until the story goes on.
    pub held: Option<HeldPicture>,
    /// For pool users: the results of all pictures.
    pub pictures: PictureCount,
    /// The impairments in force.
    #[serde(deserialize_with = "bounded::list::<{ apply::LINKS }, _, _>")]
    pub impairments: Vec<(LinkTarget, Impairment)>,
    /// The latest lines of its log, bounded.
    #[serde(deserialize_with = "bounded::shared_list::<{ apply::LOG_LINES }, _, _>")]
    pub log: Shared<VecDeque<LogLine>>,
    /// The latest problem that it reported, until the next start.
    pub problem: Option<String>,
    /// Events of its feed that were ignored because they cannot be true, such as pixels outside the picture.
    #[serde(deserialize_with = "bounded::count")]
    pub ignored_events: u64,
}

/// Whether the peers of a component know that it has left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Farewell {
    /// It has not left, or has told nobody.
    #[default]
    None,
    /// It has told them; for a pool element, a registrar has confirmed that it is not in the pool any more.
    Heard,
    /// What it told has not got through to anybody.
    Unheard,
}

/// The load of a pool element.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// From 0 to 1.
    pub load: f64,
    /// Sessions that it is serving.
    pub sessions: u32,
    /// The maximum number of sessions that it accepts.
    pub capacity: u32,
}

/// The size of a registrar's handlespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandlespaceSize {
    /// Pool elements in the handlespace.
    pub pool_elements: u32,
    /// Pool elements that the registrar owns.
    pub owned: u32,
    /// The PE checksum of the owned ones (RFC 5353 section 3.7).
    pub checksum: u16,
}

/// A pool element that serves a session, or has served it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Its identifier in the protocols.
    pub pe_identifier: PeIdentifier,
    /// The component, if it is one of this control centre's.
    pub component: Option<ComponentId>,
}

/// A line of a component's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was read.
    pub at: Timestamp,
    /// The line.
    pub text: String,
}

impl Component {
    /// Creates a component that has not been started yet.
    #[must_use]
    pub fn new(id: ComponentId, name: String, spec: ComponentSpec, colour: usize) -> Self {
        Self {
            id,
            name,
            spec,
            timers: None,
            colour,
            process: ProcessState::Pending,
            silence: None,
            identity: None,
            addresses: Vec::new(),
            said_hello: false,
            farewell: Farewell::default(),
            finished: None,
            done: String::new(),
            ready: false,
            status: String::new(),
            pool_handle: None,
            policy: None,
            load: None,
            policy_data: None,
            told_load: None,
            policy_told: 0,
            refusal: None,
            pool_element_work: None,
            pool_user_work: None,
            limits: Limits::default(),
            limits_told: 0,
            home_registrar: None,
            registered_with: None,
            handlespace: None,
            entries: Shared::default(),
            registrar: Registrar::default(),
            served: BTreeMap::new(),
            served_before: BTreeMap::new(),
            failovers: VecDeque::new(),
            canvas: None,
            held: None,
            pictures: PictureCount::default(),
            impairments: Vec::new(),
            log: Shared::default(),
            problem: None,
            ignored_events: 0,
        }
    }

    /// Forgets the state of a running process. The picture, the log, the failovers and the last handlespace stay.
    pub(crate) fn forget_life(&mut self) {
        self.said_hello = false;
        self.ready = false;
        self.silence = None;
        self.status.clear();
        self.load = None;
        self.policy_data = None;
        self.told_load = None;
        self.policy_told += 1;
        self.refusal = None;
        self.pool_element_work = None;
        self.pool_user_work = None;
        self.limits = Limits::default();
        self.limits_told += 1;
        self.home_registrar = None;
        self.registered_with = None;
        self.forget_sessions();
        self.impairments.clear();
    }

    /// Forgets what a registrar knew, before a new process replaces the old one.
    pub(crate) fn forget_handlespace(&mut self) {
        self.handlespace = None;
        self.entries.clear();
        self.registrar = Registrar::default();
    }

    /// Forgets the sessions of a picture; its failovers under way will not complete.
    pub(crate) fn forget_sessions(&mut self) {
        self.served.clear();
        self.served_before.clear();
        self.abandon_failovers();
    }

    /// A session is over, complete or not.
    pub(crate) fn session_closed(&mut self, session: SessionId) {
        let server = self.served.remove(&session);
        // Without a picture, nobody asks who served before; and there would be more of them with each request.
        if let Some(server) = server.filter(|_| self.canvas.is_some()) {
            self.served_before.insert(session, server);
        }
    }

    /// Marks all failovers under way as abandoned.
    fn abandon_failovers(&mut self) {
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

    /// Returns the failover with this key while it is kept.
    #[must_use]
    pub fn failover(&self, key: FailoverKey) -> Option<&Failover> {
        // Failovers are sorted by key.
        let at = self.failovers.binary_search_by_key(&key, |failover| failover.key);
        at.ok().and_then(|at| self.failovers.get(at))
    }

    /// Returns whether its process was stopped, from here or by somebody else, so that it can be thawed.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        let elsewhere = |silence: &Silence| silence.system == SystemState::Stopped;
        matches!(self.process, ProcessState::Frozen { .. }) || self.silence.as_ref().is_some_and(elsewhere)
    }

    /// Returns after how many more data messages a pool element breaks each session, if it is to do so.
    #[must_use]
    pub fn fails_after(&self) -> Option<u32> {
        let is_alive = self.process.is_alive();
        self.limits
            .fail_after
            .filter(|messages| *messages > 0 && is_alive)
    }

    /// Returns what is wrong with it: that it was refused, while that lasts, or else the latest problem.
    #[must_use]
    pub fn trouble(&self) -> Option<Cow<'_, str>> {
        match &self.refusal {
            Some(why) => Some(format!("refused: {why}").into()),
            None => self.problem.as_deref().map(Cow::Borrowed),
        }
    }

    /// Returns whether all its links are cut.
    #[must_use]
    pub fn is_unplugged(&self) -> bool {
        self.impairments
            .iter()
            .any(|(target, impairment)| *target == LinkTarget::All && impairment.is_unplugged())
    }
}
