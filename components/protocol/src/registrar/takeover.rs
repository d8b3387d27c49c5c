//! The takeover of a dead registrar by this one: initiating it, and winning it or giving it up (RFC 5353 section
//! 3.5).
//!
//! Until it is decided, it is the state of the target in the peer list; `adoption` contains what follows.

use std::collections::BTreeSet;

use wire::RegistrarIdentifier;
use wire::enrp::Body;

use super::peers::{Peer, State};
use super::{ElementKey, Event, GivenUp, PeerState, Phase, Registrar, TakeoverPhase, Timer, count};
use crate::Time;

/// An undecided takeover by this registrar.
#[derive(Debug)]
pub(super) struct Takeover {
    /// The peers whose acknowledgements are missing.
    due: BTreeSet<RegistrarIdentifier>,
    started: Time,
}

impl Registrar {
    /// A peer does not answer any more, or its address is unreachable.
    pub(super) fn peer_dead(&mut self, now: Time, target: RegistrarIdentifier) {
        let Some(peer) = self.peers.get_mut(target) else {
            return;
        };
        let (claimants, was_owner) = match &mut peer.state {
            State::TakingOver(_) | State::Conceded { .. } => return,
            State::Probed { claimants, was_owner } => (std::mem::take(claimants), *was_owner),
            State::Unconfirmed { .. } | State::Active => (BTreeSet::new(), false),
        };
        let is_owner = was_owner || self.handlespace.owned_count(target) > 0;
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
        // If there are no other peers, be more careful with a target that messages can still be sent to: perhaps
        // this registrar itself was stalled.
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
                pool_elements: count(self.handlespace.owned_count(target)),
                due: count(number_due),
            },
        });
        self.send_enrp_to_all(&Body::InitTakeover(target));
        if alone && self.peers.association(target).is_none() {
            // D-13: there is no other peer that could agree.
            self.takeover_won(now, target);
        }
    }

    fn send_enrp_to_all(&mut self, body: &Body) {
        let connected: Vec<RegistrarIdentifier> = self.peers.connected().map(|(peer, _)| peer).collect();
        for peer in connected {
            self.send_enrp(peer, body.clone());
        }
    }

    /// Repeats the request to a peer whose acknowledgement is due: it was not connected when the takeover began, or
    /// the request may have been lost with its association.
    pub(super) fn repeat_takeovers(&mut self, peer: RegistrarIdentifier) {
        let is_due = |target: &&Peer| matches!(&target.state, State::TakingOver(takeover) if takeover.due.contains(&peer));
        let due = self.peers.iter().filter(is_due);
        let targets: Vec<RegistrarIdentifier> = due.map(Peer::identifier).collect();
        for target in targets {
            self.send_enrp(peer, Body::InitTakeover(target));
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
            phase: TakeoverPhase::Acknowledged {
                by: from,
                due: count(due),
            },
        });
        if due == 0 {
            self.takeover_won(now, target);
        }
    }

    /// A registrar is gone: do not wait for its acknowledgement, or for the takeover it has announced.
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

    /// Peers that are silent themselves are not waited for any longer. One that is heard but does not acknowledge
    /// has a reason: it hears the target.
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

    /// The target has changed its state, or is about to.
    pub(super) fn takeover_given_up(&mut self, target: RegistrarIdentifier, why: GivenUp) {
        self.outbox.event(Event::Takeover {
            target,
            phase: TakeoverPhase::GivenUp(why),
        });
    }

    pub(super) fn is_taking_over(&self, target: RegistrarIdentifier) -> bool {
        let taking_over = |peer: &Peer| matches!(peer.state, State::TakingOver(_));
        self.peers.get(target).is_some_and(taking_over)
    }

    fn takeover_won(&mut self, now: Time, target: RegistrarIdentifier) {
        if !self.is_taking_over(target) {
            return;
        }
        self.send_enrp_to_all(&Body::TakeoverServer(target));
        let taken = self.change_owner(now, target, self.settings.identifier);
        self.outbox.event(Event::Takeover {
            target,
            phase: TakeoverPhase::Won {
                pool_elements: count(taken.len()),
            },
        });
        self.remove_peer(now, target);
        self.adopt(now, target, taken);
    }

    /// Makes one registrar the owner of everything that another one owns.
    pub(super) fn change_owner(
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
}
