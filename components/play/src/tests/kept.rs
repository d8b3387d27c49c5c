//! Plays, and what else goes on beside the model, as they are kept.

pub(super) fn written<T: serde::Serialize>(kept: &T) -> Vec<u8> {
    rmp_serde::to_vec_named(kept).unwrap()
}

#[track_caller]
pub(super) fn read<T: serde::de::DeserializeOwned>(kept: &[u8]) -> T {
    rmp_serde::from_slice(kept).unwrap()
}
