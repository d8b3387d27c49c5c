//! The control centre with a program that cannot be started, or with scripts in place of components.

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use super::{Begin, ControlCentre};
use command::{Command, Selection, Undoable};
use feed::Timestamp;
use live_capture::{Demonstration, Wireshark, WiresharkError};
use model::{ComponentId, ProcessState};
use play::{Play, PlayState};
use recording::Origin;
use scenario::Scenario;

/// How long a test waits before it gives up: far longer than anything ever takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A step whose time does not come during a test.
const STEP: &str = r#"{"say": "It was long ago.", "after-s": 3600}"#;

struct Fixture {
    centre: ControlCentre,
    news: mpsc::Receiver<()>,
}

impl Fixture {
    /// Creates a control centre whose components cannot be started.
    fn without_program() -> Self {
        let (sender, news) = mpsc::sync_channel(1);
        let repaint = Arc::new(move || {
            let _ = sender.try_send(());
        });
        let centre =
            ControlCentre::start("/nowhere/at/all".into(), repaint, None).expect("the supervisor starts");
        Self { centre, news }
    }

    /// The same, with a component that could not be started.
    fn with_a_dead_registrar() -> (Self, ComponentId) {
        let mut fixture = Self::without_program();
        fixture.centre.play(scenario("first", STEP), Begin::WhenAsked);
        let id = fixture.wait_until_dead();
        (fixture, id)
    }

    fn wait_until_dead(&mut self) -> ComponentId {
        self.wait_for(|centre| {
            let component = centre.model.components.values().next()?;
            let ended = matches!(component.process, ProcessState::Ended { .. });
            (ended && !centre.supervisor.any_busy()).then_some(component.id)
        })
    }

    fn state(&self) -> Option<PlayState> {
        self.centre.steps().map(Play::state)
    }

    /// Takes updates until the model satisfies a condition.
    #[track_caller]
    fn wait_for<T>(&mut self, mut wanted: impl FnMut(&mut ControlCentre) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let more = self.centre.drain();
            if let Some(found) = wanted(&mut self.centre) {
                return found;
            }
            assert!(
                Instant::now() < deadline,
                "waited in vain: {:?}",
                self.centre.model()
            );
            if !more {
                let _ = self.news.recv_timeout(Duration::from_secs(1));
            }
        }
    }

    /// Issues commands until there is no room for another one, without taking their results.
    fn fill_the_lane(&mut self, id: ComponentId) {
        for _ in 0..100_000 {
            self.centre.run(Command::Thaw(id));
            let entries = &self.centre.model().timeline.entries;
            if entries
                .iter()
                .any(|entry| entry.text.contains("too many commands"))
            {
                return;
            }
        }
        panic!("there is room for commands without end");
    }
}

fn scenario(name: &str, steps: &str) -> Scenario {
    let text =
        format!(r#"{{"name": "{name}", "components": [{{"role": "registrar"}}], "steps": [{steps}]}}"#);
    Scenario::parse(name, &text).expect("the scenario is right")
}

#[test]
fn a_component_whose_restart_was_refused_can_be_removed() {
    let (mut fixture, id) = Fixture::with_a_dead_registrar();
    fixture.fill_the_lane(id);
    fixture.centre.run(Command::Restart(id));
    fixture.wait_for(|centre| {
        centre.run(Command::Remove(id));
        centre.model().components.is_empty().then_some(())
    });
}

#[test]
fn the_next_scenario_begins_after_a_restart_was_refused() {
    let (mut fixture, id) = Fixture::with_a_dead_registrar();
    fixture.fill_the_lane(id);
    fixture.centre.run(Command::Restart(id));
    fixture.centre.play(scenario("next", STEP), Begin::WhenAsked);
    fixture.wait_for(|centre| (centre.scenario() == "next").then_some(()));
}

#[test]
fn a_story_that_is_told_again_begins_although_nothing_is_left_to_stop() {
    let (mut fixture, _) = Fixture::with_a_dead_registrar();
    assert_eq!(fixture.state(), Some(PlayState::Ready));
    fixture.centre.run(Command::RestartStory);
    assert_eq!(fixture.state(), Some(PlayState::Running));
}

#[test]
fn a_scenario_that_is_chosen_waits_for_somebody_whatever_began_at_once_before() {
    let mut fixture = Fixture::without_program();
    fixture.centre.play(scenario("first", STEP), Begin::AtOnce);
    assert_eq!(fixture.state(), Some(PlayState::Running));
    fixture.wait_until_dead();
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), scenario("chosen", STEP).to_text()).expect("it can be written");
    fixture.centre.run(Command::LoadScenario(file.path().into()));
    assert_eq!(fixture.centre.scenario(), "chosen");
    assert_eq!(fixture.state(), Some(PlayState::Ready));
}

#[test]
fn a_scenario_that_waits_keeps_what_was_said_of_its_beginning() {
    let (mut fixture, _) = Fixture::with_a_dead_registrar();
    fixture.centre.run(Command::StartAll);
    fixture.centre.play(scenario("next", STEP), Begin::AtOnce);
    assert_eq!(fixture.centre.scenario(), "first", "its component is on its way");
    fixture.wait_for(|centre| (centre.scenario() == "next").then_some(()));
    assert_eq!(fixture.state(), Some(PlayState::Running));
}

/// Removes a component, which may still be on its way out.
fn remove(fixture: &mut Fixture, id: ComponentId) {
    fixture.wait_for(|centre| {
        centre.run(Command::Remove(id));
        centre.model().components.is_empty().then_some(())
    });
}

