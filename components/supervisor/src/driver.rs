//! The loop of the background thread: carries out the actions of the jobs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinSet;

use super::child::{News, RunningChild};
use super::hearing::Gap;
use super::job::{Action, Job, JobCommand, JobSignal};
use super::lanes::{LaneReceiver, Waiting};
use super::packets::{PacketReader, PacketSink};
use super::sleep::Sleep;
use super::updates::UpdateSender;
use super::{NumberedCommand, Supervisor, SupervisorCommand};
use model::ComponentId;

/// The maximum number of waiting news items.
const NEWS: usize = 256;

struct Driver {
    program: PathBuf,
    updates: UpdateSender,
    news: mpsc::Sender<News>,
    /// Present if somebody takes packets.
    packets: Option<PacketReader>,
    jobs: BTreeMap<ComponentId, Entry>,
    /// Work running in other tasks.
    works: JoinSet<()>,
    gap: Arc<Gap>,
    sleep: Sleep,
}

#[derive(Default)]
struct Entry {
    job: Job,
    /// The number of its latest command.
    command: u64,
    child: Option<RunningChild>,
}

/// Runs until it is told to leave or all command senders are gone, and no process is left.
pub(super) async fn run(
    program: PathBuf,
    mut commands: LaneReceiver<NumberedCommand>,
    updates: UpdateSender,
    packets: Option<PacketSink>,
) {
    let (news, mut arriving) = mpsc::channel(NEWS);
    let gap = Arc::<Gap>::default();
    let mut driver = Driver {
        sleep: Sleep::new(Arc::clone(&gap)),
        gap,
        packets: packets.map(|sink| PacketReader::start(sink, updates.clone())),
        program,
        updates,
        news,
        jobs: BTreeMap::new(),
        works: JoinSet::new(),
    };
    // Nothing in this loop waits for the window. Leaving overtakes all commands.
    while !commands.is_closed() {
        tokio::select! {
            biased;
            command = commands.recv() => match command {
                Some(command) => driver.handle_command(command),
                None => break,
            },
            Some(news) = arriving.recv() => driver.handle_news(news),
            () = sleep_until(driver.poll_timeout()) => driver.handle_timeout(),
            Some(_) = driver.works.join_next() => {}
        }
        // Lets the tasks that send signals run before the next command is carried out.
        tokio::task::yield_now().await;
    }
    while let Some(waiting) = commands.try_recv() {
        if matches!(waiting.value.command, SupervisorCommand::Work(..)) {
            driver.handle_command(waiting);
        }
    }
    driver.leave(&mut arriving).await;
    while driver.works.join_next().await.is_some() {}
}

/// Says why a process could not be started, and what helps.
fn not_spawned(program: &Path, error: &std::io::Error) -> String {
    use nix::errno::Errno;
    let remedy = match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EMFILE) => ": allow more open files with \"ulimit -n 4096\", then start Poolscope again",
        Some(Errno::EAGAIN) => ": allow more processes with \"ulimit -u\", or end some",
        _ => "",
    };
    format!("{}: {error}{remedy}", program.display())
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

impl Driver {
    fn handle_command(&mut self, Waiting { value, place }: Waiting<NumberedCommand>) {
        let NumberedCommand { number, command } = value;
        match command {
            SupervisorCommand::Job(id, command) => {
                self.observe_before(&command, id);
                let entry = self.jobs.entry(id).or_default();
                entry.command = number;
                let actions = entry.job.handle_command(Instant::now(), command);
                self.carry_out(id, actions);
                self.report_standing(id, Some(place));
            }
            SupervisorCommand::Forget(id) => {
                if self.jobs.get(&id).is_some_and(|entry| !entry.job.is_alive()) {
                    self.jobs.remove(&id);
                }
            }
            SupervisorCommand::Work(id, work) => {
                let updates = self.updates.clone();
                let work = tokio::task::spawn_blocking(work);
                self.works.spawn(async move {
                    if let Ok(change) = work.await {
                        updates.send(id, change).await;
                    }
                });
            }
        }
    }

    fn handle_news(&mut self, news: News) {
        let (id, actions) = match news {
            News::Exited(id, exit, last_words) => {
                let entry = self.jobs.entry(id).or_default();
                entry.child = None;
                (id, entry.job.exited(exit, last_words))
            }
            News::Heard(id) => (id, self.jobs.entry(id).or_default().job.heard()),
            News::FeedBroken(id, why) => (id, self.jobs.entry(id).or_default().job.feed_broken(why)),
        };
        self.carry_out(id, actions);
        self.report_standing(id, None);
    }

