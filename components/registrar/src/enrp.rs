//! What registrars do among themselves: in the feed's words, and in words for people.

use feed::Event;
use protocol::registrar::{GivenUp, PeerState, StartUpPhase, SynchronizationProgress, TakeoverPhase};
use runtime::microseconds;
use tracing::{debug, info, warn};
use wire::RegistrarIdentifier;

/// The start-up.
pub(crate) fn start_up(phase: StartUpPhase) -> Event {
    let phase = match phase {
        StartUpPhase::LookingForMentor => {
            info!("looking for a mentor: a registrar that has the handlespace");
            feed::StartUpPhase::LookingForMentor
        }
        StartUpPhase::Downloading { mentor } => {
            info!("registrar {mentor} is the mentor: asking it for its peers and the handlespace");
            feed::StartUpPhase::Downloading { mentor: mentor.0 }
        }
        StartUpPhase::InService {
            mentor,
            pool_elements,
            took,
        } => {
            let after = took.as_millis();
            match mentor {
                Some(mentor) => {
                    info!(
                        "in service {after} ms after the start, with {} of registrar {mentor}",
                        counted(pool_elements as usize, "PE")
                    );
                }
                None => info!("in service {after} ms after the start, as the first registrar"),
            }
            feed::StartUpPhase::InService {
                mentor: mentor.map(|mentor| mentor.0),
                pool_elements,
                duration_us: microseconds(took),
            }
        }
    };
    Event::StartUp { phase }
}

/// The start-up in a few words, unless it is over.
pub(crate) fn start_up_in_words(phase: StartUpPhase) -> Option<String> {
    match phase {
        StartUpPhase::LookingForMentor => Some("looking for a mentor".into()),
        StartUpPhase::Downloading { mentor } => Some(format!("downloading from PR {mentor}")),
        StartUpPhase::InService { .. } => None,
    }
}

/// Logs what has become of a peer.
pub(crate) fn log_peer(registrar: RegistrarIdentifier, state: Option<PeerState>) {
    match state {
        Some(PeerState::Unconfirmed) => debug!("registrar {registrar} was named by another one"),
        Some(PeerState::Active) => info!("registrar {registrar} is a peer"),
        Some(PeerState::Probed) => {
            warn!("registrar {registrar} is silent or cut off: asking for its presence");
        }
        Some(PeerState::BeingTakenOver) => info!("registrar {registrar} is being taken over"),
        None => info!("registrar {registrar} is no longer a peer"),
    }
}

/// A synchronization with a peer.
pub(crate) fn synchronization(registrar: RegistrarIdentifier, progress: SynchronizationProgress) -> Event {
    let progress = match progress {
        SynchronizationProgress::Started => {
            info!("the checksum of registrar {registrar} differs: asking for its pool elements");
            feed::SynchronizationProgress::Started
        }
        SynchronizationProgress::Finished { added, removed } => {
            info!("synchronized with registrar {registrar}: {added} PEs added, {removed} removed");
            feed::SynchronizationProgress::Finished { added, removed }
        }
        SynchronizationProgress::GivenUp => {
            warn!("no synchronization with registrar {registrar}: it refuses or does not answer");
            feed::SynchronizationProgress::GivenUp
        }
    };
    Event::Synchronization {
        owner: registrar.0,
        progress,
    }
}

/// A takeover.
pub(crate) fn takeover(target: RegistrarIdentifier, phase: TakeoverPhase) -> Event {
    let whose = format!("takeover of registrar {target}");
    let phase = match phase {
        TakeoverPhase::Initiated { pool_elements, due } => {
            warn!(
                "{whose}: it does not answer and owns {}; {} to agree",
                counted(pool_elements as usize, "PE"),
                counted(due as usize, "registrar")
            );
            feed::TakeoverPhase::Initiated { pool_elements, due }
        }
        TakeoverPhase::Acknowledged { by, due } => {
            info!("{whose}: registrar {by} agrees, {due} to go");
            feed::TakeoverPhase::Acknowledged { by: by.0, due }
        }
        TakeoverPhase::Won { pool_elements } => {
            info!(
                "{whose}: all agree; telling {} about the new home",
                counted(pool_elements as usize, "PE")
            );
            feed::TakeoverPhase::Won { pool_elements }
        }
        TakeoverPhase::PoolElementSettled {
            pe_identifier,
            adopted,
        } => {
            let what = if adopted {
                "has its home here now"
            } else {
                "did not come along"
            };
            info!("{whose}: PE {pe_identifier} {what}");
            feed::TakeoverPhase::PoolElementSettled {
                pe_identifier: pe_identifier.0,
                adopted,
            }
        }
        TakeoverPhase::Complete { adopted, lost } => {
            info!("{whose} is complete: {adopted} PEs adopted, {lost} lost");
            feed::TakeoverPhase::Complete { adopted, lost }
        }
        TakeoverPhase::GivenUp(why) => {
            let reason = reason(why);
            info!("{whose} is given up: {reason}");
            feed::TakeoverPhase::GivenUp {
                reason: reason.into(),
            }
        }
        TakeoverPhase::Conceded { to } => {
            info!("{whose}: registrar {to} wants to do it, and may");
            feed::TakeoverPhase::Conceded { to: to.0 }
        }
        TakeoverPhase::TakenOver { by, pool_elements } => {
            info!(
                "{whose}: registrar {by} has taken over {}",
                counted(pool_elements as usize, "PE")
            );
            feed::TakeoverPhase::TakenOver {
                by: by.0,
                pool_elements,
            }
        }
    };
    Event::Takeover {
        target: target.0,
        phase,
    }
}

const fn reason(why: GivenUp) -> &'static str {
    match why {
        GivenUp::TargetAlive => "it is alive",
        GivenUp::Outranked => "another registrar takes over",
        GivenUp::NotAcknowledged => "not all registrars agree in time",
    }
}

/// A number of things: "1 PE", "2 PEs".
pub(crate) fn counted(number: usize, thing: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{s}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const PEER: RegistrarIdentifier = RegistrarIdentifier(0x0a);

    #[test]
    fn the_start_up_is_told_until_the_registrar_is_in_service() {
        let words = |phase| start_up_in_words(phase);
        assert_eq!(
            words(StartUpPhase::LookingForMentor).as_deref(),
            Some("looking for a mentor")
        );
        assert_eq!(
            words(StartUpPhase::Downloading { mentor: PEER }).as_deref(),
            Some("downloading from PR 0x0000000a")
        );
        let in_service = StartUpPhase::InService {
            mentor: Some(PEER),
            pool_elements: 3,
            took: Duration::from_millis(7),
        };
        assert_eq!(words(in_service), None);
        let told = start_up(in_service);
        let phase = feed::StartUpPhase::InService {
            mentor: Some(0x0a),
            pool_elements: 3,
            duration_us: 7000,
        };
        assert_eq!(told, Event::StartUp { phase });
    }

    #[test]
    fn a_takeover_that_is_given_up_says_why() {
        let told = takeover(PEER, TakeoverPhase::GivenUp(GivenUp::Outranked));
        let phase = feed::TakeoverPhase::GivenUp {
            reason: "another registrar takes over".into(),
        };
        assert_eq!(told, Event::Takeover { target: 0x0a, phase });
    }
}
