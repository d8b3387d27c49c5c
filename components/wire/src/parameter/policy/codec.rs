//! The form of policies on the wire.

use super::{Policy, PolicyType};
use crate::decoding::{Context, Fault, RawParameter, TypedParameter};
use crate::reader::Reader;
use crate::tlv::Writer;

impl TypedParameter for Policy {
    const TYPE: u16 = 0x0008;

    fn decode(raw: &RawParameter<'_>, _context: &mut Context) -> Result<Self, Fault> {
        let mut reader = Reader::new(raw.value);
        let policy_type = PolicyType(reader.u32().map_err(|_| raw.invalid())?);
        if policy_type.is_invalid() {
            return Err(raw.invalid());
        }
        let data = reader.rest();
        let (words, odd_bytes) = data.as_chunks();
        let words: Vec<u32> = words.iter().copied().map(u32::from_be_bytes).collect();
        match Self::from_words(policy_type, &words) {
            Some(Some(policy)) if odd_bytes.is_empty() => Ok(policy),
            Some(_) => Err(raw.invalid()),
            None if data.len() > Self::MOST_UNKNOWN_DATA => Err(raw.invalid()),
            None => Ok(Self::Unknown {
                policy_type,
                data: data.to_vec(),
            }),
        }
    }

    fn encode(&self, writer: &mut Writer) {
        writer.framed(Self::TYPE, |value| {
            value.u32(self.policy_type().0);
            for word in self.words() {
                value.u32(word);
            }
            if let Self::Unknown { data, .. } = self {
                value.bytes(data);
            }
        });
    }
}

impl Policy {
    /// Returns the data words in the order on the wire.
    fn words(&self) -> Vec<u32> {
        match *self {
            Self::RoundRobin | Self::Random | Self::Unknown { .. } => vec![],
            Self::WeightedRoundRobin { weight } | Self::WeightedRandom { weight } => vec![weight],
            Self::Priority { priority } => vec![priority],
            Self::LeastUsed { load } | Self::RandomizedLeastUsed { load } => vec![load],
            Self::LeastUsedDegradation {
                load,
                load_degradation,
            }
            | Self::PriorityLeastUsed {
                load,
                load_degradation,
            }
            | Self::RandomizedPriorityLeastUsed {
                load,
                load_degradation,
            }
            | Self::RandomizedLeastUsedDegradation {
                load,
                load_degradation,
            }
            | Self::PriorityLeastUsedDegradation {
                load,
                load_degradation,
            }
            | Self::RandomizedPriorityLeastUsedDegradation {
                load,
                load_degradation,
            } => vec![load, load_degradation],
            Self::WeightedRandomDpf {
                weight,
                weight_dpf,
                distance,
            } => vec![weight, weight_dpf, distance],
            Self::LeastUsedDpf {
                load,
                load_dpf,
                distance,
            } => vec![load, load_dpf, distance],
            Self::LeastUsedDegradationDpf {
                load,
                load_degradation,
                load_dpf,
                distance,
            } => vec![load, load_degradation, load_dpf, distance],
        }
    }

