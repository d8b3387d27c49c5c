//! What remains of components that were removed.

use super::*;
use crate::ProcessState;

#[test]
fn updates_of_components_that_were_removed_change_nothing() {
    let mut fixture = Fixture::set();
    fixture.up(PU, PE, 1);
    fixture.change(PE, Change::Removed);
    fixture.told("PE 1 was removed");
    let generation = fixture.model.generation;
    fixture.hello_of_the_removed();
    assert_eq!(fixture.model.generation, generation);
    let association = fixture.model.associations.values().next().unwrap();
    assert_eq!(association.ends, [Some(PU), None]);
}

impl Fixture {
    fn hello_of_the_removed(&mut self) {
        self.change(PE, Change::Spawned { pid: 1 });
        self.feed(
            PE,
            Event::Goodbye {
                reason: String::new(),
            },
        );
    }
}

#[test]
fn a_removed_component_keeps_its_name_in_what_it_did_and_comes_back_as_it_was() {
    let mut fixture = Fixture::set();
    fixture.change(PE, Change::Ended(Ending::Killed));
    let colour = fixture.component(PE).colour;
    fixture.change(PE, Change::Removed);
    assert!(!fixture.model.components.contains_key(&PE));
    let name = fixture.model.present_or_removed(PE).map(|it| it.name.as_str());
    assert_eq!(name, Some("PE 1"));
    fixture.change(PE, Change::Restored);
    let component = fixture.component(PE);
    assert_eq!((component.name.as_str(), component.colour), ("PE 1", colour));
    assert!(matches!(
        component.process,
        ProcessState::Ended {
            ending: Ending::Killed,
            ..
        }
    ));
    let entry = fixture.model.timeline.entries.back().expect("an entry");
    assert_eq!(
        (entry.text.as_str(), entry.component),
        ("PE 1 was brought back", Some(PE))
    );
    let identity = component.identity.expect("it had said hello");
    assert_eq!(fixture.model.identified(identity), Some(PE));
    // Nobody comes back twice.
    fixture.change(PE, Change::Restored);
    assert_eq!(fixture.model.components.len(), 4);
}

#[test]
fn a_removed_component_keeps_no_pictures() {
    let mut fixture = Fixture::set();
    fixture.change(PU, Change::PictureHeld { next: true });
    assert!(fixture.component(PU).held.is_some());
    fixture.change(PU, Change::Ended(Ending::Clean));
    fixture.change(PU, Change::Removed);
    let removed = fixture.model.present_or_removed(PU);
    assert!(removed.is_some_and(|user| user.canvas.is_none() && user.held.is_none()));
}
