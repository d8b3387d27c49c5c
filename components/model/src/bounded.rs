//! Limits for what is read from a record, which may have been written by anybody: the code that goes on from there relies on
//! the same limits that it keeps to itself. For `#[serde(deserialize_with)]`.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::Shared;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Why a counter is refused.
pub(crate) const UNREACHABLE: &str = "a counter that nothing can have reached";

/// No counter that begins at 0 gets here, and it can go on from here for as long as anything runs.
const MOST_COUNTED: u64 = 1 << 60;
/// No duration is longer: a thousand years.
const LONGEST: Duration = Duration::from_secs(31_536_000_000);

/// Reads a list of at most `MOST` items.
///
/// # Errors
/// Returns an error if it is beyond the limit.
pub fn list<'de, const MOST: usize, C, D>(deserializer: D) -> Result<C, D::Error>
where
    C: IntoIterator + From<Vec<C::Item>>,
    C::Item: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Items<const MOST: usize, T>(PhantomData<T>);

    impl<'de, const MOST: usize, T: Deserialize<'de>> Visitor<'de> for Items<MOST, T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MOST} items")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(item) = items.next_element()? {
                if list.len() == MOST {
                    return Err(A::Error::invalid_length(MOST + 1, &self));
                }
                list.push(item);
            }
            Ok(list)
        }
    }

    deserializer
        .deserialize_seq(Items::<MOST, C::Item>(PhantomData))
        .map(C::from)
}

/// Reads a list of at most `MOST` items that a model shares with its clones.
///
/// # Errors
/// Returns an error if it is beyond the limit.
pub fn shared_list<'de, const MOST: usize, C, D>(deserializer: D) -> Result<Shared<C>, D::Error>
where
    C: IntoIterator + From<Vec<C::Item>>,
    C::Item: Deserialize<'de>,
    D: Deserializer<'de>,
{
    list::<MOST, C, D>(deserializer).map(Shared::from)
}

/// Reads a map of at most `MOST` entries.
///
/// # Errors
/// Returns an error if it is beyond the limit.
pub fn map<'de, const MOST: usize, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Entries<const MOST: usize, K, V>(PhantomData<(K, V)>);

    impl<'de, const MOST: usize, K, V> Visitor<'de> for Entries<MOST, K, V>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
    {
        type Value = BTreeMap<K, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a map of at most {MOST} entries")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((key, value)) = entries.next_entry()? {
                map.insert(key, value);
                if map.len() > MOST {
                    return Err(A::Error::invalid_length(map.len(), &self));
                }
            }
            Ok(map)
        }
    }

    deserializer.deserialize_map(Entries::<MOST, K, V>(PhantomData))
}

/// Reads a counter that can go on.
///
/// # Errors
/// Returns an error if it is beyond the limit.
pub fn count<'de, N, D>(deserializer: D) -> Result<N, D::Error>
where
    N: Deserialize<'de> + Copy + TryInto<u64>,
    D: Deserializer<'de>,
{
    let count = N::deserialize(deserializer)?;
    match count.try_into() {
        Ok(number) if number <= MOST_COUNTED => Ok(count),
        _ => Err(D::Error::custom(UNREACHABLE)),
    }
}

/// Reads a duration that can be multiplied.
///
/// # Errors
/// Returns an error if it is beyond the limit.
pub fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let duration = Duration::deserialize(deserializer)?;
    if duration > LONGEST {
        return Err(D::Error::custom("a duration of more than a thousand years"));
    }
    Ok(duration)
}

/// Reads numbers that can be drawn.
///
/// # Errors
/// Returns an error if it is beyond the limit.
pub fn finite<'de, const N: usize, D>(deserializer: D) -> Result<[f64; N], D::Error>
where
    [f64; N]: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let numbers = <[f64; N]>::deserialize(deserializer)?;
    if !numbers.iter().all(|number| number.is_finite()) {
        return Err(D::Error::custom("a number that is not finite"));
    }
    Ok(numbers)
}
