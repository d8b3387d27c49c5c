//! The sentences for events in a registrar.

use wire::{PeIdentifier, PoolHandle};

use super::takeover::TakeoverPhase;
use super::{Event, PeerState, RemovalReason, StartUpPhase, SynchronizationProgress};
use crate::sentences;
use crate::words::listed;
use crate::{AssociationId, Identity, Level, Names, Occurrence, Sender, counted, duration_in_words};

impl Occurrence for Event {
    fn sentence(&self, names: &dyn Names) -> String {
        let element = |identifier: &PeIdentifier, pool: &PoolHandle| {
            format!("{} in pool {pool}", names.pool_element(*identifier))
        };
        match self {
            Self::AssociationUp { association, peer } => format!("has {association:?} with {peer}"),
            Self::AssociationDown { association, cause } => format!("has lost {association:?}: {cause}"),
            Self::PoolElementIdentified {
                association,
                pe_identifier,
                ..
            } => format!(
                "has {} at the other end of {association:?}",
                names.pool_element(*pe_identifier)
            ),
            Self::PeerIdentified {
                association,
                registrar,
            } => format!(
                "has {} at the other end of {association:?}",
                names.registrar(*registrar)
            ),
            Self::Registered {
                pool_handle,
                pe_identifier,
                policy,
                warnings,
                ..
            } => {
                let changes = match warnings.as_slice() {
                    [] => String::new(),
                    changes => format!("; the registration was changed: {}", listed(changes)),
                };
                let element = element(pe_identifier, pool_handle);
                format!("has registered {element}, policy {policy}{changes}")
            }
            Self::Reregistered {
                pool_handle,
                pe_identifier,
                policy,
                ..
            } => {
                let element = element(pe_identifier, pool_handle);
                format!("has registered {element} again, policy {policy}")
            }
            Self::RegistrationRefused {
                pool_handle,
                pe_identifier,
                causes,
            } => format!(
                "refuses to register {}: {}",
                element(pe_identifier, pool_handle),
                listed(causes)
            ),
            Self::DeregistrationRefused {
                pool_handle,
                pe_identifier,
                causes,
            } => format!(
                "refuses to deregister {}: {}",
                element(pe_identifier, pool_handle),
                listed(causes)
            ),
            Self::Removed {
                pool_handle,
                pe_identifier,
                reason,
            } => format!(
                "has removed {} from pool {pool_handle}: {}",
                names.pool_element(*pe_identifier),
                why_removed(*reason)
            ),
            Self::Resolved {
                pool_handle,
                selected,
                ..
            } => {
                let selected: Vec<String> = selected.iter().map(|one| names.pool_element(*one)).collect();
                match selected.as_slice() {
                    [] => format!("has nobody to name in pool {pool_handle}"),
                    selected => format!("has named {} in pool {pool_handle}", listed(selected)),
                }
            }
            Self::ProbeSent {
                pool_handle,
                pe_identifier,
                reported,
            } => {
                let element = element(pe_identifier, pool_handle);
                let reason = if *reported { ", which was reported" } else { "" };
                format!("asks {element}{reason} whether it is there")
            }
            Self::ProbeAnswered {
                pool_handle,
                pe_identifier,
            } => format!("has an answer of {}", element(pe_identifier, pool_handle)),
            Self::UnreachableReported {
                pool_handle,
                pe_identifier,
                reports,
                ..
            } => format!(
                "has {} that {} is unreachable",
                counted((*reports).into(), "report"),
                element(pe_identifier, pool_handle)
            ),
            Self::RegistrarHeard { registrar } => {
                format!("hears {} announce itself", names.registrar(*registrar))
            }
            Self::RegistrarSilent { registrar } => {
                format!(
                    "does not hear {} announce itself any more",
                    names.registrar(*registrar)
                )
            }
            Self::StartUp { phase } => start_up(*phase, names),
            Self::PeerChanged {
                registrar,
                before,
                state,
            } => peer_changed(&names.registrar(*registrar), *before, *state),
            Self::Synchronization { owner, progress } => synchronization(&names.registrar(*owner), *progress),
            Self::Takeover { target, phase } => phase.sentence(*target, names),
            Self::OwnerChanged {
                pool_handle,
                pe_identifier,
                owner,
            } => format!(
                "has {} as the home of {} now",
                names.registrar(*owner),
                element(pe_identifier, pool_handle)
            ),
            Self::PeerPoolElement {
                pool_handle,
                pe_identifier,
            } => format!("has news of {}", element(pe_identifier, pool_handle)),
            Self::DistanceMeasured {
                pool_handle,
                pe_identifier,
                distance,
            } => format!(
                "is {distance} ms away from {}",
                element(pe_identifier, pool_handle)
            ),
            Self::PeerPoolElementPassedOver {
                pool_handle,
                pe_identifier,
                owner,
                policy,
                causes,
            } => format!(
                "passes over {} of {}, policy {policy}: {}",
                element(pe_identifier, pool_handle),
                names.registrar(*owner),
                listed(causes)
            ),
            Self::Discarded { association, why } => sentences::discarded(*association, why),
            Self::ErrorReceived { association, error } => sentences::error_received(*association, error),
            Self::Stopped => "has stopped".to_owned(),
        }
    }

