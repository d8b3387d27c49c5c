//! The sentences for events in a pool user.

use std::fmt;

use wire::PeIdentifier;

use super::{CandidateSource, Event, FailoverReason, ResolutionFailure};
use crate::sentences;
use crate::words::listed;
use crate::{
    AssociationId, DownCause, Identity, Level, Names, Occurrence, Sender, counted, duration_in_words,
};

impl Occurrence for Event {
    fn sentence(&self, names: &dyn Names) -> String {
        let element = |identifier: &PeIdentifier| names.pool_element(*identifier);
        let elements = |identifiers: &[PeIdentifier]| {
            let names: Vec<String> = identifiers.iter().map(element).collect();
            listed(&names)
        };
        match self {
            Self::Hunting => "looks for a registrar".to_owned(),
            Self::HuntFailed { rounds, next_round } => sentences::hunt_failed(*rounds, *next_round),
            Self::RegistrarConnected { peer, .. } => sentences::registrar_connected(peer),
            Self::RegistrarIdentified { registrar, .. } => {
                format!("has {} as its registrar", names.registrar(*registrar))
            }
            Self::RegistrarLost { cause, .. } => format!("has lost its registrar: {cause}"),
            Self::Resolved {
                session,
                candidates,
                source,
            } => format!(
                "has {} to try in session {session}, from {source}",
                elements(candidates)
            ),
            Self::ResolutionFailed {
                pool_handle,
                failure,
                retry_in,
                ..
            } => format!(
                "has nobody to go to in pool {pool_handle}: {failure}; it asks again in {}",
                duration_in_words(*retry_in)
            ),
            Self::Connecting {
                session,
                pe_identifier,
                peer,
                ..
            } => format!("tries {} at {peer} in session {session}", element(pe_identifier)),
            Self::ConnectFailed {
                session,
                pe_identifier,
                cause,
            } => format!(
                "cannot connect to {} in session {session}: {cause}",
                element(pe_identifier)
            ),
            Self::SessionUp {
                session,
                pe_identifier,
                cookie_echoed,
                ..
            } => {
                let from = if *cookie_echoed { ", from a cookie" } else { "" };
                format!(
                    "is served by {} in session {session}{from}",
                    element(pe_identifier)
                )
            }
            Self::FailoverStarted {
                pe_identifier,
                reason,
                ..
            } => format!("lost {}: {reason}", element(pe_identifier)),
            Self::FailoverComplete { to, times, .. } => {
                format!("fails over: {} → {}", element(&times.from), element(to))
            }
            Self::UnreachableReported { pe_identifier, .. } => {
                format!("reports {} as unreachable", element(pe_identifier))
            }
            Self::Cookie {
                session,
                pe_identifier,
                size,
            } => format!(
                "has a cookie of {} in session {session}, {}",
                element(pe_identifier),
                counted(*size as u64, "byte")
            ),
            Self::BusinessCard { session, recommended } => {
                format!("is recommended {} for session {session}", elements(recommended))
            }
            Self::Data {
                session,
                pe_identifier,
                ppid,
                bytes,
            } => format!(
                "has got {} of {ppid} from {} in session {session}",
                counted(bytes.len() as u64, "byte"),
                element(pe_identifier)
            ),
            Self::SessionClosed { session } => format!("has closed session {session}"),
            Self::Discarded { association, why } => sentences::discarded(*association, why),
            Self::ErrorReceived { association, error } => sentences::error_received(*association, error),
            Self::Stopped => "has stopped".to_owned(),
        }
    }

    fn level(&self) -> Level {
        match self {
            Self::Resolved { .. }
            | Self::ResolutionFailed { again: true, .. }
            | Self::Connecting { .. }
            | Self::ConnectFailed { .. }
            | Self::Cookie { .. }
            | Self::BusinessCard { .. }
            | Self::Data { .. }
            | Self::SessionClosed { .. }
            | Self::Stopped => Level::Debug,
            Self::Hunting
            | Self::RegistrarConnected { .. }
            | Self::RegistrarIdentified { .. }
            | Self::RegistrarLost {
                cause: DownCause::Graceful,
                ..
            }
            | Self::SessionUp { .. }
            | Self::FailoverStarted { .. }
            | Self::FailoverComplete { .. }
            | Self::UnreachableReported { .. } => Level::Info,
            Self::HuntFailed { .. }
            | Self::RegistrarLost { .. }
            | Self::ResolutionFailed { .. }
            | Self::Discarded { .. }
            | Self::ErrorReceived { .. } => Level::Warning,
        }
    }

    fn caused_at_will(&self) -> Option<Sender> {
        match self {
            Self::Discarded { association, .. } => Some(Sender::of(*association)),
            Self::ErrorReceived { association, .. } => Some(Sender::Association(*association)),
            _ => None,
        }
    }

    fn is_news(&self) -> bool {
        // A control centre knows who is served from the beginning of a session, so it has to know of its end as well.
        let ends = matches!(self, Self::SessionClosed { .. });
        (ends || self.level() != Level::Debug) && self.caused_at_will().is_none()
    }

    fn identified(&self) -> Option<(AssociationId, Identity)> {
        match self {
            Self::RegistrarIdentified {
                association,
                registrar,
            } => Some((*association, Identity::Registrar(*registrar))),
            Self::SessionUp {
                association,
                pe_identifier,
                ..
            } => Some((*association, Identity::PoolElement(*pe_identifier))),
            _ => None,
        }
    }
}

impl fmt::Display for CandidateSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registrar => "the registrar's answer",
            Self::Cache => "the cache",
            Self::StaleCache => "the cache, since no registrar answers",
            Self::BusinessCard => "a business card",
        })
    }
}

impl fmt::Display for ResolutionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPoolHandle => f.write_str("the pool is empty"),
            Self::Refused(cause) => write!(f, "the registrar refuses ({cause})"),
            Self::NoAnswer => f.write_str("no registrar answers"),
            Self::NoneUsable => f.write_str("no pool element is usable"),
        }
    }
}

impl fmt::Display for FailoverReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AssociationDown(cause) => write!(f, "association {cause}"),
            Self::Restarted => f.write_str("the pool element has restarted"),
            Self::Application(words) => f.write_str(words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool_user::SessionId;

    #[test]
    fn the_end_of_a_session_is_told_to_a_control_centre_but_not_to_a_terminal() {
        let closed = Event::SessionClosed {
            session: SessionId(1),
        };
        assert!(closed.is_news());
        assert_eq!(closed.level(), Level::Debug);
        assert!(!Event::Stopped.is_news());
    }
}
