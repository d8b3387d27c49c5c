//! Compares the selection of a registrar, of whatever make, with that of our handlespace: for each policy, registers pool
//! elements of very different policy data beside those that are there already, asks many times for one pool element, and
//! compares how often each was named.
//!
//! What selects in order has to name everybody as often as ours does, give or take one, since turns may begin elsewhere. What
//! draws is compared by a chi-square test with a significance of 0.001 %.

mod connection;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::Parser;
use connection::Connection;
use protocol::Handlespace;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use wire::asap::{
    EndpointKeepAlive, EndpointKeepAliveAck, HandleResolution, Message, Registration, Resolution,
};
use wire::parameter::{
    Policy, PoolElementParameter, RegistrationLife, SctpTransport, TransportUse, UserTransport,
    scale_of_fraction,
};
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

/// Compares a registrar's selection with ours
#[derive(Debug, Parser)]
struct Args {
    /// The registrar
    registrar: SocketAddr,
    /// Own address
    #[arg(long)]
    address: IpAddr,
    /// The registrar is rsplib's: there, a selection degrades by twice the degradation, and what draws does not degrade
    #[arg(long)]
    rsplib: bool,
}

/// How often each pool is asked for: a multiple of the sum of the weights.
const REQUESTS: usize = 500;
/// Requests under way at a time.
const WINDOW: usize = 10;
/// How often the same is done with ours where chance decides, for the expected numbers.
const REPETITIONS: u32 = 50;
/// The values that chi-square exceeds with a probability of 0.001 %, for 1, 2 and 3 degrees of freedom.
const CRITICAL: [f64; 3] = [19.511, 23.026, 25.902];

/// How often each pool element was named.
type Counts = BTreeMap<PeIdentifier, u32>;

