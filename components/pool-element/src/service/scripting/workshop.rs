//! Files and processes of the units, in a thread of its own: disks and processes take their time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use protocol::AssociationId;
use runtime::WorkSender;
use scripting::server::{File, Job};
use scripting::{Hash, NOT_STARTED};
use wire::scripting::MOST_DATA;

use super::folder::Folder;
use super::unit::{ENVIRONMENT, LOG, Limits, OUTPUT, PACKAGE, Unit};
use crate::args::UnitProgram;
use crate::service::Done;

/// The maximum number of bytes of what a unit said that are told.
const MOST_SAID: u64 = 400;
/// How long the end of the pool element waits for the end of its units.
const CLEANING: Duration = Duration::from_secs(5);

/// What the workshop tells.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A unit has ended, or could not be started.
    Ended {
        session: AssociationId,
        exit_status: u32,
        /// The end of what it said, or why it could not be started.
        said: String,
    },
    /// A piece of a result.
    Output { session: AssociationId, data: Vec<u8> },
    /// A kept environment cannot be used.
    Lost(Hash),
}

/// The thread. When this is dropped, all units are killed and all files are removed.
#[derive(Debug)]
pub(super) struct Workshop {
    orders: mpsc::Sender<Order>,
    queued: Arc<AtomicUsize>,
    finished: mpsc::Receiver<()>,
}

#[derive(Debug)]
enum Order {
    Job(Job),
    /// The processes of a unit have ended.
    Ended(AssociationId, u32),
    End,
}

impl Workshop {
    /// Starts the thread.
    ///
    /// # Errors
    /// Returns an error if there is no room for files, or the thread cannot be started.
    pub(super) fn start(program: UnitProgram, limits: Limits, answers: WorkSender<Done>) -> io::Result<Self> {
        let (orders, received) = mpsc::channel();
        let (finish, finished) = mpsc::channel();
        let queued = Arc::new(AtomicUsize::new(0));
        let mut thread = Thread {
            program,
            limits,
            folder: Folder::create()?,
            orders: orders.clone(),
            queued: Arc::clone(&queued),
            units: BTreeMap::new(),
            doomed: BTreeSet::new(),
            broken: BTreeMap::new(),
            tell: Box::new(move |answer| {
                // A pool element that has ended does not listen.
                let _ = answers.send(Done::Unit(answer));
            }),
        };
        std::thread::Builder::new()
            .name("workshop".into())
            .stack_size(256 << 10)
            .spawn(move || {
                thread.work(&received);
                drop(finish);
            })?;
        Ok(Self {
            orders,
            queued,
            finished,
        })
    }

    /// Has a job done, after all previous ones.
    pub(super) fn submit(&self, job: Job) {
        if let Job::Append { data, .. } = &job {
            self.queued.fetch_add(data.len(), Ordering::Relaxed);
        }
        // The thread lives as long as this.
        let _ = self.orders.send(Order::Job(job));
    }

    /// Returns the number of uploaded bytes that have not been written yet.
    pub(super) fn queued_bytes(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::End);
        let _ = self.finished.recv_timeout(CLEANING);
    }
}

struct Thread {
    program: UnitProgram,
    limits: Limits,
    folder: Folder,
    orders: mpsc::Sender<Order>,
    queued: Arc<AtomicUsize>,
    units: BTreeMap<AssociationId, Option<Unit>>,
    /// Sessions that are over, whose units have not ended yet.
    doomed: BTreeSet<AssociationId>,
    /// Sessions whose files could not be written, and why.
    broken: BTreeMap<AssociationId, String>,
    tell: Box<dyn Fn(Answer) + Send>,
}

