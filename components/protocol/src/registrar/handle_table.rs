//! ENRP_HANDLE_TABLE_REQUEST and ENRP_HANDLE_TABLE_RESPONSE: sending the handlespace in parts, and receiving it (RFC
//! 5353 sections 3.2.3 and 3.7).

use std::collections::BTreeSet;

use wire::enrp::{HandleTableRequest, HandleTableResponse, PoolEntry};
use wire::parameter::PoolElementParameter;
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

use super::handle_update::{Change, NotTaken};
use super::{ElementKey, Phase, Registrar};
use crate::Time;

/// The maximum size of pool entries, so that a response stays below 64 KiB.
const MOST_TABLE_BYTES: usize = 60 * 1024;
/// The number of parts in a row without anything new after which a download ends, although there should be more.
const MOST_BARREN_PARTS: u32 = 3;

/// The progress of a peer's download.
#[derive(Debug)]
pub(super) struct Position {
    own_children_only: bool,
    /// The last pool element that was sent to it.
    last: (PoolHandle, PeIdentifier),
    /// When it is assumed to have given up.
    until: Time,
}

/// The progress of downloading a peer's table.
#[derive(Debug)]
pub(super) struct Download {
    own_children_only: bool,
    /// Pool elements of the local copy that the peer has not listed yet.
    pub(super) marked: BTreeSet<ElementKey>,
    seen: BTreeSet<ElementKey>,
    /// The number of pool elements that were new or had another owner.
    pub(super) added: usize,
    barren_parts: u32,
}

/// The consequence of receiving a part of a table.
pub(super) enum Part {
    /// The next part must be requested.
    More,
    /// This was the last part.
    Last,
    /// The peer indicates more, but sends nothing new.
    Endless,
}

impl Download {
    pub(super) const fn new(own_children_only: bool, marked: BTreeSet<ElementKey>) -> Self {
        Self {
            own_children_only,
            marked,
            seen: BTreeSet::new(),
            added: 0,
            barren_parts: 0,
        }
    }

    /// The peer announced otherwise that it has a pool element.
    pub(super) fn note(&mut self, key: &ElementKey) {
        self.marked.remove(key);
    }
}

impl Registrar {
    pub(super) fn handle_table_request(
        &mut self,
        now: Time,
        from: RegistrarIdentifier,
        request: &HandleTableRequest,
    ) {
        let own_children_only = request.own_children_only;
        let Phase::Serving = self.phase else {
            let rejected = HandleTableResponse {
                rejected: true,
                more_to_send: false,
                entries: Vec::new(),
            };
            self.send_enrp(from, rejected);
            return;
        };
        let Some(connection) = self.peers.connection_mut(from) else {
            return;
        };
        let position = connection.position.take();
        let position = position
            .filter(|position| position.own_children_only == own_children_only && position.until > now)
            .map(|position| position.last);
        let (entries, last) = self.table_part(own_children_only, position);
        let more_to_send = last.is_some();
        let until = now + self.config.max_time_no_response;
        if let Some(connection) = self.peers.connection_mut(from) {
            connection.position = last.map(|last| Position {
                own_children_only,
                last,
                until,
            });
        }
        let response = HandleTableResponse {
            rejected: false,
            more_to_send,
            entries,
        };
        self.send_enrp(from, response);
    }

    /// Returns as many pool elements after a position as fit, and the last one of them if there are more.
    fn table_part(
        &self,
        own_children_only: bool,
        position: Option<ElementKey>,
    ) -> (Vec<PoolEntry>, Option<ElementKey>) {
        let own = self.settings.identifier;
        if own_children_only {
            self.fill_part(self.handlespace.owned_after(own, position))
        } else {
            let position = position
                .as_ref()
                .map(|(handle, identifier)| (handle, *identifier));
            self.fill_part(self.handlespace.elements_after(position))
        }
    }

    fn fill_part<'a>(
        &self,
        elements: impl Iterator<Item = (&'a PoolHandle, &'a PoolElementParameter)>,
    ) -> (Vec<PoolEntry>, Option<ElementKey>) {
        let mut room = self.config.handle_table_bytes.min(MOST_TABLE_BYTES);
        let mut entries: Vec<PoolEntry> = Vec::new();
        for (handle, element) in elements {
            let continued = entries.last_mut().filter(|entry| entry.pool_handle == *handle);
            let is_new_pool = continued.is_none();
            // Type and length, and at most three bytes of padding.
            let handle_size = if is_new_pool {
                handle.as_bytes().len() + 7
            } else {
                0
            };
            let size = handle_size + element.encoded_length();
            if size > room
                && let Some(entry) = entries.last()
            {
                let last = entry.pool_elements.last().map(|last| last.identifier);
                let last = last.map(|last| (entry.pool_handle.clone(), last));
                return (entries, last);
            }
            room = room.saturating_sub(size);
            match entries.last_mut().filter(|_| !is_new_pool) {
                Some(entry) => entry.pool_elements.push(element.clone()),
                None => entries.push(PoolEntry {
                    pool_handle: handle.clone(),
                    pool_elements: vec![element.clone()],
                }),
            }
        }
        (entries, None)
    }

    /// Adds a part of a peer's table to the handlespace.
    pub(super) fn take_part(
        &mut self,
        now: Time,
        from: RegistrarIdentifier,
        download: &mut Download,
        part: HandleTableResponse,
    ) -> Part {
        let mut progress = false;
        for entry in part.entries {
            for element in entry.pool_elements {
                let key = (entry.pool_handle.clone(), element.identifier);
                if download.seen.len() >= self.config.max_pool_elements {
                    return Part::Endless;
                }
                if !download.seen.insert(key.clone()) {
                    continue;
                }
                progress = true;
                match self.take_listed(now, from, download, &key, element) {
                    Ok(Some(Change::Added | Change::OwnerChanged)) => download.added += 1,
                    Ok(_) => {}
                    Err(why) => {
                        if let Some(association) = self.peers.association(from) {
                            self.complain_about(association, "part of a handle table", &why);
                        }
                    }
                }
            }
        }
        if !part.more_to_send {
            return Part::Last;
        }
        download.barren_parts = if progress { 0 } else { download.barren_parts + 1 };
        if download.barren_parts >= MOST_BARREN_PARTS {
            Part::Endless
        } else {
            Part::More
        }
    }

    fn take_listed(
        &mut self,
        now: Time,
        from: RegistrarIdentifier,
        download: &mut Download,
        key: &ElementKey,
        element: PoolElementParameter,
    ) -> Result<Option<Change>, String> {
        let owner = element.home_registrar;
        let own = self.settings.identifier;
        let local = self.handlespace.element(&key.0, key.1);
        let local_owner = local.map(|local| local.home_registrar);
        if !owner.is_determined() || owner == own {
            return Err(format!("PE {} has home registrar {owner}", key.1));
        }
        if download.own_children_only && owner != from {
            return Err(format!("PE {} belongs to {owner}", key.1));
        }
        // A pool element owned by this registrar has either left, or the peer will soon learn that it has not.
        if local_owner == Some(own) {
            return Ok(None);
        }
        // What owners have announced meanwhile is newer than what others report about them.
        if local_owner.is_some() && owner != from {
            return Ok(None);
        }
        download.marked.remove(key);
        match self.put_foreign(now, from, &key.0, element) {
            Ok(change) => Ok(Some(change)),
            Err(NotTaken::Contradicts) => Ok(None),
            Err(NotTaken::NoRoom) => Err(format!("no room for PE {}", key.1)),
        }
    }
}
