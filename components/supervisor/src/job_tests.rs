//! A job whose child is simulated by the tests.

use std::time::{Duration, Instant};

use feed::{Impairment, LinkTarget};

use super::job::{Action, Exit, Job, JobCommand, JobSignal};
use model::{Change, Ending, Fault, SystemState};

/// A job with a child that does what the test specifies.
struct FakeChild {
    job: Job,
    now: Instant,
    pid: u32,
    last_words: Option<String>,
}

impl FakeChild {
    fn running() -> Self {
        let mut child = Self {
            job: Job::default(),
            now: Instant::now(),
            pid: 0,
            last_words: None,
        };
        assert_eq!(
            child.command(JobCommand::Start(line("first"))),
            ["spawn first", "pid 1"]
        );
        child
    }

    fn command(&mut self, command: JobCommand) -> Vec<String> {
        let actions = self.job.handle_command(self.now, command);
        self.carry_out(actions)
    }

    fn exit(&mut self, exit: Exit) -> Vec<String> {
        let actions = self.job.exited(exit, self.last_words.take());
        self.carry_out(actions)
    }

    fn wait(&mut self, time: Duration) -> Vec<String> {
        self.now += time;
        let actions = self.job.handle_timeout(self.now);
        self.carry_out(actions)
    }

    fn carry_out(&mut self, actions: Vec<Action>) -> Vec<String> {
        let mut done = Vec::new();
        for action in actions {
            match action {
                Action::Spawn(line) => {
                    done.push(format!("spawn {}", line.join(" ")));
                    self.pid += 1;
                    let actions = self.job.spawned(self.now, self.pid);
                    done.extend(self.carry_out(actions));
                }
                Action::Write(command) => done.push(serde_json::to_string(&command).unwrap()),
                Action::CloseInput => done.push("close".into()),
                Action::Signal(JobSignal::Kill) => done.push("SIGKILL".into()),
                Action::Signal(JobSignal::Freeze) => done.push("SIGSTOP".into()),
                Action::Signal(JobSignal::Thaw) => done.push("SIGCONT".into()),
                Action::Report(change) => done.push(in_short(&change)),
            }
        }
        done
    }
}

fn in_short(change: &Change) -> String {
    match change {
        Change::Spawned { pid } => format!("pid {pid}"),
        Change::Stopping => "stopping".into(),
        Change::Frozen => "frozen".into(),
        Change::Thawed => "thawed".into(),
        Change::Fault(Fault::Stop) => "stop!".into(),
        Change::Fault(fault) | Change::LinkFault { fault, .. } => format!("fault {fault:?}"),
        Change::Ended(Ending::Crashed { why }) => format!("crashed {why}"),
        Change::Ended(Ending::NotStarted { why }) => format!("not started {why}"),
        Change::Ended(ending) => format!("{ending:?}"),
        Change::Refused { why } => format!("refused: {why}"),
        Change::Told { text, .. } => text.clone(),
        Change::LoadTold(load) => format!("load told {load:?}"),
        Change::Silent { silence, system } => {
            format!("silent for {} s, {}", silence.as_secs(), system.words())
        }
        Change::Heard => "heard".into(),
        Change::FeedBroken { why } => format!("broken {why}"),
        other @ (Change::Added { .. }
        | Change::Timers(_)
        | Change::Policy(_)
        | Change::Removed
        | Change::Restored
        | Change::Feed(_)
        | Change::LogLine(_)
        | Change::PictureHeld { .. }
        | Change::PictureLetGo
        | Change::PictureCompared { .. }) => {
            panic!("a job does not report {other:?}")
        }
    }
}

fn line(word: &str) -> Vec<String> {
    vec![word.into()]
}

