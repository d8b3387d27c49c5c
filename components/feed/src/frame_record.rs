//! Frames within records of another kind, such as those of a recording.
//!
//! A record has the same JSON text as the stream, so that one description of events is enough, and so that what is read from
//! a file is limited just as what is read from a component.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::Bytes;

use crate::{Frame, Stamped};

#[derive(Serialize)]
#[serde(rename = "Frame")]
struct Written<'a> {
    event: &'a str,
    bytes: &'a Bytes,
}

#[derive(Deserialize)]
#[serde(rename = "Frame")]
struct Read<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow)]
    bytes: Cow<'a, Bytes>,
}

impl Serialize for Frame {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = serde_json::to_string(&self.stamped).map_err(S::Error::custom)?;
        let bytes = Bytes::new(&self.bytes);
        Written { event: &event, bytes }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Frame {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Read { event, bytes } = Read::deserialize(deserializer)?;
        if event.len() > Self::LONGEST_TEXT || event.len() + bytes.len() > Self::LONGEST {
            return Err(D::Error::custom("a frame that is longer than those of a feed"));
        }
        let stamped = Stamped::read(event.as_bytes())
            .map_err(|error| D::Error::custom(format_args!("an event that is none: {error}")))?;
        Ok(Self {
            stamped,
            bytes: bytes.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Event, Timestamp};

    fn there_and_back(frame: &Frame) -> Result<Frame, rmp_serde::decode::Error> {
        rmp_serde::from_slice(&rmp_serde::to_vec_named(frame).unwrap())
    }

    fn frame(event: Event, bytes: Vec<u8>) -> Frame {
        let at = Timestamp::from_micros(u64::MAX);
        let stamped = Stamped { at, event };
        Frame { stamped, bytes }
    }

    proptest! {
        #[test]
        fn every_number_is_read_as_it_was_written(
            load in -1e300..1e300,
            sessions: u32,
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let capacity = u32::MAX;
            let written = frame(Event::Load { load, sessions, capacity }, bytes);
            prop_assert_eq!(there_and_back(&written).unwrap(), written);
        }
    }

    #[test]
    fn addresses_and_large_numbers_survive() {
        let remote = crate::TransportAddress {
            addresses: vec!["10.0.0.1".parse().unwrap(), "fe80::1".parse().unwrap()],
            port: 3863,
        };
        let written = frame(
            Event::AssociationDown {
                association: u64::MAX.into(),
                remote,
                cause: crate::DownCause::Refused,
            },
            Vec::new(),
        );
        assert_eq!(there_and_back(&written).unwrap(), written);
    }

    #[test]
    fn what_no_component_could_write_is_shortened_or_refused() {
        let problem = |length| Event::Problem {
            text: "x".repeat(length),
        };
        let long = there_and_back(&frame(problem(100_000), Vec::new())).unwrap();
        let Event::Problem { text } = long.stamped.event else {
            panic!("another event");
        };
        assert!(text.len() < 2_000);
        assert!(there_and_back(&frame(problem(Frame::LONGEST_TEXT), Vec::new())).is_err());
        assert!(there_and_back(&frame(Event::Beat, vec![0; Frame::LONGEST])).is_err());
    }
}
