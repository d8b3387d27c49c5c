//! How things stand with a component, for people.

use events::pool_user::ResolutionFailure;
use events::{Names, TransportAddress, counted};
use serde::{Deserialize, Serialize};
use wire::{PeIdentifier, RegistrarIdentifier};

/// How things stand with a component. Others are named by their identifiers; [`Self::in_words`] knows what they are called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// A registrar's.
    Registrar(RegistrarStatus),
    /// A pool element's.
    PoolElement {
        /// How things stand with its registration.
        registration: Registration,
        /// Sessions that it serves.
        sessions: u32,
    },
    /// A pool user's.
    PoolUser {
        /// Whether it can ask a registrar.
        connected: bool,
        /// Why no pool element can be found, while that is so.
        failure: Option<ResolutionFailure>,
        /// What it is there for.
        activity: Activity,
    },
}

/// How things stand with a registrar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrarStatus {
    /// It listens for a registrar that has the handlespace.
    LookingForMentor,
    /// It gets the handlespace.
    Downloading {
        /// From whom.
        mentor: RegistrarIdentifier,
    },
    /// It serves pool elements and pool users.
    InService {
        /// Pool elements in its handlespace.
        pool_elements: u32,
        /// Their pools.
        pools: u32,
        /// Other registrars it knows.
        peers: u32,
    },
    /// It leaves.
    Stopping,
}

/// How things stand with a pool element's registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registration {
    /// It has not begun to look for a registrar.
    Starting,
    /// It looks for one.
    Hunting,
    /// It has found one.
    Registering {
        /// Which one.
        home: Home,
    },
    /// It is in the pool.
    Registered {
        /// Its home registrar.
        home: Home,
    },
    /// The registrar does not want it in the pool.
    Refused,
    /// The registrar does not answer.
    NotAnswered,
    /// It leaves the pool.
    Deregistering,
    /// It has left the pool.
    Deregistered {
        /// Whether a registrar has confirmed it.
        confirmed: bool,
    },
}

/// A home registrar, or one that is to become it, as far as a pool element knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Home {
    /// Where it is, as long as that is all.
    At(TransportAddress),
    /// Who it is.
    Identified(RegistrarIdentifier),
}

/// What a pool user does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// It has not begun.
    Idle,
    /// It gets a picture.
    Picture {
        /// Which one.
        number: u32,
        /// How much of it is there.
        percent: u32,
        /// The pool element that serves, if it is one.
        served_by: Option<PeIdentifier>,
        /// Sessions that are served.
        served: u32,
    },
    /// It has a picture.
    PictureComplete {
        /// Which one.
        number: u32,
    },
    /// It plays ping-pong.
    PingPong {
        /// Pings sent.
        sent: u64,
        /// Pongs received.
        received: u64,
    },
    /// It leaves.
    Stopping,
}

impl Status {
    /// In a few words: "registered with PR 1, 2 sessions".
    #[must_use]
    pub fn in_words(&self, names: &dyn Names) -> String {
        match self {
            Self::Registrar(status) => status.in_words(names),
            Self::PoolElement {
                registration,
                sessions,
            } => {
                let sessions = counted((*sessions).into(), "session");
                format!("{}, {sessions}", registration.in_words(names))
            }
            Self::PoolUser {
                activity: Activity::Stopping,
                ..
            } => Activity::Stopping.in_words(names),
            Self::PoolUser {
                connected: false,
                activity,
                ..
            } => format!("looking for a registrar; {}", activity.in_words(names)),
            Self::PoolUser {
                failure: Some(failure),
                ..
            } => failure.to_string(),
            Self::PoolUser { activity, .. } => activity.in_words(names),
        }
    }
}

impl RegistrarStatus {
    fn in_words(self, names: &dyn Names) -> String {
        match self {
            Self::LookingForMentor => "looking for a mentor".to_owned(),
            Self::Downloading { mentor } => format!("downloading from {}", names.registrar(mentor)),
            Self::InService {
                pool_elements,
                pools,
                peers,
            } => {
                let pool_elements = counted(pool_elements.into(), "PE");
                let pools = counted(pools.into(), "pool");
                format!("{pool_elements} in {pools}, {}", counted(peers.into(), "peer"))
            }
            Self::Stopping => "stopping".to_owned(),
        }
    }
}

