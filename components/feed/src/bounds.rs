//! Limits the size of events when they are read, whatever a component writes.

use wire::parameter::Policy;

use crate::{Event, Home, Registration, Status, TransportAddress};

/// The maximum length of a text, in bytes.
const TEXT: usize = 1_000;
/// The maximum number of addresses of a component, or of one end of an association.
const ADDRESSES: usize = 64;
/// The maximum number of pool elements in a handlespace; registrars report no more.
const ENTRIES: usize = 200;
/// The maximum number of peers of a registrar.
const PEERS: usize = 256;
/// The maximum number of links with an impairment.
const LINKS: usize = 1_000;

impl Event {
    /// Shortens texts and lists that are longer than those of any real component.
    pub(crate) fn bound(&mut self) {
        match self {
            Self::Hello {
                component: _,
                version,
                pid: _,
                addresses,
                transport,
                pool_handle: _,
                policy,
            } => {
                text(version);
                list(addresses, ADDRESSES);
                text(transport);
                policy.iter_mut().for_each(text);
            }
            Self::AssociationUp { local, remote, .. } => {
                end(local);
                end(remote);
            }
            Self::AssociationDown { remote, .. } => end(remote),
            Self::Message {
                direction: _,
                association: _,
                remote,
                ppid: _,
                name,
                summary,
                size: _,
            } => {
                end(remote);
                text(name);
                text(summary);
            }
            Self::Handlespace { entries, .. } => {
                list(entries, ENTRIES);
                for entry in entries {
                    text(&mut entry.policy);
                }
            }
            Self::Peers { peers } => list(peers, PEERS),
            Self::Impairments { links } => list(links, LINKS),
            Self::Status { ready: _, status } => bound_status(status),
            Self::Policy { policy } => policy_data(policy),
            Self::Problem { text: words } => text(words),
            Self::Goodbye { reason } => text(reason),
            Self::ImageStarted { algorithm, .. } => text(algorithm),
            // For events of the cores, only their sentences are kept.
            Self::Registrar(_) | Self::PoolElement(_) | Self::PoolUser(_) => {}
            // No variant with a text or a list may be listed here.
            Self::AssociationPeer { .. }
            | Self::Load { .. }
            | Self::Limits(_)
            | Self::PoolElementWork(_)
            | Self::PoolUserWork(_)
            | Self::Pixels { .. }
            | Self::ImageCompleted { .. }
            | Self::ImageVerified { .. }
            | Self::Dropped { .. }
            | Self::Beat => {}
        }
    }
}

fn bound_status(status: &mut Status) {
    match status {
        Status::PoolElement {
            registration:
                Registration::Registering {
                    home: Home::At(place),
                }
                | Registration::Registered {
                    home: Home::At(place),
                },
            sessions: _,
        } => end(place),
        Status::PoolElement {
            registration: Registration::Refused { why },
            sessions: _,
        } => text(why),
        Status::Registrar(_)
        | Status::PoolElement {
            registration:
                Registration::Registering {
                    home: Home::Identified(_),
                }
                | Registration::Registered {
                    home: Home::Identified(_),
                }
                | Registration::Starting
                | Registration::Hunting
                | Registration::NotAnswered
                | Registration::Leaving
                | Registration::Left
                | Registration::Deregistering
                | Registration::Deregistered { .. },
            sessions: _,
        }
        | Status::PoolUser { .. } => {}
    }
}

/// No pool element has a policy of an unknown type, hence its data are not kept.
fn policy_data(policy: &mut Policy) {
    if let Policy::Unknown { data, .. } = policy {
        *data = Vec::new();
    }
}

/// Shortens a text. Truncation alone would not release the memory.
fn text(text: &mut String) {
    if text.len() > TEXT {
        text.truncate(text.floor_char_boundary(TEXT));
        text.push('…');
    }
    text.shrink_to_fit();
}

fn list<T>(list: &mut Vec<T>, most: usize) {
    list.truncate(most);
    list.shrink_to_fit();
}

fn end(end: &mut TransportAddress) {
    list(&mut end.addresses, ADDRESSES);
}
