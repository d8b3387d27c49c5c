//! The driver loop: waits for the next input, passes it to the core, carries out the core's outputs, and sets one
//! timer.
//!
//! It makes no protocol decisions.

mod association_events;
mod pause;
mod report;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use feed::{Command, Direction, Event, Impairment, LinkTarget};
use protocol::{AssociationEvent, AssociationId, Core, Endpoint, MulticastGroup, Output, Peer, Time};
use tokio::sync::mpsc;
use tokio::task::LocalSet;
use tracing::{debug, info, warn};
use transport::{AssociationConfig, Events, Link, Message, Transport};
use wire::Ppid;

use crate::alarm::Alarm;
use crate::associations::{Associations, Sent};
use crate::event_log::EventLog;
use crate::groups::{self, Groups};
use crate::impairments::{Impairments, for_transport};
use crate::packet_output::PacketOutput;
use crate::status_reporter::StatusReporter;
use crate::{Clock, ComponentProcess, Context, FeedOutput, Input, Status};

/// SCTP ports and settings of a component's endpoints.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// The ASAP endpoint's own port; 0 chooses one for each association.
    pub asap_port: u16,
    /// The ENRP endpoint's own port; 0 if there is none.
    pub enrp_port: u16,
    /// The service endpoint's own port; 0 chooses one for each association.
    pub service_port: u16,
    /// Settings of ASAP associations.
    pub asap: AssociationConfig,
    /// Settings of ENRP associations.
    pub enrp: AssociationConfig,
    /// Settings of service associations.
    pub service: AssociationConfig,
}

impl Endpoints {
    /// Returns the endpoint for associations that peers opened to this port.
    fn listening_on(&self, port: u16) -> Endpoint {
        if port == self.asap_port {
            Endpoint::Asap
        } else if port == self.enrp_port {
            Endpoint::Enrp
        } else {
            Endpoint::Service
        }
    }

    /// Returns the local port and the settings for an association that the endpoint opens.
    const fn outgoing(&self, endpoint: Endpoint) -> (u16, &AssociationConfig) {
        match endpoint {
            Endpoint::Asap => (self.asap_port, &self.asap),
            Endpoint::Enrp => (self.enrp_port, &self.enrp),
            Endpoint::Service => (self.service_port, &self.service),
        }
    }
}

/// A component with everything needed to drive it.
pub(crate) struct Driver<C: ComponentProcess> {
    /// The transport's task, if it runs on this thread.
    pub(crate) tasks: Option<LocalSet>,
    pub(crate) component: C,
    pub(crate) clock: Clock,
    pub(crate) alarm: Alarm,
    pub(crate) feed: FeedOutput,
    /// Where copies of packets go.
    pub(crate) packets: Option<PacketOutput>,
    pub(crate) transport: Transport,
    pub(crate) events: Events,
    pub(crate) groups: Groups,
    pub(crate) inputs: mpsc::Receiver<Input<C::Work>>,
    pub(crate) endpoints: Endpoints,
    pub(crate) reporter: Option<StatusReporter>,
    pub(crate) event_log: EventLog,
    /// How long a clean stop may take before everything left is aborted.
    pub(crate) stop_patience: Duration,
    pub(crate) state: State,
}

