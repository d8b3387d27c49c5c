//! Faults of nodes and links, and how the others notice.

use std::time::Duration;

use protocol::{DownCause, Time};
use rand::RngExt;

use super::{Death, HEARTBEAT, Network, NodeId, Status, Transit};
use crate::link::{EndState, Parcel};

impl Network {
    /// Kills a node; its peers notice sooner or later.
    pub fn kill(&mut self, now: Time, node: NodeId, death: Death) {
        self.places[node.0].status = Status::Dead(death);
        let own: Vec<_> = self.ends_of(node).collect();
        for (id, side) in own {
            let detection = match death {
                Death::Killed => self.rng.random_range(Duration::ZERO..HEARTBEAT),
                Death::Unplugged => self.conditions.dead_after,
            };
            let cause = match death {
                Death::Killed => DownCause::Unreachable,
                Death::Unplugged => DownCause::Timeout,
            };
            if let Some(link) = self.links.get_mut(&id) {
                link.ends[side].state = EndState::Gone;
                self.ends.remove(&(node, link.ends[side].association));
                self.enqueue(
                    now + detection,
                    Transit::Parcel(id, 1 - side, Parcel::Down(cause)),
                );
                self.forget_if_gone(id);
            }
        }
    }

    /// Freezes a node: nothing arrives at it, and nothing leaves it.
    pub fn freeze(&mut self, now: Time, node: NodeId) {
        self.places[node.0].status = Status::Frozen;
        self.update_blockages(now);
    }

    /// Thaws a node.
    pub fn thaw(&mut self, now: Time, node: NodeId) {
        self.places[node.0].status = Status::Running;
        self.update_blockages(now);
    }

    /// Cuts everything between two groups of nodes.
    pub fn partition(&mut self, now: Time, one: &[NodeId], other: &[NodeId]) {
        for &one in one {
            self.cuts
                .extend(other.iter().map(|&other| (one.min(other), one.max(other))));
        }
        self.update_blockages(now);
    }

    /// Removes all cuts.
    pub fn heal(&mut self, now: Time) {
        self.cuts.clear();
        self.update_blockages(now);
    }

    pub(super) fn give_up(&mut self, now: Time, id: u64, blockage: u64) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        if !link.blocked || link.blockage != blockage {
            return;
        }
        link.held.clear();
        for side in [0, 1] {
            let end = &mut link.ends[side];
            if end.state == EndState::Gone {
                continue;
            }
            if self.places[end.node.0].status == Status::Frozen {
                end.state = EndState::Abandoned;
            } else {
                let down = Parcel::Down(DownCause::Timeout);
                self.created += 1;
                self.queue
                    .insert((now, self.created), Transit::Parcel(id, side, down));
            }
        }
    }

    /// Determines which links are newly blocked, and releases what was held where a blockage has ended.
    fn update_blockages(&mut self, now: Time) {
        let ids: Vec<u64> = self.links.keys().copied().collect();
        for id in ids {
            let blocked = self.is_blocked(id);
            let Some(link) = self.links.get_mut(&id) else {
                continue;
            };
            if blocked != link.blocked {
                link.blocked = blocked;
                link.blockage += 1;
            } else if blocked || link.held.is_empty() {
                continue;
            }
            if blocked {
                let blockage = link.blockage;
                let deadline = now + self.conditions.dead_after;
                self.enqueue(deadline, Transit::Blocked(id, blockage));
                continue;
            }
            let held = std::mem::take(&mut link.held);
            let abandoned = [0, 1].map(|side| link.ends[side].state == EndState::Abandoned);
            // At once, so that nothing that was sent later overtakes it.
            for (side, parcel) in held {
                self.enqueue(now, Transit::Parcel(id, side, parcel));
            }
            for side in [0, 1] {
                if abandoned[side] {
                    self.post(now, id, side, Parcel::Down(DownCause::PeerAbort));
                }
            }
        }
    }

    pub(super) fn is_blocked(&self, id: u64) -> bool {
        let Some(link) = self.links.get(&id).filter(|link| link.established) else {
            return false;
        };
        let [one, other] = [link.ends[0].node, link.ends[1].node];
        self.is_frozen(one) || self.is_frozen(other) || self.is_cut(one, other)
    }
}
