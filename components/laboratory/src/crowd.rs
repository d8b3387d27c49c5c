//! Many pool elements in one process, over real associations: they register and answer keep-alives, but serve no
//! sessions.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use transport::{
    AssociationConfig, AssociationId, Config, Event, Events, Message, Peer, Transport, user_space,
};
use wire::asap::{self, EndpointKeepAliveAck, Registration};
use wire::parameter::{
    Policy, PoolElementParameter, RegistrationLife, SctpTransport, TransportUse, UserTransport,
};
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier};

/// A crowd of pool elements, which disappear when it is dropped.
#[derive(Debug)]
pub struct Crowd {
    thread: Option<std::thread::JoinHandle<()>>,
    transport: Transport,
    registered: tokio::sync::watch::Receiver<u32>,
}

/// The parameters of a crowd.
#[derive(Debug, Clone, Copy)]
struct Plan {
    registrar: SocketAddr,
    elements: u32,
    pools: u32,
    associations: u32,
}

impl Crowd {
    /// Registers pool elements, spread over several pools, with the registrar at this address, and waits until all
    /// are confirmed. A registrar answers only a limited number of registrations per second on each association,
    /// hence `associations`.
    ///
    /// # Panics
    /// Panics if the registrar refuses, or if an association is lost before all are registered.
    /// When the registrar refuses, or an association is lost before all are registered.
    #[must_use]
    pub fn register(registrar: SocketAddr, elements: u32, pools: u32, associations: u32) -> Self {
        let plan = Plan {
            registrar,
            elements,
            pools,
            associations,
        };
        let config = Config {
            association: AssociationConfig::demo(),
            ..Config::default()
        };
        let (transport, events) = user_space::start(config).expect("a transport can be started");
        let (progress, mut registered) = tokio::sync::watch::channel(0);
        let handle = transport.clone();
        let thread = std::thread::spawn(move || Members::new(plan, &handle).run(events, &progress));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime can be built");
        runtime
            .block_on(registered.wait_for(|registered| *registered == elements))
            .expect("the crowd lives");
        Self {
            thread: Some(thread),
            transport,
            registered,
        }
    }

    /// Returns the number of pool elements whose registration is confirmed.
    #[must_use]
    pub fn registered(&self) -> u32 {
        *self.registered.borrow()
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.transport.vanish();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Members<'a> {
    transport: &'a Transport,
    own: Vec<IpAddr>,
    /// The registrations still to be sent on each association, one at a time.
    waiting: BTreeMap<AssociationId, VecDeque<Registration>>,
    registered: u32,
    elements: u32,
}

impl<'a> Members<'a> {
    fn new(plan: Plan, transport: &'a Transport) -> Self {
        let own = transport.local_addresses().to_vec();
        let user_transport = SctpTransport::new(7, TransportUse::DataOnly, own.iter().copied())
            .expect("the crowd has an address");
        let mut queues = vec![VecDeque::new(); plan.associations as usize];
        for number in 0..plan.elements {
            let registration = Registration {
                pool_handle: PoolHandle::new(format!("Crowd {}", number % plan.pools).as_bytes())
                    .expect("a short pool handle"),
                pool_element: PoolElementParameter {
                    identifier: PeIdentifier(number + 1),
                    home_registrar: RegistrarIdentifier::UNDETERMINED,
                    registration_life: RegistrationLife::INFINITE,
                    user_transport: UserTransport::Sctp(user_transport.clone()),
                    policy: Policy::RoundRobin,
                    asap_transport: None,
                },
            };
            queues[(number % plan.associations) as usize].push_back(registration);
        }
        let peer = || Peer::new(plan.registrar.ip(), plan.registrar.port());
        let waiting = queues
            .into_iter()
            .map(|queue| (transport.connect(0, peer(), None), queue));
        Self {
            waiting: waiting.collect(),
            transport,
            own,
            registered: 0,
            elements: plan.elements,
        }
    }

    fn run(mut self, mut events: Events, progress: &tokio::sync::watch::Sender<u32>) {
        while let Some(event) = events.blocking_recv() {
            match event {
                Event::Up { id, .. } => self.register_next(id),
                Event::Message { id, message } => {
                    self.handle(id, &message);
                    progress.send_replace(self.registered);
                }
                Event::Down { id, cause } => {
                    assert!(
                        self.registered == self.elements,
                        "{id:?} from {:?}: {cause}",
                        self.own
                    );
                }
                Event::Restarted { .. } | Event::Path { .. } | Event::Writable { .. } => {}
            }
        }
    }

    fn register_next(&mut self, id: AssociationId) {
        if let Some(registration) = self.waiting.get_mut(&id).and_then(VecDeque::pop_front) {
            self.send(id, registration.into());
        }
    }

    fn handle(&mut self, id: AssociationId, message: &Message) {
        let Ok(decoded) = asap::Message::decode(&message.data) else {
            return;
        };
        match decoded.message {
            asap::Message::RegistrationResponse(response) => {
                assert!(!response.rejected, "refused: {response}");
                self.registered += 1;
                self.register_next(id);
            }
            asap::Message::EndpointKeepAlive(keep_alive) => {
                if let Some(pe_identifier) = keep_alive.pe_identifier {
                    let pool_handle = keep_alive.pool_handle;
                    self.send(
                        id,
                        EndpointKeepAliveAck {
                            pool_handle,
                            pe_identifier,
                        }
                        .into(),
                    );
                }
            }
            _ => {}
        }
    }

    fn send(&self, id: AssociationId, message: asap::Message) {
        // A single request fits any buffer.
        let _ = self
            .transport
            .send(id, Message::new(Ppid::ASAP.0, message.encode()));
    }
}
