//! The registrar as a component of the driver.

use std::process::ExitCode;

use events::counted;
use feed::RegistrarStatus;
use protocol::registrar::{EnrpSettings, Event, Settings, StartUpPhase};
use protocol::{Peer, Registrar, Time};
use runtime::{ComponentProcess, Context, Foundation, Plan, PortPlan, Status};
use wire::RegistrarIdentifier;
use wire::parameter::{SctpTransport, TransportUse};

use crate::peers::PeersReport;
use crate::throttle::Throttle;
use crate::{Args, handlespace};

/// Runs a registrar until it is told to stop.
///
/// # Errors
/// Returns an error if a resource of the environment is missing; the message says what to do about it.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let identifier = RegistrarIdentifier(args.shared.identifier_up_to(u32::MAX)?);
    let mentors = args.mentors()?;
    let plan = Plan {
        component: feed::ComponentIdentity::Registrar(identifier),
        asap: PortPlan::Listen(args.asap_port),
        enrp: Some(args.enrp()),
        service: PortPlan::Ephemeral,
        service_association: runtime::asap_association(args.shared.preset()),
        pool_handle: None,
        policy: None,
    };
    runtime::run(&args.shared, plan, |foundation, _| {
        Ok(RegistrarComponent::new(args, identifier, mentors, &foundation))
    })
}

struct RegistrarComponent {
    core: Registrar,
    handlespace: Throttle,
    peers: PeersReport,
    start_up: StartUpPhase,
    stopping: bool,
    stopped: bool,
}

impl RegistrarComponent {
    fn new(
        args: &Args,
        identifier: RegistrarIdentifier,
        mentors: Vec<Peer>,
        foundation: &Foundation<()>,
    ) -> Self {
        // If no address is usable by others, they take the source address instead.
        let transport = |port| {
            let addresses = foundation.addresses.iter().copied();
            SctpTransport::new(port, TransportUse::DataOnly, addresses).ok()
        };
        let settings = Settings {
            identifier,
            announce: args.shared.asap_announce().group().is_some(),
            announced_transport: transport(args.asap_port),
            enrp: EnrpSettings {
                port: args.enrp_port,
                transport: transport(args.enrp_port),
                mentors,
                multicast: args.enrp_announce().group().is_some(),
            },
            admitted: Vec::new(),
        };
        let mut handlespace = Throttle::default();
        handlespace.note_change();
        Self {
            core: Registrar::new(foundation.now, settings, args.config(), foundation.seed),
            handlespace,
            peers: PeersReport::default(),
            start_up: StartUpPhase::LookingForMentor,
            stopping: false,
            stopped: false,
        }
    }
}

impl ComponentProcess for RegistrarComponent {
    type Core = Registrar;
    type Work = ();

    fn core(&mut self) -> &mut Registrar {
        &mut self.core
    }

    fn handle_event(&mut self, context: &mut Context<'_>, event: Event) {
        match event {
            Event::Registered { .. }
            | Event::Reregistered { .. }
            | Event::Removed { .. }
            | Event::OwnerChanged { .. }
            | Event::PeerPoolElement { .. }
            | Event::DistanceMeasured { .. } => self.handlespace.note_change(),
            Event::StartUp { phase } => {
                self.start_up = phase;
                self.handlespace.note_change();
            }
            Event::PeerChanged { .. } => {
                self.peers.note_change(context.now);
                self.handlespace.note_change();
            }
            Event::Stopped => self.stopped = true,
            Event::AssociationUp { .. }
            | Event::AssociationDown { .. }
            | Event::PoolElementIdentified { .. }
            | Event::PeerIdentified { .. }
            | Event::RegistrationRefused { .. }
            | Event::DeregistrationRefused { .. }
            | Event::PeerPoolElementPassedOver { .. }
            | Event::Resolved { .. }
            | Event::ProbeSent { .. }
            | Event::ProbeAnswered { .. }
            | Event::UnreachableReported { .. }
            | Event::RegistrarHeard { .. }
            | Event::RegistrarSilent { .. }
            | Event::Synchronization { .. }
            | Event::Takeover { .. }
            | Event::Discarded { .. }
            | Event::ErrorReceived { .. } => {}
        }
    }

    fn handle_work(&mut self, _context: &mut Context<'_>, (): ()) {}

    fn handle_timeout(&mut self, context: &mut Context<'_>) {
        if self.handlespace.poll(context.now) && context.feed.is_enabled() {
            context.feed.emit(handlespace::describe(&self.core));
        }
        if let Some(event) = self.peers.poll_event(context.now, &self.core) {
            context.feed.emit(event);
        }
    }

    fn poll_timeout(&self) -> Option<Time> {
        let times = [
            self.handlespace.poll_timeout(),
            self.peers.poll_timeout(&self.core),
        ];
        times.into_iter().flatten().min()
    }

    fn stop(&mut self, context: &mut Context<'_>) {
        self.stopping = true;
        self.core.stop(context.now);
    }

    fn finished(&self) -> Option<u8> {
        self.stopped.then_some(0)
    }

    fn status(&self) -> Status {
        let handlespace = self.core.handlespace();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let pools = number(handlespace.pool_count());
        let peers = number(self.core.peers().count());
        // rsplib's wording.
        let report = format!(
            "{}[{}] PEs in {}, {}",
            handlespace.len(),
            handlespace.owned_count(self.core.identifier()),
            counted(pools.into(), "Pool"),
            counted(peers.into(), "Peer")
        );
        let status = match self.start_up {
            _ if self.stopping => RegistrarStatus::Stopping,
            StartUpPhase::LookingForMentor => RegistrarStatus::LookingForMentor,
            StartUpPhase::Downloading { mentor } => RegistrarStatus::Downloading { mentor },
            StartUpPhase::InService { .. } => RegistrarStatus::InService {
                pool_elements: number(handlespace.len()),
                pools,
                peers,
            },
        };
        Status {
            ready: matches!(status, RegistrarStatus::InService { .. }),
            status: feed::Status::Registrar(status),
            report,
            load: None,
            lists_sessions: false,
        }
    }
}
