//! The registrar behind the driver.

use std::process::ExitCode;

use feed::ComponentRole;
use protocol::registrar::{EnrpSettings, Event, RemovalReason, Settings, StartUpPhase};
use protocol::{Registrar, Time};
use runtime::{Component, Context, Foundation, Plan, PortPlan, Status};
use tracing::{debug, info, warn};
use wire::RegistrarIdentifier;
use wire::parameter::{SctpTransport, TransportUse};

use crate::discards::Discards;
use crate::enrp::counted;
use crate::peers::PeersTeller;
use crate::teller::Teller;
use crate::{Args, enrp, handlespace};

/// Runs a registrar until it is told to stop.
///
/// # Errors
/// When its environment lacks something; the message says what to do about it.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let plan = Plan {
        role: ComponentRole::Registrar,
        largest_identifier: u32::MAX.into(),
        asap: PortPlan::Listen(args.asap_port),
        enrp: Some(args.enrp()),
        service: PortPlan::Ephemeral,
        service_association: runtime::asap_association(args.shared.preset()),
        pool_handle: None,
        policy: None,
    };
    runtime::run(&args.shared, plan, |foundation, _| {
        Ok(RegistrarComponent::new(args, &foundation))
    })
}

struct RegistrarComponent {
    core: Registrar,
    handlespace: Teller,
    peers: PeersTeller,
    discards: Discards,
    start_up: StartUpPhase,
    stopping: bool,
    stopped: bool,
}

impl RegistrarComponent {
    fn new(args: &Args, foundation: &Foundation<()>) -> Self {
        // Without addresses that are of use to others, those look where it comes from.
        let transport = |port| {
            let addresses = foundation.addresses.iter().copied();
            SctpTransport::new(port, TransportUse::DataOnly, addresses).ok()
        };
        let settings = Settings {
            // Its largest value is checked by the plan.
            identifier: RegistrarIdentifier(foundation.identifier as u32),
            announce: args.shared.asap_announce().group().is_some(),
            announced_transport: transport(args.asap_port),
            enrp: EnrpSettings {
                port: args.enrp_port,
                transport: transport(args.enrp_port),
                mentors: args.mentors(),
                multicast: args.enrp_announce().group().is_some(),
            },
            admitted: Vec::new(),
        };
        let mut handlespace = Teller::default();
        handlespace.note_change();
        Self {
            core: Registrar::new(foundation.now, settings, args.config(), foundation.seed),
            handlespace,
            peers: PeersTeller::default(),
            discards: Discards::default(),
            start_up: StartUpPhase::LookingForMentor,
            stopping: false,
            stopped: false,
        }
    }
}

impl Component for RegistrarComponent {
    type Core = Registrar;
    type Work = ();

    fn core(&mut self) -> &mut Registrar {
        &mut self.core
    }

