//! The pool user behind the driver.

use std::process::ExitCode;

use feed::{Command, ComponentRole};
use protocol::pool_user::{Event, ResolutionFailure, Settings};
use protocol::{PoolUser, Time};
use runtime::{Component, Context, Foundation, Plan, PortPlan, Status};
use tracing::{debug, info, warn};

use crate::check::Checked;
use crate::client::{Client, Host};
use crate::fractal_client::FractalClient;
use crate::ping_pong_client::PingPongClient;
use crate::{Args, ClientKind};

/// The largest number of a pool user: 56 bits.
const LARGEST_IDENTIFIER: u64 = (1 << 56) - 1;

/// Runs a pool user until it is told to stop, or has all pictures that were asked for.
///
/// # Errors
/// When its environment lacks something; the message says what to do about it.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let pool_handle = args.pool()?;
    let plan = Plan {
        role: ComponentRole::PoolUser,
        largest_identifier: LARGEST_IDENTIFIER,
        asap: PortPlan::Ephemeral,
        enrp: None,
        service: PortPlan::Ephemeral,
        service_association: runtime::service_association(args.shared.preset()),
        pool_handle: Some(pool_handle.to_string()),
        policy: None,
    };
    runtime::run(&args.shared, plan, |foundation, _| {
        PoolUserComponent::new(args, foundation)
    })
}

struct PoolUserComponent {
    core: PoolUser,
    client: Box<dyn Client>,
    connected: bool,
    /// The registrar that resolves pool handles.
    registrar: String,
    /// Why no pool element can be found, while that is so.
    trouble: Option<String>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Stopping(u8),
    Stopped(u8),
}

impl PoolUserComponent {
    fn new(args: &Args, foundation: Foundation<Checked>) -> anyhow::Result<Self> {
        let settings = Settings {
            registrars: args.hunt.peers(),
        };
        let config = args.timers.config(args.shared.preset());
        let pool_handle = args.pool()?;
        let client: Box<dyn Client> = match args.service {
            ClientKind::Fractal => Box::new(FractalClient::new(args, pool_handle, foundation.work)),
            ClientKind::PingPong => Box::new(PingPongClient::new(pool_handle, args.ping_interval)),
        };
        Ok(Self {
            core: PoolUser::new(foundation.now, settings, config, foundation.seed),
            client,
            connected: false,
            registrar: String::new(),
            trouble: None,
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
        };
        let outcome = action(self.client.as_mut(), &mut host);
        if let Some(status) = self.client.outcome() {
            self.state = State::Stopping(status);
            self.core.stop(context.now);
        }
        Some(outcome)
    }

    fn log(&mut self, context: &mut Context<'_>, event: &Event) {
        match event {
            Event::Hunting => self.connected = false,
            Event::HuntFailed { rounds, next_round } => {
                warn!("no registrar found in {rounds} rounds; the next one takes {next_round:?}");
            }
            Event::RegistrarConnected { peer, .. } => {
                info!("connected to the registrar at {peer}");
                self.connected = true;
                self.registrar = format!("the registrar at {peer}");
            }
            Event::RegistrarIdentified {
                association,
                registrar,
            } => {
                info!("{} is registrar {registrar}", self.registrar);
                self.registrar = format!("PR {registrar}");
                let registrar = feed::Component {
                    role: ComponentRole::Registrar,
                    identifier: registrar.0.into(),
                };
                context.identify(*association, registrar);
            }
            Event::RegistrarLost { cause, .. } => {
                if self.state == State::Running {
                    warn!("the registrar is lost: {cause}");
                }
                self.connected = false;
            }
            Event::Resolved {
                session, candidates, ..
            } => debug!("session {session}: candidates {candidates:?}"),
            Event::ResolutionFailed {
                session,
                pool_handle,
                failure,
                ..
            } => {
                let words = words(*failure);
                // Said once, not at each repetition.
                if self.trouble.as_ref() != Some(&words) {
                    warn!("session {session}: pool {pool_handle}: {words}");
                }
                self.trouble = Some(words);
            }
            Event::SessionUp {
                session,
                pe_identifier,
                association,
                ..
            } => {
                info!("session {session} is served by PE {pe_identifier}");
                self.trouble = None;
                let peer = feed::Component {
                    role: ComponentRole::PoolElement,
                    identifier: pe_identifier.0.into(),
                };
                context.identify(*association, peer);
            }
            Event::FailoverStarted {
                session,
                pe_identifier,
                reason,
                has_cookie,
                ..
            } => {
                let how = if *has_cookie { "with" } else { "without" };
                info!("session {session} leaves PE {pe_identifier}: {reason}; going on {how} a cookie");
            }
            Event::UnreachableReported { pe_identifier, .. } => {
                info!("PE {pe_identifier} was reported to be unreachable");
            }
            Event::Discarded { why, .. } => warn!("a message was discarded: {why}"),
            Event::ErrorReceived { association, error } => {
                warn!("association {} reports an error: {error:?}", association.number());
            }
            Event::Stopped => {
                if let State::Stopping(status) = self.state {
                    self.state = State::Stopped(status);
                }
            }
            _ => {}
        }
    }
}

impl Component for PoolUserComponent {
    type Core = PoolUser;
    type Work = Checked;

    fn core(&mut self) -> &mut PoolUser {
        &mut self.core
    }

    fn handle_event(&mut self, context: &mut Context<'_>, event: Event) {
        self.log(context, &event);
        self.use_client(context, |client, host| client.handle_event(host, event));
    }

    fn handle_command(&mut self, context: &mut Context<'_>, command: Command) -> bool {
        self.use_client(context, |client, host| client.handle_command(host, command))
            .unwrap_or(true)
    }

    fn handle_work(&mut self, context: &mut Context<'_>, checked: Checked) {
        self.use_client(context, |client, host| client.handle_checked(host, checked));
    }

    fn handle_timeout(&mut self, context: &mut Context<'_>) {
        self.use_client(context, |client, host| client.handle_timeout(host));
    }

    fn poll_timeout(&self) -> Option<Time> {
        match self.state {
            State::Running => self.client.poll_timeout(),
            State::Stopping(_) | State::Stopped(_) => None,
        }
    }

    fn stop(&mut self, context: &mut Context<'_>) {
        if self.state == State::Running {
            self.state = State::Stopping(self.client.outcome_if_stopped());
            self.core.stop(context.now);
        }
    }

    fn finished(&self) -> Option<u8> {
        match self.state {
            State::Stopped(status) => Some(status),
            State::Running | State::Stopping(_) => None,
        }
    }

    fn status(&self) -> Status {
        let text = match (&self.state, self.connected, &self.trouble) {
            (State::Running, true, Some(trouble)) => trouble.clone(),
            (State::Running, true, None) => self.client.text(),
            (State::Running, false, _) => format!("looking for a registrar; {}", self.client.text()),
            (State::Stopping(_) | State::Stopped(_), ..) => "stopping".into(),
        };
        Status {
            ready: self.connected,
            text,
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

/// Why there is nobody to go to, for people.
fn words(failure: ResolutionFailure) -> String {
    match failure {
        ResolutionFailure::UnknownPoolHandle => "the pool is empty".into(),
        ResolutionFailure::Refused(cause) => format!("the registrar refuses ({cause})"),
        ResolutionFailure::NoAnswer => "no registrar answers".into(),
        ResolutionFailure::NoneUsable => "no pool element is usable".into(),
    }
}
