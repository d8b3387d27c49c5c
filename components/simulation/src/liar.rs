//! An impostor of a registrar: it speaks ENRP well enough to be believed, and lies.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use protocol::{
    AssociationEvent, AssociationId, Effect, Endpoint, MulticastGroup, Output, Time, TransportAddress,
};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use wire::enrp::{
    self, Body, HandleTableRequest, HandleTableResponse, HandleUpdate, ListResponse, Message, PoolEntry,
    Presence, UpdateAction,
};
use wire::parameter::{
    Policy, PoolElementParameter, RegistrationLife, SctpTransport, ServerInformation, TransportUse,
    UserTransport,
};
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier};

const PAUSE: Duration = Duration::from_millis(25);
/// It sends a presence after this many pauses.
const PRESENCE_EVERY: u64 = 8;
/// The size of a list of servers, none of which exists.
const HUGE: u32 = 2_000;
/// The number of new pool elements in each part of an endless table.
const ENTRIES: u32 = 10;

/// The subject of its lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// It announces, changes and removes pool elements of others.
    ForeignElements,
    /// It claims that pool elements of others have registered with it.
    Theft,
    /// It claims to have pool elements that it never lists.
    WrongChecksums,
    /// Its handle table has no end.
    EndlessTable,
    /// It takes over live registrars, and acknowledges takeovers before it is asked.
    FalseTakeover,
    /// It claims the identifier of another registrar.
    OurIdentifier,
    /// It claims to know thousands of registrars.
    HugeList,
    /// It announces pool elements and registrars with impossible addresses.
    ImpossibleAddresses,
}

impl Lie {
    /// All kinds of lies.
    pub const ALL: [Self; 8] = [
        Self::ForeignElements,
        Self::Theft,
        Self::WrongChecksums,
        Self::EndlessTable,
        Self::FalseTakeover,
        Self::OurIdentifier,
        Self::HugeList,
        Self::ImpossibleAddresses,
    ];
}

/// The registrars it lies to, and those it lies about.
#[derive(Debug)]
pub(crate) struct Victims {
    pub(crate) registrars: Vec<(RegistrarIdentifier, TransportAddress)>,
    pub(crate) pool: PoolHandle,
    pub(crate) elements: Vec<PeIdentifier>,
}

/// An impostor of a registrar.
#[derive(Debug)]
pub struct Liar {
    rng: Pcg64Mcg,
    identifier: RegistrarIdentifier,
    address: IpAddr,
    lie: Lie,
    victims: Victims,
    /// The peer of each association, and whether the association is up.
    associations: BTreeMap<AssociationId, (TransportAddress, bool)>,
    opened: u64,
    steps: u64,
    next: Time,
    outputs: VecDeque<Effect>,
}

impl Liar {
    pub(crate) fn new(
        now: Time,
        seed: u64,
        identifier: RegistrarIdentifier,
        address: IpAddr,
        lie: Lie,
        victims: Victims,
    ) -> Self {
        Self {
            rng: Pcg64Mcg::seed_from_u64(seed),
            identifier,
            address,
            lie,
            victims,
            associations: BTreeMap::new(),
            opened: 0,
            steps: 0,
            next: now,
            outputs: VecDeque::new(),
        }
    }

    pub(crate) const fn next_time(&self) -> Time {
        self.next
    }

    pub(crate) fn poll_output(&mut self) -> Option<Effect> {
        self.outputs.pop_front()
    }

    pub(crate) fn handle_association(&mut self, event: AssociationEvent) {
        match event {
            AssociationEvent::Up {
                association, peer, ..
            } => {
                self.associations.insert(association, (peer, true));
                self.send(association, self.presence(true));
            }
            AssociationEvent::Confirmed { .. } | AssociationEvent::Restarted { .. } => {}
            AssociationEvent::Down { association, .. } => {
                self.associations.remove(&association);
            }
        }
    }

