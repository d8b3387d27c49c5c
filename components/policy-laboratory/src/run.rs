//! Runs an experiment in the background, on as many threads as wanted.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::results::RunIndex;
use crate::{Experiment, Outcome, Results, Unusable, simulate};

/// An experiment that is being simulated, and its results so far.
///
/// Dropping it cancels what has not run yet, without waiting for it.
#[derive(Debug)]
pub struct Run {
    results: Results,
    is_cancelled: Arc<AtomicBool>,
    ended: Receiver<Ended>,
    threads: Vec<JoinHandle<()>>,
    failure: Option<Unusable>,
}

/// The end of one run.
type Ended = (RunIndex, Result<Outcome, Unusable>);

/// How far an experiment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Runs that have ended.
    pub ended: usize,
    /// All runs.
    pub runs: usize,
}

/// Returns a sensible number of threads: the number of processors.
fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

impl Run {
    /// Begins to simulate an experiment on all processors. `notify` is called on another thread whenever there is
    /// something for [`Self::poll`].
    ///
    /// # Errors
    /// Returns an error if the experiment cannot be simulated, or no thread can be started.
    pub fn start(
        experiment: Experiment,
        notify: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, Unusable> {
        Self::start_on(processors(), experiment, notify)
    }

    /// Like [`Self::start`], on a number of threads.
    ///
    /// # Errors
    /// Returns an error if the experiment cannot be simulated, or no thread can be started.
    pub fn start_on(
        threads: usize,
        experiment: Experiment,
        notify: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, Unusable> {
        let results = Results::new(experiment)?;
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let (sender, ended) = unbounded();
        let worker = Worker {
            results: Arc::new(results.clone()),
            next: Arc::default(),
            is_cancelled: Arc::clone(&is_cancelled),
            sender,
            notify: Arc::new(notify),
        };
        let threads = threads.clamp(1, results.runs());
        let mut run = Self {
            results,
            is_cancelled,
            ended,
            threads: Vec::new(),
            failure: None,
        };
        for _ in 0..threads {
            let worker = worker.clone();
            let thread = thread::Builder::new()
                .name("laboratory".into())
                .spawn(move || worker.work())
                .map_err(|error| Unusable(format!("no thread can be started: {error}")))?;
            run.threads.push(thread);
        }
        Ok(run)
    }

    /// Takes over what has ended meanwhile. Returns whether anything has.
    pub fn poll(&mut self) -> bool {
        let ended: Vec<Ended> = self.ended.try_iter().collect();
        let is_news = !ended.is_empty();
        ended.into_iter().for_each(|ended| self.take(ended));
        is_news
    }

    /// Waits until the next run has ended, and takes it over. Returns `false` if there are no more.
    pub fn wait(&mut self) -> bool {
        let ended = self.ended.recv().ok();
        let is_news = ended.is_some();
        ended.into_iter().for_each(|ended| self.take(ended));
        is_news
    }

    /// Ends all runs, without waiting for it. What has ended before is kept.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Returns what to set to `true` for the same as [`Self::cancel`], from anywhere.
    #[must_use]
    pub fn cancellation(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_cancelled)
    }

    /// Returns whether [`Self::cancel`] was called, or a run was not possible.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }

    /// Returns whether no run is left, or under way.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ended.is_empty() && self.threads.iter().all(JoinHandle::is_finished)
    }

    /// Returns how far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            ended: self.results.ended(),
            runs: self.results.runs(),
        }
    }

    /// Returns the results so far.
    #[must_use]
    pub const fn results(&self) -> &Results {
        &self.results
    }

    /// Returns why a run was not possible, if one was not.
    #[must_use]
    pub const fn failure(&self) -> Option<&Unusable> {
        self.failure.as_ref()
    }

    fn take(&mut self, (index, outcome): Ended) {
        match outcome {
            Ok(outcome) => self.results.insert(index, outcome),
            Err(unusable) => {
                self.cancel();
                self.failure.get_or_insert(unusable);
            }
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.cancel();
    }
}

#[derive(Clone)]
struct Worker {
    /// Of the whole experiment, without outcomes.
    results: Arc<Results>,
    next: Arc<AtomicUsize>,
    is_cancelled: Arc<AtomicBool>,
    sender: Sender<Ended>,
    notify: Arc<dyn Fn() + Send + Sync>,
}

impl Worker {
    /// Simulates runs until there are none left. All points get their first seed before any gets its second, so that an
    /// experiment that is cancelled knows a bit of everything.
    fn work(&self) {
        let points = self.results.points();
        let experiment = self.results.experiment();
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.results.runs() || self.is_cancelled.load(Ordering::Relaxed) {
                break;
            }
            let index = RunIndex {
                point: number % points.len(),
                seed: number / points.len(),
            };
            let point = &points[index.point];
            let policy = &experiment.policies[point.policy];
            let seed = experiment.first_seed + index.seed as u64;
            let outcome = match simulate(&point.parameters, policy, seed, &self.is_cancelled) {
                Ok(Some(outcome)) => Ok(outcome),
                Ok(None) => break,
                Err(unusable) => Err(unusable),
            };
            // Nobody may want it any more.
            let _ = self.sender.send((index, outcome));
            (self.notify)();
        }
        (self.notify)();
    }
}
