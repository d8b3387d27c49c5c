//! Times for which the process did not run.

use std::time::Duration;

use protocol::Time;
use tracing::info;

use super::Driver;
use crate::ComponentProcess;

/// A wait that ends this much too late: the process did not run, because it or the whole computer was stopped.
const STOPPED: Duration = Duration::from_millis(500);

impl<C: ComponentProcess> Driver<C> {
    /// Takes the time again after a wait, before which there was this much work. The time for which the process did
    /// not run does not count.
    pub(super) fn awaken(&mut self, begun: Time, deadline: Option<Time>, work: Duration) {
        let now = self.clock.now();
        let late = deadline.map_or(Duration::ZERO, |deadline| {
            now.saturating_since(deadline.max(begun))
        });
        // When a stop began is unknown. Peers that are to answer get the whole time once more.
        let wait = if late >= STOPPED {
            now.saturating_since(begun)
        } else {
            Duration::ZERO
        };
        let skipped = wait + if work >= STOPPED { work } else { Duration::ZERO };
        if !skipped.is_zero() {
            info!("did not run for {:.1} s", skipped.as_secs_f64());
            self.clock.skip(skipped);
        }
        self.state.now = self.clock.now();
    }
}
