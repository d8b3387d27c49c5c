//! The registrar behind the driver.

use std::process::ExitCode;

use feed::ComponentRole;
use protocol::registrar::{EnrpSettings, Event, RemovalReason, Settings};
use protocol::{Registrar, Time};
use runtime::{Component, Context, Foundation, Plan, PortPlan, Status};
use tracing::{debug, info, warn};
use wire::parameter::{SctpTransport, TransportUse};
use wire::{PeIdentifier, RegistrarIdentifier};

use crate::Args;
use crate::handlespace::HandlespaceTeller;

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
        service_association: runtime::asap_association(args.shared.preset),
        pool_handle: None,
        policy: None,
    };
    runtime::run(&args.shared, plan, |foundation| {
        Ok(RegistrarComponent::new(args, &foundation))
    })
}

struct RegistrarComponent {
    core: Registrar,
    teller: HandlespaceTeller,
    stopped: bool,
}

impl RegistrarComponent {
    fn new(args: &Args, foundation: &Foundation<()>) -> Self {
        let transport = |port| SctpTransport {
            port,
            transport_use: TransportUse::DataOnly,
            addresses: foundation.addresses.clone(),
        };
        let settings = Settings {
            // Its largest value is checked by the plan.
            identifier: RegistrarIdentifier(foundation.identifier as u32),
            announce: args.shared.asap_announce.group().is_some(),
            announced_transport: Some(transport(args.asap_port)),
            enrp: EnrpSettings {
                transport: transport(args.enrp_port),
                mentors: args.mentors(),
                multicast: args.enrp_announce.group().is_some(),
            },
            admitted: Vec::new(),
        };
        let mut teller = HandlespaceTeller::default();
        teller.note_change();
        Self {
            core: Registrar::new(foundation.now, settings, args.config(), foundation.seed),
            teller,
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
            }
            Event::PoolElementIdentified {
                association,
                pe_identifier,
                ..
            } => context.identify(association, pool_element(pe_identifier)),
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
                self.teller.note_change();
            }
            Event::Reregistered {
                pool_handle,
                pe_identifier,
                policy,
                ..
            } => {
                debug!("PE {pe_identifier} has registered again in pool {pool_handle}, policy {policy}");
                self.teller.note_change();
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
                self.teller.note_change();
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
            Event::RegistrarHeard { registrar } => {
                info!("registrar {registrar} is there as well");
                self.teller.note_change();
            }
            Event::RegistrarSilent { registrar } => {
                info!("registrar {registrar} is no longer heard");
                self.teller.note_change();
            }
            Event::StartUp(_)
            | Event::PeerIdentified { .. }
            | Event::PeersChanged { .. }
            | Event::Synchronization { .. }
            | Event::Takeover { .. }
            | Event::OwnerChanged { .. }
            | Event::PeerPoolElement { .. } => self.teller.note_change(),
            Event::Discarded { why, .. } => warn!("a message was discarded: {why}"),
            Event::ErrorReceived { association, error } => {
                warn!("association {} reports an error: {error:?}", association.number());
            }
            Event::Stopped => self.stopped = true,
        }
    }

    fn handle_work(&mut self, _context: &mut Context<'_>, (): ()) {}

    fn handle_timeout(&mut self, context: &mut Context<'_>) {
        if let Some(event) = self.teller.poll_event(context.now, &self.core) {
            context.feed.emit(event);
        }
    }

    fn poll_timeout(&self) -> Option<Time> {
        self.teller.poll_timeout()
    }

    fn stop(&mut self, context: &mut Context<'_>) {
        self.core.stop(context.now);
    }

    fn finished(&self) -> Option<u8> {
        self.stopped.then_some(0)
    }

    fn status(&self) -> Status {
        let handlespace = self.core.handlespace();
        let (elements, pools) = (handlespace.len(), handlespace.pool_count());
        let owned = handlespace.owned_count(self.core.identifier());
        let peers = self.core.registrars_heard();
        let s = |number: usize| if number == 1 { "" } else { "s" };
        Status {
            ready: true,
            text: format!("{elements} PE{} in {pools} pool{}", s(elements), s(pools)),
            // rsplib's words.
            report: format!(
                "{elements}[{owned}] PEs in {pools} Pool{}, {peers} Peer{}",
                s(pools),
                s(peers)
            ),
            load: None,
            lists_sessions: false,
        }
    }
}

const fn pool_element(identifier: PeIdentifier) -> feed::Component {
    feed::Component {
        role: ComponentRole::PoolElement,
        identifier: identifier.0 as u64,
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
