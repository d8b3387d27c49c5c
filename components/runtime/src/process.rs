//! Runs a component as a process: from arguments to exit status.

use std::net::IpAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use feed::{ComponentRole, Event};
use interruption::Interruption;
use protocol::Time;
use rand::RngExt;
use tokio::sync::mpsc;
use tokio::task::LocalSet;
use transport::multicast::Member;
use transport::{AssociationConfig, BackEnd, Choice, Transport};
use wire::PoolHandle;

use crate::alarm::Alarm;
use crate::driver::{Driver, Endpoints, State};
use crate::event_log::EventLog;
use crate::groups::Groups;
use crate::inputs::{self, Input};
use crate::packet_output::PacketOutput;
use crate::report_plan::ReportPlan;
use crate::status_reporter::{StatusReporter, location};
use crate::supervision::die_with_parent;
use crate::{AnnounceGroup, Clock, ComponentProcess, FeedOutput, Log, Preset, SharedArgs, TransportChoice};

/// What a component requires of its process.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The component's identity.
    pub component: feed::ComponentIdentity,
    /// The SCTP port of its ASAP endpoint.
    pub asap: PortPlan,
    /// Its ENRP settings, for registrars.
    pub enrp: Option<EnrpPlan>,
    /// The SCTP port of its service endpoint.
    pub service: PortPlan,
    /// Settings of service associations.
    pub service_association: AssociationConfig,
    /// Pool handle, for pool elements and pool users.
    pub pool_handle: Option<PoolHandle>,
    /// Policy in words, for pool elements.
    pub policy: Option<String>,
}

/// The SCTP port of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortPlan {
    /// A port for each association, chosen by the transport.
    Ephemeral,
    /// A port to which peers may open associations; 0 chooses a free one.
    Listen(u16),
}

/// The ENRP settings of a registrar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnrpPlan {
    /// The SCTP port of its ENRP endpoint.
    pub port: u16,
    /// The group in which it announces itself to other registrars.
    pub announce: AnnounceGroup,
}

/// What a component is created with.
pub struct Foundation<Work> {
    /// The current time.
    pub now: Time,
    /// The seed for the core.
    pub seed: u64,
    /// The local addresses, the primary one first.
    pub addresses: Vec<IpAddr>,
    /// The SCTP ports of the endpoints.
    pub endpoints: Endpoints,
    /// The channel by which the component's own threads send their results.
    pub work: WorkSender<Work>,
}

/// Sends results of a component's own threads to it.
pub struct WorkSender<Work>(mpsc::Sender<Input<Work>>);

impl<Work> Clone for WorkSender<Work> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Work> WorkSender<Work> {
    /// Sends a result, waiting for room. Returns whether the receiver still exists. Must not be called on the
    /// driver's own thread.
    pub fn send(&self, work: Work) -> bool {
        self.0.blocking_send(Input::Work(work)).is_ok()
    }
}

/// Runs a component until it has finished.
///
/// # Errors
/// Returns an error if an address, a port, a thread or another resource is not available. The message says what to
/// do.
pub fn run<C: ComponentProcess>(
    args: &SharedArgs,
    plan: Plan,
    build: impl FnOnce(Foundation<C::Work>, &FeedOutput) -> anyhow::Result<C>,
) -> anyhow::Result<ExitCode> {
    let clock = Clock::start();
    let interruption = Interruption::watch().context("cannot handle signals")?;
    if args.feed {
        die_with_parent().context("cannot be supervised")?;
    }
    let log = Log::start(args.log).context("cannot start logging")?;
    let feed = if args.feed {
        FeedOutput::standard_output(clock.clone()).context("cannot start the feed")?
    } else {
        FeedOutput::disabled(clock.clone())
    };
    let choice = match args.transport {
        TransportChoice::Auto if args.feed => Choice::UserSpace,
        TransportChoice::Auto => Choice::Auto,
        TransportChoice::Kernel | TransportChoice::KernelUdp => Choice::Kernel,
        TransportChoice::User => Choice::UserSpace,
    };
    let choice = choice.decided();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_io();
    if choice == Choice::UserSpace {
        // Needed for datagrams on slow links, which the kernel's transport does not have. A runtime with timers
        // reads the clock once more for each message.
        runtime.enable_time();
    }
    let runtime = runtime.build().context("cannot start the runtime")?;
    let status = runtime.block_on(async {
        let driver = start(args, plan, choice, clock, feed, &interruption, build)?;
        anyhow::Ok(driver.run().await)
    });
    // Threads that read or compute may be busy for a long time; the process ends without waiting for them.
    runtime.shutdown_background();
    log.flush(Duration::from_millis(250));
    Ok(ExitCode::from(status?))
}