#[test]
fn a_removed_component_comes_back_as_it_was() {
    let (mut fixture, id) = Fixture::with_a_dead_registrar();
    let before = fixture.centre.model().components[&id].spec.clone();
    remove(&mut fixture, id);
    let undoable = fixture.centre.undoable().cloned();
    assert_eq!(
        undoable,
        Some(Undoable::Removal {
            id,
            name: "PR 1".into()
        })
    );
    fixture.centre.run(Command::Undo);
    let component = &fixture.centre.model().components[&id];
    assert_eq!(component.name, "PR 1");
    assert_eq!(component.spec, before, "its identifier included");
    assert_eq!(fixture.centre.undoable(), None);
    fixture.centre.run(Command::Start(id));
    fixture.wait_until_dead();
}

#[test]
fn a_new_component_does_not_take_the_name_of_one_that_may_come_back() {
    let (mut fixture, id) = Fixture::with_a_dead_registrar();
    remove(&mut fixture, id);
    let spec = fixture
        .centre
        .model()
        .present_or_removed(id)
        .map(|it| it.spec.clone());
    let mut spec = spec.expect("a component that was removed");
    (spec.name, spec.position) = (None, None);
    spec.forget_identifier();
    fixture.centre.run(Command::Add(spec));
    fixture.centre.run(Command::Undo);
    let names: Vec<_> = fixture
        .centre
        .model()
        .components
        .values()
        .map(|it| it.name.clone())
        .collect();
    assert_eq!(names, ["PR 1", "PR 2"]);
}

#[test]
fn the_next_scenario_leaves_nothing_to_bring_back() {
    let (mut fixture, id) = Fixture::with_a_dead_registrar();
    remove(&mut fixture, id);
    fixture.centre.play(scenario("next", STEP), Begin::WhenAsked);
    fixture.wait_for(|centre| (centre.scenario() == "next").then_some(()));
    assert_eq!(fixture.centre.undoable(), None);
}

impl Fixture {
    /// Waits until the timeline says something that contains these words, and returns it.
    #[track_caller]
    fn wait_until_told(&mut self, words: &str) -> String {
        self.wait_for(|centre| {
            let mut entries = centre.model().timeline.entries.iter();
            entries
                .find(|entry| entry.text.contains(words))
                .map(|entry| entry.text.clone())
        })
    }
}

fn shell(script: &str) -> Result<Wireshark, WiresharkError> {
    Ok(Wireshark::other("/bin/sh", ["-c", script].map(Into::into)))
}

#[test]
fn an_analyser_that_is_missing_or_fails_is_told_and_one_that_is_closed_is_not() {
    let (mut fixture, id) = Fixture::with_a_dead_registrar();
    fixture
        .centre
        .open_with(Err(WiresharkError::Missing), &Selection::All);
    fixture.wait_until_told("install the package");
    let selection = Selection::Link(id, ComponentId(7));
    fixture
        .centre
        .open_with(shell("cat > /dev/null; exit 0"), &selection);
    fixture
        .centre
        .open_with(shell("echo no display >&2; exit 1"), &selection);
    fixture.wait_until_told("Wireshark failed: no display");
    let entries = &fixture.centre.model().timeline.entries;
    let told = entries.iter().filter(|entry| entry.text.contains("Wireshark"));
    assert_eq!(told.count(), 2, "{entries:?}");
}

#[test]
fn packets_of_a_recording_are_saved_and_the_outcome_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let carried = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/failover-kill.pcapng.zst");
    let always = Timestamp::default()..=Timestamp::from_micros(u64::MAX);
    let mut fixture = Fixture::without_program();
    let mut save = |selection, name: &str, words: &str| {
        let recording = Origin::File(carried.into());
        let path = folder.path().join(name);
        let span = always.clone();
        fixture
            .centre
            .save_packets(recording, span, selection, path.clone());
        let told = fixture.wait_until_told(words);
        assert!(told.contains(&path.display().to_string()), "{told}");
        path
    };
    let all = save(
        live_capture::Selection::Everything,
        "all.pcapng",
        "packets were saved",
    );
    let of_one = live_capture::Selection::Components(["PE 1".to_owned()].into());
    let some = save(of_one, "some.pcapng", "some.pcapng");
    let size = |path: std::path::PathBuf| path.metadata().expect("it is there").len();
    let (all, some) = (size(all), size(some));
    assert!(0 < some && some < all, "{some} of {all} bytes");
    let elsewhere = "no/such/folder.pcapng";
    save(live_capture::Selection::Everything, elsewhere, "cannot be saved");
}

#[test]
fn other_programs_are_told_which_scenario_takes_place_and_who_is_there() {
    let told = || {
        let demonstration = Demonstration::of(std::process::id()).ok()?;
        let components = demonstration.components.into_iter();
        let components = components.map(|it| (it.id, it.name)).collect::<Vec<_>>();
        Some((demonstration.scenario, components))
    };
    let name = || "PR 1".to_owned();
    let mut fixture = Fixture::without_program();
    fixture.centre.offer_packets();
    assert_eq!(told(), None);
    fixture.centre.play(scenario("first", STEP), Begin::WhenAsked);
    fixture.wait_until_dead();
    assert_eq!(told(), Some(("first".into(), vec![(1, name())])));
    fixture.centre.play(scenario("next", STEP), Begin::WhenAsked);
    fixture.wait_for(|centre| (centre.scenario() == "next").then_some(()));
    assert_eq!(told(), Some(("next".into(), vec![(2, name())])));
    drop(fixture);
    assert_eq!(told(), None);
}
