//! The Component Status Protocol, which UDP carries.

use crate::Tree;

/// Takes a datagram of the Component Status Protocol apart.
pub fn dissect_status_report(bytes: &[u8], tree: &mut Tree) {
    let _ = (bytes, tree);
}
