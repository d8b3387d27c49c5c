//! The interface between a component and its driver.

use std::net::IpAddr;

use events::{Identity, Occurrence};
use feed::{Command, Event, TransportAddress};
use protocol::{AssociationId, Core, Time};

use crate::associations::Associations;
use crate::{Clock, FeedOutput};

/// A core with what is specific to the component: its service, its status texts, its commands.
///
/// The driver reports each event of the core and calls [`Self::handle_event`] for it, and carries out all other
/// outputs itself. Every method may call the core; the driver fetches its outputs afterwards.
pub trait ComponentProcess {
    /// The core's type.
    type Core: Core<Event: Occurrence + Clone + Into<Event>>;
    /// What the component's own threads send to it.
    type Work: Send + 'static;

    /// Returns the core, which the driver drives.
    fn core(&mut self) -> &mut Self::Core;

    /// Returns whether an event of the core is reported to a control centre.
    fn is_news(&self, event: &<Self::Core as Core>::Event) -> bool {
        event.is_news()
    }

    /// Handles an event of the core. It has already been logged, and written to the feed if it is news.
    fn handle_event(&mut self, context: &mut Context<'_>, event: <Self::Core as Core>::Event);

    /// Handles a command that is specific to the component; the driver handles those that all components understand.
    /// Returns whether this component understands it.
    fn handle_command(&mut self, context: &mut Context<'_>, command: Command) -> bool {
        let _ = (context, command);
        false
    }

    /// Handles a result of one of the component's own threads.
    fn handle_work(&mut self, context: &mut Context<'_>, work: Self::Work);

    /// An association for which [`Context::is_writable`] returned false accepts data again.
    fn handle_writable(&mut self, context: &mut Context<'_>, association: AssociationId) {
        let _ = (context, association);
    }

    /// The time returned by [`Self::poll_timeout`] has come.
    fn handle_timeout(&mut self, context: &mut Context<'_>) {
        let _ = context;
    }

    /// Returns when to call [`Self::handle_timeout`], not counting the core's timers.
    fn poll_timeout(&self) -> Option<Time> {
        None
    }

    /// Begins the clean stop. Called at most once.
    fn stop(&mut self, context: &mut Context<'_>);

    /// Returns the exit status once everything is done and the process may end.
    fn finished(&self) -> Option<u8>;

    /// Returns the status.
    fn status(&self) -> Status;
}

/// The status of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Whether it is registered (PE), in service (PR), or connected to a registrar (PU).
    pub ready: bool,
    /// Details.
    pub status: feed::Status,
    /// The status text for status reports, in rsplib's wording.
    pub report: String,
    /// Load for status reports, from 0 to 1: pool elements with an adaptive policy.
    pub load: Option<f64>,
    /// Whether status reports list associations to pool elements: pool users.
    pub lists_sessions: bool,
}

/// What the driver provides to a component while it handles something.
pub struct Context<'a> {
    /// The current time; the same throughout one call.
    pub now: Time,
    /// The clock, to convert times to timestamps.
    pub clock: Clock,
    /// The feed.
    pub feed: &'a FeedOutput,
    pub(crate) associations: &'a mut Associations,
}

impl Context<'_> {
    /// Returns whether an association accepts data immediately. If not, further messages go to a bounded queue, and
    /// the association is aborted when that is full. [`ComponentProcess::handle_writable`] is called when sending
    /// can continue.
    #[must_use]
    pub fn is_writable(&self, association: AssociationId) -> bool {
        self.associations.is_writable(association)
    }

    /// Returns the other end of an association.
    #[must_use]
    pub fn remote(&self, association: AssociationId) -> Option<TransportAddress> {
        self.associations
            .entry(association)
            .map(|entry| transport_address(&entry.peer))
    }

    /// Records the component at the other end of an association.
    pub(crate) fn identify(&mut self, association: AssociationId, peer: Identity) {
        let peer = match peer {
            Identity::Registrar(identifier) => feed::ComponentIdentity::Registrar(identifier),
            Identity::PoolElement(identifier) => feed::ComponentIdentity::PoolElement(identifier),
        };
        if self.associations.identify(association, peer) {
            self.feed.emit(Event::AssociationPeer { association, peer });
        }
    }

    /// Logs a problem and reports it to the control centre.
    pub fn problem(&self, text: String) {
        tracing::warn!("{text}");
        self.feed.emit(Event::Problem { text });
    }
}

/// Converts a peer's address for the feed.
pub(crate) fn transport_address(peer: &protocol::Peer) -> TransportAddress {
    TransportAddress {
        addresses: peer.addresses.iter().map(IpAddr::to_canonical).collect(),
        port: peer.port,
    }
}
