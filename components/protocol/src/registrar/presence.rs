//! ENRP_PRESENCE: sending presences, hearing those of peers, and noticing when they are missing (RFC 5353 sections
//! 3.4 and 3.6).

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rand::RngExt;
use wire::RegistrarIdentifier;
use wire::enrp::{Body, Message, Presence};
use wire::parameter::{SctpTransport, ServerInformation};

use super::peers::State;
use super::{GivenUp, PeerState, Phase, Registrar, Timer};
use crate::{AssociationId, MulticastGroup, Time, TransportAddress};

/// The maximum number of a peer's addresses that are tried.
const MOST_ADDRESSES: usize = 8;

impl Registrar {
    /// Sends a presence to all peers, connects to those without an association, and schedules the next heartbeat.
    pub(super) fn heartbeat(&mut self, now: Time) {
        if now - self.last_heartbeat > self.config.max_time_last_heard {
            self.stood_still = Some(now);
        }
        self.last_heartbeat = now;
        // A starting registrar must find the others without waiting for their heartbeats.
        let starting = matches!(self.phase, Phase::Starting(_));
        self.multicast_presence(starting);
        self.send_presence_to_all();
        self.ask_for_lists(now);
        for place in self.contacts.due(now) {
            self.call(now, place, None);
        }
        let varied = self.rng.random_range(0.875..1.125);
        let cycle = self.config.peer_heartbeat_cycle;
        // Datagrams get lost, and the time for finding a mentor is short.
        let cycle = if starting {
            cycle.min(self.config.mentor_discovery / 4)
        } else {
            cycle
        };
        let interval = cycle.mul_f64(varied);
        self.timers.set(Timer::PeerHeartbeat, now + interval);
    }

    pub(super) fn multicast_presence(&mut self, reply_required: bool) {
        if self.settings.enrp.multicast {
            let presence = Message {
                sender: self.settings.identifier,
                receiver: RegistrarIdentifier::UNDETERMINED,
                body: self.presence(reply_required).into(),
            };
            self.outbox.multicast(MulticastGroup::Enrp, presence.encode());
        }
    }

    /// Sends a presence to every peer.
    pub(super) fn send_presence_to_all(&mut self) {
        let connected: Vec<_> = self.peers.connected().collect();
        for (registrar, association) in connected {
            self.send_presence(association, registrar, false);
        }
    }

    pub(super) fn send_presence(
        &mut self,
        association: AssociationId,
        receiver: RegistrarIdentifier,
        reply_required: bool,
    ) {
        let presence = self.presence(reply_required);
        self.outbox
            .send_enrp(association, self.settings.identifier, receiver, presence.into());
    }

    /// Returns a presence with checksum and server information (D-11).
    fn presence(&self, reply_required: bool) -> Presence {
        let transport = self.settings.enrp.transport.clone();
        Presence {
            reply_required,
            pe_checksum: Some(self.checksum()),
            server_information: transport.map(|transport| ServerInformation {
                identifier: self.settings.identifier,
                transport,
            }),
        }
    }

    /// A message of a peer arrived over an association: it is alive.
    pub(super) fn heard(&mut self, now: Time, registrar: RegistrarIdentifier) {
        let Some(peer) = self.peers.get_mut(registrar) else {
            return;
        };
        peer.last_heard = now;
        if let State::Active = peer.state {
            return;
        }
        let patience = self.config.max_time_last_heard;
        let before = self.enter(now, registrar, State::Active, patience);
        if let Some(State::TakingOver(_)) = before {
            self.takeover_given_up(registrar, GivenUp::TargetAlive);
        }
        self.repeat_takeovers(registrar);
        match before {
            Some(State::Unconfirmed { .. }) => self.want_list(now, registrar),
            Some(State::Probed { claimants, .. }) => self.reassure(&claimants),
            _ => {}
        }
    }

    /// They wait for an acknowledgement that will not come: a sign of life shows that this is deliberate.
    fn reassure(&mut self, claimants: &BTreeSet<RegistrarIdentifier>) {
        for &claimant in claimants {
            if let Some(association) = self.peers.association(claimant) {
                self.send_presence(association, claimant, false);
            }
        }
    }

    pub(super) fn handle_presence(
        &mut self,
        now: Time,
        association: AssociationId,
        from: RegistrarIdentifier,
        presence: &Presence,
    ) {
        if let Some(information) = &presence.server_information {
            self.note_transport(association, from, &information.transport);
        }
        if presence.reply_required {
            self.send_presence(association, from, false);
        }
        if let Some(checksum) = presence.pe_checksum {
            self.audit(now, from, checksum);
        }
        self.mentor_found(now, from);
    }

    /// Records the transport address of a peer: only those of its addresses that its association confirms, so that a
    /// registrar cannot claim the addresses of others.
    fn note_transport(
        &mut self,
        association: AssociationId,
        from: RegistrarIdentifier,
        transport: &SctpTransport,
    ) {
        let Some(known) = self.peer_associations.get(&association) else {
            return;
        };
        let proven = &known.peer.addresses;
        let own = |address: &IpAddr| proven.iter().any(|own| own.to_canonical() == *address);
        let named = transport.addresses().iter().copied();
        let mut addresses: Vec<IpAddr> = named.filter(own).take(MOST_ADDRESSES).collect();
        if addresses.is_empty() {
            addresses.clone_from(proven);
        }
        let place = TransportAddress {
            addresses,
            port: transport.port(),
        };
        if let Some(peer) = self.peers.get_mut(from) {
            peer.place = Some(place);
        }
    }

