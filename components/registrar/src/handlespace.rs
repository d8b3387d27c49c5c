//! The handlespace as reported to a control centre.

use feed::{Event, HandlespaceEntry};
use protocol::Registrar;
use wire::parameter::fraction_of_scale;

/// The maximum number of pool elements that are listed individually; the counts include all.
const MOST_ENTRIES: usize = 200;

/// Describes the current handlespace.
pub(crate) fn describe(registrar: &Registrar) -> Event {
    let handlespace = registrar.handlespace();
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let entries = handlespace
        .elements_after(None)
        .take(MOST_ENTRIES)
        .map(|(pool_handle, element)| HandlespaceEntry {
            pool_handle: pool_handle.clone(),
            pe_identifier: element.identifier,
            home_registrar: element.home_registrar,
            policy: element.policy.to_string(),
            load: element.policy.load().map(fraction_of_scale),
        })
        .collect();
    Event::Handlespace {
        pools: number(handlespace.pool_count()),
        pool_elements: number(handlespace.len()),
        owned: number(handlespace.owned_count(registrar.identifier())),
        peers: number(registrar.peers().count()),
        checksum: registrar.checksum(),
        entries,
    }
}
