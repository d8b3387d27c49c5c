//! A pool element that leaves pixels out.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use transport::{AssociationId, Config, Event, Events, Message, Peer, Transport, user_space};
use wire::asap::{self, EndpointKeepAliveAck, Registration};
use wire::fractal_generator::{self, Data};
use wire::parameter::{
    Policy, PoolElementParameter, RegistrationLife, SctpTransport, TransportUse, UserTransport,
};
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier};

/// Sends the first pixels of each picture, and claims that these are all.
pub(crate) struct Miser {
    transport: Transport,
    thread: Option<JoinHandle<()>>,
}

const IDENTIFIER: PeIdentifier = PeIdentifier(1);

impl Miser {
    /// The number of pixels that it sends; their values are wrong.
    pub(crate) const PIXELS: u16 = 7;

    /// Registers it, and waits for the confirmation.
    pub(crate) fn register(registrar: SocketAddr) -> Self {
        let (transport, mut events) =
            user_space::start(Config::default()).expect("a transport can be started");
        let port = transport.listen(0).expect("there is a port");
        let home = transport.connect(0, Peer::new(registrar.ip(), registrar.port()), None);
        loop {
            match events.blocking_recv().expect("the transport lives") {
                Event::Up { id, .. } if id == home => {
                    send_asap(&transport, home, registration(&transport, port));
                }
                Event::Message { id, message } if id == home => {
                    let decoded = asap::Message::decode(&message.data).expect("the registrar is ours");
                    if let asap::Message::RegistrationResponse(response) = decoded.message {
                        assert!(!response.rejected, "refused: {response}");
                        break;
                    }
                }
                Event::Down { cause, .. } => panic!("the registrar is lost: {cause}"),
                _ => {}
            }
        }
        let server = transport.clone();
        let thread = std::thread::spawn(move || serve(&server, events));
        Self {
            transport,
            thread: Some(thread),
        }
    }
}

impl Drop for Miser {
    fn drop(&mut self) {
        self.transport.vanish();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(transport: &Transport, mut events: Events) {
    while let Some(event) = events.blocking_recv() {
        let Event::Message { id, message } = event else {
            continue;
        };
        match Ppid(message.ppid) {
            Ppid::ASAP => {
                let decoded = asap::Message::decode(&message.data).map(|decoded| decoded.message);
                if let Ok(asap::Message::EndpointKeepAlive(keep_alive)) = decoded {
                    let ack = EndpointKeepAliveAck {
                        pool_handle: keep_alive.pool_handle,
                        pe_identifier: IDENTIFIER,
                    };
                    send_asap(transport, id, ack.into());
                }
            }
            Ppid::FRACTAL_GENERATOR => {
                let data = Data {
                    start_x: 0,
                    start_y: 0,
                    pixels: vec![u32::MAX; Miser::PIXELS.into()],
                };
                for answer in [
                    fractal_generator::Message::Data(data),
                    fractal_generator::Message::Finalizer,
                ] {
                    send(transport, id, Ppid::FRACTAL_GENERATOR, answer.encode());
                }
            }
            _ => {}
        }
    }
}

fn registration(transport: &Transport, port: u16) -> asap::Message {
    let addresses = transport.local_addresses().iter().copied();
    let user_transport =
        SctpTransport::new(port, TransportUse::DataOnly, addresses).expect("the transport has an address");
    Registration {
        pool_handle: PoolHandle::new(fractal_generator::POOL_HANDLE.as_bytes()).expect("a short pool handle"),
        pool_element: PoolElementParameter {
            identifier: IDENTIFIER,
            home_registrar: RegistrarIdentifier::UNDETERMINED,
            registration_life: RegistrationLife::INFINITE,
            user_transport: UserTransport::Sctp(user_transport),
            policy: Policy::RoundRobin,
            asap_transport: None,
        },
    }
    .into()
}

fn send_asap(transport: &Transport, id: AssociationId, message: asap::Message) {
    send(transport, id, Ppid::ASAP, message.encode());
}

fn send(transport: &Transport, id: AssociationId, ppid: Ppid, bytes: Vec<u8>) {
    // Such a small message fits any buffer.
    let _ = transport.send(id, Message::new(ppid.0, bytes));
}