/// The state that changes while the driver runs.
#[derive(Default)]
pub(crate) struct State {
    /// When the loop last woke up. This counts as the current time until it waits again, since some clocks are slow
    /// to read.
    now: Time,
    associations: Associations,
    impairments: Impairments,
    status: Option<Status>,
    /// Set by the clean stop: when to end regardless, and the reason.
    stop: Option<(Time, &'static str)>,
    /// Whether standard input has ended, or was never read.
    input_ended: bool,
}

/// Consecutive messages to the same peer.
#[derive(Default)]
struct Held {
    association: Option<AssociationId>,
    messages: Vec<Message>,
}

/// The event that ended a wait.
enum Wake<Work> {
    Transport(Option<transport::Event>),
    Datagram(MulticastGroup, SocketAddr, Vec<u8>),
    Input(Option<Input<Work>>),
    Timer,
}

/// The maximum number of transport events to handle before fetching the core's outputs.
const BATCH: usize = 32;

impl<C: ComponentProcess> Driver<C> {
    /// Runs until the component has finished. Returns its exit status.
    pub(crate) async fn run(mut self) -> u8 {
        self.state.now = self.clock.now();
        loop {
            self.carry_out();
            self.report_status();
            if let Some(status) = self.component.finished() {
                return self.end(status, feed::FINISHED).await;
            }
            let now = self.state.now;
            if let Some((deadline, _)) = self.state.stop
                && now >= deadline
            {
                warn!("the clean stop takes too long: ending now");
                return self.end(0, "clean stop cut short").await;
            }
            let deadline = self.next_deadline();
            let begun = self.clock.now();
            let work = begun.saturating_since(self.state.now);
            let wake = self.wait(deadline).await;
            self.awaken(begun, deadline, work);
            match wake {
                Wake::Transport(Some(event)) => {
                    self.handle_transport(event);
                    for _ in 1..BATCH {
                        let Some(event) = self.events.try_recv() else {
                            break;
                        };
                        // Responses to messages may be batched; changes of associations are handled immediately.
                        if !matches!(event, transport::Event::Message { .. }) {
                            self.carry_out();
                        }
                        self.handle_transport(event);
                    }
                }
                Wake::Transport(None) => return self.end(1, "the transport has ended").await,
                Wake::Datagram(group, source, bytes) => self.handle_datagram(group, source, &bytes),
                Wake::Input(input) => self.handle_input(input),
                Wake::Timer => {}
            }
            self.handle_timers();
        }
    }

    async fn wait(&mut self, deadline: Option<Time>) -> Wake<C::Work> {
        let here = self.tasks.is_some();
        let others = async {
            tokio::select! {
                event = next(&mut self.events, here) => Wake::Transport(event),
                (group, source, bytes) = self.groups.recv() => Wake::Datagram(group, source, bytes),
                input = self.inputs.recv(), if !self.state.input_ended => Wake::Input(input),
                () = self.alarm.wait(self.state.now, deadline) => Wake::Timer,
            }
        };
        tokio::select! {
            biased;
            // Polled first, so that its events are seen immediately.
            never = work(self.tasks.as_mut()) => match never {},
            wake = others => wake,
        }
    }

