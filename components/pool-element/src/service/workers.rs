//! Threads that compute, so that the driver never does.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use fractal::server_session::Work;
use protocol::AssociationId;
use runtime::WorkSender;

use super::Done;

/// The nice value of worker threads. Only on Linux does this apply to a single thread rather than to its process.
const NICENESS: i32 = 10;

/// Worker threads. They end after this is dropped and their current work is done.
#[derive(Debug)]
pub(crate) struct Workers {
    jobs: Arc<Jobs>,
}

/// Work waiting for a thread.
#[derive(Debug, Default)]
struct Jobs {
    queue: Mutex<Queue>,
    changed: Condvar,
}

/// A session has at most one piece of work outstanding, and none once it has ended: hence the length is bounded.
#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<(AssociationId, Work)>,
    ended: bool,
}

impl Workers {
    /// Starts a thread per session, but no more than there are processors.
    pub(crate) fn start(sessions: usize, results: &WorkSender<Done>) -> std::io::Result<Self> {
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let workers = Self { jobs: Arc::default() };
        for number in 0..sessions.min(processors) {
            let (jobs, results) = (Arc::clone(&workers.jobs), results.clone());
            std::thread::Builder::new()
                .name(format!("worker {number}"))
                .stack_size(256 << 10)
                .spawn(move || {
                    // On a starved machine, keep-alives are answered before pixels are computed: a pool element that
                    // is merely busy must not look dead. Where this is refused, the threads compete on equal terms.
                    if cfg!(target_os = "linux") {
                        let _ = rustix::process::nice(NICENESS);
                    }
                    while let Some((session, work)) = jobs.next() {
                        let computed = work.compute();
                        if !results.send(Done::Computed { session, computed }) {
                            return;
                        }
                    }
                })?;
        }
        Ok(workers)
    }

    /// Submits work.
    pub(crate) fn submit(&self, session: AssociationId, work: Work) {
        self.jobs.lock().waiting.push_back((session, work));
        self.jobs.changed.notify_one();
    }

    /// Cancels the work of a session that ended, unless a thread has already begun it.
    pub(crate) fn cancel(&self, session: AssociationId) {
        self.jobs
            .lock()
            .waiting
            .retain(|(waiting, _)| *waiting != session);
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        *self.jobs.lock() = Queue {
            ended: true,
            ..Queue::default()
        };
        self.jobs.changed.notify_all();
    }
}

impl Jobs {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for work. Returns `None` at the end.
    fn next(&self) -> Option<(AssociationId, Work)> {
        let mut queue = self.lock();
        while queue.waiting.is_empty() && !queue.ended {
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.waiting.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use fractal::compute::Picture;
    use fractal::views::VIEWS;

    use super::*;

    #[test]
    fn work_of_a_session_that_is_over_waits_no_longer() {
        let workers = Workers { jobs: Arc::default() };
        let jobs = Arc::clone(&workers.jobs);
        let work = Work {
            picture: Picture::new(&VIEWS[0].parameter(8, 8)).unwrap(),
            position: 0,
            count: 1,
        };
        let session = AssociationId::incoming;
        for number in 1..=1_000 {
            workers.submit(session(number), work);
            workers.submit(session(2_000), work);
            workers.cancel(session(number));
            assert_eq!(jobs.next(), Some((session(2_000), work)));
        }
        drop(workers);
        assert_eq!(jobs.next(), None);
    }
}
