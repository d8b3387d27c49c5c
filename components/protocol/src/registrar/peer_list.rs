//! ENRP_LIST_REQUEST and ENRP_LIST_RESPONSE: learning about other registrars (RFC 5353 section 3.2.2).
//!
//! The RFC requests the list only at start-up. A registrar that starts at the same time as others, or without any
//! mentor, would never learn about some of them, unless there is multicast. Hence registrars in service request
//! lists as well: from each peer that they find without multicast, and from time to time from one of their known
//! peers.

use wire::RegistrarIdentifier;
use wire::enrp::{Body, ListResponse};
use wire::parameter::{SctpTransport, ServerInformation, TransportUse};

use super::{PeerState, Phase, Registrar};
use crate::Time;

/// The number of heartbeats after which a registrar in service requests the list of one of its peers.
const HEARTBEATS_PER_LIST: u32 = 16;

impl Registrar {
    /// The list contains the peers, without this registrar itself (which the requester knows).
    pub(super) fn handle_list_request(&mut self, from: RegistrarIdentifier) {
        let rejected = matches!(self.phase, Phase::Starting(_));
        let mut servers = Vec::new();
        if !rejected {
            let confirmed = self
                .peers
                .iter()
                .filter(|peer| peer.state() != PeerState::Unconfirmed);
            for peer in confirmed {
                let Some(place) = &peer.place else {
                    continue;
                };
                // A peer that nobody else can reach is left out.
                let addresses = place.addresses.iter().copied();
                if let Ok(transport) = SctpTransport::new(place.port, TransportUse::DataOnly, addresses) {
                    servers.push(ServerInformation {
                        identifier: peer.identifier,
                        transport,
                    });
                }
            }
        }
        self.send_enrp(from, ListResponse { rejected, servers });
    }

    /// Returns whether the response was requested.
    pub(super) fn handle_list_response(
        &mut self,
        now: Time,
        from: RegistrarIdentifier,
        response: &ListResponse,
    ) -> bool {
        self.measured_peer(now, from);
        if self.handle_start_up_list(now, from, response) {
            return true;
        }
        let connection = self.peers.connection_mut(from);
        let Some(connection) = connection.filter(|connection| connection.lists_due > 0) else {
            return false;
        };
        connection.lists_due -= 1;
        if !response.rejected {
            if let Some(peer) = self.peers.get_mut(from) {
                peer.list_wanted = false;
            }
            self.take_list(now, response);
        }
        true
    }

    pub(super) fn take_list(&mut self, now: Time, response: &ListResponse) {
        // A response that names thousands of registrars is mostly ignored.
        let room = self.config.max_peers;
        for server in response.servers.iter().take(room) {
            self.registrar_named(now, server);
        }
    }

    /// There is a new peer: without multicast, it may be the only one that knows others.
    pub(super) fn want_list(&mut self, now: Time, registrar: RegistrarIdentifier) {
        if self.settings.enrp.multicast {
            return;
        }
        if let Some(peer) = self.peers.get_mut(registrar) {
            peer.list_wanted = true;
        }
        if self.is_in_service() {
            self.ask_for_list(now, registrar);
        }
    }

    /// Repeats requests that were refused, and from time to time asks another peer.
    pub(super) fn ask_for_lists(&mut self, now: Time) {
        if !self.is_in_service() {
            return;
        }
        self.heartbeats = self.heartbeats.wrapping_add(1);
        let turn = (self.heartbeats / HEARTBEATS_PER_LIST) as usize;
        let whose_turn = self.heartbeats.is_multiple_of(HEARTBEATS_PER_LIST);
        let connected = self.peers.connected().count();
        let distances_count = self.handlespace.has_distances();
        let interval = self.config.keep_alive_interval;
        let wanted: Vec<RegistrarIdentifier> = self
            .peers
            .iter()
            .filter(|peer| peer.is_connected())
            .enumerate()
            .filter(|(index, peer)| {
                peer.list_wanted
                    || whose_turn && turn % connected == *index
                    || distances_count && peer.round_trip_is_due(now, interval)
            })
            .map(|(_, peer)| peer.identifier)
            .collect();
        for registrar in wanted {
            self.ask_for_list(now, registrar);
        }
    }

    fn ask_for_list(&mut self, now: Time, registrar: RegistrarIdentifier) {
        if let Some(connection) = self.peers.connection_mut(registrar) {
            connection.lists_due = connection.lists_due.saturating_add(1);
            connection.round_trip.ask(now);
            self.send_enrp(registrar, Body::ListRequest);
        }
    }
}