    fn next_deadline(&mut self) -> Option<Time> {
        [
            self.component.core().poll_timeout(),
            self.component.poll_timeout(),
            self.reporter.as_ref().map(StatusReporter::poll_timeout),
            self.state.stop.map(|(deadline, _)| deadline),
            self.feed.poll_timeout(),
            self.feed.poll_beat(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn handle_timers(&mut self) {
        let now = self.state.now;
        let due = |time: Option<Time>| time.is_some_and(|time| time <= now);
        if due(self.feed.poll_timeout()) {
            self.feed.handle_timeout(now);
        }
        if due(self.feed.poll_beat()) {
            self.feed.handle_beat(now);
        }
        if due(self.component.core().poll_timeout()) {
            self.component.core().handle_timeout(now);
        }
        if due(self.component.poll_timeout()) {
            self.with_context(|component, context| component.handle_timeout(context));
        }
        if let (Some(reporter), Some(status)) = (&mut self.reporter, &self.state.status) {
            reporter.handle_timeout(now, status, &self.state.associations);
        }
    }

    fn handle_transport(&mut self, event: transport::Event) {
        let now = self.state.now;
        match event {
            transport::Event::Up {
                id,
                local_port,
                peer,
                inbound,
                ..
            } => self.handle_up(now, id, local_port, peer, inbound),
            transport::Event::Restarted { id } => {
                if let Some(association) = self.state.associations.id_of(id) {
                    info!("the peer of association {} has restarted", association.number());
                    let event = AssociationEvent::Restarted { association };
                    self.component.core().handle_association(now, event);
                }
            }
            transport::Event::Down { id, cause } => self.handle_down(now, id, &cause),
            transport::Event::Path { id, address, up, .. } => self.handle_path(now, id, address, up),
            transport::Event::Message { id, message } => {
                if let Some(association) = self.state.associations.id_of(id) {
                    let ppid = Ppid(message.ppid);
                    self.report_message(
                        now,
                        Direction::Received,
                        Some(association),
                        ppid,
                        &message.data,
                        None,
                    );
                    self.component
                        .core()
                        .handle_input(now, association, ppid, &message.data);
                }
            }
            transport::Event::Writable { id } => {
                if let Some(id) = self.state.associations.id_of(id)
                    && let Some(association) = self.state.associations.entry_mut(id)
                    && association.flush(&self.transport)
                {
                    self.with_context(|component, context| component.handle_writable(context, id));
                }
            }
        }
    }

    fn handle_datagram(&mut self, group: MulticastGroup, source: SocketAddr, bytes: &[u8]) {
        let now = self.state.now;
        self.report_message(
            now,
            Direction::Received,
            None,
            groups::ppid(group),
            bytes,
            Some(source),
        );
        self.component.core().handle_datagram(now, group, source, bytes);
    }

    fn handle_input(&mut self, input: Option<Input<C::Work>>) {
        match input {
            None => self.state.input_ended = true,
            Some(Input::Work(work)) => {
                self.with_context(|component, context| component.handle_work(context, work));
            }
            Some(Input::Command(Command::Stop)) => self.begin_stop("stopped by command"),
            Some(Input::Signal) => self.begin_stop("stopped by signal"),
            Some(Input::EndOfCommands) => self.begin_stop("end of input"),
            Some(Input::Rubbish(what)) => {
                self.with_context(|_, context| {
                    context.problem(format!("ignored on standard input, not a command: {what}"));
                });
            }
            Some(Input::Command(Command::Impair { target, impairment })) => self.impair(target, impairment),
            Some(Input::Command(command)) => {
                info!("command: {command:?}");
                let shown = format!("{command:?}");
                if !self.with_context(|component, context| component.handle_command(context, command)) {
                    self.with_context(|_, context| {
                        context.problem(format!(
                            "ignored, not a command for this kind of component: {shown}"
                        ));
                    });
                }
            }
        }
    }

    fn impair(&mut self, target: LinkTarget, impairment: Impairment) {
        let link = match target {
            LinkTarget::All => Link::All,
            LinkTarget::Peer(address) => Link::Peer(address),
        };
        info!("impairment of {target:?}: {impairment:?}");
        match self.transport.set_impairment(link, for_transport(&impairment)) {
            Ok(()) => self.state.impairments.set(target, impairment),
            Err(unsupported) => self.with_context(|_, context| {
                context.problem(format!(
                    "{unsupported}; components with --transport user can do that"
                ));
            }),
        }
        self.feed.emit(Event::Impairments {
            links: self.state.impairments.list(),
        });
    }

    fn begin_stop(&mut self, reason: &'static str) {
        if self.state.stop.is_none() {
            info!("clean stop: {reason}");
            self.state.stop = Some((self.state.now + self.stop_patience, reason));
            self.with_context(|component, context| component.stop(context));
        }
    }

    /// Fetches the core's outputs and carries them out until there are none. Consecutive messages to the same peer
    /// may share packets.
    fn carry_out(&mut self) {
        let mut held = Held::default();
        while let Some(output) = self.component.core().poll_output() {
            let follows = match &output {
                Output::Send { association, .. } => held.association == Some(*association),
                // Events in between do not affect messages.
                Output::Event(_) => true,
                _ => false,
            };
            if !follows {
                self.send(std::mem::take(&mut held));
            }
            match output {
                Output::Event(event) => {
                    self.report(&event);
                    self.with_context(|component, context| component.handle_event(context, event));
                }
                Output::Connect {
                    association,
                    endpoint,
                    peer,
                } => self.connect(association, endpoint, peer),
                Output::Send {
                    association,
                    ppid,
                    bytes,
                } => {
                    let now = self.state.now;
                    self.report_message(now, Direction::Sent, Some(association), ppid, &bytes, None);
                    held.association = Some(association);
                    held.messages.push(Message::new(ppid.0, bytes));
                }
                Output::Shutdown { association } => {
                    if let Some(entry) = self.state.associations.entry_mut(association) {
                        entry.shutdown(&self.transport);
                    }
                }
                Output::Abort { association } => {
                    if let Some(entry) = self.state.associations.entry(association) {
                        self.transport.abort(entry.transport);
                    }
                }
                Output::Multicast { group, bytes } => self.send_multicast(group, &bytes),
            }
        }
        self.send(held);
    }

    fn connect(&mut self, association: AssociationId, endpoint: Endpoint, peer: Peer) {
        let (port, config) = self.endpoints.outgoing(endpoint);
        debug!("association {}: connecting to {peer}", association.number());
        let remote = transport::Peer {
            addresses: peer.addresses.clone(),
            port: peer.port,
        };
        let id = self.transport.connect(port, remote, Some(config.clone()));
        self.state
            .associations
            .add_outgoing(association, id, endpoint, peer);
    }

    fn send(&mut self, held: Held) {
        let Some(association) = held.association else {
            return;
        };
        let Some(entry) = self.state.associations.entry_mut(association) else {
            return;
        };
        match entry.send(&self.transport, held.messages) {
            Sent::Accepted => {}
            Sent::Refused => debug!("association {}: a message was refused", association.number()),
            Sent::Overflow => {
                warn!(
                    "{} does not take what it is sent: association {} is aborted",
                    entry.peer,
                    association.number()
                );
                self.transport.abort(entry.transport);
            }
        }
    }

    fn send_multicast(&mut self, group: MulticastGroup, bytes: &[u8]) {
        let now = self.state.now;
        if let Some(address) = self.groups.send(group, bytes) {
            let ppid = groups::ppid(group);
            self.report_message(now, Direction::Sent, None, ppid, bytes, Some(address));
        }
    }

    fn with_context<T>(&mut self, action: impl FnOnce(&mut C, &mut Context<'_>) -> T) -> T {
        let mut context = Context {
            now: self.state.now,
            clock: self.clock.clone(),
            feed: &self.feed,
            associations: &mut self.state.associations,
        };
        action(&mut self.component, &mut context)
    }

    /// Says goodbye and closes everything.
    async fn end(mut self, status: u8, reason: &'static str) -> u8 {
        /// The time for the last packets and events to be sent.
        const PATIENCE: Duration = Duration::from_millis(250);
        if let Some(reporter) = &self.reporter {
            reporter.finish(self.clock.now());
        }
        self.transport.close();
        let now = self.clock.now();
        let late = async {
            while self.clock.now() < now + PATIENCE {
                self.alarm.wait(self.clock.now(), Some(now + PATIENCE)).await;
            }
        };
        let closed = async { while self.events.recv().await.is_some() {} };
        // The actor ends by itself; an event queue that has no other reader is no reason to wait for it.
        tokio::select! {
            never = work(self.tasks.as_mut()) => match never {},
            () = closed => {}
            () = late => {}
        }
        let reason = self.state.stop.map_or(reason, |(_, reason)| reason);
        self.feed.emit(Event::Goodbye {
            reason: reason.into(),
        });
        info!("ends: {reason}");
        self.feed.flush(PATIENCE);
        if let Some(packets) = &self.packets {
            packets.flush(PATIENCE);
        }
        status
    }
}

/// Runs the transport's task on this thread.
async fn work(tasks: Option<&mut LocalSet>) -> Infallible {
    let Some(tasks) = tasks else {
        return std::future::pending().await;
    };
    poll_fn(|context| {
        // If it has ended, so have its events.
        let _ = Pin::new(&mut *tasks).poll(context);
        Poll::Pending
    })
    .await
}

/// Returns the next event. With `here`, events arrive while this thread is polled: waiting to be woken would cost
/// another round.
async fn next(events: &mut Events, here: bool) -> Option<transport::Event> {
    if !here || events.is_closed() {
        return events.recv().await;
    }
    poll_fn(|_| match events.try_recv() {
        Some(event) => Poll::Ready(Some(event)),
        None if events.is_closed() => Poll::Ready(None),
        None => Poll::Pending,
    })
    .await
}