impl Thread {
    fn work(&mut self, orders: &mpsc::Receiver<Order>) {
        while let Ok(order) = orders.recv() {
            match order {
                Order::Job(job) => self.do_job(job),
                Order::Ended(session, exit_status) => self.ended(session, exit_status),
                Order::End => break,
            }
        }
        let sessions: Vec<AssociationId> = self.units.keys().copied().collect();
        for session in sessions {
            self.kill(session);
        }
        let deadline = Instant::now() + CLEANING;
        while !self.units.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            match orders.recv_timeout(left) {
                Ok(Order::Ended(session, _)) => {
                    self.units.remove(&session);
                }
                Ok(Order::Job(_) | Order::End) => {}
                Err(_) => break,
            }
        }
        self.folder.remove();
    }

    fn do_job(&mut self, job: Job) {
        match job {
            Job::Append { session, file, data } => {
                self.queued.fetch_sub(data.len(), Ordering::Relaxed);
                let appended = self.append(session, file, &data);
                self.note(session, "cannot write an upload", appended);
            }
            Job::TakeEnvironment { session, hash } => {
                let taken = self.folder_of(session).and_then(|folder| {
                    fs::copy(self.kept(&hash), folder.join(ENVIRONMENT))?;
                    Ok(())
                });
                if taken.is_err() {
                    (self.tell)(Answer::Lost(hash));
                }
                self.note(session, "cannot copy the environment", taken);
            }
            Job::KeepEnvironment { session, hash } => {
                let kept = self.folder_of(session).and_then(|folder| {
                    fs::copy(folder.join(ENVIRONMENT), self.kept(&hash))?;
                    Ok(())
                });
                if let Err(error) = kept {
                    let _ = fs::remove_file(self.kept(&hash));
                    (self.tell)(Answer::Lost(hash));
                    tracing::warn!("cannot keep an environment: {error}");
                }
            }
            Job::DropEnvironment { hash } => {
                let _ = fs::remove_file(self.kept(&hash));
            }
            Job::Run { session, environment } => {
                if let Err(said) = self.run(session, environment) {
                    (self.tell)(Answer::Ended {
                        session,
                        exit_status: NOT_STARTED,
                        said,
                    });
                }
            }
            Job::Kill { session } => self.kill(session),
            Job::ReadOutput { session, offset } => {
                let data = self.read_output(session, offset).unwrap_or_default();
                (self.tell)(Answer::Output { session, data });
            }
            Job::Remove { session } => {
                self.broken.remove(&session);
                if self.units.contains_key(&session) {
                    self.doomed.insert(session);
                    self.kill(session);
                } else {
                    self.remove(session);
                }
            }
        }
    }

    fn note(&mut self, session: AssociationId, what: &str, outcome: io::Result<()>) {
        if let Err(error) = outcome {
            self.broken
                .entry(session)
                .or_insert_with(|| format!("{what}: {error}"));
        }
    }

    fn path(&self, session: AssociationId) -> PathBuf {
        self.folder.path().join(format!("session-{}", session.number()))
    }

    /// Returns the folder of a session, which is created if there is none.
    fn folder_of(&self, session: AssociationId) -> io::Result<PathBuf> {
        let folder = self.path(session);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Returns where an environment is kept.
    fn kept(&self, hash: &Hash) -> PathBuf {
        let name = hash.map(|byte| format!("{byte:02x}")).concat();
        self.folder.path().join(format!("environment-{name}"))
    }

    fn append(&self, session: AssociationId, file: File, data: &[u8]) -> io::Result<()> {
        let name = match file {
            File::Package => PACKAGE,
            File::Environment => ENVIRONMENT,
        };
        let path = self.folder_of(session)?.join(name);
        let mut file = OpenOptions::new().append(true).create(true).open(path)?;
        file.write_all(data)
    }

    fn run(&mut self, session: AssociationId, environment: bool) -> Result<(), String> {
        if let Some(why) = self.broken.get(&session) {
            return Err(why.clone());
        }
        // An empty upload has no file yet.
        let names = [Some(PACKAGE), environment.then_some(ENVIRONMENT)];
        let folder = self.folder_of(session).and_then(|folder| {
            for name in names.into_iter().flatten() {
                OpenOptions::new()
                    .append(true)
                    .create(true)
                    .open(folder.join(name))?;
            }
            Ok(folder)
        });
        let orders = self.orders.clone();
        let ended = move |exit_status| {
            let _ = orders.send(Order::Ended(session, exit_status));
        };
        let unit =
            folder.and_then(|folder| Unit::start(&self.program, &folder, environment, self.limits, ended));
        match unit {
            Ok(unit) => {
                self.units.insert(session, Some(unit));
                Ok(())
            }
            Err(error) => Err(format!("cannot start the unit: {error}")),
        }
    }

    fn kill(&mut self, session: AssociationId) {
        if let Some(unit) = self.units.get_mut(&session).and_then(Option::take) {
            unit.kill();
        }
    }

    fn ended(&mut self, session: AssociationId, exit_status: u32) {
        self.units.remove(&session);
        if self.doomed.remove(&session) {
            return self.remove(session);
        }
        let said = said(&self.path(session).join(LOG)).unwrap_or_default();
        (self.tell)(Answer::Ended {
            session,
            exit_status,
            said,
        });
    }

    fn read_output(&self, session: AssociationId, offset: u64) -> io::Result<Vec<u8>> {
        let path = self.path(session).join(OUTPUT);
        // A unit may have left something else there, which may have no end, or lead elsewhere.
        if !fs::symlink_metadata(&path)?.is_file() {
            return Ok(Vec::new());
        }
        let mut file = fs::File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut data = Vec::new();
        file.take(MOST_DATA as u64).read_to_end(&mut data)?;
        Ok(data)
    }

    fn remove(&self, session: AssociationId) {
        let folder = self.path(session);
        if let Err(error) = fs::remove_dir_all(&folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("cannot remove {}: {error}", folder.display());
        }
    }
}

