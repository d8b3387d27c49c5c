//! What the history learns from updates.

use feed::{ComponentRole, PoolElementWork, PoolUserWork, Timestamp};
use wire::PoolHandle;
use wire::parameter::Policy;

use super::{History, MarkKind, Track};
use crate::component::Component;
use crate::{ComponentId, Ending, Fault, Load};

impl History {
    /// A component was added, or brought back.
    pub(crate) fn added(&mut self, component: &Component) {
        let Component { id, name, colour, .. } = component;
        self.removed.retain(|other| other != id);
        self.tracks
            .entry(*id)
            .or_insert_with(|| Track::new(name.clone(), component.role(), *colour));
        self.revision += 1;
    }

    /// A component was removed. Its track is kept for a while.
    pub(crate) fn removed(&mut self, id: ComponentId, at: Timestamp) {
        self.end(id, at);
        self.removed.push_back(id);
        if self.removed.len() > Self::REMOVED
            && let Some(oldest) = self.removed.pop_front()
        {
            self.tracks.remove(&oldest);
        }
    }

    pub(crate) fn spawned(&mut self, id: ComponentId, at: Timestamp) {
        self.end_marks(id, at, None);
        self.change(id, |track| track.begin_life(at));
        self.mark(id, at, MarkKind::Start, "starts");
    }

    pub(crate) fn ended(&mut self, id: ComponentId, at: Timestamp, ending: &Ending) {
        self.end(id, at);
        match ending {
            Ending::Clean => self.mark(id, at, MarkKind::Leave, "ended"),
            Ending::Crashed { .. } => self.mark(id, at, MarkKind::Crash, "crashed"),
            // The fault is marked, and what has not started has no curve.
            Ending::Killed | Ending::NotStarted { .. } => {}
        }
    }

    fn end(&mut self, id: ComponentId, at: Timestamp) {
        self.end_marks(id, at, None);
        self.change(id, |track| track.end_life(at));
    }

    pub(crate) fn fault(&mut self, id: ComponentId, at: Timestamp, fault: Fault) {
        match fault {
            Fault::Stop => self.mark(id, at, MarkKind::Stop, "is asked to stop"),
            Fault::Kill => self.mark(id, at, MarkKind::Kill, "killed"),
            // What lasts is marked when it begins at the component.
            Fault::Freeze | Fault::Unplug | Fault::CutLink | Fault::Impair => {}
        }
    }

    pub(crate) fn frozen(&mut self, id: ComponentId, at: Timestamp) {
        self.change(id, |track| track.begin_doubt(at));
        if !self.lasts(id, MarkKind::Freeze) {
            self.mark(id, at, MarkKind::Freeze, "frozen");
        }
    }

    pub(crate) fn thawed(&mut self, id: ComponentId, at: Timestamp) {
        self.change(id, |track| track.end_doubt(at));
        self.end_marks(id, at, Some(MarkKind::Freeze));
    }

    /// A component has not been heard since then.
    pub(crate) fn silent(&mut self, id: ComponentId, since: Timestamp) {
        self.change(id, |track| track.begin_doubt(since));
    }

    pub(crate) fn heard(&mut self, id: ComponentId, at: Timestamp) {
        if !self.lasts(id, MarkKind::Freeze) {
            self.change(id, |track| track.end_doubt(at));
        }
    }

    /// The faults of a component's links changed; none, or the worst of them.
    pub(crate) fn links(&mut self, id: ComponentId, at: Timestamp, worst: Option<Fault>) {
        let worst = worst.and_then(|fault| match fault {
            Fault::Unplug => Some((MarkKind::Unplug, "unplugged")),
            Fault::CutLink => Some((MarkKind::CutLink, "cut off from a peer")),
            Fault::Impair => Some((MarkKind::Impair, "has bad links")),
            Fault::Stop | Fault::Kill | Fault::Freeze => None,
        });
        for kind in [MarkKind::Unplug, MarkKind::CutLink, MarkKind::Impair] {
            if worst.is_none_or(|(worst, _)| worst != kind) {
                self.end_marks(id, at, Some(kind));
            }
        }
        if let Some((kind, what)) = worst
            && !self.lasts(id, kind)
        {
            self.mark(id, at, kind, what);
        }
    }

    pub(crate) fn in_pool(&mut self, id: ComponentId, pool: Option<PoolHandle>) {
        self.change(id, |track| track.pool = pool);
    }

    /// A component is ready, or is not any more.
    pub(crate) fn ready(&mut self, id: ComponentId, at: Timestamp, ready: bool) {
        let Some(track) = self.tracks.get_mut(&id) else {
            return;
        };
        let before = std::mem::replace(&mut track.joined, ready);
        if track.role != ComponentRole::PoolElement || before == ready {
            return;
        }
        if ready {
            self.mark(id, at, MarkKind::Join, "joins");
        } else {
            self.mark(id, at, MarkKind::Leave, "is not in the pool");
        }
    }

    pub(crate) fn policy(&mut self, id: ComponentId, at: Timestamp, policy: &Policy) {
        // The load is a curve.
        let policy = policy.clone().with_load(0);
        let Some(track) = self.tracks.get_mut(&id) else {
            return;
        };
        let Some(before) = track.policy.replace(policy.clone()) else {
            return;
        };
        if before.policy_type() != policy.policy_type() {
            let text = format!("{} instead of {}", policy.name(), before.name());
            self.mark_pool(id, at, text);
        } else if before != policy {
            self.mark(
                id,
                at,
                MarkKind::Policy,
                &format!("has {}", crate::words::policy_data(&policy)),
            );
        }
    }

    pub(crate) fn load(&mut self, id: ComponentId, at: Timestamp, load: Load) {
        self.change(id, |track| track.load(at, load));
    }

    pub(crate) fn element_work(&mut self, id: ComponentId, at: Timestamp, work: &PoolElementWork) {
        self.change(id, |track| track.element_work(at, work));
    }

    pub(crate) fn user_work(&mut self, id: ComponentId, at: Timestamp, work: &PoolUserWork) {
        self.change(id, |track| track.user_work(at, work));
    }

    /// A feed left out events.
    pub(crate) fn left_out(&mut self, id: ComponentId) {
        self.change(id, Track::leave_out);
    }

    fn change(&mut self, id: ComponentId, change: impl FnOnce(&mut Track)) {
        if let Some(track) = self.tracks.get_mut(&id) {
            change(track);
            self.revision += 1;
        }
    }
}
