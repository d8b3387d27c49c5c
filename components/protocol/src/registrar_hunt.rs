//! The server hunt that pool element and pool user share (RFC 5352 section 3.7).

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use wire::RegistrarIdentifier;
use wire::asap::{self, AnnouncedTransport, ServerAnnounce};

use crate::outbox::Outbox;
use crate::rate_limit::RateLimit;
use crate::{AssociationId, Config, Endpoint, Time, TransportAddress};

/// RFC 5352 section 3.7: at most three associations at the same time.
const PARALLEL_ATTEMPTS: usize = 3;
/// Announcements cannot be trusted: at most this many are kept, the oldest is dropped first.
const MOST_ANNOUNCED: usize = 64;
/// The maximum number of connection attempts per second, however many addresses are announced.
const ATTEMPTS_PER_SECOND: u32 = 32;
/// How long an address that has just refused is not tried again because of an announcement.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Known registrars, and the search for one that answers.
#[derive(Debug)]
pub(crate) struct RegistrarHunt {
    configured: Vec<TransportAddress>,
    announced: BTreeMap<TransportAddress, Announcement>,
    round: Option<Round>,
    /// The duration of the current or the next round.
    t5: Duration,
    rounds: u32,
    attempts: RateLimit,
    rng: Pcg64Mcg,
    t5_initial: Duration,
    retran_max: Duration,
    t7: Duration,
    gathering: Duration,
}

#[derive(Debug)]
struct Announcement {
    registrar: RegistrarIdentifier,
    heard: Time,
}

#[derive(Debug)]
struct Round {
    ends: Time,
    attempts: BTreeMap<AssociationId, TransportAddress>,
    failed: BTreeMap<TransportAddress, Time>,
    /// Until when announcements are gathered before any of the addresses is tried.
    gathers_until: Option<Time>,
    /// An address that failed before this hunt: tried when everything else has failed.
    last_resort: Option<TransportAddress>,
}

/// An unsuccessful round of the hunt; the next one has begun.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FailedRound {
    pub(crate) rounds: u32,
    pub(crate) next_round: Duration,
}

impl RegistrarHunt {
    pub(crate) fn new(configured: Vec<TransportAddress>, config: &Config, seed: u64) -> Self {
        Self {
            configured,
            announced: BTreeMap::new(),
            round: None,
            t5: config.t5_server_hunt,
            rounds: 0,
            attempts: RateLimit::new(ATTEMPTS_PER_SECOND),
            rng: Pcg64Mcg::seed_from_u64(seed),
            t5_initial: config.t5_server_hunt,
            retran_max: config.retran_max,
            t7: config.t7_enrp_outdate,
            gathering: config.announcement_gathering,
        }
    }

    pub(crate) const fn is_hunting(&self) -> bool {
        self.round.is_some()
    }

    /// Begins a hunt, unless one is under way. `last_resort` is tried only when all others have failed.
    pub(crate) fn start<E>(
        &mut self,
        now: Time,
        last_resort: Option<TransportAddress>,
        outbox: &mut Outbox<E>,
    ) {
        if self.round.is_none() {
            self.begin_round(now, last_resort, outbox);
        }
    }

    /// Ends the hunt and abandons its attempts.
    pub(crate) fn stop<E>(&mut self, outbox: &mut Outbox<E>) {
        self.rounds = 0;
        self.t5 = self.t5_initial;
        for association in self
            .round
            .take()
            .into_iter()
            .flat_map(|round| round.attempts.into_keys())
        {
            outbox.abort(association);
        }
    }

    /// Returns the registrar that announces itself at this address, as far as announcements can be trusted.
    pub(crate) fn announced_at(&self, peer: &TransportAddress) -> Option<RegistrarIdentifier> {
        let same_place = |announced: &TransportAddress| {
            announced.port == peer.port
                && announced
                    .addresses
                    .iter()
                    .any(|address| peer.addresses.contains(address))
        };
        let mut announcements = self.announced.iter();
        let (_, announcement) = announcements.find(|(announced, _)| same_place(announced))?;
        Some(announcement.registrar)
    }

    pub(crate) fn handle_announcement<E>(
        &mut self,
        now: Time,
        source: SocketAddr,
        announcement: &ServerAnnounce,
        outbox: &mut Outbox<E>,
    ) {
        self.forget_outdated(now);
        let nobody_known = self.configured.is_empty() && self.announced.is_empty();
        if let Some(round) = &mut self.round
            && nobody_known
            && !self.gathering.is_zero()
        {
            round.gathers_until = Some(now + self.gathering);
        }
        for peer in announced_peers(source, announcement) {
            let heard = Announcement {
                registrar: announcement.registrar,
                heard: now,
            };
            self.announced.insert(peer.clone(), heard);
            self.forget_oldest();
            if let Some(round) = &mut self.round {
                let failed = round.failed.get(&peer);
                if failed.is_some_and(|&at| now - at >= PAUSE_AFTER_FAILURE) {
                    round.failed.remove(&peer);
                }
            }
        }
        self.fill(now, outbox);
    }

