//! What pool users make of pictures.

use feed::Event;
use laboratory::Lab;

crate::tests![as_many_pictures_are_computed_as_were_asked_for_however_long_their_comparison_takes,];

/// Pool elements in test mode answer at once and wrongly.
fn as_many_pictures_are_computed_as_were_asked_for_however_long_their_comparison_takes(lab: &Lab) {
    let _registrar = lab.registrar();
    let _element = lab.pool_element(1, &["--test-mode"]);
    let options = ["--images=2", "--verify", "--pause=0", "--size=96x96", "--n=1234"];
    let mut user = lab.start("pool-user", &options);
    let (mut begun, mut compared) = (Vec::new(), 0);
    for frame in user.rest_of_feed() {
        match frame.stamped.event {
            Event::ImageStarted { image, .. } => begun.push(image),
            Event::Problem { text } if text.ends_with("missing or wrong") => compared += 1,
            _ => {}
        }
    }
    assert_eq!((begun, compared), (vec![1, 2], 2));
    assert_eq!(user.wait().code(), Some(1), "{}", user.log());
}
