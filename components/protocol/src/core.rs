//! The interface that registrar, pool element and pool user cores share.

use std::convert::Infallible;
use std::net::SocketAddr;

use wire::Ppid;

use crate::{AssociationEvent, AssociationId, Endpoint, Time, TransportAddress};

/// A deterministic state machine: inputs by `handle_*`, outputs by `poll_*`.
///
/// After every input, call [`Self::poll_output`] until it returns `None` and carry out the outputs in that order,
/// then set a timer for [`Self::poll_timeout`]. `now` must never go back. Calls for associations that the core no
/// longer knows, and timeouts that come early, are ignored.
pub trait Core {
    /// The events that this core reports to its driver.
    type Event;

    /// A message arrived on an association.
    fn handle_input(&mut self, now: Time, association: AssociationId, ppid: Ppid, bytes: &[u8]);

    /// A datagram arrived from a multicast group.
    fn handle_datagram(&mut self, now: Time, group: MulticastGroup, source: SocketAddr, bytes: &[u8]);

    /// An association changed.
    fn handle_association(&mut self, now: Time, event: AssociationEvent);

    /// The time returned by [`Self::poll_timeout`] has come.
    fn handle_timeout(&mut self, now: Time);

    /// Returns the next output.
    fn poll_output(&mut self) -> Option<Output<Self::Event>>;

    /// Returns when to call [`Self::handle_timeout`] if there is no other input before.
    fn poll_timeout(&self) -> Option<Time>;
}

/// The multicast groups of RSerPool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MulticastGroup {
    /// ASAP_SERVER_ANNOUNCE.
    Asap,
    /// ENRP_PRESENCE (D-09).
    Enrp,
}

/// An output of a core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output<Event> {
    /// Open an association; answered by `Up` or `Down`.
    Connect {
        /// The identifier it will have.
        association: AssociationId,
        /// The local endpoint.
        endpoint: Endpoint,
        /// The remote transport address.
        peer: TransportAddress,
    },
    /// Send a message on stream 0, in order. The association is always up.
    Send {
        /// The association.
        association: AssociationId,
        /// Payload protocol identifier.
        ppid: Ppid,
        /// The message.
        bytes: Vec<u8>,
    },
    /// Shut down an association gracefully: everything sent before still arrives. Answered by `Down`.
    Shutdown {
        /// The association.
        association: AssociationId,
    },
    /// Abort an association, or give up connecting. Answered by `Down`.
    Abort {
        /// The association.
        association: AssociationId,
    },
    /// Send a datagram to a multicast group.
    Multicast {
        /// The group.
        group: MulticastGroup,
        /// The datagram.
        bytes: Vec<u8>,
    },
    /// Report an event to the driver.
    Event(Event),
}

/// What a core wants done outside of it: an output of any core other than its events.
pub type Effect = Output<Infallible>;

impl<Event> Output<Event> {
    /// Separates effects, which are the same for all cores, from the events of this one.
    ///
    /// # Errors
    /// Returns the event if the output is one.
    pub fn effect_or_event(self) -> Result<Effect, Event> {
        Ok(match self {
            Self::Connect {
                association,
                endpoint,
                peer,
            } => Output::Connect {
                association,
                endpoint,
                peer,
            },
            Self::Send {
                association,
                ppid,
                bytes,
            } => Output::Send {
                association,
                ppid,
                bytes,
            },
            Self::Shutdown { association } => Output::Shutdown { association },
            Self::Abort { association } => Output::Abort { association },
            Self::Multicast { group, bytes } => Output::Multicast { group, bytes },
            Self::Event(event) => return Err(event),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_an_effect_or_an_event() {
        let association = AssociationId::outgoing(1);
        let outputs: [Output<&str>; 3] = [
            Output::Send {
                association,
                ppid: Ppid::ASAP,
                bytes: vec![1, 2],
            },
            Output::Event("ready"),
            Output::Shutdown { association },
        ];
        assert_eq!(
            outputs.map(Output::effect_or_event),
            [
                Ok(Output::Send {
                    association,
                    ppid: Ppid::ASAP,
                    bytes: vec![1, 2],
                }),
                Err("ready"),
                Ok(Output::Shutdown { association }),
            ]
        );
    }
}
