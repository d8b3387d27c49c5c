//! Detects whether the peer is alive (RFC 9260 section 8.3).

use std::time::{Duration, Instant};

use crate::AssociationConfig;

/// Probes a peer that might be dead, and gives it up when it has failed to answer several times in a row.
///
/// Every packet of the peer counts as a sign of life, not only the response to the last heartbeat, so that a long
/// round trip does no harm. Time counts only if this process has used it to probe: a process that was frozen itself
/// does not declare its peers dead.
#[derive(Debug)]
pub(super) struct Liveness {
    interval: Duration,
    most_misses: u32,
    misses: u32,
    next: Option<Instant>,
    heard: bool,
    last_sent: Option<Instant>,
    asked: bool,
    heartbeats: u64,
}

/// What to do at the end of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Send a heartbeat that carries this information.
    Ask(u64),
    /// Give the peer up.
    Dead,
}

impl Liveness {
    pub(super) fn new(config: &AssociationConfig) -> Self {
        Self {
            interval: config.heartbeat_interval,
            most_misses: config.max_retransmissions,
            misses: 0,
            next: None,
            heard: false,
            last_sent: None,
            asked: false,
            heartbeats: 0,
        }
    }

    /// The association is established.
    pub(super) fn start(&mut self, now: Instant) {
        self.next = if self.interval.is_zero() {
            None
        } else {
            now.checked_add(self.interval)
        };
    }

    pub(super) fn heard(&mut self) {
        self.heard = true;
    }

    pub(super) fn sent(&mut self, now: Instant) {
        self.last_sent = Some(now);
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.next
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) -> Option<Verdict> {
        if self.next? > now {
            return None;
        }
        // From now, not from when it was due: see above.
        self.start(now);
        if self.heard {
            self.misses = 0;
        } else if self.asked {
            self.misses += 1;
        }
        if self.misses > self.most_misses {
            return Some(Verdict::Dead);
        }
        // A packet that has just been sent has the same effect as a heartbeat: if the peer is unreachable, ICMP
        // reports it. If it was sent earlier, the death of the peer could go undetected for up to two intervals.
        let just_sent = self
            .last_sent
            .is_some_and(|sent| now.saturating_duration_since(sent) < self.interval / 4);
        let busy = self.heard && just_sent;
        self.asked = !busy;
        self.heard = false;
        self.heartbeats += 1;
        (!busy).then_some(Verdict::Ask(self.heartbeats))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(100);

    fn liveness(now: Instant) -> Liveness {
        let config = AssociationConfig {
            heartbeat_interval: INTERVAL,
            max_retransmissions: 3,
            ..AssociationConfig::default()
        };
        let mut liveness = Liveness::new(&config);
        liveness.start(now);
        liveness
    }

    #[test]
    fn a_silent_peer_is_given_up_after_the_allowed_misses() {
        let mut now = Instant::now();
        let mut liveness = liveness(now);
        for heartbeat in 1..=4 {
            now += INTERVAL;
            assert_eq!(liveness.handle_timeout(now), Some(Verdict::Ask(heartbeat)));
            assert_eq!(liveness.handle_timeout(now), None);
        }
        assert_eq!(liveness.handle_timeout(now + INTERVAL), Some(Verdict::Dead));
    }

    #[test]
    fn any_sign_of_life_sets_the_count_back() {
        let mut now = Instant::now();
        let mut liveness = liveness(now);
        for round in 0..20 {
            now += INTERVAL;
            if round % 4 == 3 {
                liveness.heard();
            }
            assert_ne!(liveness.handle_timeout(now), Some(Verdict::Dead), "round {round}");
        }
    }

    #[test]
    fn a_busy_association_sends_no_heartbeats_and_idleness_is_no_miss() {
        let mut now = Instant::now();
        let mut liveness = liveness(now);
        for _ in 0..3 {
            now += INTERVAL;
            liveness.heard();
            liveness.sent(now - INTERVAL / 5);
            assert_eq!(liveness.handle_timeout(now), None);
        }
        now += INTERVAL;
        assert!(matches!(liveness.handle_timeout(now), Some(Verdict::Ask(_))));
        assert_eq!(liveness.misses, 0);
    }

    #[test]
    fn who_was_frozen_asks_before_judging() {
        let mut now = Instant::now();
        let mut liveness = liveness(now);
        now += INTERVAL;
        liveness.handle_timeout(now);
        now += 1000 * INTERVAL;
        assert!(matches!(liveness.handle_timeout(now), Some(Verdict::Ask(_))));
        assert_eq!(liveness.poll_timeout(), Some(now + INTERVAL));
    }

    #[test]
    fn an_interval_of_zero_asks_nobody() {
        let config = AssociationConfig {
            heartbeat_interval: Duration::ZERO,
            ..AssociationConfig::default()
        };
        let mut liveness = Liveness::new(&config);
        liveness.start(Instant::now());
        assert_eq!(liveness.poll_timeout(), None);
    }
}
