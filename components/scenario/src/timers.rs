//! The timers of a component according to its command line.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Preset;

/// A preset and the main timer values, which determine how soon something is noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timers {
    /// The preset.
    pub preset: Preset,
    /// The main values, including those of options that override the preset.
    pub values: Vec<TimerValue>,
}

/// A timer and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerValue {
    /// Its name in the RFC, or else a description.
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: Duration,
    /// What it determines.
    pub explanation: Cow<'static, str>,
}

macro_rules! values {
    ($config:expr; $($name:expr, $field:ident, $explanation:literal;)*) => {
        vec![$(TimerValue {
            name: Cow::Borrowed($name),
            value: $config.$field,
            explanation: Cow::Borrowed($explanation),
        },)*]
    };
}

impl Timers {
    /// The name of the time that a registrar waits for a sign of life of another one.
    pub const MAX_TIME_NO_RESPONSE: &str = "MAX-TIME-NO-RESPONSE";

    /// Returns the value of a timer.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Duration> {
        let mut values = self.values.iter();
        values.find(|value| value.name == name).map(|value| value.value)
    }

    pub(crate) fn of_registrar(args: &registrar::Args) -> Self {
        let mut config = args.timers.config(args.shared.preset());
        args.enrp_timers.apply_to(&mut config);
        let values = values![config;
            "Keep-alive interval", keep_alive_interval, "how often it asks its pool elements for a sign of life (RFC 5352, 3.4)";
            "Keep-alive time-out", keep_alive_timeout, "how long it waits for the answer";
            "PEER-HEARTBEAT-CYCLE", peer_heartbeat_cycle, "the time between its presences for other registrars (RFC 5353, 5.2)";
            "MAX-TIME-LAST-HEARD", max_time_last_heard, "a registrar that was silent for so long is asked for its presence";
            Self::MAX_TIME_NO_RESPONSE, max_time_no_response, "without an answer for so long it is taken over";
            "T6-Serverannounce", t6_server_announce, "the interval of its announcements";
        ];
        Self {
            preset: args.shared.preset(),
            values,
        }
    }

    pub(crate) fn of_pool_element(args: &pool_element::Args) -> Self {
        let config = args.timers.config(args.shared.preset());
        let values = values![config;
            "T2-registration", t2_registration, "how long it waits for the answer to a registration (RFC 5352, 5.1)";
            "T4-reregistration", t4_reregistration, "how often it registers again";
            "Registration life", registration_life, "how long a registration counts without a new one";
            "T5-Serverhunt", t5_server_hunt, "the first round of its search for a registrar";
            "T3-deregistration", t3_deregistration, "how long it waits for the answer when it leaves";
        ];
        Self {
            preset: args.shared.preset(),
            values,
        }
    }

    pub(crate) fn of_pool_user(args: &pool_user::Args) -> Self {
        let config = args.timers.config(args.shared.preset());
        let values = values![config;
            "T1-ENRPrequest", t1_enrp_request, "how long it waits for the answer to a handle resolution (RFC 5352, 5.1)";
            "T5-Serverhunt", t5_server_hunt, "the first round of its search for a registrar";
            "Connection time-out", connect_timeout, "how long an association to a pool element may take";
            "Avoid after failure", avoid_failed, "how long it prefers others to a pool element that failed";
        ];
        Self {
            preset: args.shared.preset(),
            values,
        }
    }
}