fn start<C: ComponentProcess>(
    args: &SharedArgs,
    plan: Plan,
    choice: Choice,
    clock: Clock,
    feed: FeedOutput,
    interruption: &Interruption,
    build: impl FnOnce(Foundation<C::Work>, &FeedOutput) -> anyhow::Result<C>,
) -> anyhow::Result<Driver<C>> {
    let seed = args.seed.unwrap_or_else(|| rand::rng().random());
    let identity = plan.component;
    let asap_association = asap_association(args.preset());
    let mut addresses = Vec::new();
    for host in &args.address {
        addresses.extend(host.addresses("--address")?);
    }
    let environment = |variable: &str| std::env::var(variable).ok();
    let reports = ReportPlan::of(args, environment, |warning| tracing::warn!("{warning}"))?;
    let config = transport::Config {
        addresses,
        udp_port: args.udp_port(),
        peer_udp_port: args.udp_port(),
        encapsulate: args.transport == TransportChoice::KernelUdp,
        // The settings depend on who opens associations: peers open them to services and to registrars.
        association: if plan.service == PortPlan::Ephemeral {
            asap_association.clone()
        } else {
            plan.service_association.clone()
        },
        impairment_seed: seed,
        ..transport::Config::default()
    };
    let tasks = LocalSet::new();
    let packets = args.packets.as_deref().map(PacketOutput::open).transpose();
    let (transport, events) = transport::start_local(choice, config, &tasks)?;
    if let Ok(Some(packets)) = &packets {
        transport.set_tap(Some(Box::new(packets.clone())));
    }
    let listen = |plan: PortPlan, what: &str| match plan {
        PortPlan::Ephemeral => Ok(0),
        PortPlan::Listen(port) => transport
            .listen(port)
            .with_context(|| format!("cannot listen for {what}")),
    };
    let endpoints = Endpoints {
        asap_port: listen(plan.asap, "ASAP")?,
        enrp_port: match plan.enrp {
            Some(enrp) => listen(PortPlan::Listen(enrp.port), "ENRP")?,
            None => 0,
        },
        service_port: listen(plan.service, "the service")?,
        enrp: asap_association.clone(),
        asap: asap_association,
        service: plan.service_association,
    };
    let addresses = transport.local_addresses().to_vec();
    let groups = Groups {
        asap: join(&transport, args.asap_announce(), wire::asap::PORT, "asap")?,
        enrp: match plan.enrp {
            Some(enrp) => join(&transport, enrp.announce, wire::enrp::PORT, "enrp")?,
            None => None,
        },
    };
    let (input, inputs) = mpsc::channel(inputs::QUEUE);
    if args.feed {
        inputs::read_commands(std::io::stdin(), input.clone()).context("cannot read commands")?;
    }
    inputs::forward_signals(interruption, input.clone());
    let reporter = match reports {
        Some(ReportPlan { server, interval }) => {
            let host = host_name();
            let port = [endpoints.asap_port, endpoints.service_port]
                .into_iter()
                .find(|port| *port != 0);
            let location = location(&host, &addresses, port);
            let reporter = StatusReporter::new(identity, server, interval, location)
                .with_context(|| format!("cannot send status reports to {server}"));
            match reporter {
                Ok(reporter) => Some(reporter),
                Err(error) if args.csp_server.is_some() => return Err(error),
                Err(error) => {
                    tracing::warn!("{error:#}: so says CSP_SERVER in the environment");
                    None
                }
            }
        }
        None => None,
    };
    feed.emit(Event::Hello {
        component: identity,
        version: env!("CARGO_PKG_VERSION").into(),
        pid: std::process::id(),
        addresses: addresses.clone(),
        transport: match transport.capabilities().back_end {
            BackEnd::Kernel => "kernel",
            BackEnd::UserSpace | BackEnd::Memory => "user",
        }
        .into(),
        pool_handle: plan.pool_handle,
        policy: plan.policy,
    });
    tracing::info!("{} {identity} on {addresses:?}", role_name(identity.role()));
    let packets = packets.unwrap_or_else(|error| {
        // A control centre lacks the packets, and nothing else.
        let text = format!("packets are not copied, since their pipe cannot be opened: {error}");
        tracing::warn!("{text}");
        feed.emit(Event::Problem { text });
        None
    });
    let foundation = Foundation {
        now: clock.now(),
        seed,
        addresses,
        endpoints: endpoints.clone(),
        work: WorkSender(input),
    };
    let component = build(foundation, &feed)?;
    Ok(Driver {
        tasks: (transport.capabilities().back_end == BackEnd::Kernel).then_some(tasks),
        component,
        clock,
        alarm: Alarm::new().context("cannot make a timer")?,
        feed,
        packets,
        transport,
        events,
        groups,
        inputs,
        endpoints,
        reporter,
        event_log: EventLog::new(identity),
        stop_patience: match args.preset() {
            Preset::Rfc => Duration::from_secs(10),
            Preset::Demo => Duration::from_millis(1500),
        },
        state: State::default(),
    })
}