    fn handle_event(&mut self, context: &mut Context<'_>, event: Event) {
        match event {
            Event::AssociationUp { peer, .. } => debug!("{peer} has connected"),
            Event::AssociationDown { association, cause } => {
                debug!("association {} is gone: {cause}", association.number());
                self.discards.forget(association);
            }
            Event::PoolElementIdentified {
                association,
                pe_identifier,
                ..
            } => context.identify(
                association,
                component(ComponentRole::PoolElement, pe_identifier.0),
            ),
            Event::Registered {
                pool_handle,
                pe_identifier,
                policy,
                warnings,
                ..
            } => {
                info!("PE {pe_identifier} is registered in pool {pool_handle}, policy {policy}");
                for warning in warnings {
                    warn!("the registration of PE {pe_identifier} was changed: {warning}");
                }
                self.handlespace.note_change();
            }
            Event::Reregistered {
                pool_handle,
                pe_identifier,
                policy,
                ..
            } => {
                debug!("PE {pe_identifier} has registered again in pool {pool_handle}, policy {policy}");
                self.handlespace.note_change();
            }
            Event::RegistrationRefused {
                pool_handle,
                pe_identifier,
                causes,
            } => warn!("PE {pe_identifier} may not be in pool {pool_handle}: {causes:?}"),
            Event::DeregistrationRefused {
                pool_handle,
                pe_identifier,
                causes,
            } => warn!("PE {pe_identifier} may not leave pool {pool_handle}: {causes:?}"),
            Event::Removed {
                pool_handle,
                pe_identifier,
                reason,
            } => {
                info!(
                    "PE {pe_identifier} is no longer in pool {pool_handle}: {}",
                    words(reason)
                );
                self.handlespace.note_change();
            }
            Event::Resolved {
                pool_handle,
                selected,
                ..
            } => debug!("pool {pool_handle} resolved to {selected:?}"),
            Event::ProbeSent {
                pe_identifier,
                reported: true,
                ..
            } => info!("PE {pe_identifier} was reported: asking whether it is alive"),
            Event::ProbeSent { .. } | Event::ProbeAnswered { .. } => {}
            Event::UnreachableReported {
                pe_identifier,
                reports,
                ..
            } => info!("PE {pe_identifier} was reported to be unreachable ({reports} times so far)"),
            Event::RegistrarHeard { registrar } => debug!("registrar {registrar} announces itself"),
            Event::RegistrarSilent { registrar } => {
                debug!("registrar {registrar} no longer announces itself");
            }
            Event::StartUp { phase } => {
                self.start_up = phase;
                context.feed.emit(enrp::start_up(phase));
                self.handlespace.note_change();
            }
            Event::PeerIdentified {
                association,
                registrar,
            } => context.identify(association, component(ComponentRole::Registrar, registrar.0)),
            Event::PeerChanged { registrar, state, .. } => {
                enrp::log_peer(registrar, state);
                self.peers.note_change(context.now);
                self.handlespace.note_change();
            }
            Event::Synchronization { owner, progress } => {
                context.feed.emit(enrp::synchronization(owner, progress));
            }
            Event::Takeover { target, phase } => context.feed.emit(enrp::takeover(target, phase)),
            Event::OwnerChanged {
                pool_handle,
                pe_identifier,
                owner,
            } => {
                info!("PE {pe_identifier} in pool {pool_handle}: registrar {owner} is its home now");
                self.handlespace.note_change();
            }
            Event::PeerPoolElement {
                pool_handle,
                pe_identifier,
            } => {
                debug!("PE {pe_identifier} in pool {pool_handle}: news from its home registrar");
                self.handlespace.note_change();
            }
            Event::Discarded { association, why } => self.discards.log(association, why),
            Event::ErrorReceived { association, error } => {
                warn!("association {} reports an error: {error:?}", association.number());
            }
            Event::Stopped => self.stopped = true,
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
        let elements = counted(handlespace.len(), "PE");
        let pools = handlespace.pool_count();
        let peers = self.core.peers().count();
        let starting = enrp::start_up_in_words(self.start_up);
        // rsplib's words.
        let report = format!(
            "{}[{}] PEs in {}, {}",
            handlespace.len(),
            handlespace.owned_count(self.core.identifier()),
            counted(pools, "Pool"),
            counted(peers, "Peer")
        );
        Status {
            ready: starting.is_none() && !self.stopping,
            text: match starting {
                _ if self.stopping => "stopping".into(),
                Some(words) => words,
                None => format!(
                    "{elements} in {}, {}",
                    counted(pools, "pool"),
                    counted(peers, "peer")
                ),
            },
            report,
            load: None,
            lists_sessions: false,
        }
    }
}

fn component(role: ComponentRole, identifier: u32) -> feed::Component {
    feed::Component {
        role,
        identifier: identifier.into(),
    }
}

/// Why a pool element is gone, for people.
fn words(reason: RemovalReason) -> String {
    match reason {
        RemovalReason::Deregistered => "it has deregistered".into(),
        RemovalReason::Expired => "its registration has expired".into(),
        RemovalReason::KeepAliveTimeout => "it does not answer".into(),
        RemovalReason::Reported => "it was reported too often".into(),
        RemovalReason::AssociationLost(cause) => format!("its association was lost ({cause})"),
        RemovalReason::RemovedByOwner => "its home registrar says so".into(),
        RemovalReason::NotListedByOwner => "its home registrar does not have it".into(),
        RemovalReason::NotAdopted => "it did not accept its new home".into(),
        RemovalReason::Restarted => "it has restarted".into(),
    }
}