    fn level(&self) -> Level {
        match self {
            Self::AssociationUp { .. }
            | Self::AssociationDown { .. }
            | Self::PoolElementIdentified { .. }
            | Self::PeerIdentified { .. }
            | Self::Reregistered { .. }
            | Self::Resolved { .. }
            | Self::ProbeSent { reported: false, .. }
            | Self::ProbeAnswered { .. }
            | Self::RegistrarHeard { .. }
            | Self::RegistrarSilent { .. }
            | Self::PeerChanged {
                state: Some(PeerState::Unconfirmed | PeerState::BeingTakenOver),
                ..
            }
            | Self::PeerPoolElement { .. }
            | Self::DistanceMeasured { .. }
            | Self::Stopped => Level::Debug,
            Self::Registered { warnings, .. } if !warnings.is_empty() => Level::Warning,
            Self::RegistrationRefused { .. }
            | Self::DeregistrationRefused { .. }
            | Self::PeerPoolElementPassedOver { .. }
            | Self::PeerChanged {
                state: Some(PeerState::Probed),
                ..
            }
            | Self::Synchronization {
                progress: SynchronizationProgress::GivenUp,
                ..
            }
            | Self::Takeover {
                phase: TakeoverPhase::Initiated { .. },
                ..
            }
            | Self::Discarded { .. }
            | Self::ErrorReceived { .. } => Level::Warning,
            Self::Registered { .. }
            | Self::Removed { .. }
            | Self::ProbeSent { reported: true, .. }
            | Self::UnreachableReported { .. }
            | Self::StartUp { .. }
            | Self::PeerChanged { .. }
            | Self::Synchronization { .. }
            | Self::Takeover { .. }
            | Self::OwnerChanged { .. } => Level::Info,
        }
    }

    fn caused_at_will(&self) -> Option<Sender> {
        match self {
            Self::Discarded { association, .. } => Some(Sender::of(*association)),
            Self::ErrorReceived { association, .. } => Some(Sender::Association(*association)),
            _ => None,
        }
    }

    fn identified(&self) -> Option<(AssociationId, Identity)> {
        match self {
            Self::PoolElementIdentified {
                association,
                pe_identifier,
                ..
            } => Some((*association, Identity::PoolElement(*pe_identifier))),
            Self::PeerIdentified {
                association,
                registrar,
            } => Some((*association, Identity::Registrar(*registrar))),
            _ => None,
        }
    }
}

fn start_up(phase: StartUpPhase, names: &dyn Names) -> String {
    match phase {
        StartUpPhase::LookingForMentor => "looks for a registrar that has the handlespace".to_owned(),
        StartUpPhase::Downloading { mentor } => {
            let mentor = names.registrar(mentor);
            format!("asks {mentor} for its peers and the handlespace")
        }
        StartUpPhase::InService {
            mentor,
            pool_elements,
            took,
        } => {
            let after = duration_in_words(took);
            match mentor {
                None => format!("is in service after {after}: it has found no other registrar"),
                Some(mentor) => format!(
                    "is in service after {after}: {} gave it {}",
                    names.registrar(mentor),
                    counted(pool_elements.into(), "PE")
                ),
            }
        }
    }
}

fn peer_changed(peer: &str, before: Option<PeerState>, state: Option<PeerState>) -> String {
    match (before, state) {
        (_, None) => format!("does not count {peer} among its peers any more"),
        (_, Some(PeerState::Unconfirmed)) => format!("has been told of {peer}"),
        (Some(PeerState::Probed | PeerState::BeingTakenOver), Some(PeerState::Active)) => {
            format!("hears {peer} again")
        }
        (_, Some(PeerState::Active)) => format!("has found {peer}"),
        (_, Some(PeerState::Probed)) => {
            format!("does not hear {peer} any more and asks whether it is there")
        }
        (_, Some(PeerState::BeingTakenOver)) => format!("sees {peer} being taken over"),
    }
}