    pub(crate) fn handle_input(&mut self, association: AssociationId, ppid: Ppid, bytes: &[u8]) {
        if ppid != Ppid::ENRP {
            return;
        }
        let Ok(decoded) = Message::decode(bytes) else {
            return;
        };
        match decoded.message.body {
            Body::Presence(Presence {
                reply_required: true, ..
            }) => self.send(association, self.presence(false)),
            Body::ListRequest => {
                let list = self.list();
                self.send(association, list);
            }
            Body::HandleTableRequest(_) => {
                let table = self.table();
                self.send(association, table);
            }
            Body::InitTakeover(target) => self.send(association, Body::InitTakeoverAck(target)),
            _ => {}
        }
    }

    pub(crate) fn step(&mut self, now: Time) {
        self.next = now + PAUSE;
        self.steps += 1;
        if self.steps.is_multiple_of(PRESENCE_EVERY) {
            self.appear();
        }
        let up = self.associations.iter().filter(|(_, (_, up))| *up);
        let up: Vec<AssociationId> = up.map(|(&association, _)| association).collect();
        for association in up {
            if let Some((sender, body)) = self.invent() {
                self.send_as(sender, association, body);
            }
        }
    }

    fn appear(&mut self) {
        for index in 0..self.victims.registrars.len() {
            let (_, peer) = self.victims.registrars[index].clone();
            let mut known = self.associations.iter();
            let known = known.find(|(_, (other, _))| *other == peer);
            match known.map(|(&association, &(_, up))| (association, up)) {
                Some((association, true)) => self.send(association, self.presence(false)),
                Some((_, false)) => {}
                None => {
                    let association = AssociationId::outgoing(self.opened);
                    self.opened += 1;
                    self.associations.insert(association, (peer.clone(), false));
                    self.outputs.push_back(Output::Connect {
                        association,
                        endpoint: Endpoint::Enrp,
                        peer,
                    });
                }
            }
        }
        let sender = match self.lie {
            Lie::HugeList => RegistrarIdentifier(self.rng.random_range(0x7000_0000..0x7000_1000)),
            Lie::OurIdentifier => self.victim(),
            _ => self.identifier,
        };
        let message = Message {
            sender,
            receiver: RegistrarIdentifier(0),
            body: self.presence(false),
        };
        self.outputs.push_back(Output::Multicast {
            group: MulticastGroup::Enrp,
            bytes: message.encode(),
        });
    }

    fn send(&mut self, association: AssociationId, body: Body) {
        self.send_as(self.identifier, association, body);
    }

    fn send_as(&mut self, sender: RegistrarIdentifier, association: AssociationId, body: Body) {
        let message = Message {
            sender,
            receiver: RegistrarIdentifier(0),
            body,
        };
        let mut bytes = message.encode();
        if self.lie == Lie::ImpossibleAddresses && !matches!(message.body, Body::Presence(_)) {
            replace(&mut bytes, self.address, Ipv4Addr::BROADCAST);
        }
        self.outputs.push_back(Output::Send {
            association,
            ppid: Ppid::ENRP,
            bytes,
        });
    }

    /// Returns a false message, and its supposed sender.
    fn invent(&mut self) -> Option<(RegistrarIdentifier, Body)> {
        let own = self.identifier;
        let victim = self.victim();
        match self.lie {
            Lie::ForeignElements => {
                let element = self.element(victim);
                Some((own, self.update(element)))
            }
            Lie::Theft => {
                let element = self.element(own);
                Some((own, self.update(element)))
            }
            Lie::ImpossibleAddresses => {
                let element = self.element(own);
                let body = match self.rng.random_range(0..3) {
                    0 => self.update(element),
                    1 => self.list(),
                    _ => self.table(),
                };
                Some((own, body))
            }
            Lie::FalseTakeover => {
                let body = match self.rng.random_range(0..3) {
                    0 => Body::InitTakeover(victim),
                    1 => Body::InitTakeoverAck(victim),
                    _ => Body::TakeoverServer(victim),
                };
                Some((own, body))
            }
            Lie::OurIdentifier => {
                let element = self.element(victim);
                let body = match self.rng.random_range(0..5) {
                    0 => self.presence(true),
                    1 => self.update(element),
                    2 => Body::TakeoverServer(self.victim()),
                    3 => Body::InitTakeover(self.victim()),
                    _ => Body::HandleTableRequest(HandleTableRequest {
                        own_children_only: false,
                    }),
                };
                Some((victim, body))
            }
            Lie::HugeList if self.steps.is_multiple_of(40) => Some((own, self.list())),
            Lie::EndlessTable if self.steps.is_multiple_of(4) => Some((own, self.table())),
            Lie::WrongChecksums | Lie::EndlessTable | Lie::HugeList => None,
        }
    }