/// Joins a group unless it is switched off. The source port is that of the protocol, since rsplib's receivers take
/// the source port of an announcement for the registrar's SCTP port (D-07). If another process already uses it on
/// this address, those receivers do not find this registrar; all others do.
fn join(
    transport: &Transport,
    announce: AnnounceGroup,
    source_port: u16,
    protocol: &str,
) -> anyhow::Result<Option<Member>> {
    let Some(group) = announce.group() else {
        return Ok(None);
    };
    let member = Member::join(transport, group, source_port).map_err(|error| {
        let addresses = transport.local_addresses();
        let error = anyhow::Error::from(error);
        let system = |code: i32| {
            let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
            causes.any(|cause| cause.raw_os_error() == Some(code))
        };
        let why = if system(nix::libc::ENODEV) && addresses.iter().all(IpAddr::is_loopback) {
            "the loopback interface is down, as it is at first in a new network namespace: bring it up with \"ip link \
             set lo up\""
                .to_owned()
        } else if system(nix::libc::EMFILE) {
            "there are too few descriptors: allow more open files with \"ulimit -n 4096\"".to_owned()
        } else {
            format!(
                "name another one with --{protocol}-announce, or switch it off with --{protocol}-announce=off and name \
                 registrars on the command line"
            )
        };
        error.context(format!(
            "cannot join the multicast group {group} with {addresses:?}: {why}"
        ))
    })?;
    Ok(Some(member))
}

/// Returns the name of this host.
#[must_use]
pub fn host_name() -> String {
    let name = nix::unistd::gethostname().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Returns the name of a role for display.
const fn role_name(role: ComponentRole) -> &'static str {
    match role {
        ComponentRole::Registrar => "registrar",
        ComponentRole::PoolElement => "pool element",
        ComponentRole::PoolUser => "pool user",
    }
}

/// Returns the settings of associations with a registrar.
#[must_use]
pub fn asap_association(preset: Preset) -> AssociationConfig {
    match preset {
        Preset::Rfc => AssociationConfig::default(),
        // A silent peer is given up after a good second. Sixty idle components must cost next to nothing.
        Preset::Demo => AssociationConfig {
            heartbeat_interval: Duration::from_millis(250),
            max_retransmissions: 4,
            send_buffer: 64 * 1024,
            ..AssociationConfig::demo()
        },
    }
}

/// Returns the settings of associations between pool user and pool element in which hardly anything is sent most of the
/// time. There may be many of them, and a loss need not be noticed within milliseconds.
#[must_use]
pub fn quiet_service_association(preset: Preset) -> AssociationConfig {
    asap_association(preset)
}

/// Returns the settings of associations between pool user and pool element.
#[must_use]
pub fn service_association(preset: Preset) -> AssociationConfig {
    match preset {
        Preset::Rfc => AssociationConfig::default(),
        // Small buffers keep little data in flight when a pool element stops, and its SHUTDOWN waits for the
        // acknowledgement of its last data (RFC 9260 section 9.2).
        Preset::Demo => AssociationConfig {
            sack_delay: Duration::from_millis(5),
            send_buffer: 48 * 1024,
            ..AssociationConfig::demo_session()
        },
    }
}
