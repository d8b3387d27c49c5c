//! The takeover of a dead registrar: initiating it, agreeing to it, and who wins (RFC 5353 section 3.5).
//!
//! A registrar agrees at once only if it does not hear the target itself. Otherwise it asks the target first: if that
//! answers, there is no acknowledgement, and nobody is taken over who is alive to anybody.

use std::collections::BTreeSet;
use std::time::Duration;

use wire::RegistrarIdentifier;
use wire::enrp::Body;

use super::peers::{Peer, State};
use super::{ElementKey, Event, GivenUp, PeerState, Phase, Registrar, TakeoverPhase, Timer};
use crate::{AssociationId, TakeoverOrder, Time};

/// A takeover by this registrar that is not decided yet.
#[derive(Debug)]
pub(super) struct Takeover {
    /// Whose acknowledgements are missing.
    due: BTreeSet<RegistrarIdentifier>,
    started: Time,
}

impl Registrar {
    /// A peer does not answer any more, or nobody is where it was.
    pub(super) fn peer_dead(&mut self, now: Time, target: RegistrarIdentifier) {
        let Some(peer) = self.peers.get_mut(target) else {
            return;
        };
        let claimants = match &mut peer.state {
            State::TakingOver(_) | State::Conceded { .. } => return,
            State::Probed { claimants } => std::mem::take(claimants),
            State::Unconfirmed { .. } | State::Active => BTreeSet::new(),
        };
        let is_owner = self.handlespace.owned_count(target) > 0;
        if !claimants.is_empty() {
            for claimant in claimants {
                self.agree(now, claimant, target);
            }
            self.no_longer_due(now, target);
        } else if is_owner && matches!(self.phase, Phase::Serving) {
            self.initiate_takeover(now, target);
            self.no_longer_due(now, target);
        } else {
            self.remove_peer(now, target);
        }
    }

    fn initiate_takeover(&mut self, now: Time, target: RegistrarIdentifier) {
        let others = self.peers.iter().filter(|peer| peer.identifier != target);
        let alive = |peer: &&Peer| matches!(peer.state(), PeerState::Active | PeerState::Probed);
        let due: BTreeSet<RegistrarIdentifier> = others.filter(alive).map(|peer| peer.identifier).collect();
        let number_due = due.len();
        let alone = due.is_empty();
        // One that is alone must be the more careful with a target that it can still send to: perhaps it was this
        // registrar itself that stood still.
        let patience = if alone {
            self.config.takeover_expiry.min(self.config.max_time_no_response)
        } else {
            self.config.takeover_expiry
        };
        let state = State::TakingOver(Takeover { due, started: now });
        self.enter(now, target, state, patience);
        self.outbox.event(Event::Takeover {
            target,
            phase: TakeoverPhase::Initiated {
                pool_elements: self.handlespace.owned_count(target),
                due: number_due,
            },
        });
        self.tell_all(&Body::InitTakeover(target));
        if alone && self.peers.association(target).is_none() {
            // D-13: nobody else is there who could agree.
            self.takeover_won(now, target);
        }
    }

    fn tell_all(&mut self, body: &Body) {
        let connected: Vec<RegistrarIdentifier> = self.peers.connected().map(|(peer, _)| peer).collect();
        for peer in connected {
            self.tell(peer, body.clone());
        }
    }

    /// Asks a peer once more whose acknowledgement is due: it was not connected when the takeover began, or what it was
    /// asked may have been lost with its association.
    pub(super) fn repeat_takeovers(&mut self, peer: RegistrarIdentifier) {
        let is_due = |target: &&Peer| matches!(&target.state, State::TakingOver(takeover) if takeover.due.contains(&peer));
        let due = self.peers.iter().filter(is_due);
        let targets: Vec<RegistrarIdentifier> = due.map(Peer::identifier).collect();
        for target in targets {
            self.tell(peer, Body::InitTakeover(target));
        }
    }

    pub(super) fn handle_init_takeover(
        &mut self,
        now: Time,
        association: AssociationId,
        from: RegistrarIdentifier,
        target: RegistrarIdentifier,
    ) {
        if target == self.settings.identifier {
            if let Some(peer) = self.peers.get_mut(from) {
                peer.accused_us = Some(now);
            }
            // "Alive and active": to everybody, at once.
            self.tell_presence();
            self.multicast_presence(false);
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
            Some(State::Probed { claimants }) if is_heard || !claimants.is_empty() => {
                claimants.insert(from);
            }
            Some(State::Active) if is_heard => {
                // The initiator does not wait longer than this.
                let patience = self.config.max_time_no_response;
                let patience = patience.min(self.config.takeover_expiry / 2);
                let claimants = BTreeSet::from([from]);
                self.enter(now, target, State::Probed { claimants }, patience);
                self.probe_peer(now, target);
            }
            _ => self.agree(now, from, target),
        }
    }