impl Registration {
    fn in_words(&self, names: &dyn Names) -> String {
        match self {
            Self::Starting => "starting".to_owned(),
            Self::Hunting => "looking for a registrar".to_owned(),
            Self::Registering { home } => format!("registering with {}", home.in_words(names)),
            Self::Registered { home } => format!("registered with {}", home.in_words(names)),
            Self::Refused => "registration refused".to_owned(),
            Self::NotAnswered => "not registered".to_owned(),
            Self::Deregistering => "deregistering".to_owned(),
            Self::Deregistered { confirmed: true } => "deregistered".to_owned(),
            Self::Deregistered { confirmed: false } => "no registrar to deregister from".to_owned(),
        }
    }
}

impl Home {
    fn in_words(&self, names: &dyn Names) -> String {
        match self {
            Self::At(place) => format!("the registrar at {place}"),
            Self::Identified(registrar) => names.registrar(*registrar),
        }
    }
}

impl Activity {
    fn in_words(&self, names: &dyn Names) -> String {
        match self {
            Self::Idle => "no picture yet".to_owned(),
            Self::Picture {
                number,
                percent,
                served_by,
                served,
            } => {
                let by = match (served_by, served) {
                    (_, 0) => "waiting for a pool element".to_owned(),
                    (Some(one), 1) => format!("served by {}", names.pool_element(*one)),
                    (_, many) => format!("served in {}", counted((*many).into(), "session")),
                };
                format!("picture {number}: {percent} %, {by}")
            }
            Self::PictureComplete { number } => format!("picture {number} complete"),
            Self::PingPong { sent, received } => format!("{sent} Pings sent, {received} Pongs received"),
            Self::Stopping => "stopping".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use events::Identifiers;

    use super::*;

    #[track_caller]
    fn check(status: &Status, words: &str) {
        assert_eq!(status.in_words(&Identifiers), words);
        let json = serde_json::to_string(status).unwrap();
        assert_eq!(serde_json::from_str::<Status>(&json).unwrap(), *status, "{json}");
    }

    #[test]
    fn a_registrar_counts_what_it_has_once_it_is_in_service() {
        let mentor = RegistrarIdentifier(0x0a);
        check(
            &Status::Registrar(RegistrarStatus::Downloading { mentor }),
            "downloading from PR 0x0000000a",
        );
        check(
            &Status::Registrar(RegistrarStatus::InService {
                pool_elements: 3,
                pools: 1,
                peers: 0,
            }),
            "3 PEs in 1 pool, 0 peers",
        );
    }

    #[test]
    fn a_pool_element_names_its_home_registrar_as_far_as_it_knows_it() {
        let element = |registration, sessions| Status::PoolElement {
            registration,
            sessions,
        };
        let at = Home::At(TransportAddress {
            addresses: vec!["10.0.0.1".parse().unwrap()],
            port: 3863,
        });
        check(
            &element(Registration::Registering { home: at }, 1),
            "registering with the registrar at 10.0.0.1:3863, 1 session",
        );
        let home = Home::Identified(RegistrarIdentifier(0x0a));
        check(
            &element(Registration::Registered { home }, 2),
            "registered with PR 0x0000000a, 2 sessions",
        );
    }

    #[test]
    fn a_pool_user_says_what_it_lacks_before_what_it_does() {
        let activity = Activity::Picture {
            number: 1,
            percent: 40,
            served_by: Some(PeIdentifier(0x0b)),
            served: 1,
        };
        let user = |connected, failure| Status::PoolUser {
            connected,
            failure,
            activity: activity.clone(),
        };
        check(&user(true, None), "picture 1: 40 %, served by PE 0x0000000b");
        check(
            &user(true, Some(ResolutionFailure::UnknownPoolHandle)),
            "the pool is empty",
        );
        check(
            &user(false, None),
            "looking for a registrar; picture 1: 40 %, served by PE 0x0000000b",
        );
    }
}
