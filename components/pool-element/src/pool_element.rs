//! The pool element as a component of the driver.

mod membership;

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::Context as _;
use events::counted;
use events::pool_element::refusal_in_words;
use feed::{Command, Home, PoolElementWork, Registration};
use protocol::pool_element::{Event, Settings};
use protocol::{AssociationId, Peer, PoolElement, Time};
use runtime::{ComponentProcess, Context, FeedOutput, Foundation, Paced, Plan, PortPlan, Status};
use tracing::info;
use wire::PeIdentifier;
use wire::parameter::{Policy, SctpTransport, TransportUse, UserTransport};

use crate::service::{Done, Host, Service, service_for};
use crate::{Args, ServiceKind};

/// Runs a pool element until it is told to stop.
///
/// # Errors
/// Returns an error if a resource of the environment is missing; the message says what to do about it.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let pool_handle = args.pool()?;
    let identifier = PeIdentifier(args.shared.identifier_up_to(u32::MAX)?);
    let registrars = args.hunt.peers()?;
    let plan = Plan {
        component: feed::ComponentIdentity::PoolElement(identifier),
        asap: PortPlan::Listen(0),
        enrp: None,
        service: PortPlan::Listen(args.service_port),
        service_association: match args.service {
            ServiceKind::Calcapp => runtime::quiet_service_association(args.shared.preset()),
            _ => runtime::service_association(args.shared.preset()),
        },
        pool_handle: Some(pool_handle),
        policy: Some(args.policy.to_string()),
    };
    runtime::run(&args.shared, plan, |foundation, feed| {
        let now = foundation.now;
        let mut component = PoolElementComponent::new(args, identifier, registrars, foundation)?;
        component.report_limits(feed);
        component.report_policy(feed);
        component.report_work(now, feed);
        Ok(component)
    })
}

struct PoolElementComponent {
    core: PoolElement,
    service: Box<dyn Service>,
    policy: Policy,
    /// The load to tell registrars instead of the measured one, from 0 to 1.
    told_load: Option<f64>,
    max_sessions: usize,
    sessions: BTreeSet<AssociationId>,
    /// What was reported last.
    reported: Option<Occupancy>,
    work: Paced<PoolElementWork>,
    /// Sessions refused because of the limit.
    refused: u64,
    registration: Registration,
    /// The current or future home registrar.
    home: Option<Home>,
    stopping: bool,
    stopped: bool,
}

/// What determines the load, and the number of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Occupancy {
    running: usize,
    most_running: usize,
    sessions: usize,
}

impl Occupancy {
    fn load(self) -> f64 {
        if self.running >= self.most_running {
            return 1.0;
        }
        self.running as f64 / self.most_running as f64
    }
}

/// The maximum number of sessions that wait for their rejection: sessions cost memory, even without a job.
const MOST_WITHOUT_JOB: usize = 1024;

impl PoolElementComponent {
    fn new(
        args: &Args,
        identifier: PeIdentifier,
        registrars: Vec<Peer>,
        foundation: Foundation<Done>,
    ) -> anyhow::Result<Self> {
        let user_transport = SctpTransport::new(
            foundation.endpoints.service_port,
            TransportUse::DataPlusControl,
            foundation.addresses.iter().copied(),
        )
        .context("cannot register: choose another --address")?;
        let settings = Settings {
            pool_handle: args.pool()?,
            identifier,
            user_transport: UserTransport::Sctp(user_transport),
            policy: args.policy.clone(),
            registrars,
        };
        let config = args.timers.config(args.shared.preset());
        Ok(Self {
            core: PoolElement::new(foundation.now, settings, config, foundation.seed),
            service: service_for(args, foundation.now, foundation.seed, foundation.work)
                .context("cannot start the service")?,
            policy: args.policy.clone(),
            told_load: None,
            max_sessions: args.max_sessions.into(),
            sessions: BTreeSet::new(),
            reported: None,
            work: Paced::default(),
            refused: 0,
            registration: Registration::Starting,
            home: None,
            stopping: false,
            stopped: false,
        })
    }

