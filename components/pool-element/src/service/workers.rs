//! Threads that compute, so that the driver never does.

use std::num::NonZeroUsize;

use crossbeam_channel::{Sender, bounded};
use fractal::server_session::{Computed, Work};
use protocol::AssociationId;
use runtime::WorkSender;

/// How far worker threads stand back behind everything else. Only on Linux is this a thread's own, not its process's.
const NICENESS: i32 = 10;

/// A result.
#[derive(Debug)]
pub(crate) struct Done {
    /// The session that it is for.
    pub(crate) session: AssociationId,
    /// The pixels.
    pub(crate) computed: Computed,
}

/// Worker threads. They end when this is dropped and their work is done.
#[derive(Debug)]
pub(crate) struct Workers {
    jobs: Sender<(AssociationId, Work)>,
}

impl Workers {
    /// Starts a thread for each session, but no more than the machine has processors.
    pub(crate) fn start(sessions: usize, results: &WorkSender<Done>) -> std::io::Result<Self> {
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        // A session has one piece of work outstanding, but may end and be replaced before that is done.
        let (jobs, queue) = bounded::<(AssociationId, Work)>(4 * sessions);
        for number in 0..sessions.min(processors) {
            let (queue, results) = (queue.clone(), results.clone());
            std::thread::Builder::new()
                .name(format!("worker {number}"))
                .stack_size(256 << 10)
                .spawn(move || {
                    // On a starved machine, keep-alives are answered before pixels are computed: a pool element that
                    // is merely busy must not look dead. Where this is refused, the threads compete on equal terms.
                    if cfg!(target_os = "linux") {
                        let _ = rustix::process::nice(NICENESS);
                    }
                    for (session, work) in queue {
                        let computed = work.compute();
                        if !results.send(Done { session, computed }) {
                            return;
                        }
                    }
                })?;
        }
        Ok(Self { jobs })
    }

    /// Hands work out; says whether there was room for it.
    pub(crate) fn submit(&self, session: AssociationId, work: Work) -> bool {
        self.jobs.try_send((session, work)).is_ok()
    }
}