    /// Whether there is no reason to doubt that a peer is alive, except perhaps somebody else's word.
    fn is_heard(&self, now: Time, registrar: RegistrarIdentifier) -> bool {
        self.peers.get(registrar).is_some_and(|peer| {
            matches!(peer.state(), PeerState::Active | PeerState::Probed)
                && peer.is_connected()
                && now - peer.last_heard <= self.config.max_time_last_heard
        })
    }

    /// Whether another registrar goes first when both want to take over the same one (D-12).
    fn has_precedence(&self, other: RegistrarIdentifier) -> bool {
        match self.config.takeover_order {
            TakeoverOrder::LargerIdentifierWins => other > self.settings.identifier,
            TakeoverOrder::SmallerIdentifierWins => other < self.settings.identifier,
        }
    }

    /// Acknowledges a takeover, and leaves the target to the initiator for a while.
    fn agree(&mut self, now: Time, initiator: RegistrarIdentifier, target: RegistrarIdentifier) {
        let patience = self.config.takeover_expiry * 2 + self.config.max_time_no_response;
        self.enter(now, target, State::Conceded { to: initiator }, patience);
        self.tell(initiator, Body::InitTakeoverAck(target));
        // Anybody can name registrars that nobody knows.
        if self.peers.contains(target) || self.handlespace.owned_count(target) > 0 {
            self.outbox.event(Event::Takeover {
                target,
                phase: TakeoverPhase::Conceded { to: initiator },
            });
        }
    }

    /// Whoever wanted to take over a peer has not done so: this registrar looks after it again.
    pub(super) fn concession_over(&mut self, now: Time, target: RegistrarIdentifier) {
        let conceded = |peer: &Peer| matches!(peer.state, State::Conceded { .. });
        if self.peers.get(target).is_some_and(conceded) {
            let claimants = BTreeSet::new();
            let patience = self.config.max_time_no_response;
            self.enter(now, target, State::Probed { claimants }, patience);
            self.probe_peer(now, target);
        }
    }

    pub(super) fn handle_init_takeover_ack(
        &mut self,
        now: Time,
        from: RegistrarIdentifier,
        target: RegistrarIdentifier,
    ) {
        let Some(State::TakingOver(takeover)) = self.peers.get_mut(target).map(|peer| &mut peer.state) else {
            return;
        };
        if !takeover.due.remove(&from) {
            return;
        }
        let due = takeover.due.len();
        self.outbox.event(Event::Takeover {
            target,
            phase: TakeoverPhase::Acknowledged { by: from, due },
        });
        if due == 0 {
            self.takeover_won(now, target);
        }
    }

    /// A registrar is gone: nobody waits for its acknowledgement, or for the takeover it has announced.
    pub(super) fn no_longer_due(&mut self, now: Time, registrar: RegistrarIdentifier) {
        let mut decided = Vec::new();
        for target in self.peers.iter_mut() {
            if let State::TakingOver(takeover) = &mut target.state
                && takeover.due.remove(&registrar)
                && takeover.due.is_empty()
            {
                decided.push(target.identifier);
            }
        }
        for target in decided {
            self.takeover_won(now, target);
        }
        let conceded = |peer: &&Peer| matches!(peer.state, State::Conceded { to } if to == registrar);
        let conceded = self.peers.iter().filter(conceded);
        let left: Vec<RegistrarIdentifier> = conceded.map(Peer::identifier).collect();
        for target in left {
            self.concession_over(now, target);
        }
    }

    /// Those that are silent themselves are not waited for any longer. One that is heard and does not acknowledge has
    /// its reasons: it hears the target.
    pub(super) fn takeover_expired(&mut self, now: Time, target: RegistrarIdentifier) {
        let Some(State::TakingOver(takeover)) = self.peers.get(target).map(|peer| &peer.state) else {
            return;
        };
        let heard = |registrar: &RegistrarIdentifier| {
            let peer = self.peers.get(*registrar);
            peer.is_some_and(|peer| peer.last_heard > takeover.started)
        };
        if takeover.due.iter().any(heard) {
            self.takeover_given_up(target, GivenUp::NotAcknowledged);
            self.remove_peer(now, target);
        } else {
            self.takeover_won(now, target);
        }
    }