/// Returns the end of what a unit said, as one line.
fn said(log: &Path) -> io::Result<String> {
    let mut file = fs::File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(MOST_SAID)))?;
    let mut bytes = Vec::new();
    file.take(MOST_SAID).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().escape_debug().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    fn id(number: u64) -> AssociationId {
        AssociationId::incoming(number)
    }

    /// A workshop that tells a test instead of a pool element.
    fn workshop(time: Duration) -> (Workshop, mpsc::Receiver<Answer>, PathBuf) {
        let (orders, received) = mpsc::channel();
        let (finish, finished) = mpsc::channel();
        let (told, answers) = mpsc::channel();
        let queued = Arc::new(AtomicUsize::new(0));
        let folder = Folder::create().unwrap();
        let path = folder.path().to_owned();
        let mut thread = Thread {
            program: UnitProgram::Demonstration(time),
            limits: Limits {
                cpu_time: Duration::from_secs(1),
                file_size: 1 << 20,
            },
            folder,
            orders: orders.clone(),
            queued: Arc::clone(&queued),
            units: BTreeMap::new(),
            doomed: BTreeSet::new(),
            broken: BTreeMap::new(),
            tell: Box::new(move |answer| {
                let _ = told.send(answer);
            }),
        };
        std::thread::spawn(move || {
            thread.work(&received);
            drop(finish);
        });
        let workshop = Workshop {
            orders,
            queued,
            finished,
        };
        (workshop, answers, path)
    }

    fn place(folder: &Path, number: u64) -> PathBuf {
        folder.join(format!("session-{}", id(number).number()))
    }

    fn append(session: AssociationId, file: File, data: &[u8]) -> Job {
        let data = data.to_vec();
        Job::Append { session, file, data }
    }

    fn run(session: AssociationId, environment: bool) -> Job {
        Job::Run { session, environment }
    }

    #[test]
    fn a_unit_is_written_run_read_and_removed() {
        let (workshop, answers, folder) = workshop(Duration::ZERO);
        let session = id(1);
        workshop.submit(append(session, File::Package, b"a"));
        workshop.submit(append(session, File::Package, b"bc"));
        workshop.submit(run(session, false));
        let answer = answers.recv_timeout(PATIENCE).unwrap();
        assert!(
            matches!(answer, Answer::Ended { exit_status: 0, .. }),
            "{answer:?}"
        );
        workshop.submit(Job::ReadOutput { session, offset: 0 });
        workshop.submit(Job::ReadOutput {
            session,
            offset: 1_000,
        });
        workshop.submit(Job::Remove { session });
        let Answer::Output { data, .. } = answers.recv_timeout(PATIENCE).unwrap() else {
            panic!("no output")
        };
        assert_eq!(data, b"a9993e364706816aba3e25717850c26c9cd0d89d\n");
        let Answer::Output { data, .. } = answers.recv_timeout(PATIENCE).unwrap() else {
            panic!("no output")
        };
        assert!(data.is_empty());
        assert_eq!(workshop.queued_bytes(), 0);
        drop(workshop);
        assert!(!folder.exists());
    }

    #[test]
    fn an_environment_that_is_kept_outlives_its_session() {
        let (workshop, answers, folder) = workshop(Duration::ZERO);
        let hash = [7; 20];
        workshop.submit(append(id(1), File::Environment, b"environment"));
        workshop.submit(Job::KeepEnvironment { session: id(1), hash });
        workshop.submit(Job::Remove { session: id(1) });
        workshop.submit(Job::TakeEnvironment { session: id(2), hash });
        workshop.submit(run(id(2), true));
        answers.recv_timeout(PATIENCE).unwrap();
        let taken = fs::read(place(&folder, 2).join(ENVIRONMENT)).unwrap();
        assert_eq!(taken, b"environment");
        workshop.submit(Job::DropEnvironment { hash });
        workshop.submit(Job::TakeEnvironment { session: id(3), hash });
        workshop.submit(run(id(3), true));
        let lost = answers.recv_timeout(PATIENCE).unwrap();
        assert!(matches!(lost, Answer::Lost(lost) if lost == hash), "{lost:?}");
        let Answer::Ended {
            exit_status, said, ..
        } = answers.recv_timeout(PATIENCE).unwrap()
        else {
            panic!("no end")
        };
        assert_eq!(exit_status, NOT_STARTED);
        assert!(said.starts_with("cannot copy the environment: "), "{said}");
    }

    #[test]
    fn a_session_that_ends_early_leaves_nothing_and_nothing_is_told() {
        let (workshop, answers, folder) = workshop(Duration::from_secs(3600));
        workshop.submit(append(id(1), File::Package, b"a"));
        workshop.submit(run(id(1), false));
        workshop.submit(Job::ReadOutput {
            session: id(1),
            offset: 0,
        });
        answers.recv_timeout(PATIENCE).unwrap();
        assert!(place(&folder, 1).exists());
        workshop.submit(Job::Remove { session: id(1) });
        let deadline = Instant::now() + PATIENCE;
        while place(&folder, 1).exists() || workshop.queued_bytes() > 0 {
            assert!(Instant::now() < deadline);
            std::thread::yield_now();
        }
        workshop.submit(Job::ReadOutput {
            session: id(2),
            offset: 0,
        });
        let answer = answers.recv_timeout(PATIENCE).unwrap();
        assert!(matches!(answer, Answer::Output { .. }), "{answer:?}");
        workshop.submit(run(id(3), false));
        drop(workshop);
        assert!(!folder.exists());
    }

    #[test]
    fn an_output_that_leads_elsewhere_is_not_read() {
        let (workshop, answers, folder) = workshop(Duration::ZERO);
        let session = place(&folder, 1);
        fs::create_dir(&session).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", session.join(OUTPUT)).unwrap();
        workshop.submit(Job::ReadOutput {
            session: id(1),
            offset: 0,
        });
        let answer = answers.recv_timeout(PATIENCE).unwrap();
        assert!(
            matches!(&answer, Answer::Output { data, .. } if data.is_empty()),
            "{answer:?}"
        );
    }
}
