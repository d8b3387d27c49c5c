//! What a component brings along, and what the driver lends it.

use std::net::IpAddr;

use events::{Identity, Occurrence};
use feed::{Command, Event, TransportAddress};
use protocol::{AssociationId, Core, Time};

use crate::associations::Associations;
use crate::{Clock, FeedOutput};

/// A core with the little that is the component's own: its service, its words, its commands.
///
/// The driver reports each event of the core and calls [`Self::handle_event`] for it, and carries out all other outputs
/// itself.
/// Every method may call the core; the driver fetches the outputs afterwards.
pub trait ComponentProcess {
    /// The core.
    type Core: Core<Event: Occurrence + Clone + Into<Event>>;
    /// What the component's own threads send it.
    type Work: Send + 'static;

    /// The core, which the driver drives.
    fn core(&mut self) -> &mut Self::Core;

    /// Whether a control centre is told of an event of the core.
    fn is_news(&self, event: &<Self::Core as Core>::Event) -> bool {
        event.is_news()
    }

    /// Something has happened in the core. It is logged already, and on the feed if it is news.
    fn handle_event(&mut self, context: &mut Context<'_>, event: <Self::Core as Core>::Event);

    /// A command that is the component's own; what all components understand the driver does itself. Says whether it is
    /// one that this component understands.
    fn handle_command(&mut self, context: &mut Context<'_>, command: Command) -> bool {
        let _ = (context, command);
        false
    }

    /// A result of one of the component's own threads.
    fn handle_work(&mut self, context: &mut Context<'_>, work: Self::Work);

    /// An association on which [`Context::is_writable`] was false takes data again.
    fn handle_writable(&mut self, context: &mut Context<'_>, association: AssociationId) {
        let _ = (context, association);
    }

    /// The time that [`Self::poll_timeout`] named has come.
    fn handle_timeout(&mut self, context: &mut Context<'_>) {
        let _ = context;
    }

    /// When to call [`Self::handle_timeout`]; the core's timers are the core's own.
    fn poll_timeout(&self) -> Option<Time> {
        None
    }

    /// Begins the clean stop. Called once.
    fn stop(&mut self, context: &mut Context<'_>);

    /// Whether everything is done and the process may end, with which exit status.
    fn finished(&self) -> Option<u8>;

    /// How things stand.
    fn status(&self) -> Status;
}

/// How things stand with a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Registered (PE), serving (PR), connected to a registrar (PU).
    pub ready: bool,
    /// In detail.
    pub status: feed::Status,
    /// In the words that rsplib's status reports have.
    pub report: String,
    /// Load for status reports, 0 to 1: pool elements with an adaptive policy.
    pub load: Option<f64>,
    /// Whether status reports list associations with pool elements: pool users.
    pub lists_sessions: bool,
}

/// What the driver lends a component while it handles something.
pub struct Context<'a> {
    /// The current time; the same throughout one call.
    pub now: Time,
    /// The clock, to stamp other times with.
    pub clock: Clock,
    /// The feed.
    pub feed: &'a FeedOutput,
    pub(crate) associations: &'a mut Associations,
}

impl Context<'_> {
    /// Whether an association takes data at once. If not, whoever goes on sending fills a queue that is bounded; the
    /// association is aborted when it is full. [`ComponentProcess::handle_writable`] tells when to go on.
    #[must_use]
    pub fn is_writable(&self, association: AssociationId) -> bool {
        self.associations.is_writable(association)
    }

    /// The other end of an association.
    #[must_use]
    pub fn remote(&self, association: AssociationId) -> Option<TransportAddress> {
        self.associations
            .entry(association)
            .map(|entry| transport_address(&entry.peer))
    }

    /// Notes which component is at the other end of an association.
    pub(crate) fn identify(&mut self, association: AssociationId, peer: Identity) {
        let peer = match peer {
            Identity::Registrar(identifier) => feed::ComponentIdentity::Registrar(identifier),
            Identity::PoolElement(identifier) => feed::ComponentIdentity::PoolElement(identifier),
        };
        if self.associations.identify(association, peer) {
            self.feed.emit(Event::AssociationPeer { association, peer });
        }
    }

    /// Logs a problem and tells the control centre of it.
    pub fn problem(&self, text: String) {
        tracing::warn!("{text}");
        self.feed.emit(Event::Problem { text });
    }
}

/// A peer in the feed's words.
pub(crate) fn transport_address(peer: &protocol::Peer) -> TransportAddress {
    TransportAddress {
        addresses: peer.addresses.iter().map(IpAddr::to_canonical).collect(),
        port: peer.port,
    }
}
