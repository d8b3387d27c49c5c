//! The status of a component, for display.

use events::pool_user::ResolutionFailure;
use events::{Names, TransportAddress, counted};
use serde::{Deserialize, Serialize};
use wire::{PeIdentifier, RegistrarIdentifier};

/// The status of a component. Other components are identified by number; [`Self::in_words`] looks up their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// A registrar's status.
    Registrar(RegistrarStatus),
    /// A pool element's status.
    PoolElement {
        /// The state of its registration.
        registration: Registration,
        /// Sessions that it is serving.
        sessions: u32,
    },
    /// A pool user's status.
    PoolUser {
        /// Whether it is connected to a registrar.
        connected: bool,
        /// Why no pool element can be found, while that is the case.
        failure: Option<ResolutionFailure>,
        /// Its activity.
        activity: Activity,
    },
}

/// The status of a registrar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrarStatus {
    /// It is looking for a mentor.
    LookingForMentor,
    /// It is downloading the handlespace.
    Downloading {
        /// The mentor.
        mentor: RegistrarIdentifier,
    },
    /// It is in service.
    InService {
        /// Pool elements in its handlespace.
        pool_elements: u32,
        /// Pools in its handlespace.
        pools: u32,
        /// Peers that it knows.
        peers: u32,
    },
    /// It is stopping.
    Stopping,
}

/// The state of a pool element's registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registration {
    /// It has not begun its server hunt.
    Starting,
    /// It is hunting for a registrar.
    Hunting,
    /// It is registering.
    Registering {
        /// The registrar.
        home: Home,
    },
    /// It is registered.
    Registered {
        /// Its home registrar.
        home: Home,
    },
    /// The registrar refused the registration.
    Refused {
        /// Why, as in "the pool FractalPool has Round Robin, it offers Least Used".
        why: String,
    },
    /// The registrar did not answer.
    NotAnswered,
    /// It is leaving the pool; its sessions go on.
    Leaving,
    /// It has left the pool; its sessions go on.
    Left,
    /// It is deregistering.
    Deregistering,
    /// It has deregistered.
    Deregistered {
        /// Whether a registrar has confirmed the deregistration.
        confirmed: bool,
    },
}

/// A current or future home registrar, as far as a pool element knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Home {
    /// Its transport address, while its identifier is unknown.
    At(TransportAddress),
    /// Its identifier.
    Identified(RegistrarIdentifier),
}

/// The activity of a pool user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// It has not started yet.
    Idle,
    /// It waits for the pool elements that were started together with it.
    Waiting,
    /// It is receiving a picture.
    Picture {
        /// The sequence number of the picture.
        number: u32,
        /// How much of it has arrived, in percent.
        percent: u32,
        /// The pool element that serves it, if there is exactly one.
        served_by: Option<PeIdentifier>,
        /// The number of sessions that are served.
        served: u32,
    },
    /// It has received a picture.
    PictureComplete {
        /// The sequence number of the picture.
        number: u32,
    },
    /// It is playing ping-pong.
    PingPong {
        /// Pings sent.
        sent: u64,
        /// Pongs received.
        received: u64,
    },
    /// It sends lines to a service that transfers bytes, such as echo.
    Terminal {
        /// Lines sent.
        sent: u64,
        /// Messages received.
        received: u64,
    },
    /// It has requests processed.
    Requests {
        /// Requests completed.
        completed: u64,
        /// Requests that wait for their turn.
        queued: u32,
        /// Whether there is one whose turn it is.
        running: bool,
        /// The pool element that serves it.
        served_by: Option<PeIdentifier>,
    },
    /// It has units of work run.
    Units {
        /// All units.
        total: u32,
        /// Units that run at the moment.
        running: u32,
        /// Units whose result is there.
        complete: u32,
        /// Units that have failed.
        failed: u32,
    },
    /// It is stopping.
    Stopping,
}

impl Status {
    /// Formats the status in a few words: "registered with PR 1, 2 sessions".
    #[must_use]
    pub fn in_words(&self, names: &dyn Names) -> String {
        match self {
            Self::Registrar(status) => status.in_words(names),
            Self::PoolElement {
                registration,
                sessions,
            } => {
                let goes_on = match registration {
                    Registration::Leaving | Registration::Left if *sessions == 1 => " goes on",
                    Registration::Leaving | Registration::Left if *sessions > 1 => " go on",
                    _ => "",
                };
                let sessions = counted((*sessions).into(), "session");
                format!("{}, {sessions}{goes_on}", registration.in_words(names))
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
            Self::Refused { why } => format!("refused: {why}"),
            Self::NotAnswered => "not registered".to_owned(),
            Self::Leaving => "leaving the pool".to_owned(),
            Self::Left => "left the pool".to_owned(),
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
            Self::Waiting => "waiting for the pool elements".to_owned(),
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
            Self::Terminal { sent, received } => {
                let messages = counted(*received, "message");
                format!("{} sent, {messages} received", counted(*sent, "line"))
            }
            Self::Requests {
                completed,
                queued,
                running,
                served_by,
            } => {
                let current = match (running, served_by) {
                    (false, _) => "no request".to_owned(),
                    (true, None) => "a request waits for a pool element".to_owned(),
                    (true, Some(one)) => format!("a request served by {}", names.pool_element(*one)),
                };
                let waiting = match queued {
                    0 => String::new(),
                    _ => format!(", {queued} in the queue"),
                };
                format!("{current}{waiting}, {completed} completed")
            }
            Self::Units {
                total,
                running,
                complete,
                failed: failed_units,
            } => {
                let failed = match failed_units {
                    0 => String::new(),
                    failed => format!(", {failed} failed"),
                };
                let running = match running {
                    0 if complete.saturating_add(*failed_units) >= *total => String::new(),
                    running => format!(", {running} running"),
                };
                format!(
                    "{complete} of {} complete{running}{failed}",
                    counted((*total).into(), "unit")
                )
            }
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
        for (sessions, words) in [
            (0, "left the pool, 0 sessions"),
            (1, "left the pool, 1 session goes on"),
            (2, "left the pool, 2 sessions go on"),
        ] {
            check(&element(Registration::Left, sessions), words);
        }
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
        let requests = |running, served_by, queued| Status::PoolUser {
            connected: true,
            failure: None,
            activity: Activity::Requests {
                completed: 7,
                queued,
                running,
                served_by,
            },
        };
        check(&requests(false, None, 0), "no request, 7 completed");
        check(
            &requests(true, Some(PeIdentifier(0x0b)), 2),
            "a request served by PE 0x0000000b, 2 in the queue, 7 completed",
        );
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