    fn victim(&mut self) -> RegistrarIdentifier {
        let victim = self.victims.registrars.choose(&mut self.rng);
        victim.map_or(self.identifier, |&(identifier, _)| identifier)
    }

    fn presence(&self, reply_required: bool) -> Body {
        let checksum = match self.lie {
            Lie::WrongChecksums | Lie::EndlessTable | Lie::OurIdentifier | Lie::ImpossibleAddresses => {
                self.steps as u16
            }
            _ => 0xffff,
        };
        Body::Presence(Presence {
            reply_required,
            pe_checksum: Some(checksum),
            server_information: Some(ServerInformation {
                identifier: self.identifier,
                transport: self.transport(enrp::PORT),
            }),
        })
    }

    fn list(&self) -> Body {
        let number = match self.lie {
            Lie::HugeList => HUGE,
            Lie::ImpossibleAddresses => ENTRIES,
            _ => 0,
        };
        let server = |number| ServerInformation {
            identifier: RegistrarIdentifier(0x7000_0000 + number),
            transport: self.transport(enrp::PORT),
        };
        Body::ListResponse(ListResponse {
            rejected: false,
            servers: (0..number).map(server).collect(),
        })
    }

    fn table(&mut self) -> Body {
        let endless = self.lie == Lie::EndlessTable;
        let has_entries = endless || self.lie == Lie::ImpossibleAddresses;
        let pool_elements: Vec<PoolElementParameter> = (0..if has_entries { ENTRIES } else { 0 })
            .map(|_| {
                let identifier = PeIdentifier(self.rng.random_range(0x5000_0000..0x6000_0000));
                PoolElementParameter {
                    identifier,
                    ..self.element(self.identifier)
                }
            })
            .collect();
        let entry = PoolEntry {
            pool_handle: PoolHandle::new(b"NoSuchPool").expect("neither empty nor long"),
            pool_elements,
        };
        Body::HandleTableResponse(HandleTableResponse {
            rejected: false,
            more_to_send: endless,
            entries: Vec::from_iter(has_entries.then_some(entry)),
        })
    }

    fn element(&mut self, home_registrar: RegistrarIdentifier) -> PoolElementParameter {
        let chosen = self.victims.elements.choose(&mut self.rng).copied();
        let invented = PeIdentifier(self.rng.random_range(0x5000_0000..0x5000_0100));
        PoolElementParameter {
            identifier: chosen.filter(|_| self.rng.random_bool(0.8)).unwrap_or(invented),
            home_registrar,
            registration_life: RegistrationLife(9_000),
            user_transport: UserTransport::Sctp(self.transport(7000).with_use(TransportUse::DataPlusControl)),
            policy: Policy::RoundRobin,
            asap_transport: Some(self.transport(4000)),
        }
    }

    fn update(&mut self, pool_element: PoolElementParameter) -> Body {
        let adds = self.rng.random();
        Body::HandleUpdate(HandleUpdate {
            takeover_suggested: false,
            action: if adds {
                UpdateAction::AddPe
            } else {
                UpdateAction::DelPe
            },
            pool_handle: self.victims.pool.clone(),
            pool_element,
        })
    }

    fn transport(&self, port: u16) -> SctpTransport {
        SctpTransport::new(port, TransportUse::DataOnly, [self.address]).expect("a node has an address")
    }
}

/// Replaces each occurrence of an address by another one.
fn replace(bytes: &mut [u8], address: IpAddr, by: Ipv4Addr) {
    let IpAddr::V4(address) = address else {
        return;
    };
    let places = 0..bytes.len().saturating_sub(3);
    for place in places {
        let four = &mut bytes[place..place + 4];
        if four == address.octets() {
            four.copy_from_slice(&by.octets());
        }
    }
}
