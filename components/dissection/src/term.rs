//! How terms are written down: the name of a field, Wireshark's name of it, and the rule that it follows.

use crate::Term;

/// The protocols whose messages consist of the same parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// ASAP (RFC 5352).
    Asap,
    /// ENRP (RFC 5353).
    Enrp,
}

/// A term that ASAP and ENRP share. Wireshark has a name of it for each of them.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) asap: Term,
    pub(crate) enrp: Term,
}

impl Shared {
    /// Returns the term for a message of this protocol.
    pub(crate) const fn of(&'static self, protocol: Protocol) -> &'static Term {
        match protocol {
            Protocol::Asap => &self.asap,
            Protocol::Enrp => &self.enrp,
        }
    }
}

/// The explanation of a term: section, rule, and possibly the number of a difference between rsplib and the RFC.
macro_rules! explanation {
    () => {
        None
    };
    ($section:literal, $rule:literal $(, $deviation:literal)?) => {
        Some(&$crate::Explanation {
            section: $section,
            rule: $rule,
            deviation: concat!($($deviation)?),
        })
    };
}

/// Terms: `NAME = "label" ["wireshark"] { "section", "rule", "deviation" };`, where all but the label may be missing.
macro_rules! terms {
    ($($name:ident = $label:literal $([$wireshark:literal])? $({ $($explanation:literal),+ $(,)? })?;)+) => {$(
        pub(crate) static $name: $crate::Term = $crate::Term {
            label: $label,
            wireshark: concat!($($wireshark)?),
            explanation: $crate::term::explanation!($($($explanation),+)?),
        };
    )+};
}

/// Terms of ASAP and ENRP, written like others. Wireshark's name is without the protocol; or both names, one of which may
/// be empty, are written down.
macro_rules! shared_terms {
    ($($name:ident = $label:literal $([$suffix:literal])? $(($asap:literal, $enrp:literal))?
        $({ $($explanation:literal),+ $(,)? })?;)+) => {$(
        pub(crate) static $name: $crate::term::Shared = $crate::term::Shared {
            asap: $crate::Term {
                label: $label,
                wireshark: concat!($("asap.", $suffix)? $($asap)?),
                explanation: $crate::term::explanation!($($($explanation),+)?),
            },
            enrp: $crate::Term {
                label: $label,
                wireshark: concat!($("enrp.", $suffix)? $($enrp)?),
                explanation: $crate::term::explanation!($($($explanation),+)?),
            },
        };
    )+};
}

pub(crate) use {explanation, shared_terms, terms};