    /// The target is, or is about to be, in another state.
    pub(super) fn takeover_given_up(&mut self, target: RegistrarIdentifier, why: GivenUp) {
        self.outbox.event(Event::Takeover {
            target,
            phase: TakeoverPhase::GivenUp(why),
        });
    }

    fn is_taking_over(&self, target: RegistrarIdentifier) -> bool {
        let taking_over = |peer: &Peer| matches!(peer.state, State::TakingOver(_));
        self.peers.get(target).is_some_and(taking_over)
    }

    fn takeover_won(&mut self, now: Time, target: RegistrarIdentifier) {
        if !self.is_taking_over(target) {
            return;
        }
        self.tell_all(&Body::TakeoverServer(target));
        let taken = self.change_owner(now, target, self.settings.identifier);
        self.outbox.event(Event::Takeover {
            target,
            phase: TakeoverPhase::Won {
                pool_elements: taken.len(),
            },
        });
        self.remove_peer(now, target);
        self.adopt(now, target, taken);
    }

    /// Whether this registrar was silent itself for as long as others must be to be doubted, and not long ago.
    fn has_stood_still(&self, now: Time, patience: Duration) -> bool {
        let still = now - self.last_heartbeat > self.config.max_time_last_heard;
        still || self.stood_still.is_some_and(|until| now - until <= patience)
    }

    /// Everything that one registrar owns is another one's from now on.
    fn change_owner(
        &mut self,
        now: Time,
        previous: RegistrarIdentifier,
        owner: RegistrarIdentifier,
    ) -> Vec<ElementKey> {
        let changed = self.handlespace.change_owner(previous, owner);
        for key in &changed {
            self.timers.clear(&Timer::RegistrationLife(key.clone()));
            self.foreign_reports.remove(key);
            self.outbox.event(Event::OwnerChanged {
                pool_handle: key.0.clone(),
                pe_identifier: key.1,
                owner,
            });
            self.pool_changed(now, &key.0);
        }
        changed
    }

    pub(super) fn handle_takeover_server(
        &mut self,
        now: Time,
        association: AssociationId,
        from: RegistrarIdentifier,
        target: RegistrarIdentifier,
    ) {
        if target == self.settings.identifier {
            self.overthrown(now, association, from);
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
                    pool_elements: taken.len(),
                },
            });
        }
        self.remove_peer(now, target);
    }

    /// This registrar itself was taken over because it stood still. The RFC is silent about that: its pool elements are
    /// the other one's, and those that do not know it yet are sent away to register again.
    ///
    /// Who has not stood still is heard by somebody, or else the keep-alives of the other one tell the pool elements
    /// that it reaches. Hence that is a lie, or changes nothing here.
    fn overthrown(&mut self, now: Time, association: AssociationId, by: RegistrarIdentifier) {
        let accused = self.peers.get_mut(by).and_then(|peer| peer.accused_us.take());
        let patience = self.config.takeover_expiry * 2 + self.config.max_time_no_response;
        let refusal = if accused.is_none_or(|at| now - at > patience) {
            Some("takeover of this registrar that was not announced")
        } else if !self.has_stood_still(now, patience) {
            Some("takeover of this registrar, which is alive")
        } else {
            None
        };
        if let Some(refusal) = refusal {
            self.complain(association, refusal);
            self.tell_presence();
            return;
        }
        let own = self.settings.identifier;
        self.abandon_adoptions();
        let owned = std::mem::take(&mut self.owned);
        let mut associations = BTreeSet::new();
        for (key, owned) in owned {
            self.timers.clear(&Timer::KeepAlive(key.clone()));
            self.timers.clear(&Timer::KeepAliveTimeout(key.clone()));
            if let Some(attached) = self.attached.get_mut(owned.association) {
                attached.elements.remove(&key);
            }
            associations.insert(owned.association);
        }
        let taken = self.change_owner(now, own, by);
        self.outbox.event(Event::Takeover {
            target: own,
            phase: TakeoverPhase::TakenOver {
                by,
                pool_elements: taken.len(),
            },
        });
        self.tell_presence();
        self.multicast_presence(false);
        for association in associations {
            self.cut(now, association);
        }
    }
}