    /// Handles a multicast presence (D-09). It may be forged, hence it is only a hint that there may be a registrar,
    /// which is contacted, and believed when it answers.
    pub(super) fn handle_presence_datagram(&mut self, now: Time, source: SocketAddr, bytes: &[u8]) {
        let Ok(Message {
            sender,
            body: Body::Presence(presence),
            ..
        }) = Message::decode(bytes).map(|decoded| decoded.message)
        else {
            return;
        };
        if sender == self.settings.identifier {
            return;
        }
        if let Some(association) = self.peers.association(sender) {
            if presence.reply_required {
                self.send_presence(association, sender, false);
            }
            return;
        }
        let known = self.peers.contains(sender);
        if !known && !self.hints.admit(now) || !self.add_peer(now, sender, false) {
            return;
        }
        let transport = presence
            .server_information
            .as_ref()
            .map(|information| &information.transport);
        let port = transport.map_or(self.settings.enrp.port, SctpTransport::port);
        let addresses = transport.map_or(&[][..], SctpTransport::addresses);
        let source = TransportAddress {
            addresses: vec![source.ip().to_canonical()],
            port,
        };
        let named = TransportAddress {
            addresses: addresses.iter().copied().take(MOST_ADDRESSES).collect(),
            port,
        };
        let Some(peer) = self.peers.get_mut(sender) else {
            return;
        };
        if let State::Unconfirmed { hint } = &mut peer.state {
            peer.place = Some(if named.addresses.is_empty() {
                source.clone()
            } else {
                named
            });
            *hint = Some(source);
        }
        self.reconnect(now, sender);
    }

    /// Handles a registrar named by others, of which only possible addresses are known.
    pub(super) fn registrar_named(&mut self, now: Time, server: &ServerInformation) {
        let registrar = server.identifier;
        let known = self.peers.contains(registrar);
        if known || !registrar.is_determined() || registrar == self.settings.identifier {
            return;
        }
        if !self.add_peer(now, registrar, false) {
            return;
        }
        let addresses = server.transport.addresses().iter().copied();
        if let Some(peer) = self.peers.get_mut(registrar) {
            peer.place = Some(TransportAddress {
                addresses: addresses.take(MOST_ADDRESSES).collect(),
                port: server.transport.port(),
            });
        }
        self.reconnect(now, registrar);
    }

    /// A peer was added because another registrar named it, and has never been heard.
    pub(super) fn unconfirmed_timed_out(&mut self, now: Time, registrar: RegistrarIdentifier) {
        let unconfirmed = |peer: &super::peers::Peer| peer.state() == PeerState::Unconfirmed;
        if self.peers.get(registrar).is_some_and(unconfirmed) {
            self.remove_peer(now, registrar);
        }
    }

    /// RFC 5353 section 3.4: after MAX-TIME-LAST-HEARD, the peer's presence is requested.
    pub(super) fn last_heard_due(&mut self, now: Time, registrar: RegistrarIdentifier) {
        let Some(peer) = self.peers.get(registrar) else {
            return;
        };
        let due = peer.last_heard + self.config.max_time_last_heard;
        if due > now {
            self.timers.set(Timer::LastHeard(registrar), due);
        } else {
            self.probe_peer(now, registrar);
        }
    }

    /// A pool element of a peer registered here: perhaps it was the first to notice that the peer is gone.
    pub(super) fn left_by_pool_element(&mut self, now: Time, registrar: RegistrarIdentifier) {
        let active = |peer: &super::peers::Peer| peer.state() == PeerState::Active;
        if self.peers.get(registrar).is_some_and(active) {
            self.probe_peer(now, registrar);
        }
    }

    /// Marks a peer as probed: its presence has been requested, and others may be waiting for its death.
    pub(super) fn enter_probed(
        &mut self,
        now: Time,
        registrar: RegistrarIdentifier,
        claimants: BTreeSet<RegistrarIdentifier>,
        patience: Duration,
    ) {
        let was_owner = self.handlespace.owned_count(registrar) > 0;
        self.enter(now, registrar, State::Probed { claimants, was_owner }, patience);
    }

    /// Requests the presence of a peer, which has MAX-TIME-NO-RESPONSE to answer.
    pub(super) fn probe_peer(&mut self, now: Time, registrar: RegistrarIdentifier) {
        let Some(peer) = self.peers.get(registrar) else {
            return;
        };
        match peer.state {
            State::TakingOver(_) | State::Conceded { .. } => return,
            State::Active => {
                let patience = self.config.max_time_no_response;
                self.enter_probed(now, registrar, BTreeSet::new(), patience);
            }
            State::Probed { .. } | State::Unconfirmed { .. } => {}
        }
        match self.peers.association(registrar) {
            Some(association) => self.send_presence(association, registrar, true),
            None => self.reconnect(now, registrar),
        }
    }
}
