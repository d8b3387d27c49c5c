//! Loads a registrar, of whatever make, with registrations or handle resolutions. Prints requests per second and percentiles of
//! their latency.
//!
//! One process, one blocking SCTP socket of the kernel and two system calls a request, so that next to nothing but the
//! registrar is measured: looking at the clock, which is a system call in user-mode Linux, is for some requests only.

mod requests;

use std::collections::VecDeque;
use std::io::IoSlice;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::{Parser, ValueEnum};
use nix::libc;
use requests::Requester;
use socket2::{Domain, MsgHdr, Protocol, Socket, Type};
use wire::asap::{Message, Resolution};
use wire::{PoolHandle, Ppid};

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
    /// Pool handle
    #[arg(long, default_value = "LoadPool")]
    pool: String,
    /// Requests
    #[arg(long, default_value_t = 1000)]
    count: u32,
    /// Requests under way at a time
    #[arg(long, default_value_t = 1)]
    window: u32,
    /// Leave the pool elements registered, and stay
    #[arg(long)]
    keep: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Load {
    /// Registrations, then as many deregistrations
    Register,
    /// Handle resolutions
    Resolve,
}

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The most pool elements that are vouched for while others register.
const MOST_ANSWERS: u32 = 16;
/// Of so many requests the latency of one is measured.
const SAMPLED: usize = 16;
/// Larger than any answer here.
const LARGEST: usize = 16 * 1024;

struct Client {
    socket: Socket,
    requester: Requester,
    buffer: Vec<u8>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::SCTP)).context("no SCTP here")?;
    socket.bind(&SocketAddr::new(args.address, 0).into())?;
    socket.connect(&args.registrar.into())?;
    send_at_once(&socket)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut client = Client {
        socket,
        requester: Requester {
            address: args.address,
            pool: PoolHandle::new(args.pool.as_bytes())?,
        },
        buffer: vec![0; LARGEST],
    };
    match args.load {
        Load::Resolve => client.run("resolve", &args, |requester, _| requester.resolution()),
        Load::Register => {
            client.run("register", &args, Requester::registration)?;
            if args.keep {
                return client.stay(args.count);
            }
            client.run("deregister", &args, Requester::deregistration)
        }
    }
}

impl Client {
    fn run(
        &mut self,
        what: &str,
        args: &Args,
        request: impl Fn(&Requester, u32) -> Message,
    ) -> anyhow::Result<()> {
        let requests: Vec<_> = (0..args.count)
            .map(|number| request(&self.requester, number).encode())
            .collect();
        let (mut sent, mut answered) = (0, 0);
        let mut sampled = VecDeque::new();
        let mut latencies = Vec::new();
        let mut rejected = 0;
        let begin = Instant::now();
        while answered < requests.len() {
            while sent < requests.len() && sent - answered < args.window as usize {
                if sent % SAMPLED == 0 {
                    sampled.push_back(begin.elapsed());
                }
                send(&self.socket, &requests[sent])?;
                sent += 1;
            }
            let negative = match self.receive()? {
                Message::RegistrationResponse(response) => response.rejected,
                Message::DeregistrationResponse(response) => !response.causes.is_empty(),
                Message::HandleResolutionResponse(response) => {
                    matches!(response.outcome, Resolution::Failed(_))
                }
                Message::EndpointKeepAlive(question) => {
                    let registered = u32::try_from(answered)?;
                    for answer in Requester::acknowledgements(question, registered.min(MOST_ANSWERS)) {
                        send(&self.socket, &answer.encode())?;
                    }
                    continue;
                }
                _ => continue,
            };
            rejected += u32::from(negative);
            if answered % SAMPLED == 0 {
                let sent = sampled.pop_front().unwrap_or_default();
                latencies.push(begin.elapsed().saturating_sub(sent));
            }
            answered += 1;
        }
        let rate = f64::from(args.count) / begin.elapsed().as_secs_f64();
        latencies.sort_unstable();
        let at = |share| {
            figures::quantile(&latencies, share).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
        };
        println!(
            "{what:10} count={} window={} rate={rate:.0}/s ms p50={:.2} p95={:.2} p99={:.2} max={:.2} rejected={rejected}",
            args.count,
            args.window,
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0)
        );
        Ok(())
    }

    /// Answers the registrar's questions until somebody ends it.
    fn stay(&mut self, count: u32) -> anyhow::Result<()> {
        self.socket.set_read_timeout(None)?;
        loop {
            if let Message::EndpointKeepAlive(question) = self.receive()? {
                for answer in Requester::acknowledgements(question, count) {
                    send(&self.socket, &answer.encode())?;
                }
            }
        }
    }

    fn receive(&mut self) -> anyhow::Result<Message> {
        use std::io::Read;
        let length = self.socket.read(&mut self.buffer).context("no answer")?;
        Ok(Message::decode(self.buffer.get(..length).unwrap_or_default())?.message)
    }
}

/// Requests do not wait for the acknowledgement of the one before (SCTP_NODELAY, RFC 6458 section 8.1.5): that would measure
/// how long the registrar's kernel delays it.
#[expect(unsafe_code, reason = "socket2 has no options of SCTP")]
fn send_at_once(socket: &Socket) -> anyhow::Result<()> {
    const IPPROTO_SCTP: libc::c_int = 132;
    const SCTP_NODELAY: libc::c_int = 3;
    let on: libc::c_int = 1;
    // SAFETY: the pointer and the length are those of a local variable.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            IPPROTO_SCTP,
            SCTP_NODELAY,
            (&raw const on).cast(),
            size_of_val(&on) as libc::socklen_t,
        )
    };
    ensure!(result == 0, "{}", std::io::Error::last_os_error());
    Ok(())
}

/// Sends a message with ASAP's payload protocol identifier (`struct sctp_sndinfo`, RFC 6458 section 5.3.4).
fn send(socket: &Socket, bytes: &[u8]) -> anyhow::Result<()> {
    const SNDINFO: i32 = 2;
    const IPPROTO_SCTP: i32 = 132;
    let mut control = Vec::with_capacity(32);
    control.extend(32_usize.to_ne_bytes());
    control.extend(IPPROTO_SCTP.to_ne_bytes());
    control.extend(SNDINFO.to_ne_bytes());
    control.extend([0; 4]);
    control.extend(Ppid::ASAP.0.to_be_bytes());
    control.extend([0; 8]);
    let buffers = [IoSlice::new(bytes)];
    let message = MsgHdr::new().with_buffers(&buffers).with_control(&control);
    socket.sendmsg(&message, 0).context("cannot send")?;
    Ok(())
}
