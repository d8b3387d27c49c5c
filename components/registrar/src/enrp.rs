//! What registrars do among themselves, in the feed's words.

use feed::Event;
use protocol::registrar::{StartUpPhase, SynchronizationProgress, TakeoverPhase};
use runtime::microseconds;
use wire::RegistrarIdentifier;

/// The start-up.
pub(crate) fn start_up(phase: StartUpPhase) -> Event {
    let phase = match phase {
        StartUpPhase::LookingForMentor => feed::StartUpPhase::LookingForMentor,
        StartUpPhase::Downloading { mentor } => feed::StartUpPhase::Downloading { mentor },
        StartUpPhase::InService {
            mentor,
            pool_elements,
            took,
        } => feed::StartUpPhase::InService {
            mentor,
            pool_elements,
            duration_us: microseconds(took),
        },
    };
    Event::StartUp { phase }
}

/// A synchronization with a peer.
pub(crate) fn synchronization(registrar: RegistrarIdentifier, progress: SynchronizationProgress) -> Event {
    let progress = match progress {
        SynchronizationProgress::Started => feed::SynchronizationProgress::Started,
        SynchronizationProgress::Finished { added, removed } => {
            feed::SynchronizationProgress::Finished { added, removed }
        }
        SynchronizationProgress::GivenUp => feed::SynchronizationProgress::GivenUp,
    };
    Event::Synchronization {
        owner: registrar,
        progress,
    }
}

/// A takeover.
pub(crate) fn takeover(target: RegistrarIdentifier, phase: TakeoverPhase) -> Event {
    let phase = match phase {
        TakeoverPhase::Initiated { pool_elements, due } => {
            feed::TakeoverPhase::Initiated { pool_elements, due }
        }
        TakeoverPhase::Acknowledged { by, due } => feed::TakeoverPhase::Acknowledged { by, due },
        TakeoverPhase::Won { pool_elements } => feed::TakeoverPhase::Won { pool_elements },
        TakeoverPhase::PoolElementSettled {
            pe_identifier,
            adopted,
        } => feed::TakeoverPhase::PoolElementSettled {
            pe_identifier,
            adopted,
        },
        TakeoverPhase::Complete { adopted, lost } => feed::TakeoverPhase::Complete { adopted, lost },
        TakeoverPhase::GivenUp(why) => feed::TakeoverPhase::GivenUp {
            reason: why.to_string(),
        },
        TakeoverPhase::Conceded { to } => feed::TakeoverPhase::Conceded { to },
        TakeoverPhase::TakenOver { by, pool_elements } => {
            feed::TakeoverPhase::TakenOver { by, pool_elements }
        }
    };
    Event::Takeover { target, phase }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use protocol::registrar::GivenUp;

    use super::*;

    const PEER: RegistrarIdentifier = RegistrarIdentifier(0x0a);

    #[test]
    fn the_start_up_is_told() {
        let in_service = StartUpPhase::InService {
            mentor: Some(PEER),
            pool_elements: 3,
            took: Duration::from_millis(7),
        };
        let told = start_up(in_service);
        let phase = feed::StartUpPhase::InService {
            mentor: Some(PEER),
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
        assert_eq!(told, Event::Takeover { target: PEER, phase });
    }
}
