//! The CalcApp service: jobs that share a capacity and compute nothing, but cause load.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{AssociationId, Time};
use wire::Ppid;
use wire::calc_app::{Kind, Message, StateCookie};

use super::{Host, Service};

/// Calculations per second of a pool element, shared equally by its jobs. This and the following are rsplib's
/// values.
const CAPACITY: f64 = 1_000_000.0;
/// Number of calculations after which a job gets a new cookie.
const COOKIE_CALCULATIONS: f64 = 5_000_000.0;
/// Time after which a job gets a new cookie.
const COOKIE_TIME: Duration = Duration::from_secs(5);
/// Time without a sign of life of the pool user until it is probed, and then until its job is removed.
const KEEP_ALIVE: Duration = Duration::from_millis(2500);

/// The CalcApp service.
#[derive(Debug)]
pub(crate) struct CalcApp {
    most_jobs: usize,
    jobs: BTreeMap<(AssociationId, u32), Job>,
    /// The time up to which the jobs' progress has been counted.
    counted: Time,
}

#[derive(Debug)]
struct Job {
    size: u64,
    completed: f64,
    cookie_at: f64,
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

impl CalcApp {
    /// Creates a service with a maximum number of simultaneous jobs.
    pub(crate) const fn new(most_jobs: usize) -> Self {
        Self {
            most_jobs,
            jobs: BTreeMap::new(),
            counted: Time::ZERO,
        }
    }

    fn begin(&mut self, host: &mut Host<'_, '_>, session: AssociationId, state: StateCookie) {
        self.count(host.now());
        let key = (session, state.job_id);
        let accepted = self.jobs.len() < self.most_jobs && !self.jobs.contains_key(&key);
        let kind = if accepted { Kind::Accept } else { Kind::Reject };
        send(host, session, kind, state.job_id, 0);
        if accepted {
            let job = Job {
                size: state.job_size,
                completed: state.completed as f64,
                cookie_at: 0.0,
                cookie_by: host.now(),
                keep_alive: KeepAlive::AskAt(host.now() + KEEP_ALIVE),
            };
            self.jobs.insert(key, job);
        }
        self.handle_due(host);
    }

    /// Counts the calculations up to now. When a job ends, the remaining ones get faster.
    fn count(&mut self, now: Time) {
        let mut left = now.saturating_since(self.counted).as_secs_f64();
        self.counted = now;
        while left > 0.0 {
            let running = self.jobs.values().filter(|job| job.remaining() > 0.0).count();
            let Some(shortest) = self
                .jobs
                .values()
                .map(Job::remaining)
                .filter(|remaining| *remaining > 0.0)
                .min_by(f64::total_cmp)
            else {
                return;
            };
            let speed = CAPACITY / running as f64;
            let step = left.min(shortest / speed);
            for job in self.jobs.values_mut() {
                // The shortest job must be done exactly, regardless of rounding.
                job.completed = if step < left && job.remaining() <= shortest {
                    job.size as f64
                } else {
                    (job.completed + step * speed).min(job.size as f64)
                };
            }
            left -= step;
        }
    }

    fn handle_due(&mut self, host: &mut Host<'_, '_>) {
        let now = host.now();
        let mut gone = Vec::new();
        for (&(session, id), job) in &mut self.jobs {
            if job.remaining() <= 0.0 {
                send(host, session, Kind::Complete, id, job.size);
                gone.push((session, id));
                continue;
            }
            if job.completed >= job.cookie_at || now >= job.cookie_by {
                job.cookie_at = job.completed + COOKIE_CALCULATIONS;
                job.cookie_by = now + COOKIE_TIME;
                send_cookie(host, session, id, job);
            }
            match job.keep_alive {
                KeepAlive::AskAt(time) if now >= time => {
                    send(host, session, Kind::KeepAlive, id, 0);
                    job.keep_alive = KeepAlive::AnswerBy(now + KEEP_ALIVE);
                }
                KeepAlive::AnswerBy(time) if now >= time => {
                    tracing::warn!("job {id} is removed: its pool user does not answer");
                    gone.push((session, id));
                }
                KeepAlive::AskAt(_) | KeepAlive::AnswerBy(_) => {}
            }
        }
        for key in gone {
            self.jobs.remove(&key);
        }
    }
}

impl Job {
    fn remaining(&self) -> f64 {
        self.size as f64 - self.completed
    }
}

impl Service for CalcApp {
    fn begin_session(&mut self, _host: &mut Host<'_, '_>, _session: AssociationId) {}

    fn handle_cookie_echo(&mut self, host: &mut Host<'_, '_>, session: AssociationId, cookie: &[u8]) {
        match StateCookie::decode(cookie) {
            Ok(state) => self.begin(host, session, state),
            Err(malformed) => host.refuse(session, &format!("unacceptable cookie: {malformed}")),
        }
    }

