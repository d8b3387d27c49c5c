//! Where status reports go, and how often: from options or, as for rsplib's programs, from the environment.

use std::net::SocketAddr;
use std::time::Duration;

use wire::csp;

use crate::{HostPort, SharedArgs};

/// The shortest time between two reports.
pub(crate) const SHORTEST: Duration = Duration::from_millis(250);
/// The time between two reports if nothing is said about it.
const USUAL: Duration = Duration::from_secs(1);

/// Where status reports go, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReportPlan {
    pub(crate) server: SocketAddr,
    pub(crate) interval: Duration,
}

impl ReportPlan {
    /// Returns the plan, if there is a destination. What the environment says is for components that were started by
    /// hand, and never a reason not to start: what cannot be used is passed to `warn`.
    ///
    /// # Errors
    /// Returns an error if the name that an option gives cannot be resolved.
    pub(crate) fn of(
        args: &SharedArgs,
        environment: impl Fn(&str) -> Option<String>,
        mut warn: impl FnMut(String),
    ) -> anyhow::Result<Option<Self>> {
        let from_environment = |variable| {
            let value = environment(variable).filter(|_| !args.feed)?;
            Some(value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let server = match &args.csp_server {
            Some(server) => server.addresses("--csp-server")?.first().copied(),
            None => from_environment("CSP_SERVER").and_then(|text| {
                server_in(&text)
                    .inspect_err(|why| {
                        warn(format!(
                            "no status reports are sent: CSP_SERVER is \"{text}\" in the environment: {why}"
                        ));
                    })
                    .ok()
            }),
        };
        let Some(server) = server else {
            return Ok(None);
        };
        let interval = args.csp_interval.or_else(|| {
            let text = from_environment("CSP_INTERVAL")?;
            let interval = interval_in(&text);
            if interval.is_none() {
                warn(format!(
                    "status reports are sent each second: CSP_INTERVAL is \"{text}\" in the environment, expected \
                     milliseconds"
                ));
            }
            interval
        });
        Ok(Some(Self {
            server,
            interval: interval.unwrap_or(USUAL),
        }))
    }
}

fn server_in(text: &str) -> Result<SocketAddr, String> {
    let server = HostPort::parse(text, csp::MONITOR_PORT)?;
    let addresses = server
        .addresses("CSP_SERVER")
        .map_err(|error| format!("{error:#}"))?;
    addresses
        .first()
        .copied()
        .ok_or_else(|| "it has no address".to_owned())
}

/// Reads a number as rsplib does: what follows the digits is ignored, and too short an interval is the shortest one.
fn interval_in(text: &str) -> Option<Duration> {
    let digits = text.split(|character: char| !character.is_ascii_digit()).next()?;
    let number: u32 = digits.parse().ok()?;
    Some(Duration::from_millis(number.into()).max(SHORTEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the destination and the interval in milliseconds, and the warnings.
    fn plan(args: &SharedArgs, server: &str, interval: &str) -> (Option<(String, u128)>, Vec<String>) {
        let environment = |variable: &str| {
            let value = if variable == "CSP_SERVER" {
                server
            } else {
                interval
            };
            Some(value.to_owned())
        };
        let mut warnings = Vec::new();
        let plan = ReportPlan::of(args, environment, |warning| warnings.push(warning)).unwrap();
        let plan = plan.map(|plan| (plan.server.to_string(), plan.interval.as_millis()));
        (plan, warnings)
    }

    #[test]
    fn the_environment_counts_as_it_does_for_rsplib() {
        let by_hand = SharedArgs::default();
        for (server, interval, expected) in [
            ("10.0.0.1", "500", Some(("10.0.0.1:2960", 500))),
            (" [::1]:7 ", "", Some(("[::1]:7", 1000))),
            ("10.0.0.1:7", "100", Some(("10.0.0.1:7", 250))),
            ("10.0.0.1:7", "333 ms", Some(("10.0.0.1:7", 333))),
            ("", "333", None),
        ] {
            let expected = expected.map(|(server, interval)| (server.to_owned(), interval));
            assert_eq!(plan(&by_hand, server, interval), (expected, Vec::new()));
        }
        let (local, warnings) = plan(&by_hand, "localhost:2960", "100");
        assert!(local.is_some_and(|(server, _)| server.ends_with(":2960")));
        assert_eq!(warnings, Vec::<String>::new());
    }

    #[test]
    fn what_the_environment_says_is_no_reason_not_to_start() {
        let by_hand = SharedArgs::default();
        let (none, warnings) = plan(&by_hand, "no host", "100");
        assert_eq!((none, warnings.len()), (None, 1));
        let (usual, warnings) = plan(&by_hand, "10.0.0.1", "soon");
        assert_eq!(usual, Some(("10.0.0.1:2960".to_owned(), 1000)));
        assert_eq!(warnings.len(), 1);
    }

    #[test]
    fn options_count_more_and_a_control_centre_does_not_ask_the_environment() {
        let mut args = SharedArgs {
            csp_server: HostPort::parse("10.0.0.2", 1).ok(),
            csp_interval: Some(Duration::from_millis(444)),
            ..SharedArgs::default()
        };
        assert_eq!(
            plan(&args, "10.0.0.1", "500").0,
            Some(("10.0.0.2:1".to_owned(), 444))
        );
        args = SharedArgs {
            feed: true,
            ..SharedArgs::default()
        };
        assert_eq!(plan(&args, "no host", "soon"), (None, Vec::new()));
    }
}