    /// What somebody else did to the process matters for some commands.
    fn observe_before(&mut self, command: &JobCommand, id: ComponentId) {
        if let (JobCommand::Thaw | JobCommand::Stop | JobCommand::Restart(_), Some(entry)) =
            (command, self.jobs.get_mut(&id))
            && let Some(child) = &entry.child
        {
            entry.job.observe(child.system_state());
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let jobs = self.jobs.values().map(|entry| &entry.job);
        let children = jobs.clone().any(Job::is_alive);
        jobs.flat_map(|job| [job.poll_timeout(), job.poll_listening()])
            .flatten()
            .chain(children.then(|| self.sleep.poll_timeout()))
            .min()
    }

    fn handle_timeout(&mut self) {
        let now = Instant::now();
        if now >= self.sleep.poll_timeout() {
            let (slept, told) = self.sleep.handle(now);
            if !slept.is_zero() {
                self.jobs
                    .values_mut()
                    .for_each(|entry| entry.job.slept(now, slept));
            }
            if let Some(slept) = told {
                self.updates.report_sleep(slept.duration, slept.all);
            }
        }
        let ids: Vec<ComponentId> = self.jobs.keys().copied().collect();
        for id in ids {
            let entry = self.jobs.entry(id).or_default();
            let mut actions = entry.job.handle_timeout(now);
            if let Some(child) = &entry.child
                && entry.job.poll_listening().is_some_and(|due| due <= now)
            {
                let hearing = child.hearing();
                actions.extend(entry.job.listen(now, hearing.last(now), || child.system_state()));
                if entry.job.is_silent() {
                    hearing.set_silent();
                }
            }
            self.carry_out(id, actions);
        }
    }

    fn carry_out(&mut self, id: ComponentId, actions: Vec<Action>) {
        let mut actions = std::collections::VecDeque::from(actions);
        while let Some(action) = actions.pop_front() {
            let entry = self.jobs.entry(id).or_default();
            match action {
                Action::Spawn(command_line) => {
                    let child = RunningChild::spawn(
                        &self.program,
                        &command_line,
                        id,
                        &self.updates,
                        &self.news,
                        &self.gap,
                        self.packets.as_ref(),
                    );
                    actions.extend(match child {
                        Ok(child) => {
                            let reports = entry.job.spawned(Instant::now(), child.pid());
                            entry.child = Some(child);
                            reports
                        }
                        Err(error) => entry.job.not_spawned(not_spawned(&self.program, &error)),
                    });
                }
                Action::Write(command) => {
                    if !entry.child.as_ref().is_some_and(|child| child.write(command)) {
                        actions.extend(entry.job.not_written());
                    }
                }
                Action::CloseInput => {
                    if let Some(child) = &mut entry.child {
                        child.close_input();
                    }
                }
                Action::Signal(signal) => {
                    if let Some(child) = &entry.child {
                        child.signal(signal);
                    }
                }
                Action::Report(change) => self.updates.report(id, change),
            }
        }
    }

    /// Reports a component's standing after a command, which occupied this place, or after the end of its process.
    fn report_standing(&self, id: ComponentId, place: Option<OwnedSemaphorePermit>) {
        if let Some(entry) = self.jobs.get(&id) {
            self.updates
                .report_standing(id, entry.command, !entry.job.is_alive(), place);
        }
    }

    /// Ends all processes: gracefully while there is time, then by force.
    async fn leave(&mut self, arriving: &mut mpsc::Receiver<News>) {
        let now = Instant::now();
        let ids: Vec<ComponentId> = self.jobs.keys().copied().collect();
        for id in ids {
            self.observe_before(&JobCommand::Stop, id);
            let actions = self.jobs.entry(id).or_default().job.leave(now);
            self.carry_out(id, actions);
        }
        let in_order = self.all_exited(arriving);
        if tokio::time::timeout(Supervisor::LEAVE_WITHIN, in_order)
            .await
            .is_ok()
        {
            return;
        }
        for child in self.jobs.values().filter_map(|entry| entry.child.as_ref()) {
            child.signal(JobSignal::Kill);
        }
        // A killed process ends unless the kernel itself hangs, in which case nothing would help.
        let _ = tokio::time::timeout(Supervisor::LEAVE_WITHIN, self.all_exited(arriving)).await;
    }

    async fn all_exited(&mut self, arriving: &mut mpsc::Receiver<News>) {
        while self.jobs.values().any(|entry| entry.child.is_some()) {
            match arriving.recv().await {
                Some(news) => self.handle_news(news),
                None => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use super::*;
    use crate::lanes::LaneSender;
    use crate::{JobCommand, lanes, updates};
    use model::Change;

    /// How long a test waits before it gives up: far longer than anything ever takes.
    const PATIENCE: Duration = Duration::from_secs(20);
    const ID: ComponentId = ComponentId(1);

    fn command(commands: &LaneSender<NumberedCommand>, number: u64, command: JobCommand) {
        let command = SupervisorCommand::Job(ID, command);
        commands.try_send(NumberedCommand { number, command }).unwrap();
    }

    /// Returns both ends of an update channel that is full.
    fn without_room(runtime: &tokio::runtime::Runtime) -> (UpdateSender, updates::UpdateReceiver) {
        let (sender, receiver) = updates::channel(Arc::new(|| {}));
        runtime.block_on(async {
            let fill = async {
                loop {
                    sender.send(ID, Change::LogLine("full".into())).await;
                }
            };
            // No updates are taken, so that this ends up waiting for room that never becomes available.
            tokio::select! {
                biased;
                () = tokio::task::unconstrained(fill) => {}
                () = tokio::task::yield_now() => {}
            }
        });
        (sender, receiver)
    }

    /// A child shows that it is alive by writing to a named pipe, and that it is gone by the end of that.
    #[test]
    fn a_process_is_killed_though_nobody_takes_updates_and_there_is_no_room_for_more() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let script = format!("exec 3>{}; echo alive >&3; exec sleep 60", pipe.display());

        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let (sender, receiver) = without_room(&runtime);
        let (commands, to_do) = lanes::channel(Supervisor::COMMANDS, Supervisor::URGENT_COMMANDS);
        let thread = std::thread::spawn(move || runtime.block_on(run("/bin/sh".into(), to_do, sender, None)));
        command(&commands, 1, JobCommand::Start(vec!["-c".into(), script]));

        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            let lines = BufReader::new(std::fs::File::open(pipe).unwrap()).lines();
            lines.map_while(Result::ok).for_each(|line| {
                let _ = sender.send(line);
            });
        });
        assert_eq!(lines.recv_timeout(PATIENCE).as_deref(), Ok("alive"));
        command(&commands, 2, JobCommand::Kill);
        assert_eq!(
            lines.recv_timeout(PATIENCE),
            Err(mpsc::RecvTimeoutError::Disconnected),
            "the process goes on"
        );
        drop(commands);
        thread.join().unwrap();
        drop(receiver);
    }
}
