//! Describes conditions in words, for the audience and for reports.

use std::fmt;

use super::{
    Condition, FailureSign, PoolFigure, PoolsCompared, ProtocolWord, StateWord, TakeoverSign, Who, WorkShare,
};

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = |of: &Option<Who>| of.as_ref().map(|who| format!(" of {who}")).unwrap_or_default();
        match self {
            Self::All(list) => joined(f, list, " and "),
            Self::Any(list) => joined(f, list, " or "),
            Self::Not(condition) => write!(f, "not: {condition}"),
            Self::Ready(who) => write!(f, "{who}: ready"),
            Self::State { of, is } => write!(f, "{of}: {}", is.word()),
            Self::Registered { of, with } => match with {
                Some(with) => write!(f, "{of}: registered with {with}"),
                None => write!(f, "{of}: registered"),
            },
            Self::Associations {
                of,
                protocol,
                at_least,
                at_most,
            } => {
                let protocol = protocol.map_or("", ProtocolWord::word);
                write!(
                    f,
                    "{} {protocol}associations{}",
                    range(*at_least, *at_most, ""),
                    whose(of)
                )
            }
            Self::Load {
                of,
                at_least,
                at_most,
            } => {
                write!(f, "load of {of}: {}", range(*at_least, *at_most, " %"))
            }
            Self::Sessions {
                of,
                at_least,
                at_most,
            } => {
                write!(f, "sessions at {of}: {}", range(*at_least, *at_most, ""))
            }
            Self::ImageProgress {
                of,
                at_least,
                at_most,
            } => {
                write!(f, "picture of {of}: {}", range(*at_least, *at_most, " %"))
            }
            Self::ImagesComplete { of, at_least } => match at_least.unwrap_or(1) {
                1 => write!(f, "{of}: picture complete"),
                number => write!(f, "{of}: {number} pictures complete"),
            },
            Self::ServedBy { of, by } => match by {
                Some(by) => write!(f, "{of}: served by {by}"),
                None => write!(f, "{of}: served"),
            },
            Self::FailoverComplete { of, at_least } => match at_least.unwrap_or(1) {
                1 => write!(f, "failover{} complete", whose(of)),
                number => write!(f, "{number} failovers{} complete", whose(of)),
            },
            Self::FailoverGap { of, below_ms, .. } => {
                write!(f, "failover gap{} below {below_ms} ms", whose(of))
            }
            Self::DetectionTime { of, below_ms } => {
                write!(f, "failure noticed{} within {below_ms} ms", whose(of))
            }
            Self::FailureNoticed { of, by } => {
                write!(f, "failure noticed{} by {}", whose(of), by.words())
            }
            Self::SessionsMoved { from } => write!(f, "sessions moved from {from}"),
            Self::ConsideredDead { of, by } => {
                write!(f, "registrar{} considered dead: {}", whose(of), by.words())
            }
            Self::TakeoverComplete { of } => write!(f, "takeover{} complete", whose(of)),
            Self::TakeoverTime { of, below_ms } => {
                write!(f, "takeover{} within {below_ms} ms", whose(of))
            }
            Self::MessageSeen {
                name,
                from,
                to,
                at_least,
            } => {
                if let Some(number @ 2..) = at_least {
                    write!(f, "{number} times ")?;
                }
                f.write_str(name)?;
                if let Some(from) = from {
                    write!(f, " from {from}")?;
                }
                to.iter().try_for_each(|to| write!(f, " to {to}"))
            }
            Self::HandlespacesAgree { of, pool_elements } => {
                write!(f, "handlespaces{} equal", whose(of))?;
                pool_elements
                    .iter()
                    .try_for_each(|number| write!(f, ", {number} pool elements"))
            }
            Self::Utilisation(PoolFigure {
                pool,
                at_least,
                at_most,
                ..
            }) => write!(f, "utilisation of {pool}: {}", range(*at_least, *at_most, " %")),
            Self::HandlingSpeed(PoolFigure {
                pool,
                at_least,
                at_most,
                ..
            }) => write!(
                f,
                "handling speed of {pool}: {}",
                range(*at_least, *at_most, " % of the capacity")
            ),
            Self::Faster(PoolsCompared {
                pool, than, times, ..
            }) => match times {
                Some(times) => write!(f, "{pool} at least {times} times as fast as {than}"),
                None => write!(f, "{pool} faster than {than}"),
            },
            Self::WorkShare(WorkShare {
                of,
                at_least,
                at_most,
                ..
            }) => write!(
                f,
                "share of {of} in the work: {}",
                range(*at_least, *at_most, " %")
            ),
            Self::PoolPolicy(pool) => write!(f, "{} has {}", pool.pool, pool.is.policy_type()),
            Self::RandomFaultsOver => f.write_str("the random faults are over"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, list: &[Condition], between: &str) -> fmt::Result {
    list.iter().enumerate().try_for_each(|(index, condition)| {
        f.write_str(if index == 0 { "" } else { between })?;
        match condition {
            Condition::All(_) | Condition::Any(_) => write!(f, "({condition})"),
            _ => write!(f, "{condition}"),
        }
    })
}

fn range<T: fmt::Display + PartialEq>(at_least: Option<T>, at_most: Option<T>, unit: &str) -> String {
    match (at_least, at_most) {
        (Some(least), Some(most)) if least == most => format!("{least}{unit}"),
        (Some(least), Some(most)) => format!("{least} to {most}{unit}"),
        (Some(least), None) => format!("at least {least}{unit}"),
        (None, Some(most)) => format!("at most {most}{unit}"),
        (None, None) => "any".to_owned(),
    }
}

impl StateWord {
    /// Returns the word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Frozen => "frozen",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Killed => "killed",
            Self::Crashed => "crashed",
            Self::Unplugged => "unplugged",
            Self::Impaired => "with bad links",
        }
    }
}

impl FailureSign {
    fn words(self) -> &'static str {
        match self {
            Self::Shutdown => "a shutdown",
            Self::Abort => "an abort",
            Self::Unreachable => "a message that nobody is there",
            Self::TimeOut => "SCTP's time-out",
            Self::Patience => "the end of its patience",
        }
    }
}

impl TakeoverSign {
    fn words(self) -> &'static str {
        match self {
            Self::Told => "nobody is there",
            Self::NoAnswer => "no answer",
        }
    }
}

impl ProtocolWord {
    fn word(self) -> &'static str {
        match self {
            Self::Asap => "ASAP ",
            Self::Enrp => "ENRP ",
            Self::Application => "application ",
        }
    }
}
