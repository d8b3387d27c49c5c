//! The pool element's side: jobs that share a capacity.

mod processor;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use protocol::{AssociationId, Time};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use wire::calc_app::{Kind, Message, StateCookie};

pub use settings::Settings;

use crate::{Refused, SHORTEST_INTERVAL};
use processor::{Attained, Processor};

/// The CalcApp service of a pool element.
///
/// Inform it of an input and its time, then take outputs until there are none, and call [`Self::handle_timeout`] at the
/// time that [`Self::poll_timeout`] returns. It serves any number of sessions, and at most [`Settings::max_jobs`] jobs
/// in all of them together; without jobs, a session occupies a few bytes.
#[derive(Debug)]
pub struct Server {
    settings: Settings,
    rng: Pcg64Mcg,
    processor: Processor<JobKey>,
    sessions: BTreeSet<AssociationId>,
    jobs: BTreeMap<JobKey, Job>,
    /// The clock's value at which each job is due for a cookie.
    cookies: BTreeSet<(Attained, JobKey)>,
    /// When something is due for each job, regardless of its progress.
    alarms: BTreeSet<(Time, JobKey)>,
    outputs: VecDeque<Output>,
    completed: u64,
    rejected: u64,
    shut_down: bool,
}

/// The session, and the job ID that the pool user chose in it.
type JobKey = (AssociationId, u32);

#[derive(Debug)]
struct Job {
    size: u64,
    /// What was done of it elsewhere, before it came here.
    brought: u64,
    start: Attained,
    finish: Attained,
    cookie_at: Attained,
    cookie_by: Time,
    keep_alive: KeepAlive,
}

/// The state of the keep-alive procedure.
#[derive(Debug, Clone, Copy)]
enum KeepAlive {
    /// Send a keep-alive at this time.
    AskAt(Time),
    /// A keep-alive has been sent, and must be acknowledged by this time.
    AnswerBy(Time),
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send a message, with [`wire::Ppid::CALC_APP`].
    Send {
        /// The session to send it in.
        session: AssociationId,
        /// The message.
        bytes: Vec<u8>,
    },
    /// Send a state cookie.
    Cookie {
        /// The session to send it in.
        session: AssociationId,
        /// The cookie.
        bytes: Vec<u8>,
    },
    /// Something happened that may be of interest.
    Event(Event),
}

/// What happened to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It was taken into service.
    Accepted {
        /// The session.
        session: AssociationId,
        /// The job.
        job_id: u32,
        /// Its size in calculations.
        size: u64,
        /// How much of it had been done before, according to a cookie.
        completed: u64,
    },
    /// It was refused, because as many jobs as possible are in service, or because the session has one of that ID.
    Rejected {
        /// The session.
        session: AssociationId,
        /// The job.
        job_id: u32,
    },
    /// It was completed.
    Completed {
        /// The session.
        session: AssociationId,
        /// The job.
        job_id: u32,
        /// Its size in calculations.
        size: u64,
    },
    /// It was given up because its pool user did not answer.
    Abandoned {
        /// The session.
        session: AssociationId,
        /// The job.
        job_id: u32,
        /// How many calculations had been done.
        completed: u64,
    },
}

/// What a server has done since it was created. All numbers only grow.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Work {
    /// Calculations done, including those for jobs that were not completed here.
    pub done: f64,
    /// Jobs completed.
    pub completed: u64,
    /// Jobs rejected because too many were in service.
    pub rejected: u64,
}

impl Server {
    /// Creates a server without sessions.
    #[must_use]
    pub fn new(now: Time, settings: Settings, seed: u64) -> Self {
        Self {
            processor: Processor::new(now, settings.capacity),
            settings: settings.sanitized(),
            rng: Pcg64Mcg::seed_from_u64(seed),
            sessions: BTreeSet::new(),
            jobs: BTreeMap::new(),
            cookies: BTreeSet::new(),
            alarms: BTreeSet::new(),
            outputs: VecDeque::new(),
            completed: 0,
            rejected: 0,
            shut_down: false,
        }
    }

    /// A pool user opened a session.
    pub fn begin_session(&mut self, now: Time, session: AssociationId) {
        self.handle_timeout(now);
        self.sessions.insert(session);
    }

    /// A pool user sent a message. In a session that has ended it is ignored.
    ///
    /// # Errors
    /// Returns an error if the message makes no sense. The session with its jobs has then ended here, and is to be
    /// aborted.
    pub fn handle_message(&mut self, now: Time, session: AssociationId, bytes: &[u8]) -> Result<(), Refused> {
        self.handle_timeout(now);
        if !self.sessions.contains(&session) {
            return Ok(());
        }
        let outcome = Message::decode(bytes)
            .map_err(Refused::Message)
            .and_then(|message| self.handle(now, session, message));
        if outcome.is_err() {
            self.end_session(now, session);
        }
        outcome
    }