    /// An association came up. Ends the hunt and returns the address if it is one of the hunt's.
    pub(crate) fn handle_up<E>(
        &mut self,
        association: AssociationId,
        outbox: &mut Outbox<E>,
    ) -> Option<TransportAddress> {
        let peer = self.round.as_mut()?.attempts.remove(&association)?;
        self.stop(outbox);
        Some(peer)
    }

    /// An association ended. Returns whether it was one of the hunt's; then another address is tried.
    pub(crate) fn handle_down<E>(
        &mut self,
        now: Time,
        association: AssociationId,
        outbox: &mut Outbox<E>,
    ) -> bool {
        let Some(round) = &mut self.round else {
            return false;
        };
        let Some(peer) = round.attempts.remove(&association) else {
            return false;
        };
        round.failed.insert(peer, now);
        self.fill(now, outbox);
        true
    }

    /// T5: abandons the attempts and begins another round, which may take twice as long.
    pub(crate) fn handle_timeout<E>(&mut self, now: Time, outbox: &mut Outbox<E>) -> Option<FailedRound> {
        if let Some(round) = &mut self.round
            && round.gathers_until.take_if(|until| *until <= now).is_some()
        {
            self.fill(now, outbox);
        }
        let round = self.round.take_if(|round| round.ends <= now)?;
        for association in round.attempts.into_keys() {
            outbox.abort(association);
        }
        self.rounds = self.rounds.saturating_add(1);
        self.t5 = (self.t5 * 2).min(self.retran_max.max(self.t5_initial));
        // All have been tried; there is no last resort any more.
        self.begin_round(now, None, outbox);
        Some(FailedRound {
            rounds: self.rounds,
            next_round: self.t5,
        })
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let round = self.round.as_ref()?;
        Some(
            round
                .gathers_until
                .map_or(round.ends, |until| until.min(round.ends)),
        )
    }

    fn begin_round<E>(&mut self, now: Time, last_resort: Option<TransportAddress>, outbox: &mut Outbox<E>) {
        self.round = Some(Round {
            ends: now + self.t5,
            attempts: BTreeMap::new(),
            failed: BTreeMap::new(),
            gathers_until: None,
            last_resort,
        });
        self.fill(now, outbox);
    }

    /// Opens associations as long as there are addresses to try and fewer than three attempts.
    fn fill<E>(&mut self, now: Time, outbox: &mut Outbox<E>) {
        self.forget_outdated(now);
        let Some(round) = self.round.as_mut().filter(|round| round.gathers_until.is_none()) else {
            return;
        };
        while round.attempts.len() < PARALLEL_ATTEMPTS {
            let busy: BTreeSet<&TransportAddress> = round.attempts.values().collect();
            let untried: Vec<&TransportAddress> = self
                .configured
                .iter()
                .chain(self.announced.keys())
                .filter(|peer| !busy.contains(peer) && !round.failed.contains_key(peer))
                .collect();
            let preferred: Vec<&TransportAddress> = untried
                .iter()
                .copied()
                .filter(|&peer| round.last_resort.as_ref() != Some(peer))
                .collect();
            let choice = if preferred.is_empty() && busy.is_empty() {
                untried.choose(&mut self.rng)
            } else {
                preferred.choose(&mut self.rng)
            };
            let Some(&peer) = choice else {
                return;
            };
            if !self.attempts.admit(now) {
                return;
            }
            let peer = peer.clone();
            let association = outbox.connect(Endpoint::Asap, peer.clone());
            round.attempts.insert(association, peer);
        }
    }

    fn forget_outdated(&mut self, now: Time) {
        self.announced
            .retain(|_, announcement| now - announcement.heard <= self.t7);
    }

    fn forget_oldest(&mut self) {
        while self.announced.len() > MOST_ANNOUNCED {
            let oldest = self
                .announced
                .iter()
                .min_by_key(|(_, announcement)| announcement.heard);
            let Some(peer) = oldest.map(|(peer, _)| peer.clone()) else {
                return;
            };
            self.announced.remove(&peer);
        }
    }

    /// Returns a seed for another part of the same core.
    pub(crate) fn seed(&mut self) -> u64 {
        self.rng.next_u64()
    }
}

/// Returns the addresses in an announcement: its SCTP transports, or else the datagram's source, with its own port
/// or that of ASAP (D-07).
fn announced_peers(source: SocketAddr, announcement: &ServerAnnounce) -> Vec<TransportAddress> {
    if announcement.transports.is_empty() {
        let at = |port| TransportAddress {
            addresses: vec![source.ip().to_canonical()],
            port,
        };
        return match source.port() {
            0 | asap::PORT => vec![at(asap::PORT)],
            port => vec![at(port), at(asap::PORT)],
        };
    }
    let sctp = announcement
        .transports
        .iter()
        .find_map(|transport| match transport {
            AnnouncedTransport::Sctp(sctp) => Some(TransportAddress {
                addresses: sctp.addresses().to_vec(),
                port: sctp.port(),
            }),
            AnnouncedTransport::Tcp(_) => None,
        });
    sctp.into_iter().collect()
}