    /// Returns the policy of a known type with these data words.
    ///
    /// Returns `None` if the type is unknown, and `Some(None)` if it is known but has a different number of words.
    fn from_words(policy_type: PolicyType, words: &[u32]) -> Option<Option<Self>> {
        let no_words = |policy| words.is_empty().then_some(policy);
        let one = |policy: fn(u32) -> Self| match *words {
            [word] => Some(policy(word)),
            _ => None,
        };
        let two = |policy: fn(u32, u32) -> Self| match *words {
            [load, load_degradation] => Some(policy(load, load_degradation)),
            _ => None,
        };
        Some(match policy_type {
            PolicyType::ROUND_ROBIN => no_words(Self::RoundRobin),
            PolicyType::WEIGHTED_ROUND_ROBIN => one(|weight| Self::WeightedRoundRobin { weight }),
            PolicyType::RANDOM => no_words(Self::Random),
            PolicyType::WEIGHTED_RANDOM => one(|weight| Self::WeightedRandom { weight }),
            PolicyType::PRIORITY => one(|priority| Self::Priority { priority }),
            PolicyType::LEAST_USED => one(|load| Self::LeastUsed { load }),
            PolicyType::LEAST_USED_DEGRADATION => two(|load, load_degradation| Self::LeastUsedDegradation {
                load,
                load_degradation,
            }),
            PolicyType::PRIORITY_LEAST_USED => two(|load, load_degradation| Self::PriorityLeastUsed {
                load,
                load_degradation,
            }),
            PolicyType::RANDOMIZED_LEAST_USED => one(|load| Self::RandomizedLeastUsed { load }),
            PolicyType::RANDOMIZED_PRIORITY_LEAST_USED => {
                two(|load, load_degradation| Self::RandomizedPriorityLeastUsed {
                    load,
                    load_degradation,
                })
            }
            PolicyType::RANDOMIZED_LEAST_USED_DEGRADATION => {
                two(|load, load_degradation| Self::RandomizedLeastUsedDegradation {
                    load,
                    load_degradation,
                })
            }
            PolicyType::PRIORITY_LEAST_USED_DEGRADATION => {
                two(|load, load_degradation| Self::PriorityLeastUsedDegradation {
                    load,
                    load_degradation,
                })
            }
            PolicyType::RANDOMIZED_PRIORITY_LEAST_USED_DEGRADATION => {
                two(
                    |load, load_degradation| Self::RandomizedPriorityLeastUsedDegradation {
                        load,
                        load_degradation,
                    },
                )
            }
            PolicyType::WEIGHTED_RANDOM_DPF => match *words {
                [weight, weight_dpf, distance] => Some(Self::WeightedRandomDpf {
                    weight,
                    weight_dpf,
                    distance,
                }),
                _ => None,
            },
            PolicyType::LEAST_USED_DPF => match *words {
                [load, load_dpf, distance] => Some(Self::LeastUsedDpf {
                    load,
                    load_dpf,
                    distance,
                }),
                _ => None,
            },
            PolicyType::LEAST_USED_DEGRADATION_DPF => match *words {
                [load, load_degradation, load_dpf, distance] => Some(Self::LeastUsedDegradationDpf {
                    load,
                    load_degradation,
                    load_dpf,
                    distance,
                }),
                _ => None,
            },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Violation;

    fn decode(value: &[u8]) -> Result<Policy, Violation> {
        let mut bytes = vec![0, 8, 0, u8::try_from(4 + value.len()).unwrap()];
        bytes.extend(value);
        let raw = RawParameter::read(&mut Reader::new(&bytes)).unwrap();
        Policy::decode(&raw, &mut Context::default()).map_err(|fault| fault.violation)
    }

    #[test]
    fn policies_have_exactly_the_words_of_their_type() {
        let least_used = [0x40, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0];
        assert_eq!(decode(&least_used[..8]), Ok(Policy::LeastUsed { load: 9 }));
        for length in [0, 3, 4, 7, 9, 12] {
            assert_eq!(
                decode(&least_used[..length]),
                Err(Violation::InvalidValue(8)),
                "{length}"
            );
        }
    }

    #[test]
    fn types_without_a_number_are_invalid() {
        assert_eq!(decode(&[0, 0, 0, 0]), Err(Violation::InvalidValue(8)));
        assert_eq!(decode(&[0x40, 0, 0, 0]), Err(Violation::InvalidValue(8)));
    }

    #[test]
    fn unknown_types_keep_their_data() {
        let unknown = Policy::Unknown {
            policy_type: PolicyType(0xb000_2004),
            data: vec![1, 2, 3],
        };
        assert_eq!(decode(&[0xb0, 0, 0x20, 0x04, 1, 2, 3]), Ok(unknown));
    }
}