/// The pools, which are named P1, P2 and so on, with the policies of our pool elements in them.
fn pools() -> Vec<[Policy; 3]> {
    const MAX: u32 = u32::MAX;
    let part = scale_of_fraction;
    macro_rules! degrading {
        ($variant:ident, $data:expr) => {
            $data.map(|(load, degradation)| Policy::$variant {
                load: part(load),
                load_degradation: part(degradation),
            })
        };
    }
    // Nobody becomes full: rsplib does not let full ones take turns.
    let degrading = [(0.1, 0.0004), (0.2, 0.0006), (0.0, 0.002)];
    let loads = [0, 0, MAX];
    let (load_dpf, distance) = (part(0.1), 0);
    vec![
        [const { Policy::RoundRobin }; 3],
        [1, 2, 4].map(|weight| Policy::WeightedRoundRobin { weight }),
        [const { Policy::Random }; 3],
        [1, 2, 0].map(|weight| Policy::WeightedRandom { weight }),
        [3, 2, 0].map(|weight| Policy::WeightedRandomDpf {
            weight,
            weight_dpf: part(0.25),
            distance,
        }),
        loads.map(|load| Policy::LeastUsed { load }),
        degrading!(LeastUsedDegradation, degrading),
        loads.map(|load| Policy::LeastUsedDpf {
            load,
            load_dpf,
            distance,
        }),
        degrading.map(|(load, degradation)| Policy::LeastUsedDegradationDpf {
            load: part(load),
            load_degradation: part(degradation),
            load_dpf,
            distance,
        }),
        degrading!(PriorityLeastUsed, [(0.0, 0.2), (0.2, 0.0), (1.0, 1.0)]),
        degrading!(PriorityLeastUsedDegradation, degrading),
        [10, MAX, MAX].map(|priority| Policy::Priority { priority }),
        [0, MAX / 2, MAX].map(|load| Policy::RandomizedLeastUsed { load }),
        degrading!(RandomizedPriorityLeastUsed, [(0.0, 0.0), (0.5, 0.25), (1.0, 1.0)]),
        degrading!(
            RandomizedLeastUsedDegradation,
            [(0.0, 0.002), (0.5, 0.002), (0.25, 0.0)]
        ),
        degrading!(
            RandomizedPriorityLeastUsedDegradation,
            [(0.0, 0.002), (0.5, 0.002), (0.25, 0.0)]
        ),
    ]
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let mut client = Client {
        connection: Connection::open(args.address, args.registrar)?,
        address: args.address,
        registered: BTreeMap::new(),
    };
    let mut failed = 0;
    for (number, policies) in (1..).zip(pools()) {
        let name = policies[0].short_name();
        match client.compare(number, policies, args.rsplib) {
            Ok(said) => println!("ok   {name:10} {said}"),
            Err(why) => {
                failed += 1;
                println!("FAIL {name:10} {why:#}");
            }
        }
    }
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

struct Client {
    connection: Connection,
    address: IpAddr,
    registered: BTreeMap<PoolHandle, Vec<PeIdentifier>>,
}

impl Client {
    /// Compares the selection from one pool; returns the numbers.
    fn compare(&mut self, number: u32, policies: [Policy; 3], rsplib: bool) -> anyhow::Result<String> {
        let pool = PoolHandle::new(format!("P{number}").as_bytes())?;
        let before = self.resolve(&pool, 20, 1)?.pop().unwrap_or_default();
        ensure!(before.len() <= 1, "{} pool elements of others", before.len());
        let own: Vec<PoolElementParameter> = (1..)
            .zip(policies)
            .map(|(index, policy)| self.element(16 * number + index, policy))
            .collect::<anyhow::Result<_>>()?;
        for element in &own {
            self.register(&pool, element)?;
        }
        let draws = is_random(&own[0].policy);
        let mut counts = Counts::new();
        for answer in self.resolve(&pool, 1, REQUESTS)? {
            let named = answer.first().context("nobody is named")?;
            *counts.entry(named.identifier).or_default() += 1;
        }
        let everybody: Vec<PoolElementParameter> = before.into_iter().chain(own).collect();
        let said = format!("{:?} of {}", counts.values().collect::<Vec<_>>(), everybody.len());
        if draws {
            let increment = usize::from(!rsplib);
            let repeated = (0..REPETITIONS).map(|seed| reference(&pool, &everybody, increment, seed.into()));
            let mut expected: BTreeMap<PeIdentifier, f64> = BTreeMap::new();
            for counts in repeated {
                for (identifier, count) in counts? {
                    *expected.entry(identifier).or_default() += f64::from(count) / f64::from(REPETITIONS);
                }
            }
            let statistic = chi_square(&counts, &expected).with_context(|| said.clone())?;
            Ok(format!("{said}, chi-square {statistic:.2}"))
        } else {
            let degraded = everybody.iter().cloned().map(|element| PoolElementParameter {
                policy: if rsplib {
                    twice_the_degradation(element.policy)
                } else {
                    element.policy
                },
                ..element
            });
            let expected = reference(&pool, &degraded.collect::<Vec<_>>(), 1, 0)?;
            let differs = |element: &PoolElementParameter| {
                let count = |counts: &Counts| counts.get(&element.identifier).copied().unwrap_or(0);
                count(&counts).abs_diff(count(&expected)) > 1
            };
            ensure!(
                !everybody.iter().any(differs),
                "{counts:?} instead of {expected:?}"
            );
            Ok(said)
        }
    }

    fn element(&self, number: u32, policy: Policy) -> anyhow::Result<PoolElementParameter> {
        let port = 7_000 + u16::try_from(number)?;
        // As rsplib's pool elements: a pool is either with or without control channel.
        let transport = SctpTransport::new(port, TransportUse::DataPlusControl, [self.address])?;
        Ok(PoolElementParameter {
            identifier: PeIdentifier(0x6000_0000 + number),
            home_registrar: RegistrarIdentifier::UNDETERMINED,
            registration_life: RegistrationLife(300_000),
            user_transport: UserTransport::Sctp(transport),
            policy,
            asap_transport: None,
        })
    }

    fn register(&mut self, pool: &PoolHandle, element: &PoolElementParameter) -> anyhow::Result<()> {
        let registration = Message::Registration(Registration {
            pool_handle: pool.clone(),
            pool_element: element.clone(),
        });
        self.connection.send(&registration.encode())?;
        self.registered
            .entry(pool.clone())
            .or_default()
            .push(element.identifier);
        match self.answer()? {
            Message::RegistrationResponse(response) if !response.rejected => Ok(()),
            Message::RegistrationResponse(response) => bail!("refused: {:?}", response.causes),
            other => bail!("{} to a registration", other.name()),
        }
    }

    /// Asks for a number of pool elements a number of times; an answer is empty if there is no such pool.
    fn resolve(
        &mut self,
        pool: &PoolHandle,
        items: u32,
        times: usize,
    ) -> anyhow::Result<Vec<Vec<PoolElementParameter>>> {
        let request = Message::HandleResolution(HandleResolution {
            subscribe: false,
            pool_handle: pool.clone(),
            items: Some(items),
        })
        .encode();
        let (mut sent, mut answers) = (0, Vec::new());
        while answers.len() < times {
            while sent < times && sent - answers.len() < WINDOW {
                self.connection.send(&request)?;
                sent += 1;
            }
            match self.answer()? {
                Message::HandleResolutionResponse(response) => answers.push(match response.outcome {
                    Resolution::Resolved { pool_elements, .. } => pool_elements,
                    Resolution::Failed(_) => Vec::new(),
                }),
                other => bail!("{} to a handle resolution", other.name()),
            }
        }
        Ok(answers)
    }

    /// Returns the next answer; tells the registrar meanwhile that all our pool elements are alive.
    fn answer(&mut self) -> anyhow::Result<Message> {
        loop {
            match self.connection.receive()? {
                Message::EndpointKeepAlive(question) => self.acknowledge(&question)?,
                Message::Error(error) => bail!("an error: {:?}", error.causes),
                answer => return Ok(answer),
            }
        }
    }

    fn acknowledge(&self, question: &EndpointKeepAlive) -> anyhow::Result<()> {
        let registered = self.registered.get(&question.pool_handle).into_iter().flatten();
        let asked = question.pe_identifier;
        for &pe_identifier in registered.filter(|identifier| asked.is_none_or(|asked| asked == **identifier))
        {
            let acknowledgement = Message::EndpointKeepAliveAck(EndpointKeepAliveAck {
                pool_handle: question.pool_handle.clone(),
                pe_identifier,
            });
            self.connection.send(&acknowledgement.encode())?;
        }
        Ok(())
    }
}

fn is_random(policy: &Policy) -> bool {
    matches!(
        policy,
        Policy::Random
            | Policy::WeightedRandom { .. }
            | Policy::WeightedRandomDpf { .. }
            | Policy::RandomizedLeastUsed { .. }
            | Policy::RandomizedPriorityLeastUsed { .. }
            | Policy::RandomizedLeastUsedDegradation { .. }
            | Policy::RandomizedPriorityLeastUsedDegradation { .. }
    )
}

fn twice_the_degradation(mut policy: Policy) -> Policy {
    if let Policy::LeastUsedDegradation { load_degradation, .. }
    | Policy::PriorityLeastUsedDegradation { load_degradation, .. }
    | Policy::LeastUsedDegradationDpf { load_degradation, .. } = &mut policy
    {
        *load_degradation = load_degradation.saturating_mul(2);
    }
    policy
}

/// Returns how often our handlespace names each pool element.
fn reference(
    pool: &PoolHandle,
    elements: &[PoolElementParameter],
    increment: usize,
    seed: u64,
) -> anyhow::Result<Counts> {
    let mut handlespace = Handlespace::new();
    for element in elements {
        if let Err(inconsistency) = handlespace.put(pool, element.clone()) {
            bail!("{inconsistency}");
        }
    }
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut counts = Counts::new();
    for _ in 0..REQUESTS {
        if let Some(named) = handlespace.select(pool, 1, increment, &mut rng).first() {
            *counts.entry(named.identifier).or_default() += 1;
        }
    }
    Ok(counts)
}

/// Returns the statistic if it is not too large. Those that are hardly ever expected count together.
fn chi_square(observed: &Counts, expected: &BTreeMap<PeIdentifier, f64>) -> anyhow::Result<f64> {
    let (mut statistic, mut cells) = (0.0, 0);
    let (mut seldom, mut hardly) = (0, 0.0);
    let everybody = observed.keys().chain(expected.keys());
    for identifier in everybody.copied().collect::<std::collections::BTreeSet<_>>() {
        let observed = observed.get(&identifier).copied().unwrap_or(0);
        let expected = expected.get(&identifier).copied().unwrap_or(0.0);
        if expected < 5.0 {
            seldom += observed;
            hardly += expected;
        } else {
            statistic += (f64::from(observed) - expected).powi(2) / expected;
            cells += 1;
        }
    }
    ensure!(
        f64::from(seldom) < 20.0 + 3.0 * hardly,
        "{seldom} times those that are expected {hardly} times"
    );
    let critical = usize::checked_sub(cells, 2)
        .and_then(|index| CRITICAL.get(index))
        .context("not as many pool elements as expected")?;
    ensure!(
        statistic < *critical,
        "chi-square {statistic:.2} with {cells} pool elements"
    );
    Ok(statistic)
}
