//! Loads a registrar, of whatever make, with registrations or handle resolutions. Prints requests per second and percentiles of
//! their latency.
//!
//! One process, one blocking SCTP socket of the kernel and two system calls a request, so that next to nothing but the
//! registrar is measured: looking at the clock, which is a system call in user-mode Linux, is for some requests only.

mod connection;
mod requests;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use clap::{Parser, ValueEnum};
use connection::Connection;
use requests::Requester;
use wire::PoolHandle;
use wire::asap::{Message, Resolution};

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

/// The most pool elements that are vouched for while others register.
const MOST_ANSWERS: u32 = 16;
/// Of so many requests the latency of one is measured.
const SAMPLED: usize = 16;

struct Client {
    connection: Connection,
    requester: Requester,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let mut client = Client {
        connection: Connection::open(args.address, args.registrar)?,
        requester: Requester {
            address: args.address,
            pool: PoolHandle::new(args.pool.as_bytes())?,
        },
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
                self.connection.send(&requests[sent])?;
                sent += 1;
            }
            let negative = match self.connection.receive()? {
                Message::RegistrationResponse(response) => response.rejected,
                Message::DeregistrationResponse(response) => !response.causes.is_empty(),
                Message::HandleResolutionResponse(response) => {
                    matches!(response.outcome, Resolution::Failed(_))
                }
                Message::EndpointKeepAlive(question) => {
                    let registered = u32::try_from(answered)?;
                    for answer in Requester::acknowledgements(question, registered.min(MOST_ANSWERS)) {
                        self.connection.send(&answer.encode())?;
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
        self.connection.wait_for_ever()?;
        loop {
            if let Message::EndpointKeepAlive(question) = self.connection.receive()? {
                for answer in Requester::acknowledgements(question, count) {
                    self.connection.send(&answer.encode())?;
                }
            }
        }
    }
}
