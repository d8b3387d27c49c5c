//! Sends a registrar what no registrar should ever get: traffic of rsplib's early days, the wrong payload protocols, rubbish,
//! associations that vanish. Prints what it does, and fails unless that is what it is to do and it works afterwards.

mod requests;

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use clap::Parser;
use requests::Requester;
use transport::{AssociationConfig, AssociationId, Choice, Config, Event, Events, Peer, Transport};
use wire::asap::Message;
use wire::{PoolHandle, Ppid};

/// Sends a registrar what it should never get.
#[derive(Debug, Parser)]
struct Args {
    /// The registrar's ASAP endpoint
    registrar: SocketAddr,
    /// The port of its ENRP endpoint
    #[arg(long, default_value_t = wire::enrp::PORT)]
    enrp_port: u16,
    /// Own address
    #[arg(long)]
    address: IpAddr,
    /// Use SCTP in user space
    #[arg(long)]
    user: bool,
    /// Only look, and put up with anything
    #[arg(long)]
    look: bool,
}

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// In which time a reaction has to come.
const REACTION: Duration = Duration::from_millis(700);
/// The payload protocol identifiers of ASAP and ENRP in the drafts, which rsplib still knows.
const OLD_ASAP: u32 = 0xfaee_b5d1;
const OLD_ENRP: u32 = 0xfaee_b5d2;

/// Something odd, and what is to come of it.
struct Oddity {
    what: &'static str,
    to_enrp: bool,
    ppid: u32,
    data: Vec<u8>,
    due: Due,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Abort,
    Nothing,
    /// ASAP_ERROR or ENRP_ERROR, or a presence before that.
    Error,
}

struct Client {
    transport: Transport,
    events: Events,
    registrar: SocketAddr,
    requester: Requester,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let choice = if args.user {
        Choice::UserSpace
    } else {
        Choice::Kernel
    };
    let config = Config {
        addresses: vec![args.address],
        association: AssociationConfig::demo(),
        ..Config::default()
    };
    let (transport, events) = transport::start(choice, config)?;
    let mut client = Client {
        transport,
        events,
        registrar: args.registrar,
        requester: Requester {
            address: args.address,
            pool: PoolHandle::new(b"OddPool")?,
        },
    };
    let mut wrong = 0;
    for oddity in oddities(&client.requester) {
        let port = if oddity.to_enrp {
            args.enrp_port
        } else {
            args.registrar.port()
        };
        // Once without waiting for what comes, once with.
        let id = client.connect(port)?;
        client.send(id, oddity.ppid, oddity.data.clone())?;
        client.transport.abort(id);
        let id = client.connect(port)?;
        client.send(id, oddity.ppid, oddity.data.clone())?;
        let (due, words) = client.reaction(id);
        let as_due = due == oddity.due || args.look;
        wrong += u8::from(!as_due);
        println!(
            "{}: {words}{}",
            oddity.what,
            if as_due { "" } else { " -- WRONG" }
        );
        client.transport.abort(id);
    }
    // Those that come and go without a word, and one that stays.
    for _ in 0..50 {
        let id = client.connect(args.registrar.port())?;
        client.transport.abort(id);
    }
    let _mute = client.connect(args.enrp_port)?;
    client.works()?;
    println!("it works");
    Ok(ExitCode::from(wrong))
}

