//! Takeovers by others: acknowledging them, and their effects (RFC 5353 section 3.5).
//!
//! A registrar acknowledges at once only if it does not hear the target itself. Otherwise it first asks the target:
//! if that answers, there is no acknowledgement, so that no registrar is taken over that any peer can hear.

use std::collections::BTreeSet;

use wire::RegistrarIdentifier;
use wire::enrp::Body;

use super::peers::{Peer, State};
use super::{Event, GivenUp, PeerState, Registrar, TakeoverPhase, count};
use crate::{AssociationId, TakeoverOrder, Time};

impl Registrar {
    pub(super) fn handle_init_takeover(
        &mut self,
        now: Time,
        association: AssociationId,
        from: RegistrarIdentifier,
        target: RegistrarIdentifier,
    ) {
        if target == self.settings.identifier {
            self.takeover_of_us_announced(now, from);
            return;
        }
        if target == from {
            self.complain(association, "takeover of the sender itself");
            return;
        }
        let is_heard = self.is_heard(now, target);
        match self.peers.get_mut(target).map(|peer| &mut peer.state) {
            Some(State::TakingOver(_)) => {
                if self.has_precedence(from) {
                    self.takeover_given_up(target, GivenUp::Outranked);
                    self.agree(now, from, target);
                }
            }
            Some(State::Probed { claimants, .. }) if is_heard || !claimants.is_empty() => {
                claimants.insert(from);
            }
            Some(State::Active) if is_heard => {
                // The initiator does not wait longer than this.
                let patience = self.config.max_time_no_response;
                let patience = patience.min(self.config.takeover_expiry / 2);
                let claimants = BTreeSet::from([from]);
                self.enter_probed(now, target, claimants, patience);
                self.probe_peer(now, target);
            }
            _ => self.agree(now, from, target),
        }
    }

    /// Returns whether there is no reason to doubt that a peer is alive, except perhaps a claim by another
    /// registrar.
    fn is_heard(&self, now: Time, registrar: RegistrarIdentifier) -> bool {
        self.peers.get(registrar).is_some_and(|peer| {
            matches!(peer.state(), PeerState::Active | PeerState::Probed)
                && peer.is_connected()
                && now - peer.last_heard <= self.config.max_time_last_heard
        })
    }

    /// Returns whether another registrar has precedence when both want to take over the same one (D-12).
    fn has_precedence(&self, other: RegistrarIdentifier) -> bool {
        match self.config.takeover_order {
            TakeoverOrder::LargerIdentifierWins => other > self.settings.identifier,
            TakeoverOrder::SmallerIdentifierWins => other < self.settings.identifier,
        }
    }

    /// Acknowledges a takeover, and leaves the target to the initiator for a while.
    pub(super) fn agree(&mut self, now: Time, initiator: RegistrarIdentifier, target: RegistrarIdentifier) {
        let patience = self.config.takeover_expiry * 2 + self.config.max_time_no_response;
        self.enter(now, target, State::Conceded { to: initiator }, patience);
        self.send_enrp(initiator, Body::InitTakeoverAck(target));
        // Anybody can name unknown registrars.
        if self.peers.contains(target) || self.handlespace.owned_count(target) > 0 {
            self.outbox.event(Event::Takeover {
                target,
                phase: TakeoverPhase::Conceded { to: initiator },
            });
        }
    }

    /// The takeover of a peer by another registrar did not happen: this registrar monitors the peer again.
    pub(super) fn concession_over(&mut self, now: Time, target: RegistrarIdentifier) {
        let conceded = |peer: &Peer| matches!(peer.state, State::Conceded { .. });
        if self.peers.get(target).is_some_and(conceded) {
            let patience = self.config.max_time_no_response;
            self.enter_probed(now, target, BTreeSet::new(), patience);
            self.probe_peer(now, target);
        }
    }

    pub(super) fn handle_takeover_server(
        &mut self,
        now: Time,
        association: AssociationId,
        from: RegistrarIdentifier,
        target: RegistrarIdentifier,
    ) {
        if target == self.settings.identifier {
            self.taken_over(now, association, from);
            return;
        }
        if target == from || self.is_heard(now, target) {
            self.complain(association, "takeover of a registrar that is alive");
            return;
        }
        if self.is_taking_over(target) {
            self.takeover_given_up(target, GivenUp::Outranked);
        }
        let taken = self.change_owner(now, target, from);
        if !taken.is_empty() || self.peers.contains(target) {
            self.outbox.event(Event::Takeover {
                target,
                phase: TakeoverPhase::TakenOver {
                    by: from,
                    pool_elements: count(taken.len()),
                },
            });
        }
        self.remove_peer(now, target);
    }
}
