//! The pool user as a component of the driver.

use std::process::ExitCode;

use anyhow::Context as _;
use events::Occurrence as _;
use feed::{Activity, Command, PoolUserWork};
use protocol::pool_user::{Event, ResolutionFailure, Settings};
use protocol::{AssociationId, Peer, PoolUser, Time};
use runtime::{ComponentProcess, Context, FeedOutput, Foundation, Lines, Paced, Plan, PortPlan, Status};
use wire::PoolUserIdentifier;

use crate::calc_app_client::CalcAppClient;
use crate::check;
use crate::client::{Client, Host};
use crate::fractal_client::FractalClient;
use crate::ping_pong_client::PingPongClient;
use crate::terminal::TerminalClient;
use crate::units::UnitsClient;
use crate::work::Work;
use crate::{Args, ClientKind};

/// Runs a pool user until it is told to stop, or has received all requested pictures.
///
/// # Errors
/// Returns an error if a resource of the environment is missing; the message says what to do about it.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(path) = &args.picture.png {
        check::check_path(path)?;
    }
    if args.service == ClientKind::Scripting {
        args.units.check()?;
    }
    let pool_handle = args.pool()?;
    let identifier = args.shared.identifier_up_to(PoolUserIdentifier::LARGEST)?;
    let registrars = args.hunt.peers()?;
    let plan = Plan {
        component: feed::ComponentIdentity::PoolUser(identifier.try_into()?),
        asap: PortPlan::Ephemeral,
        enrp: None,
        service: PortPlan::Ephemeral,
        service_association: match args.service {
            ClientKind::Calcapp => runtime::quiet_service_association(args.shared.preset()),
            _ => runtime::service_association(args.shared.preset()),
        },
        pool_handle: Some(pool_handle),
        policy: None,
    };
    runtime::run(&args.shared, plan, |foundation, feed| {
        let now = foundation.now;
        let mut component = PoolUserComponent::new(args, registrars, foundation)?;
        component.report_work(now, feed);
        Ok(component)
    })
}

struct PoolUserComponent {
    core: PoolUser,
    client: Box<dyn Client>,
    /// For a user in a terminal.
    lines: Option<Lines>,
    connected: bool,
    /// Why no pool element can be found, while that is the case.
    failure: Option<ResolutionFailure>,
    work: Paced<PoolUserWork>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Stopping(u8),
    Stopped(u8),
}

impl PoolUserComponent {
    fn new(args: &Args, registrars: Vec<Peer>, foundation: Foundation<Work>) -> anyhow::Result<Self> {
        let settings = Settings { registrars };
        let config = args.timers.config(args.shared.preset());
        let pool_handle = args.pool()?;
        let client: Box<dyn Client> = match args.service {
            ClientKind::Fractal => Box::new(FractalClient::new(args, pool_handle, foundation.work)?),
            ClientKind::Calcapp => Box::new(CalcAppClient::new(
                pool_handle,
                args.calc_app.settings(),
                foundation.seed,
                Time::from_origin(args.picture.begin_within.unwrap_or_default()),
            )),
            ClientKind::PingPong => Box::new(PingPongClient::new(pool_handle, args.ping_interval)),
            ClientKind::Scripting => Box::new(UnitsClient::new(args, pool_handle, foundation.work)?),
            ClientKind::Terminal => Box::new(
                TerminalClient::new(args, pool_handle, foundation.now, foundation.work)
                    .context("cannot start the thread that reads standard input")?,
            ),
        };
        Ok(Self {
            core: PoolUser::new(foundation.now, settings, config, foundation.seed),
            client,
            lines: (!args.shared.feed)
                .then(Lines::on_standard_output)
                .transpose()
                .context("cannot start the thread that prints")?,
            connected: false,
            failure: None,
            work: Paced::default(),
            state: State::Running,
        })
    }