fn oddities(requester: &Requester) -> Vec<Oddity> {
    let registration = requester.registration(0).encode();
    let presence = vec![1, 0, 0, 12, 0, 0, 0, 9, 0, 0, 0, 0];
    let truncated = registration[..registration.len() - 6].to_vec();
    let to = |to_enrp, what, ppid, data, due| Oddity {
        what,
        to_enrp,
        ppid,
        data,
        due,
    };
    let (asap, enrp) = (Ppid::ASAP.0, Ppid::ENRP.0);
    vec![
        to(
            false,
            "ASAP as in the drafts",
            OLD_ASAP,
            registration.clone(),
            Due::Abort,
        ),
        to(
            false,
            "ENRP on the port of ASAP",
            enrp,
            presence.clone(),
            Due::Abort,
        ),
        to(false, "no payload protocol", 0, registration.clone(), Due::Abort),
        to(
            false,
            "a message that ends too early",
            asap,
            truncated,
            Due::Nothing,
        ),
        to(false, "a single byte", asap, vec![5], Due::Nothing),
        to(
            false,
            "an unknown message type",
            asap,
            vec![0x7f, 0, 0, 4],
            Due::Error,
        ),
        to(
            false,
            "a response instead of a request",
            asap,
            vec![6, 0, 0, 12, 0, 9, 0, 8, b'P', b'o', b'o', b'l'],
            Due::Nothing,
        ),
        to(false, "60 kB of nothing", asap, vec![0; 60_000], Due::Nothing),
        to(
            true,
            "ENRP as in the drafts",
            OLD_ENRP,
            presence.clone(),
            Due::Abort,
        ),
        to(true, "ASAP on the port of ENRP", asap, registration, Due::Abort),
        to(
            true,
            "an unknown message type to ENRP",
            enrp,
            vec![0x7f, 0, 0, 4],
            Due::Error,
        ),
        to(
            true,
            "half a presence",
            enrp,
            presence[..7].to_vec(),
            Due::Nothing,
        ),
    ]
}

impl Client {
    fn reaction(&mut self, id: AssociationId) -> (Due, String) {
        let end = Instant::now() + REACTION;
        while Instant::now() < end {
            match self.events.try_recv() {
                Some(Event::Message { id: from, message }) if from == id => {
                    let kind = message.data.first().copied().unwrap_or_default();
                    let error = [(Ppid::ASAP.0, 0x0e), (Ppid::ENRP.0, 0x0a)].contains(&(message.ppid, kind));
                    // A registrar introduces itself to whoever comes to its ENRP endpoint.
                    if message.ppid == Ppid::ENRP.0 && !error {
                        continue;
                    }
                    let due = if error { Due::Error } else { Due::Nothing };
                    return (due, format!("answered by a message of type {kind:#04x}"));
                }
                Some(Event::Down { id: gone, cause }) if gone == id => {
                    return (Due::Abort, cause.to_string());
                }
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        (Due::Nothing, "ignored".into())
    }

    /// Registers and deregisters.
    fn works(&mut self) -> anyhow::Result<()> {
        let id = self.connect(self.registrar.port())?;
        for request in [self.requester.registration(1), self.requester.deregistration(1)] {
            self.send(id, Ppid::ASAP.0, request.encode())?;
            let accepted = match self.answer(id)? {
                Message::RegistrationResponse(response) => !response.rejected,
                Message::DeregistrationResponse(response) => response.causes.is_empty(),
                _ => false,
            };
            ensure!(accepted, "the registrar does not accept {}", request.name());
        }
        Ok(())
    }

    fn answer(&mut self, id: AssociationId) -> anyhow::Result<Message> {
        loop {
            match self.next()? {
                Event::Message { id: from, message } if from == id => {
                    return Ok(Message::decode(&message.data)?.message);
                }
                Event::Down { id: gone, cause } if gone == id => bail!("the association is gone: {cause}"),
                _ => {}
            }
        }
    }

    fn connect(&mut self, port: u16) -> anyhow::Result<AssociationId> {
        let peer = Peer::new(self.registrar.ip(), port);
        let id = self.transport.connect(0, peer, None);
        loop {
            match self.next()? {
                Event::Up { id: up, .. } if up == id => return Ok(id),
                Event::Down { id: gone, cause } if gone == id => bail!("no association: {cause}"),
                _ => {}
            }
        }
    }

    fn next(&mut self) -> anyhow::Result<Event> {
        let begin = Instant::now();
        let event = self.events.blocking_recv().context("the transport has ended")?;
        ensure!(begin.elapsed() < PATIENCE, "nothing has come for {PATIENCE:?}");
        Ok(event)
    }

    fn send(&self, id: AssociationId, ppid: u32, data: Vec<u8>) -> anyhow::Result<()> {
        let message = transport::Message::new(ppid, data);
        self.transport.send(id, message).context("cannot send")
    }
}
