//! The control centre with a program that cannot be started, or with scripts in its place.

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use super::ControlCentre;
use command::Command;
use model::{ComponentId, ProcessState};
use scenario::Scenario;

/// How long anything may take before a test gives up: far more than it ever takes.
const PATIENCE: Duration = Duration::from_secs(60);

struct Stage {
    centre: ControlCentre,
    news: mpsc::Receiver<()>,
}

impl Stage {
    /// A control centre whose components cannot be started.
    fn without_program() -> Self {
        let (sender, news) = mpsc::sync_channel(1);
        let repaint = Arc::new(move || {
            let _ = sender.try_send(());
        });
        let centre = ControlCentre::start("/nowhere/at/all".into(), repaint).expect("the supervisor starts");
        Self { centre, news }
    }

    /// The same once its only component could not be started.
    fn with_a_dead_registrar() -> (Self, ComponentId) {
        let mut stage = Self::without_program();
        stage.centre.play(scenario("first", ""));
        let id = stage.wait_for(|centre| {
            let component = centre.model().components.values().next()?;
            matches!(component.process, ProcessState::Ended { .. }).then_some(component.id)
        });
        (stage, id)
    }

    /// Takes updates until the model is as wanted.
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

    /// Gives orders until there is no room for another one, without taking what comes of them.
    fn fill_the_orders(&mut self, id: ComponentId) {
        for _ in 0..100_000 {
            self.centre.run(Command::Thaw(id));
            let happenings = &self.centre.model().timeline.happenings;
            if happenings.iter().any(|happening| happening.text.contains("too many orders")) {
                return;
            }
        }
        panic!("there is room for orders without end");
    }
}

fn scenario(name: &str, steps: &str) -> Scenario {
    let text =
        format!(r#"{{"name": "{name}", "components": [{{"role": "registrar"}}], "steps": [{steps}]}}"#);
    Scenario::parse(name, &text).expect("the scenario is right")
}

#[test]
fn a_component_whose_restart_was_refused_can_be_removed() {
    let (mut stage, id) = Stage::with_a_dead_registrar();
    stage.fill_the_orders(id);
    stage.centre.run(Command::Restart(id));
    stage.wait_for(|centre| {
        centre.run(Command::Remove(id));
        centre.model().components.is_empty().then_some(())
    });
}

#[test]
fn the_next_scenario_begins_after_a_restart_was_refused() {
    let (mut stage, id) = Stage::with_a_dead_registrar();
    stage.fill_the_orders(id);
    stage.centre.run(Command::Restart(id));
    stage.centre.play(scenario("next", ""));
    stage.wait_for(|centre| (centre.scenario() == "next").then_some(()));
}