    fn use_client<T>(
        &mut self,
        context: &mut Context<'_>,
        action: impl FnOnce(&mut dyn Client, &mut Host<'_, '_>) -> T,
    ) -> Option<T> {
        if self.state != State::Running {
            return None;
        }
        let mut host = Host {
            core: &mut self.core,
            context,
            lines: self.lines.as_ref(),
        };
        let outcome = action(self.client.as_mut(), &mut host);
        if let Some(status) = self.client.outcome() {
            // What was achieved is seen only now: from here on, the activity is to stop.
            let last = self.status();
            context.feed.emit(feed::Event::Status {
                ready: last.ready,
                status: last.status,
            });
            self.state = State::Stopping(status);
            self.core.stop(context.now);
            self.report_last_work(context);
        } else {
            self.report_work(context.now, context.feed);
        }
        Some(outcome)
    }

    /// Reports the requests if that is due.
    fn report_work(&mut self, now: Time, feed: &FeedOutput) {
        let Some(work) = self.client.work(now) else {
            return;
        };
        // Whatever changes follows from an event.
        if let Some(work) = self.work.offer(now, work, false) {
            feed.emit_at(now, feed::Event::PoolUserWork(work));
        }
    }

    /// Reports the requests for the last time.
    fn report_last_work(&mut self, context: &Context<'_>) {
        let work = self.client.work(context.now);
        if let Some(work) = work.and_then(|work| self.work.offer_last(work)) {
            context.feed.emit(feed::Event::PoolUserWork(work));
        }
    }

    /// Updates the status for an event.
    fn note(&mut self, event: &Event) {
        match event {
            Event::Hunting | Event::RegistrarLost { .. } => self.connected = false,
            Event::RegistrarConnected { .. } => self.connected = true,
            Event::ResolutionFailed { failure, .. } => self.failure = Some(*failure),
            Event::SessionUp { .. } => self.failure = None,
            Event::Stopped => {
                if let State::Stopping(status) = self.state {
                    self.state = State::Stopped(status);
                }
            }
            _ => {}
        }
    }
}

impl ComponentProcess for PoolUserComponent {
    type Core = PoolUser;
    type Work = Work;

    fn core(&mut self) -> &mut PoolUser {
        &mut self.core
    }

    fn is_news(&self, event: &Event) -> bool {
        let is_over = match event {
            Event::FailoverStarted { session, .. } => self.client.is_done_with(*session),
            _ => false,
        };
        event.is_news() && !is_over
    }

    fn handle_event(&mut self, context: &mut Context<'_>, event: Event) {
        self.note(&event);
        self.use_client(context, |client, host| client.handle_event(host, event));
    }

    fn handle_command(&mut self, context: &mut Context<'_>, command: Command) -> bool {
        self.use_client(context, |client, host| client.handle_command(host, command))
            .unwrap_or(true)
    }

    fn handle_work(&mut self, context: &mut Context<'_>, work: Work) {
        self.use_client(context, |client, host| client.handle_work(host, work));
    }

    fn handle_writable(&mut self, context: &mut Context<'_>, _: AssociationId) {
        self.use_client(context, |client, host| client.handle_writable(host));
    }

    fn handle_timeout(&mut self, context: &mut Context<'_>) {
        self.use_client(context, |client, host| client.handle_timeout(host));
    }

    fn poll_timeout(&self) -> Option<Time> {
        match self.state {
            State::Running => {
                let client = self.client.poll_timeout().into_iter();
                client.chain(self.work.poll_timeout()).min()
            }
            State::Stopping(_) | State::Stopped(_) => None,
        }
    }

    fn stop(&mut self, context: &mut Context<'_>) {
        self.use_client(context, |client, host| client.handle_stop(host));
        if self.state == State::Running {
            self.state = State::Stopping(self.client.outcome_if_stopped());
            self.core.stop(context.now);
            self.report_last_work(context);
        }
    }

    fn finished(&self) -> Option<u8> {
        match self.state {
            State::Stopped(status) => Some(status),
            State::Running | State::Stopping(_) => None,
        }
    }

    fn status(&self) -> Status {
        Status {
            ready: self.connected,
            status: feed::Status::PoolUser {
                connected: self.connected,
                failure: self.failure,
                activity: match self.state {
                    State::Running => self.client.activity(),
                    State::Stopping(_) | State::Stopped(_) => Activity::Stopping,
                },
            },
            report: if self.connected {
                self.client.report()
            } else {
                "Looking for Registrar ...".into()
            },
            load: None,
            lists_sessions: true,
        }
    }
}
