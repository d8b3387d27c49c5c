//! Loads a registrar, of whatever make, with registrations or handle resolutions, or with what no registrar should ever get.
//! Prints requests per second and percentiles of their latency.

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use clap::{Parser, ValueEnum};
use transport::{AssociationConfig, AssociationId, Choice, Config, Event, Events, Peer, Transport};
use wire::asap::{Deregistration, EndpointKeepAliveAck, HandleResolution, Message, Registration, Resolution};
use wire::parameter::{
    Policy, PoolElementParameter, RegistrationLife, SctpTransport, TransportUse, UserTransport,
};
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier};

/// Loads a registrar.
#[derive(Debug, Parser)]
struct Args {
    /// What it gets to do
    #[arg(value_enum)]
    load: Load,
    /// The registrar
    registrar: SocketAddr,
    /// Own address
    #[arg(long)]
    address: IpAddr,
    /// Use SCTP in user space
    #[arg(long)]
    user: bool,
    /// Pool handle
    #[arg(long, default_value = "LoadPool")]
    pool: String,
    /// Requests
    #[arg(long, default_value_t = 1000)]
    count: u32,
    /// Requests under way at a time
    #[arg(long, default_value_t = 1)]
    window: u32,
    /// Leave the pool elements registered
    #[arg(long)]
    keep: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Load {
    /// Registrations, then as many deregistrations
    Register,
    /// Handle resolutions
    Resolve,
    /// Messages of the old drafts, wrong payload protocols, rubbish, associations that are dropped
    Odd,
}

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The payload protocol identifier of ASAP in rsplib before it had one of its own.
const OLD_ASAP: u32 = 0xfaee_b5d1;
/// Identifiers of the pool elements begin here.
const FIRST: u32 = 0x6000_0000;

struct Client {
    transport: Transport,
    events: Events,
    registrar: Peer,
    pool: PoolHandle,
    address: IpAddr,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let choice = if args.user {
        Choice::UserSpace
    } else {
        Choice::Kernel
    };
    let (transport, events) = transport::start(
        choice,
        Config {
            addresses: vec![args.address],
            association: AssociationConfig::demo(),
            ..Config::default()
        },
    )?;
    let mut client = Client {
        transport,
        events,
        registrar: Peer::new(args.registrar.ip(), args.registrar.port()),
        pool: PoolHandle::new(args.pool.as_bytes())?,
        address: args.address,
    };
    match args.load {
        Load::Resolve => client.run("resolve", args.count, args.window, |client, _| {
            client.resolution()
        })?,
        Load::Register => {
            client.run("register", args.count, args.window, Client::registration)?;
            if !args.keep {
                client.run("deregister", args.count, args.window, Client::deregistration)?;
            }
        }
        Load::Odd => client.odd()?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Client {
    fn run(
        &mut self,
        what: &str,
        count: u32,
        window: u32,
        request: impl Fn(&Self, u32) -> Message,
    ) -> anyhow::Result<()> {
        let id = self.connect()?;
        let mut sent = Vec::new();
        let mut latencies = Vec::new();
        let mut rejected = 0;
        let begin = Instant::now();
        while latencies.len() < count as usize {
            while sent.len() < count as usize && sent.len() - latencies.len() < window as usize {
                let number = u32::try_from(sent.len())?;
                sent.push(Instant::now());
                self.send(id, &request(self, number))?;
            }
            let negative = match self.message(id)? {
                Message::RegistrationResponse(response) => response.rejected,
                Message::DeregistrationResponse(response) => !response.causes.is_empty(),
                Message::HandleResolutionResponse(response) => {
                    matches!(response.outcome, Resolution::Failed(_))
                }
                Message::EndpointKeepAlive(question) => {
                    self.acknowledge(id, question.pool_handle, question.pe_identifier)?;
                    continue;
                }
                _ => continue,
            };
            rejected += u32::from(negative);
            latencies.push(sent[latencies.len()].elapsed());
        }
        let rate = f64::from(count) / begin.elapsed().as_secs_f64();
        latencies.sort_unstable();
        let at = |share: usize| latencies[(latencies.len() - 1) * share / 100].as_secs_f64() * 1e3;
        println!(
            "{what:10} count={count} window={window} rate={rate:.0}/s ms p50={:.2} p95={:.2} p99={:.2} max={:.2} rejected={rejected}",
            at(50),
            at(95),
            at(99),
            at(100)
        );
        self.transport.shutdown(id);
        self.down(id)
    }

    /// Each of these is answered somehow, and afterwards the registrar does its work.
    fn odd(&mut self) -> anyhow::Result<()> {
        let registration = self.registration(0).encode();
        let truncated = registration[..registration.len() - 6].to_vec();
        let oddities: [(&str, u32, Vec<u8>); 8] = [
            ("the PPID of the old drafts", OLD_ASAP, registration.clone()),
            (
                "the PPID of ENRP on the port of ASAP",
                Ppid::ENRP.0,
                registration.clone(),
            ),
            ("no PPID", 0, registration),
            ("a message that ends too early", Ppid::ASAP.0, truncated),
            ("a single byte", Ppid::ASAP.0, vec![5]),
            ("an unknown message type", Ppid::ASAP.0, vec![0x7f, 0, 0, 4]),
            (
                "a response instead of a request",
                Ppid::ASAP.0,
                vec![6, 0, 0, 12, 0, 9, 0, 8, b'P', b'o', b'o', b'l'],
            ),
            ("60 kB of nothing", Ppid::ASAP.0, vec![0; 60_000]),
        ];
        for (what, ppid, data) in oddities {
            let id = self.connect()?;
            let message = transport::Message::new(ppid, data);
            self.transport.send(id, message).context("cannot send")?;
            // Half of them vanish without waiting for what comes.
            let reaction = if what.len() % 2 == 0 {
                self.transport.abort(id);
                "left alone".into()
            } else {
                self.reaction(id)
            };
            println!("odd: {what}: {reaction}");
            self.transport.abort(id);
        }
        while self.events.try_recv().is_some() {}
        self.run("register", 1, 1, Self::registration)?;
        self.run("deregister", 1, 1, Self::deregistration)
    }

    /// What the registrar does within half a second.
    fn reaction(&mut self, id: AssociationId) -> String {
        let end = Instant::now() + Duration::from_millis(500);
        while Instant::now() < end {
            match self.events.try_recv() {
                Some(Event::Message { message, .. }) => {
                    return match Message::decode(&message.data) {
                        Ok(decoded) => {
                            format!("answered by message type {:#04x}", decoded.message.message_type())
                        }
                        Err(rejection) => format!("answered by what we reject: {rejection}"),
                    };
                }
                Some(Event::Down { id: gone, cause }) if gone == id => return format!("{cause}"),
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        "ignored".into()
    }

    fn connect(&mut self) -> anyhow::Result<AssociationId> {
        let id = self.transport.connect(0, self.registrar.clone(), None);
        loop {
            match self.next()? {
                Event::Up { id: up, .. } if up == id => return Ok(id),
                Event::Down { id: gone, cause } if gone == id => bail!("no association: {cause}"),
                _ => {}
            }
        }
    }

    fn down(&mut self, id: AssociationId) -> anyhow::Result<()> {
        while !matches!(self.next()?, Event::Down { id: gone, .. } if gone == id) {}
        Ok(())
    }

    fn next(&mut self) -> anyhow::Result<Event> {
        let begin = Instant::now();
        let event = self.events.blocking_recv().context("the transport has ended")?;
        ensure!(begin.elapsed() < PATIENCE, "nothing has come for {PATIENCE:?}");
        Ok(event)
    }

    fn message(&mut self, id: AssociationId) -> anyhow::Result<Message> {
        loop {
            match self.next()? {
                Event::Message { message, .. } => return Ok(Message::decode(&message.data)?.message),
                Event::Down { id: gone, cause } if gone == id => bail!("the association is gone: {cause}"),
                _ => {}
            }
        }
    }

    fn send(&mut self, id: AssociationId, message: &Message) -> anyhow::Result<()> {
        let message = transport::Message::new(Ppid::ASAP.0, message.encode());
        self.transport.send(id, message).context("cannot send")
    }

    fn acknowledge(
        &mut self,
        id: AssociationId,
        pool_handle: PoolHandle,
        pe_identifier: Option<PeIdentifier>,
    ) -> anyhow::Result<()> {
        let pe_identifier = pe_identifier.unwrap_or(PeIdentifier(FIRST));
        let answer = Message::EndpointKeepAliveAck(EndpointKeepAliveAck {
            pool_handle,
            pe_identifier,
        });
        self.send(id, &answer)
    }

    fn registration(&self, number: u32) -> Message {
        Message::Registration(Registration {
            pool_handle: self.pool.clone(),
            pool_element: PoolElementParameter {
                identifier: PeIdentifier(FIRST + number),
                home_registrar: RegistrarIdentifier::UNDETERMINED,
                registration_life: RegistrationLife(300_000),
                user_transport: UserTransport::Sctp(SctpTransport {
                    port: 1024 + u16::try_from(number % 60_000).unwrap_or_default(),
                    transport_use: TransportUse::DataOnly,
                    addresses: vec![self.address],
                }),
                policy: Policy::RoundRobin,
                asap_transport: None,
            },
        })
    }

    fn deregistration(&self, number: u32) -> Message {
        Message::Deregistration(Deregistration {
            pool_handle: self.pool.clone(),
            pe_identifier: PeIdentifier(FIRST + number),
        })
    }

    fn resolution(&self) -> Message {
        Message::HandleResolution(HandleResolution {
            subscribe: false,
            pool_handle: self.pool.clone(),
            items: None,
        })
    }
}
