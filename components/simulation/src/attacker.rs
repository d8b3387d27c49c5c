//! An attacker, which connects to all nodes and sends what must not be sent.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use protocol::{AssociationId, Effect, Endpoint, MulticastGroup, Output, Time, TransportAddress};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use wire::asap::{
    Cookie, CookieEcho, Deregistration, EndpointKeepAlive, EndpointUnreachable, HandleResolution, Message,
    ServerAnnounce,
};
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier};

/// The maximum number of overheard messages that it keeps for replay; the oldest is forgotten first.
const MOST_OVERHEARD: usize = 512;
const PAUSE: Duration = Duration::from_millis(2);

/// Sends arbitrary bytes, damaged messages, messages in wrong states, and messages overheard from others.
#[derive(Debug)]
pub struct Attacker {
    rng: Pcg64Mcg,
    victims: Vec<(TransportAddress, Endpoint)>,
    pool: PoolHandle,
    identifiers: Vec<PeIdentifier>,
    overheard: VecDeque<(Ppid, Vec<u8>)>,
    associations: BTreeMap<AssociationId, bool>,
    opened: u64,
    next: Option<Time>,
    outputs: VecDeque<Effect>,
}

impl Attacker {
    pub(crate) fn new(
        now: Time,
        seed: u64,
        victims: Vec<(TransportAddress, Endpoint)>,
        pool: PoolHandle,
        identifiers: Vec<PeIdentifier>,
    ) -> Self {
        Self {
            rng: Pcg64Mcg::seed_from_u64(seed),
            victims,
            pool,
            identifiers,
            overheard: VecDeque::new(),
            associations: BTreeMap::new(),
            opened: 0,
            next: Some(now),
            outputs: VecDeque::new(),
        }
    }

    pub(crate) const fn next_time(&self) -> Option<Time> {
        self.next
    }

    pub(crate) fn poll_output(&mut self) -> Option<Effect> {
        self.outputs.pop_front()
    }

    pub(crate) fn overhear(&mut self, ppid: Ppid, bytes: &[u8]) {
        self.overheard.push_back((ppid, bytes.to_vec()));
        if self.overheard.len() > MOST_OVERHEARD {
            self.overheard.pop_front();
        }
    }

    pub(crate) fn up(&mut self, association: AssociationId) {
        self.associations.insert(association, true);
    }

    pub(crate) fn down(&mut self, association: AssociationId) {
        self.associations.remove(&association);
    }

    pub(crate) fn step(&mut self, now: Time) {
        self.next = Some(now + PAUSE);
        match self.rng.random_range(0..20) {
            0 => self.connect(),
            1 => self.leave(),
            2 => self.announce(),
            _ => self.send(),
        }
    }

    fn connect(&mut self) {
        if self.associations.len() > 40 {
            return;
        }
        let Some((peer, endpoint)) = self.victims.choose(&mut self.rng).cloned() else {
            return;
        };
        let association = AssociationId::outgoing(self.opened);
        self.opened += 1;
        self.associations.insert(association, false);
        self.outputs.push_back(Output::Connect {
            association,
            endpoint,
            peer,
        });
    }

    fn open(&mut self) -> Option<AssociationId> {
        let open = self.associations.iter().filter(|(_, up)| **up);
        let open: Vec<AssociationId> = open.map(|(&association, _)| association).collect();
        open.choose(&mut self.rng).copied()
    }

    fn leave(&mut self) {
        if let Some(association) = self.open() {
            self.outputs.push_back(if self.rng.random() {
                Output::Abort { association }
            } else {
                Output::Shutdown { association }
            });
            self.associations.insert(association, false);
        }
    }

    fn send(&mut self) {
        let Some(association) = self.open() else {
            return;
        };
        let (ppid, mut bytes) = match self.rng.random_range(0..4) {
            0 => (Ppid::ASAP, self.noise()),
            1 => (Ppid::ASAP, self.ill_timed().encode()),
            _ => {
                let overheard = self.overheard.len();
                let index = self.rng.random_range(0..overheard.max(1));
                let fallback = (Ppid::ENRP, vec![0; 8]);
                self.overheard.get(index).cloned().unwrap_or(fallback)
            }
        };
        if self.rng.random_bool(0.3) && !bytes.is_empty() {
            let index = self.rng.random_range(0..bytes.len());
            bytes[index] ^= 1 << self.rng.random_range(0..8);
        }
        if self.rng.random_bool(0.1) {
            bytes.truncate(self.rng.random_range(0..=bytes.len()));
        }
        self.outputs.push_back(Output::Send {
            association,
            ppid,
            bytes,
        });
    }

    fn noise(&mut self) -> Vec<u8> {
        let mut bytes = vec![0; self.rng.random_range(0..200)];
        self.rng.fill_bytes(&mut bytes);
        // A likely message type gets further into the decoder.
        if let Some(first) = bytes.first_mut() {
            *first %= 0x10;
        }
        bytes
    }

    /// Returns a well-formed message that may be neither due nor true.
    fn ill_timed(&mut self) -> Message {
        let pool_handle = self.pool.clone();
        let chosen = self.identifiers.choose(&mut self.rng).copied();
        let pe_identifier = chosen.unwrap_or(PeIdentifier(7));
        let registrar = RegistrarIdentifier(self.rng.random_range(1..9));
        match self.rng.random_range(0..6) {
            0 => Message::Deregistration(Deregistration {
                pool_handle,
                pe_identifier,
            }),
            1 => Message::EndpointUnreachable(EndpointUnreachable {
                pool_handle,
                pe_identifier,
            }),
            2 => Message::EndpointKeepAlive(EndpointKeepAlive {
                home: self.rng.random(),
                registrar,
                pool_handle,
                pe_identifier: None,
            }),
            3 => Message::HandleResolution(HandleResolution {
                subscribe: true,
                pool_handle,
                items: Some(u32::MAX),
            }),
            4 => Message::CookieEcho(CookieEcho {
                cookie: vec![9; 20_000],
            }),
            _ => Message::Cookie(Cookie { cookie: vec![1] }),
        }
    }

    /// Announces a registrar that does not exist.
    fn announce(&mut self) {
        let announcement = Message::ServerAnnounce(ServerAnnounce {
            registrar: RegistrarIdentifier(self.rng.random_range(1..1000)),
            transports: Vec::new(),
        });
        let bytes = if self.rng.random() {
            announcement.encode()
        } else {
            self.noise()
        };
        self.outputs.push_back(Output::Multicast {
            group: MulticastGroup::Asap,
            bytes,
        });
    }
}