fn synchronization(owner: &str, progress: SynchronizationProgress) -> String {
    match progress {
        SynchronizationProgress::Started => {
            format!("has another checksum for the PEs of {owner} than {owner} itself and asks for them")
        }
        SynchronizationProgress::Finished { added: 0, removed: 0 } => format!("agrees with {owner}"),
        SynchronizationProgress::Finished { added, removed } => {
            let added = counted(added.into(), "PE");
            format!("agrees with {owner} again: {added} added or changed, {removed} removed")
        }
        SynchronizationProgress::GivenUp => format!("got no PEs from {owner} and goes on with its own copy"),
    }
}

fn why_removed(reason: RemovalReason) -> String {
    match reason {
        RemovalReason::Deregistered => "it has deregistered".into(),
        RemovalReason::Expired => "its registration has expired".into(),
        RemovalReason::OtherPolicy => "it has another policy now".into(),
        RemovalReason::KeepAliveTimeout => "it does not answer".into(),
        RemovalReason::Reported => "it was reported too often".into(),
        RemovalReason::AssociationLost(cause) => format!("its association was lost ({cause})"),
        RemovalReason::Restarted => "it has restarted".into(),
        RemovalReason::RemovedByOwner => "its home registrar says so".into(),
        RemovalReason::NotListedByOwner => "its home registrar does not have it".into(),
        RemovalReason::NotAdopted => "it did not accept its new home".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wire::RegistrarIdentifier;
    use wire::parameter::{ErrorCause, Policy};

    use super::super::GivenUp;
    use super::*;
    use crate::Identifiers;

    const OTHER: RegistrarIdentifier = RegistrarIdentifier(0x0a);

    fn sentence(event: &Event) -> String {
        event.sentence(&Identifiers)
    }

    #[test]
    fn a_start_up_says_where_the_handlespace_comes_from_and_how_long_it_took() {
        let in_service = |mentor| StartUpPhase::InService {
            mentor,
            pool_elements: 3,
            took: Duration::from_millis(163),
        };
        let words = |phase| sentence(&Event::StartUp { phase });
        assert_eq!(
            words(StartUpPhase::Downloading { mentor: OTHER }),
            "asks PR 0x0000000a for its peers and the handlespace"
        );
        assert_eq!(
            words(in_service(Some(OTHER))),
            "is in service after 163 ms: PR 0x0000000a gave it 3 PEs"
        );
        assert_eq!(
            words(in_service(None)),
            "is in service after 163 ms: it has found no other registrar"
        );
    }

    #[test]
    fn a_peer_that_was_missed_is_heard_again_and_a_new_one_is_found() {
        let active = |before| {
            sentence(&Event::PeerChanged {
                registrar: OTHER,
                before,
                state: Some(PeerState::Active),
            })
        };
        assert_eq!(active(Some(PeerState::Probed)), "hears PR 0x0000000a again");
        assert_eq!(active(Some(PeerState::Unconfirmed)), "has found PR 0x0000000a");
    }

    #[test]
    fn a_takeover_that_is_given_up_says_why() {
        let event = Event::Takeover {
            target: OTHER,
            phase: TakeoverPhase::GivenUp(GivenUp::Outranked),
        };
        assert_eq!(
            sentence(&event),
            "does not take over PR 0x0000000a after all: another registrar takes over"
        );
    }

    #[test]
    fn a_pool_element_that_is_passed_over_has_a_home_a_policy_and_a_cause() {
        let event = Event::PeerPoolElementPassedOver {
            pool_handle: PoolHandle::new(b"Pool").unwrap(),
            pe_identifier: PeIdentifier(5),
            owner: OTHER,
            policy: Policy::Random,
            causes: vec![ErrorCause::inconsistent_policy(&Policy::RoundRobin)],
        };
        let expected = "passes over PE 0x00000005 in pool Pool of PR 0x0000000a, policy Random: ";
        assert!(sentence(&event).starts_with(expected), "{}", sentence(&event));
        assert!(sentence(&event).contains("Round Robin"), "{}", sentence(&event));
    }
}