    fn handle_data(&mut self, host: &mut Host<'_, '_>, session: AssociationId, ppid: Ppid, bytes: &[u8]) {
        if ppid != Ppid::CALC_APP {
            return host.refuse(session, &format!("{ppid} is not what this service speaks"));
        }
        let message = match Message::decode(bytes) {
            Ok(message) => message,
            Err(malformed) => return host.refuse(session, &malformed.to_string()),
        };
        let now = host.now();
        let known = self.jobs.get_mut(&(session, message.job_id));
        match (message.kind, known) {
            (Kind::Request, _) => {
                let state = StateCookie {
                    job_id: message.job_id,
                    job_size: message.job_size,
                    completed: 0,
                };
                self.begin(host, session, state);
            }
            (Kind::KeepAlive, Some(_)) => send(host, session, Kind::KeepAliveAck, message.job_id, 0),
            (Kind::KeepAliveAck, Some(job)) => job.keep_alive = KeepAlive::AskAt(now + KEEP_ALIVE),
            (Kind::KeepAlive | Kind::KeepAliveAck, None) => {}
            (Kind::Accept | Kind::Reject | Kind::Abort | Kind::Complete, _) => {
                host.refuse(session, &format!("{} from a pool user", message.name()));
            }
        }
    }

    fn end_session(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        self.count(host.now());
        self.jobs.retain(|(owner, _), _| *owner != session);
    }

    fn handle_timeout(&mut self, host: &mut Host<'_, '_>) {
        self.count(host.now());
        self.handle_due(host);
    }

    fn poll_timeout(&self) -> Option<Time> {
        let running = self.jobs.len() as f64;
        self.jobs
            .values()
            .map(|job| {
                let to_do = job.remaining().min(job.cookie_at - job.completed).max(0.0);
                // Add a microsecond, so that rounding does not lead to repeated calls that are slightly too early.
                let milestone =
                    Duration::from_secs_f64(to_do * running / CAPACITY) + Duration::from_micros(1);
                let (KeepAlive::AskAt(time) | KeepAlive::AnswerBy(time)) = job.keep_alive;
                (self.counted + milestone).min(time).min(job.cookie_by)
            })
            .min()
    }

    fn shut_down(&mut self, host: &mut Host<'_, '_>) {
        self.count(host.now());
        for (&(session, id), job) in &self.jobs {
            send_cookie(host, session, id, job);
        }
        self.jobs.clear();
    }

    fn running(&self) -> usize {
        self.jobs.len()
    }
}

fn send(host: &mut Host<'_, '_>, session: AssociationId, kind: Kind, job_id: u32, size: u64) {
    let message = Message {
        kind,
        job_id,
        job_size: size,
        completed: size,
    };
    host.send(session, Ppid::CALC_APP, message.encode());
}

fn send_cookie(host: &mut Host<'_, '_>, session: AssociationId, job_id: u32, job: &Job) {
    let cookie = StateCookie {
        job_id,
        job_size: job.size,
        completed: job.completed as u64,
    };
    host.send_cookie(session, cookie.encode());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(size: u64) -> Job {
        Job {
            size,
            completed: 0.0,
            cookie_at: COOKIE_CALCULATIONS,
            cookie_by: Time::ZERO + COOKIE_TIME,
            keep_alive: KeepAlive::AskAt(Time::ZERO + KEEP_ALIVE),
        }
    }

    #[test]
    fn jobs_share_the_capacity_and_the_rest_gets_faster() {
        let mut service = CalcApp::new(10);
        let session = AssociationId::incoming(1);
        service.jobs.insert((session, 1), job(500_000));
        service.jobs.insert((session, 2), job(1_500_000));
        service.count(Time::from_origin(Duration::from_millis(500)));
        let completed = |service: &CalcApp, id| service.jobs[&(session, id)].completed;
        assert_eq!(
            (completed(&service, 1), completed(&service, 2)),
            (250_000.0, 250_000.0)
        );
        // The first job is done after another half second; the second has the whole capacity from then on.
        service.count(Time::from_origin(Duration::from_millis(1_500)));
        assert_eq!(
            (completed(&service, 1), completed(&service, 2)),
            (500_000.0, 1_000_000.0)
        );
        service.count(Time::from_origin(Duration::from_secs(60)));
        assert_eq!(completed(&service, 2), 1_500_000.0);
    }

    #[test]
    fn the_next_milestone_is_when_a_job_is_done() {
        let mut service = CalcApp::new(10);
        let session = AssociationId::incoming(1);
        service.jobs.insert((session, 1), job(400_000));
        let due = service.poll_timeout().unwrap();
        assert_eq!(due.since_origin(), Duration::from_micros(400_001));
        service.jobs.insert((session, 2), job(9_000_000));
        let due = service.poll_timeout().unwrap();
        assert_eq!(due.since_origin(), Duration::from_micros(800_001));
    }
}