    /// A pool user sent the state from which to continue. In a session that has ended it is ignored.
    ///
    /// # Errors
    /// Returns an error if that is no possible state. The session with its jobs has then ended here, and is to be
    /// aborted.
    pub fn handle_cookie_echo(
        &mut self,
        now: Time,
        session: AssociationId,
        cookie: &[u8],
    ) -> Result<(), Refused> {
        self.handle_timeout(now);
        if !self.sessions.contains(&session) {
            return Ok(());
        }
        match StateCookie::decode(cookie) {
            Ok(state) => {
                self.begin(now, session, state);
                Ok(())
            }
            Err(malformed) => {
                self.end_session(now, session);
                Err(Refused::Cookie(malformed))
            }
        }
    }

    /// A session ended; so do its jobs.
    pub fn end_session(&mut self, now: Time, session: AssociationId) {
        self.handle_timeout(now);
        self.sessions.remove(&session);
        let jobs = self.jobs.range((session, 0)..=(session, u32::MAX));
        let keys: Vec<JobKey> = jobs.map(|(key, _)| *key).collect();
        for key in keys {
            self.remove(now, key);
        }
    }

    /// The time returned by [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Time) {
        while let Some(key) = self.processor.next_done(now) {
            self.complete(key);
        }
        self.send_due_cookies(now);
        self.handle_alarms(now);
    }

    /// Returns when to call [`Self::handle_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        let cookie = self.cookies.first();
        let cookie = cookie.and_then(|(value, _)| self.processor.time_of(*value));
        let alarm = self.alarms.first().map(|(time, _)| *time);
        [self.processor.poll_timeout(), cookie, alarm]
            .into_iter()
            .flatten()
            .min()
    }

    /// Ends all jobs, and sends their last cookies with [`Settings::final_cookie_probability`]. Everything that pool
    /// users ask for from now on is rejected.
    pub fn shut_down(&mut self, now: Time) {
        self.handle_timeout(now);
        if std::mem::replace(&mut self.shut_down, true) {
            return;
        }
        let draw: f64 = self.rng.random();
        let keys: Vec<JobKey> = self.jobs.keys().copied().collect();
        for key in keys {
            if draw < self.settings.final_cookie_probability {
                self.send_cookie(now, key);
            }
            self.remove(now, key);
        }
    }

    /// Changes the capacity, in calculations per second; what is done remains done. 0 stops all jobs for the time
    /// being.
    pub fn set_capacity(&mut self, now: Time, capacity: f64) {
        self.handle_timeout(now);
        self.processor.set_capacity(now, capacity);
        self.settings.capacity = self.processor.capacity();
    }

    /// Changes the maximum number of jobs. Those in service remain, even if they are more.
    pub fn set_max_jobs(&mut self, now: Time, max: usize) {
        self.handle_timeout(now);
        self.settings.max_jobs = max;
    }

    /// Returns the next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Returns the settings in effect.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the load from 0 to 1: the jobs in service in relation to their maximum.
    #[must_use]
    pub fn load(&self) -> f64 {
        if self.jobs.len() >= self.settings.max_jobs {
            return 1.0;
        }
        self.jobs.len() as f64 / self.settings.max_jobs as f64
    }

    /// Returns the number of jobs in service.
    #[must_use]
    pub fn running(&self) -> usize {
        self.jobs.len()
    }

    /// Returns what was done until now.
    #[must_use]
    pub fn work(&self, now: Time) -> Work {
        Work {
            done: self.processor.done(now),
            completed: self.completed,
            rejected: self.rejected,
        }
    }

    fn handle(&mut self, now: Time, session: AssociationId, message: Message) -> Result<(), Refused> {
        let key = (session, message.job_id);
        match message.kind {
            Kind::Request => {
                let state = StateCookie {
                    job_id: message.job_id,
                    job_size: message.job_size,
                    completed: 0,
                };
                self.begin(now, session, state);
            }
            // Those for unknown jobs are ignored, as rsplib does.
            Kind::KeepAlive if self.jobs.contains_key(&key) => self.send(key, Kind::KeepAliveAck, 0),
            Kind::KeepAliveAck if self.jobs.contains_key(&key) => {
                let ask_at = now + self.settings.keep_alive_interval;
                self.set_alarm(key, |job| job.keep_alive = KeepAlive::AskAt(ask_at));
            }
            Kind::KeepAlive | Kind::KeepAliveAck => {}
            Kind::Accept | Kind::Reject | Kind::Abort | Kind::Complete => {
                return Err(Refused::WrongDirection(message));
            }
        }
        Ok(())
    }

    fn begin(&mut self, now: Time, session: AssociationId, state: StateCookie) {
        let key = (session, state.job_id);
        let job_id = state.job_id;
        let is_full = self.shut_down || self.jobs.len() >= self.settings.max_jobs;
        if is_full || self.jobs.contains_key(&key) {
            self.rejected += u64::from(is_full);
            self.send(key, Kind::Reject, 0);
            self.outputs
                .push_back(Output::Event(Event::Rejected { session, job_id }));
            return;
        }
        self.send(key, Kind::Accept, 0);
        self.outputs.push_back(Output::Event(Event::Accepted {
            session,
            job_id,
            size: state.job_size,
            completed: state.completed,
        }));
        // Both numbers may be too large for a floating point number to be exact, their difference is what counts.
        let remaining = state.job_size.saturating_sub(state.completed);
        let (start, finish) = self.processor.add(now, key, remaining as f64);
        let job = Job {
            size: state.job_size,
            brought: state.completed,
            start,
            finish,
            // A pool user has a cookie from the beginning.
            cookie_at: start,
            cookie_by: now,
            keep_alive: KeepAlive::AskAt(now + self.settings.keep_alive_interval),
        };
        self.cookies.insert((job.cookie_at, key));
        self.alarms.insert((job.alarm(), key));
        self.jobs.insert(key, job);
        self.handle_timeout(now);
    }

    /// Completes a job that the processor has taken out of service.
    fn complete(&mut self, key: JobKey) {
        if let Some(job) = self.jobs.remove(&key) {
            self.cookies.remove(&(job.cookie_at, key));
            self.alarms.remove(&(job.alarm(), key));
            self.completed += 1;
            self.send(key, Kind::Complete, job.size);
            let (session, job_id) = key;
            let size = job.size;
            self.outputs.push_back(Output::Event(Event::Completed {
                session,
                job_id,
                size,
            }));
        }
    }

    /// Removes a job that is not done.
    fn remove(&mut self, now: Time, key: JobKey) {
        if let Some(job) = self.jobs.remove(&key) {
            self.cookies.remove(&(job.cookie_at, key));
            self.alarms.remove(&(job.alarm(), key));
            self.processor.remove(now, key, job.finish);
        }
    }

    fn send_due_cookies(&mut self, now: Time) {
        while let Some(&(value, key)) = self.cookies.first() {
            if self.processor.time_of(value).is_none_or(|time| time > now) {
                return;
            }
            self.send_cookie(now, key);
        }
    }

    fn handle_alarms(&mut self, now: Time) {
        while let Some(&(time, key)) = self.alarms.first() {
            if time > now {
                return;
            }
            let Some(job) = self.jobs.get(&key) else {
                self.alarms.pop_first();
                continue;
            };
            if job.cookie_by <= now {
                self.send_cookie(now, key);
                continue;
            }
            match job.keep_alive {
                KeepAlive::AskAt(_) => {
                    let answer_by = now + self.settings.keep_alive_timeout;
                    self.set_alarm(key, |job| job.keep_alive = KeepAlive::AnswerBy(answer_by));
                    self.send(key, Kind::KeepAlive, 0);
                }
                KeepAlive::AnswerBy(_) => self.abandon(now, key),
            }
        }
    }

    fn abandon(&mut self, now: Time, key: JobKey) {
        let (session, job_id) = key;
        if let Some(job) = self.jobs.get(&key) {
            let completed = job.completed(self.processor.clock(now));
            self.outputs.push_back(Output::Event(Event::Abandoned {
                session,
                job_id,
                completed,
            }));
        }
        self.remove(now, key);
    }

    /// Changes a job, and keeps the order of what is due.
    fn set_alarm(&mut self, key: JobKey, change: impl FnOnce(&mut Job)) {
        if let Some(job) = self.jobs.get_mut(&key) {
            self.alarms.remove(&(job.alarm(), key));
            change(job);
            self.alarms.insert((job.alarm(), key));
        }
    }

    fn send_cookie(&mut self, now: Time, key: JobKey) {
        let clock = self.processor.clock(now);
        let cookie_by = now + self.settings.cookie_interval;
        self.set_alarm(key, |job| job.cookie_by = cookie_by);
        let Some(job) = self.jobs.get_mut(&key) else {
            return;
        };
        self.cookies.remove(&(job.cookie_at, key));
        let shortest = self.processor.capacity() * SHORTEST_INTERVAL.as_secs_f64();
        job.cookie_at = clock.after(self.settings.cookie_calculations.max(shortest));
        self.cookies.insert((job.cookie_at, key));
        let (session, job_id) = key;
        let cookie = StateCookie {
            job_id,
            job_size: job.size,
            completed: job.completed(clock),
        };
        let bytes = cookie.encode();
        self.outputs.push_back(Output::Cookie { session, bytes });
    }

    fn send(&mut self, (session, job_id): JobKey, kind: Kind, size: u64) {
        let message = Message {
            kind,
            job_id,
            job_size: size,
            completed: size,
        };
        let bytes = message.encode();
        self.outputs.push_back(Output::Send { session, bytes });
    }
}

impl Job {
    /// Returns how much of it is done, rounded down to whole calculations.
    fn completed(&self, clock: Attained) -> u64 {
        let here = clock.since(self.start) as u64;
        self.brought.saturating_add(here).min(self.size)
    }

    /// Returns when something is due regardless of its progress.
    fn alarm(&self) -> Time {
        let (KeepAlive::AskAt(time) | KeepAlive::AnswerBy(time)) = self.keep_alive;
        time.min(self.cookie_by)
    }
}
