//! The loop of the background thread: carries out what the jobs decide.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use tokio::sync::mpsc;

use super::child::{News, RunningChild};
use super::job::{Action, Job, JobSignal};
use super::orders::OrderReceiver;
use super::updates::UpdateSender;
use super::{NumberedOrder, Order, Supervisor};
use model::ComponentId;

/// News of children that may wait.
const NEWS: usize = 256;

struct Driver {
    program: PathBuf,
    updates: UpdateSender,
    news: mpsc::Sender<News>,
    jobs: BTreeMap<ComponentId, Entry>,
}

#[derive(Default)]
struct Entry {
    job: Job,
    /// Number of its latest order.
    order: u64,
    child: Option<RunningChild>,
}

/// Runs until it is told to leave, or nobody can give orders any more, and no process is left.
pub(super) async fn run(program: PathBuf, mut orders: OrderReceiver, updates: UpdateSender) {
    let (news, mut arriving) = mpsc::channel(NEWS);
    let mut driver = Driver {
        program,
        updates,
        news,
        jobs: BTreeMap::new(),
    };
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(NumberedOrder { order: Order::Leave, .. }) | None => break,
                Some(order) => driver.handle_order(order).await,
            },
            Some(news) = arriving.recv() => driver.handle_news(news).await,
            () = sleep_until(driver.poll_timeout()) => driver.handle_timeout().await,
        }
    }
    driver.leave(&mut arriving).await;
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

impl Driver {
    async fn handle_order(&mut self, NumberedOrder { number, order }: NumberedOrder) {
        match order {
            Order::Job(id, order) => {
                let entry = self.jobs.entry(id).or_default();
                entry.order = number;
                let actions = entry.job.handle_order(Instant::now(), order);
                self.carry_out(id, actions).await;
                self.tell_idle(id).await;
            }
            Order::Forget(id) => {
                if self.jobs.get(&id).is_some_and(|entry| !entry.job.is_alive()) {
                    self.jobs.remove(&id);
                }
            }
            Order::Work(id, work) => {
                let updates = self.updates.clone();
                tokio::spawn(async move {
                    if let Ok(change) = tokio::task::spawn_blocking(work).await {
                        updates.send(id, change).await;
                    }
                });
            }
            Order::Leave => {}
        }
    }

    async fn handle_news(&mut self, news: News) {
        let (id, actions) = match news {
            News::Exited(id, exit) => {
                let entry = self.jobs.entry(id).or_default();
                entry.child = None;
                (id, entry.job.exited(exit))
            }
            News::FeedBroken(id, why) => (id, self.jobs.entry(id).or_default().job.feed_broken(why)),
        };
        self.carry_out(id, actions).await;
        self.tell_idle(id).await;
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.jobs
            .values()
            .filter_map(|entry| entry.job.poll_timeout())
            .min()
    }

    async fn handle_timeout(&mut self) {
        let now = Instant::now();
        let ids: Vec<ComponentId> = self.jobs.keys().copied().collect();
        for id in ids {
            let actions = self.jobs.entry(id).or_default().job.handle_timeout(now);
            self.carry_out(id, actions).await;
        }
    }

    async fn carry_out(&mut self, id: ComponentId, actions: Vec<Action>) {
        let mut actions = std::collections::VecDeque::from(actions);
        while let Some(action) = actions.pop_front() {
            let entry = self.jobs.entry(id).or_default();
            match action {
                Action::Spawn(command_line) => {
                    let child =
                        RunningChild::spawn(&self.program, &command_line, id, &self.updates, &self.news);
                    actions.extend(match child {
                        Ok(child) => {
                            let reports = entry.job.spawned(child.pid());
                            entry.child = Some(child);
                            reports
                        }
                        Err(error) => entry
                            .job
                            .not_spawned(format!("{}: {error}", self.program.display())),
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
                Action::Report(change) => self.updates.send(id, change).await,
            }
        }
    }

    /// Says so if a component is idle after an order or an end.
    async fn tell_idle(&self, id: ComponentId) {
        if let Some(entry) = self.jobs.get(&id).filter(|entry| !entry.job.is_alive()) {
            self.updates.send_idle(id, entry.order).await;
        }
    }

    /// Ends all processes: in order while there is time, by force then.
    async fn leave(mut self, arriving: &mut mpsc::Receiver<News>) {
        let now = Instant::now();
        let ids: Vec<ComponentId> = self.jobs.keys().copied().collect();
        for id in ids {
            let actions = self.jobs.entry(id).or_default().job.leave(now);
            self.carry_out(id, actions).await;
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
        // A killed process ends unless the kernel itself hangs; then nothing that could be done here would help.
        let _ = tokio::time::timeout(Supervisor::LEAVE_WITHIN, self.all_exited(arriving)).await;
    }

    async fn all_exited(&mut self, arriving: &mut mpsc::Receiver<News>) {
        while self.jobs.values().any(|entry| entry.child.is_some()) {
            match arriving.recv().await {
                Some(news) => self.handle_news(news).await,
                None => return,
            }
        }
    }
}
