//! The sentences for events in a pool element.

use super::{Event, refusal_in_words};
use crate::sentences;
use crate::words::listed;
use crate::{
    AssociationId, DownCause, Identity, Level, Names, Occurrence, Sender, counted, duration_in_words,
};

impl Occurrence for Event {
    fn sentence(&self, names: &dyn Names) -> String {
        match self {
            Self::Hunting => "looks for a registrar".to_owned(),
            Self::HuntFailed { rounds, next_round } => sentences::hunt_failed(*rounds, *next_round),
            Self::RegistrarConnected { peer, .. } => sentences::registrar_connected(peer),
            Self::RegistrarIdentified { registrar, .. } => {
                format!("has {} as its registrar", names.registrar(*registrar))
            }
            Self::RegistrarLost { cause, .. } => format!("has lost its registrar: {cause}"),
            Self::HomeRegistrarChanged { registrar, .. } => {
                format!(
                    "has {} as its home registrar from now on",
                    names.registrar(*registrar)
                )
            }
            Self::Registered {
                registrar,
                first,
                warnings,
                ..
            } => {
                let with = registrar
                    .map(|registrar| format!(" with {}", names.registrar(registrar)))
                    .unwrap_or_default();
                let again = if *first { "" } else { " again" };
                let changes = match warnings.as_slice() {
                    [] => String::new(),
                    changes => format!("; the registration was changed: {}", listed(changes)),
                };
                format!("is registered{with}{again}{changes}")
            }
            Self::RegistrationRefused {
                pool_handle,
                policy,
                causes,
                retry_in,
            } => format!(
                "was refused: {}; it tries again in {}",
                refusal_in_words(pool_handle, policy, causes),
                duration_in_words(*retry_in)
            ),
            Self::RegistrationFailed { attempts } => {
                format!("has no answer to {}", counted((*attempts).into(), "registration"))
            }
            Self::RegistrationExpired => "registers again, since its registration has expired".to_owned(),
            Self::SessionStarted { association, peer } => {
                format!("has session {} with {peer}", association.number())
            }
            Self::CookieEcho { association, .. } => {
                format!("goes on with session {} from a cookie", association.number())
            }
            Self::Data {
                association,
                ppid,
                bytes,
            } => format!(
                "has got {} of {ppid} in session {}",
                counted(bytes.len() as u64, "byte"),
                association.number()
            ),
            Self::BusinessCard { association, .. } => {
                format!("has a business card in session {}", association.number())
            }
            Self::SessionEnded { association, cause } => {
                format!("has no session {} any more: {cause}", association.number())
            }
            Self::Discarded { association, why } => sentences::discarded(*association, why),
            Self::ErrorReceived { association, error } => sentences::error_received(*association, error),
            Self::LeftPool => "has left the pool".to_owned(),
            Self::Deregistered { confirmed: true } => "has deregistered".to_owned(),
            Self::Deregistered { confirmed: false } => "has no registrar to deregister from".to_owned(),
            Self::Stopped => "has stopped".to_owned(),
        }
    }

    fn level(&self) -> Level {
        match self {
            Self::Data { .. } | Self::BusinessCard { .. } | Self::Stopped => Level::Debug,
            Self::Registered { warnings, .. } if !warnings.is_empty() => Level::Warning,
            Self::Registered { first: false, .. } => Level::Debug,
            Self::RegistrarLost {
                cause: DownCause::Graceful,
                ..
            }
            | Self::Hunting
            | Self::RegistrarConnected { .. }
            | Self::RegistrarIdentified { .. }
            | Self::HomeRegistrarChanged { .. }
            | Self::Registered { .. }
            | Self::SessionStarted { .. }
            | Self::CookieEcho { .. }
            | Self::SessionEnded { .. }
            | Self::LeftPool
            | Self::Deregistered { .. } => Level::Info,
            Self::HuntFailed { .. }
            | Self::RegistrarLost { .. }
            | Self::RegistrationRefused { .. }
            | Self::RegistrationFailed { .. }
            | Self::RegistrationExpired
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
        // Sessions and their content are visible from their associations and messages.
        let seen = matches!(
            self,
            Self::SessionStarted { .. } | Self::CookieEcho { .. } | Self::SessionEnded { .. }
        );
        self.level() != Level::Debug && !seen && self.caused_at_will().is_none()
    }

    fn identified(&self) -> Option<(AssociationId, Identity)> {
        match self {
            Self::RegistrarIdentified {
                association,
                registrar,
            }
            | Self::HomeRegistrarChanged {
                association,
                registrar,
            } => Some((*association, Identity::Registrar(*registrar))),
            _ => None,
        }
    }
}