    fn serve<T>(
        &mut self,
        context: &mut Context<'_>,
        action: impl FnOnce(&mut dyn Service, &mut Host<'_, '_>) -> T,
    ) -> T {
        let mut host = Host {
            core: &mut self.core,
            context,
        };
        let outcome = action(self.service.as_mut(), &mut host);
        self.report_load(context);
        self.report_work(context.now, context.feed);
        outcome
    }

    fn report_limits(&self, feed: &FeedOutput) {
        feed.emit(feed::Event::Limits(self.service.limits()));
    }

    fn report_policy(&self, feed: &FeedOutput) {
        feed.emit(feed::Event::Policy {
            policy: self.policy.clone(),
        });
    }

    /// Reports the work if that is due.
    fn report_work(&mut self, now: Time, feed: &FeedOutput) {
        let Some(work) = self.current_work(now) else {
            return;
        };
        let goes_on = work.running > 0;
        if let Some(work) = self.work.offer(now, work, goes_on) {
            feed.emit_at(now, feed::Event::PoolElementWork(work));
        }
    }

    /// Reports the work for the last time.
    fn report_last_work(&mut self, context: &Context<'_>) {
        let work = self.current_work(context.now);
        if let Some(work) = work.and_then(|work| self.work.offer_last(work)) {
            context.feed.emit(feed::Event::PoolElementWork(work));
        }
    }

    fn current_work(&self, now: Time) -> Option<PoolElementWork> {
        let work = self.service.work(now)?;
        Some(PoolElementWork {
            rejected: work.rejected.saturating_add(self.refused),
            ..work
        })
    }

    /// Reports load and sessions if they have changed, and registers again if the policy includes the load.
    fn report_load(&mut self, context: &mut Context<'_>) {
        let now = self.occupancy();
        if self.reported == Some(now) {
            return;
        }
        if self.reported.map(Occupancy::load) != Some(now.load()) {
            self.set_policy(context, self.policy.clone());
        }
        self.reported = Some(now);
        context.feed.emit(feed::Event::Load {
            load: now.load(),
            sessions: u32::try_from(now.sessions).unwrap_or(u32::MAX),
            capacity: u32::try_from(now.most_running).unwrap_or(u32::MAX),
        });
    }

    /// A registration was confirmed, or the registrar that confirmed it became known.
    fn registered(&mut self) {
        if let Some(home) = self.home.clone().filter(|_| self.core.is_registered()) {
            self.registration = Registration::Registered { home };
        }
    }

    fn occupancy(&self) -> Occupancy {
        Occupancy {
            running: self.service.running(),
            most_running: self.service.most_running().unwrap_or(self.max_sessions),
            sessions: self.sessions.len(),
        }
    }

    /// Returns the maximum number of sessions. A service that rejects jobs itself needs further ones, to do so.
    fn most_sessions(&self) -> usize {
        match self.service.most_running() {
            Some(jobs) => jobs.saturating_add(MOST_WITHOUT_JOB),
            None => self.max_sessions,
        }
    }

    fn begin_session(&mut self, context: &mut Context<'_>, association: AssociationId, peer: &Peer) {
        let most = self.most_sessions();
        if self.sessions.len() >= most {
            info!("session with {peer} refused: {most} sessions are the limit");
            self.refused += 1;
            self.serve(context, |service, host| service.reject_session(host, association));
            return self.report_work(context.now, context.feed);
        }
        self.sessions.insert(association);
        self.serve(context, |service, host| service.begin_session(host, association));
    }
}

impl ComponentProcess for PoolElementComponent {
    type Core = PoolElement;
    type Work = Done;

    fn core(&mut self) -> &mut PoolElement {
        &mut self.core
    }