const STOP: [&str; 4] = ["stop!", "stopping", r#"{"command":"stop"}"#, "close"];
const KILLED: Exit = Exit::Signal(9);

#[test]
fn a_clean_stop_asks_and_closes_the_input() {
    let mut child = FakeChild::running();
    assert_eq!(child.command(JobCommand::Stop), STOP);
    assert_eq!(child.exit(Exit::Status(0)), ["Clean"]);
    assert_eq!(child.job.poll_timeout(), None);
}

#[test]
fn who_does_not_stop_is_killed_and_that_is_told() {
    let mut child = FakeChild::running();
    child.command(JobCommand::Stop);
    assert!(child.wait(Job::STOP_WITHIN - Duration::from_millis(1)).is_empty());
    assert_eq!(
        child.wait(Duration::from_millis(1)),
        ["did not stop within 3 s and was killed", "SIGKILL"]
    );
    assert_eq!(child.exit(KILLED), ["Killed"]);
}

#[test]
fn what_a_child_says_last_is_why_it_ended_unless_somebody_else_ended_it() {
    for (exit, why) in [
        (Exit::Status(1), "crashed the port is in use"),
        (
            Exit::Signal(11),
            "crashed signal SIGSEGV, sent by somebody else or by its own fault",
        ),
        (Exit::Status(0), "Clean"),
    ] {
        let mut child = FakeChild::running();
        child.last_words = Some("the port is in use".into());
        assert_eq!(child.exit(exit), [why]);
    }
    assert_eq!(
        FakeChild::running().exit(Exit::Status(7)),
        ["crashed exit status 7"]
    );
}

impl FakeChild {
    /// Lets time pass, in which the child was last heard `silence` ago and is in this state.
    fn listen(&mut self, time: u64, silence: u64, system: SystemState) -> Vec<String> {
        self.now += Duration::from_secs(time);
        assert!(self.job.poll_listening().is_some_and(|due| due <= self.now));
        let heard = self.now - Duration::from_secs(silence);
        let actions = self.job.listen(self.now, heard, || system);
        self.carry_out(actions)
    }
}

#[test]
fn a_child_that_is_not_heard_is_told_with_its_state_until_it_is_heard_again() {
    let mut child = FakeChild::running();
    assert!(child.listen(3, 1, SystemState::Waiting).is_empty());
    assert_eq!(
        child.listen(2, 3, SystemState::Waiting),
        ["silent for 3 s, waiting"]
    );
    assert!(child.listen(1, 4, SystemState::Waiting).is_empty());
    assert_eq!(
        child.listen(1, 5, SystemState::Stopped),
        ["silent for 5 s, stopped"]
    );
    assert_eq!(child.command(JobCommand::Thaw), ["SIGCONT", "thawed"]);
    let actions = child.job.heard();
    assert_eq!(child.carry_out(actions), ["heard"]);
    assert_eq!(
        child.command(JobCommand::Thaw),
        ["refused: cannot be thawed: it is not frozen"]
    );
}

#[test]
fn a_child_that_somebody_else_stopped_can_be_stopped_in_order() {
    let mut child = FakeChild::running();
    child.job.observe(SystemState::Stopped);
    let stop = child.command(JobCommand::Stop);
    assert_eq!(stop[..2], ["SIGCONT", "thawed"]);
    assert_eq!(stop[2..], STOP);
}

#[test]
fn a_frozen_child_may_be_silent_and_may_be_thawed_by_somebody_else() {
    let mut child = FakeChild::running();
    child.command(JobCommand::Freeze);
    assert!(child.listen(100, 99, SystemState::Stopped).is_empty());
    assert_eq!(
        child.listen(1, 100, SystemState::Waiting),
        ["thawed", "was thawed by somebody else"]
    );
}

#[test]
fn nobody_is_blamed_for_the_time_for_which_this_program_was_stopped() {
    let mut child = FakeChild::running();
    child.now += Duration::from_secs(10);
    child.job.slept(child.now, Duration::from_secs(9));
    assert_eq!(child.job.poll_listening(), Some(child.now + Job::SILENT_AFTER));
    child.command(JobCommand::Stop);
    child.now += Duration::from_secs(10);
    child.job.slept(child.now, Duration::from_secs(9));
    assert!(child.wait(Duration::ZERO).is_empty());
    assert_eq!(child.wait(Job::STOP_WITHIN).last().unwrap(), "SIGKILL");
}

#[test]
fn a_frozen_child_is_is_thawed_before_it_is_stopped() {
    let mut child = FakeChild::running();
    assert_eq!(
        child.command(JobCommand::Freeze),
        ["SIGSTOP", "fault Freeze", "frozen"]
    );
    let stop = child.command(JobCommand::Stop);
    assert_eq!(stop[..2], ["SIGCONT", "thawed"]);
    assert_eq!(stop[2..], STOP);
}

#[test]
fn a_restart_starts_when_the_child_has_ended() {
    let mut child = FakeChild::running();
    assert_eq!(child.command(JobCommand::Restart(line("second"))), STOP);
    assert_eq!(child.exit(Exit::Status(0)), ["Clean", "spawn second", "pid 2"]);
    assert_eq!(child.command(JobCommand::Kill), ["SIGKILL", "fault Kill"]);
    assert_eq!(child.exit(KILLED), ["Killed"]);
    assert_eq!(
        child.command(JobCommand::Restart(line("third"))),
        ["spawn third", "pid 3"]
    );
}

#[test]
fn a_restart_survives_the_escalation_and_a_stop_cancels_it() {
    let mut child = FakeChild::running();
    child.command(JobCommand::Restart(line("second")));
    child.wait(Job::STOP_WITHIN);
    assert_eq!(child.exit(KILLED), ["Killed", "spawn second", "pid 2"]);
    child.command(JobCommand::Restart(line("third")));
    assert!(child.command(JobCommand::Stop).is_empty());
    assert_eq!(child.exit(Exit::Status(0)), ["Clean"]);
}

#[test]
fn a_start_while_it_is_dying_waits_for_its_end() {
    let mut child = FakeChild::running();
    child.command(JobCommand::Kill);
    assert!(child.command(JobCommand::Start(line("second"))).is_empty());
    assert_eq!(child.exit(KILLED), ["Killed", "spawn second", "pid 2"]);
}

#[test]
fn endings_are_told_apart() {
    let ended = |prepare: &[JobCommand], exit| {
        let mut child = FakeChild::running();
        for command in prepare {
            child.command(command.clone());
        }
        child.exit(exit).concat()
    };
    assert_eq!(ended(&[], Exit::Status(0)), "Clean");
    assert_eq!(ended(&[], Exit::Status(101)), "crashed exit status 101");
    assert!(ended(&[], KILLED).starts_with("crashed signal SIGKILL"));
    assert!(ended(&[JobCommand::Stop], Exit::Signal(11)).starts_with("crashed signal SIGSEGV"));
    assert_eq!(
        ended(&[JobCommand::Stop], Exit::Status(2)),
        "crashed exit status 2"
    );
    assert_eq!(ended(&[JobCommand::Kill], KILLED), "Killed");
    assert_eq!(ended(&[JobCommand::Freeze, JobCommand::Kill], KILLED), "Killed");
    assert_eq!(ended(&[JobCommand::Kill], Exit::Status(0)), "Clean");
}

#[test]
fn what_a_dead_child_cannot_do_is_refused() {
    let mut child = FakeChild::running();
    child.exit(Exit::Status(0));
    for command in [
        JobCommand::Stop,
        JobCommand::Kill,
        JobCommand::Freeze,
        JobCommand::Thaw,
        JobCommand::Send(feed::Command::Failover),
    ] {
        let answer = child.command(command.clone());
        assert!(
            answer.len() == 1 && answer[0].starts_with("refused: cannot"),
            "{command:?}: {answer:?}"
        );
    }
    child.command(JobCommand::Start(line("again")));
    assert_eq!(
        child.command(JobCommand::Start(line("twice"))),
        ["refused: cannot be started: it runs already"]
    );
}

#[test]
fn unplugging_and_impairing_are_faults_and_undoing_them_is_not() {
    let mut child = FakeChild::running();
    let mut first_of = |target, impairment| {
        let answer = child.command(JobCommand::Send(feed::Command::Impair { target, impairment }));
        answer[0].clone()
    };
    assert_eq!(first_of(LinkTarget::All, Impairment::UNPLUGGED), "fault Unplug");
    let lossy = Impairment {
        loss: 0.5,
        ..Impairment::default()
    };
    assert_eq!(first_of(LinkTarget::All, lossy), "fault Impair");
    assert!(first_of(LinkTarget::All, Impairment::default()).starts_with('{'));
}

#[test]
fn a_child_without_feed_is_killed() {
    let mut child = FakeChild::running();
    let actions = child.job.feed_broken("a frame of 7 GB".into());
    assert_eq!(child.carry_out(actions), ["broken a frame of 7 GB", "SIGKILL"]);
    assert!(child.job.feed_broken("again".into()).is_empty());
    assert_eq!(
        child.exit(KILLED),
        ["crashed its feed made no sense: a frame of 7 GB"]
    );
}

#[test]
fn a_program_that_cannot_be_started_leaves_the_job_idle() {
    let mut job = Job::default();
    assert_eq!(
        job.handle_command(Instant::now(), JobCommand::Start(line("first"))),
        [Action::Spawn(line("first"))]
    );
    let reports = job.not_spawned("no such file".into());
    assert!(matches!(
        &reports[..],
        [Action::Report(Change::Ended(Ending::NotStarted { .. }))]
    ));
    assert!(!job.is_alive());
}

#[test]
fn a_load_that_is_not_the_measured_one_is_told() {
    let mut child = FakeChild::running();
    let mut told = |load| child.command(JobCommand::Send(feed::Command::SetLoad { load }));
    let actions = told(Some(0.8)).join("; ");
    assert!(actions.contains("load told Some(0.8)"), "{actions}");
    let actions = told(None).join("; ");
    assert!(actions.contains("load told None"), "{actions}");
}
