//! How identifiers, policies, error causes and status reports are serialized, with the feature `serde`: as text where a
//! reader of JSON would want it.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::PoolHandle;
use crate::csp::{ComponentIdentifier, Workload};

/// As displayed: bytes that are not printable ASCII are escaped.
impl Serialize for PoolHandle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PoolHandle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = unescape(&text).ok_or_else(|| D::Error::custom("not an escaped pool handle"))?;
        Self::new(&bytes).map_err(D::Error::custom)
    }
}

impl From<ComponentIdentifier> for u64 {
    fn from(component: ComponentIdentifier) -> Self {
        component.number()
    }
}

impl From<u64> for ComponentIdentifier {
    fn from(number: u64) -> Self {
        Self::from_number(number)
    }
}

impl From<Workload> for u16 {
    fn from(workload: Workload) -> Self {
        workload.number()
    }
}

impl TryFrom<u16> for Workload {
    type Error = &'static str;

    fn try_from(number: u16) -> Result<Self, Self::Error> {
        Self::from_number(number).ok_or("a workload that was not given")
    }
}

/// Reverts [`slice::escape_ascii`].
fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next()? {
                b't' => b'\t',
                b'r' => b'\r',
                b'n' => b'\n',
                b'x' => hexadecimal_pair(rest.next()?, rest.next()?)?,
                itself @ (b'\'' | b'"' | b'\\') => itself,
                _ => return None,
            },
            itself => itself,
        });
    }
    Some(bytes)
}

fn hexadecimal_pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

/// Bytes as hexadecimal digits, for `#[serde(with)]`.
pub(crate) mod hexadecimal {
    use std::fmt;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::hexadecimal_pair;

    struct Digits<'a>(&'a [u8]);

    impl fmt::Display for Digits<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
    }

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Digits(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let pairs = text.as_bytes().chunks(2);
        let bytes = pairs.map(|pair| match pair {
            &[high, low] => hexadecimal_pair(high, low),
            _ => None,
        });
        let bytes: Option<Vec<u8>> = bytes.collect();
        bytes.ok_or_else(|| serde::de::Error::custom("not pairs of hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::csp::{AssociationEntry, ComponentIdentifier, PROTOCOL_SCTP, Report, Workload};
    use crate::parameter::{CauseCode, ErrorCause, Policy};
    use crate::{PeIdentifier, PoolHandle, RegistrarIdentifier};

    fn there_and_back<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
        serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_told_is_read(
            handle in prop::collection::vec(any::<u8>(), 1..=PoolHandle::LONGEST),
            code in any::<u16>(),
            information in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let handle = PoolHandle::new(&handle).unwrap();
            prop_assert_eq!(there_and_back(&handle), handle);
            let cause = ErrorCause { code: CauseCode(code), information };
            prop_assert_eq!(there_and_back(&cause), cause);
        }

        #[test]
        fn any_text_is_a_pool_handle_or_an_error(text in ".{0,40}") {
            let json = serde_json::to_string(&text).unwrap();
            let _ = serde_json::from_str::<PoolHandle>(&json);
        }
    }

    #[test]
    fn a_status_report_is_read_as_it_came() {
        let component = ComponentIdentifier::from_number(0x7f00_0000_0000_0001);
        let workload = Workload::from_load(0.3);
        let report = Report {
            component,
            is_final: false,
            uptime_us: u64::MAX,
            interval_us: 1_000_000,
            location: "\u{fffd} at 10.0.0.1".into(),
            status: String::new(),
            workload: Some(workload),
            associations: vec![AssociationEntry {
                receiver: component,
                duration_us: None,
                protocol: PROTOCOL_SCTP,
                ppid: crate::Ppid::ASAP,
            }],
        };
        assert_eq!(there_and_back(&report), report);
        assert_eq!(there_and_back(&workload), workload);
        assert!(serde_json::from_str::<Workload>("65535").is_err());
    }

    #[test]
    fn identifiers_are_numbers_and_handles_and_causes_are_text() {
        let shown = |value: serde_json::Value| value.to_string();
        assert_eq!(shown(serde_json::json!(RegistrarIdentifier(10))), "10");
        assert_eq!(shown(serde_json::json!(PeIdentifier(11))), "11");
        let handle = PoolHandle::new(b"a \"\\\xff").unwrap();
        assert_eq!(shown(serde_json::json!(handle)), r#""a \\\"\\\\\\xff""#);
        let cause = ErrorCause {
            code: CauseCode::INVALID_VALUES,
            information: vec![0, 0x1f],
        };
        assert_eq!(
            shown(serde_json::json!(cause)),
            r#"{"code":3,"information":"001f"}"#
        );
        let policy = Policy::LeastUsed { load: 7 };
        assert_eq!(shown(serde_json::json!(policy)), r#"{"least-used":{"load":7}}"#);
    }
}
