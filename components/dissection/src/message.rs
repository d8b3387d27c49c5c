//! Messages by their payload protocol identifier.

use wire::Ppid;

use crate::Tree;

/// Takes a whole message apart, which an SCTP association or a multicast datagram carried.
///
/// Fields are added to the tree, whose byte numbers are those of `bytes`.
pub fn dissect_message(ppid: Ppid, bytes: &[u8], tree: &mut Tree) {
    let _ = (ppid, bytes, tree);
}

/// Returns the name of the message, such as `ASAP_REGISTRATION`; `None` if its protocol or type is unknown.
#[must_use]
pub fn message_name(ppid: Ppid, bytes: &[u8]) -> Option<&'static str> {
    let _ = (ppid, bytes);
    None
}
