//! The timers of the cores as command line options.

use std::time::Duration;

use clap::Args;
use protocol::Config;

use crate::args::parse_milliseconds;
use crate::{Argv, Preset};

/// Declares a group of options in milliseconds, one for each of the named fields of [`Config`].
macro_rules! timer_args {
    ($(#[$group_doc:meta])* $group:ident, $heading:literal; $($(#[$doc:meta])* $field:ident, $name:literal;)*) => {
        $(#[$group_doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
        #[command(next_help_heading = $heading)]
        pub struct $group {
            $(
                $(#[$doc])*
                #[arg(long = $name, value_name = "MS", value_parser = parse_milliseconds)]
                pub $field: Option<Duration>,
            )*
        }

        impl $group {
            /// Replaces the timers in `config` by these timers.
            pub fn apply_to(&self, config: &mut Config) {
                $(
                    if let Some(duration) = self.$field {
                        config.$field = duration;
                    }
                )*
            }

            /// Adds these options to a command line.
            pub fn add_to(&self, argv: &mut Argv) {
                $(
                    if let Some(duration) = self.$field {
                        argv.option($name, duration.as_millis());
                    }
                )*
            }
        }
    };
}

impl TimerArgs {
    /// Returns the preset's timers and limits with these timers applied.
    #[must_use]
    pub fn config(&self, preset: Preset) -> Config {
        let mut config = match preset {
            Preset::Rfc => Config::default(),
            Preset::Demo => Config::demo(),
        };
        self.apply_to(&mut config);
        config
    }
}

timer_args! {
    /// Timers that override those of the preset, in milliseconds.
    TimerArgs, "Timers (milliseconds; the preset's unless given)";

    /// T1-ENRPrequest: timeout of a handle resolution
    t1_enrp_request, "t1-enrp-request";
    /// T2-registration: timeout of a registration
    t2_registration, "t2-registration";
    /// T3-deregistration: timeout of a deregistration
    t3_deregistration, "t3-deregistration";
    /// T4-reregistration: time between registrations
    t4_reregistration, "t4-reregistration";
    /// T5-Serverhunt: first round of the server hunt
    t5_server_hunt, "t5-server-hunt";
    /// T6-Serverannounce: time between announcements
    t6_server_announce, "t6-server-announce";
    /// T7-ENRPoutdate: life of an announced registrar
    t7_enrp_outdate, "t7-enrp-outdate";
    /// Life of an entry in the pool user's cache; 0 asks each time
    stale_cache_value, "stale-cache-value";
    /// Registrar: silence of a pool element before it is probed
    keep_alive_interval, "keep-alive-interval";
    /// Registrar: timeout of a keep-alive
    keep_alive_timeout, "keep-alive-timeout";
    /// Pool element: registration life
    registration_life, "registration-life";
    /// Pool user: timeout of an association to a pool element
    connect_timeout, "connect-timeout";
    /// Pool user: time before asking again for an empty pool
    unknown_pool_retry, "unknown-pool-retry";
    /// Maximum duration of a graceful shutdown of the associations
    shutdown_timeout, "shutdown-timeout";
}

timer_args! {
    /// Timers among registrars that override those of the preset, in milliseconds.
    EnrpTimerArgs, "Timers among registrars (milliseconds; the preset's unless given)";

    /// PEER-HEARTBEAT-CYCLE: time between presences
    peer_heartbeat_cycle, "peer-heartbeat-cycle";
    /// MAX-TIME-LAST-HEARD: silence of a peer before it is asked for its presence
    max_time_last_heard, "max-time-last-heard";
    /// MAX-TIME-NO-RESPONSE: time for a peer to answer; a silent one is taken over
    max_time_no_response, "max-time-no-response";
    /// Start-up: time to listen for a mentor before going into service alone
    mentor_discovery, "mentor-discovery";
    /// Takeover: time for all peers to acknowledge
    takeover_expiry, "takeover-expiry";
    /// Start-up: time before asking a mentor again that has refused
    retry_after_reject, "retry-after-reject";
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Whole {
        #[command(flatten)]
        timers: TimerArgs,
        #[command(flatten)]
        enrp: EnrpTimerArgs,
    }

    #[test]
    fn timers_survive_printing_and_reading_and_reach_the_config() {
        let words = [
            "test",
            "--t4-reregistration=1234",
            "--keep-alive-interval",
            "77",
            "--takeover-expiry=901",
        ];
        let whole = Whole::try_parse_from(words).unwrap();
        let mut argv = Argv::default();
        whole.timers.add_to(&mut argv);
        whole.enrp.add_to(&mut argv);
        let printed = argv.into_words();
        let again = Whole::try_parse_from(std::iter::once("test".to_owned()).chain(printed)).unwrap();
        assert_eq!((&whole.timers, &whole.enrp), (&again.timers, &again.enrp));
        let mut config = whole.timers.config(Preset::Demo);
        whole.enrp.apply_to(&mut config);
        assert_eq!(config.t4_reregistration, Duration::from_millis(1234));
        assert_eq!(config.keep_alive_interval, Duration::from_millis(77));
        assert_eq!(config.takeover_expiry, Duration::from_millis(901));
        assert_eq!(config.t1_enrp_request, Config::demo().t1_enrp_request);
    }
}
