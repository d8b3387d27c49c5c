//! A message or packet, taken apart.

use std::sync::Arc;

use dissection::Tree;

use crate::Item;

/// A message or packet, taken apart.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// What it is.
    pub item: Item,
    /// Its parts: the message itself, and the packet that carried it; or why there is none.
    pub parts: Result<Vec<Part>, String>,
}

/// Bytes, and what they mean.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it is, such as the name of the message.
    pub title: String,
    /// The bytes.
    pub bytes: Arc<[u8]>,
    /// Their fields.
    pub tree: Arc<Tree>,
}