    fn handle_event(&mut self, context: &mut Context<'_>, event: Event) {
        match event {
            Event::Hunting => self.registration = Registration::Hunting,
            Event::RegistrarConnected { peer, .. } => {
                self.home = Some(Home::At(peer));
                self.registering();
            }
            Event::RegistrarIdentified { registrar, .. } | Event::HomeRegistrarChanged { registrar, .. } => {
                self.home = Some(Home::Identified(registrar));
                self.registered();
            }
            Event::RegistrarLost { .. } => {
                if !self.stopping {
                    self.registration = Registration::Hunting;
                }
            }
            Event::Registered { .. } => self.registered(),
            Event::RegistrationRefused {
                pool_handle,
                policy,
                causes,
                ..
            } => {
                let why = refusal_in_words(&pool_handle, &policy, &causes);
                self.registration = Registration::Refused { why };
            }
            Event::RegistrationFailed { .. } => self.registration = Registration::NotAnswered,
            Event::SessionStarted { association, peer } => self.begin_session(context, association, &peer),
            Event::CookieEcho { association, cookie } => {
                if self.sessions.contains(&association) {
                    self.serve(context, |service, host| {
                        service.handle_cookie_echo(host, association, &cookie);
                    });
                }
            }
            Event::Data {
                association,
                ppid,
                bytes,
            } => {
                if self.sessions.contains(&association) {
                    self.serve(context, |service, host| {
                        service.handle_data(host, association, ppid, &bytes);
                    });
                }
            }
            Event::SessionEnded { association, .. } => {
                if self.sessions.remove(&association) {
                    self.serve(context, |service, host| service.end_session(host, association));
                }
            }
            Event::Deregistered { confirmed } => {
                self.registration = Registration::Deregistered { confirmed };
                self.serve(context, |service, host| service.shut_down(host));
                self.report_last_work(context);
                self.core.close(context.now);
            }
            Event::LeftPool => self.left_pool(),
            Event::Stopped => {
                self.report_last_work(context);
                self.stopped = true;
            }
            Event::HuntFailed { .. }
            | Event::RegistrationExpired
            | Event::BusinessCard { .. }
            | Event::Discarded { .. }
            | Event::ErrorReceived { .. } => {}
        }
    }

    fn handle_command(&mut self, context: &mut Context<'_>, command: Command) -> bool {
        let before = self.service.limits();
        match command {
            Command::FailAfter { messages } => self.service.set_fail_after(messages),
            Command::SetCapacity {
                iterations_per_second,
            } => self.serve(context, |service, host| {
                service.set_capacity(host, iterations_per_second);
            }),
            Command::SetPolicy { policy } => self.change_policy_data(context, policy),
            Command::SetLoad { load } => self.tell_load(context, load),
            Command::LeavePool => self.leave_pool(context),
            Command::JoinPool { policy } => self.join_pool(context, policy),
            Command::SetMaxJobs { jobs } => self.serve(context, |service, host| {
                service.set_max_jobs(host, jobs);
            }),
            Command::Stop
            | Command::Impair { .. }
            | Command::Begin
            | Command::Failover
            | Command::NewImage { .. } => return false,
        }
        if self.service.limits() != before {
            self.report_limits(context.feed);
        }
        true
    }

    fn handle_work(&mut self, context: &mut Context<'_>, done: Done) {
        self.serve(context, |service, host| service.handle_done(host, done));
    }

    fn handle_writable(&mut self, context: &mut Context<'_>, association: AssociationId) {
        if self.sessions.contains(&association) {
            self.serve(context, |service, host| {
                service.handle_writable(host, association);
            });
        }
    }

    fn handle_timeout(&mut self, context: &mut Context<'_>) {
        self.serve(context, |service, host| service.handle_timeout(host));
    }

    fn poll_timeout(&self) -> Option<Time> {
        self.service
            .poll_timeout()
            .into_iter()
            .chain(self.work.poll_timeout())
            .min()
    }

    fn stop(&mut self, context: &mut Context<'_>) {
        self.stopping = true;
        self.registration = Registration::Deregistering;
        self.core.stop(context.now);
    }

    fn finished(&self) -> Option<u8> {
        self.stopped.then_some(0)
    }

    fn status(&self) -> Status {
        let sessions = u32::try_from(self.sessions.len()).unwrap_or(u32::MAX);
        let ready = self.core.is_registered();
        Status {
            ready,
            status: feed::Status::PoolElement {
                registration: self.registration.clone(),
                sessions,
            },
            // rsplib's wording.
            report: if ready {
                counted(sessions.into(), "Session")
            } else {
                "Looking for Registrar ...".into()
            },
            load: self.policy.is_adaptive().then(|| self.occupancy().load()),
            lists_sessions: false,
        }
    }
}
