//! Times between processes.

use feed::{Event, Timestamp};
use laboratory::Lab;

crate::tests![stamps_of_a_component_compare_with_those_of_whoever_watches_it];

fn stamps_of_a_component_compare_with_those_of_whoever_watches_it(lab: &Lab) {
    let before = Timestamp::now();
    let mut registrar = lab.start("registrar", &[]);
    let hello = loop {
        let frame = registrar.next_frame().expect("the registrar lives");
        if let Event::Hello { .. } = frame.stamped.event {
            break frame.stamped.at;
        }
    };
    let after = Timestamp::now();
    assert!(before < hello && hello <= after, "{before:?} {hello:?} {after:?}");
}
