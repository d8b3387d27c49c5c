//! How pool users handle pictures.

use feed::Event;
use laboratory::Lab;

use crate::miser::Miser;

crate::tests![
    as_many_pictures_are_computed_as_were_asked_for_however_long_their_comparison_takes,
    missing_pixels_are_told_at_the_end_of_the_picture,
];

/// Pool elements in test mode answer at once, with wrong pixels.
fn as_many_pictures_are_computed_as_were_asked_for_however_long_their_comparison_takes(lab: &Lab) {
    let _registrar = lab.registrar();
    let _element = lab.pool_element(1, &["--test-mode"]);
    let options = ["--images=2", "--verify", "--pause=0", "--size=96x96", "--n=1234"];
    let mut user = lab.start("pool-user", &options);
    let (mut begun, mut verified) = (Vec::new(), Vec::new());
    for frame in user.rest_of_feed() {
        match frame.stamped.event {
            Event::ImageStarted { image, .. } => begun.push(image),
            Event::ImageVerified { image, wrong } => {
                assert!(wrong > 0);
                verified.push(image);
            }
            _ => {}
        }
    }
    verified.sort_unstable();
    assert_eq!(
        (begun.as_slice(), verified.as_slice()),
        ([1, 2].as_slice(), [1, 2].as_slice())
    );
    assert_eq!(user.wait().code(), Some(1), "{}", user.log());
}

fn missing_pixels_are_told_at_the_end_of_the_picture(lab: &Lab) {
    let mut registrar = lab.start("registrar", &[]);
    let address = registrar.wait_for("its address", |event| match event {
        Event::Hello { addresses, .. } => addresses.first().copied(),
        _ => None,
    });
    registrar.wait_ready();
    let _miser = Miser::register((address, 3863).into());
    let mut user = lab.start("pool-user", &["--images=1", "--verify", "--size=40x30"]);
    let missing = user.wait_for("the end of the picture", |event| match event {
        Event::ImageCompleted { missing, .. } => Some(*missing),
        _ => None,
    });
    assert_eq!(missing, 40 * 30 - u64::from(Miser::PIXELS));
    let wrong = user.wait_for("the comparison", |event| match event {
        Event::ImageVerified { wrong, .. } => Some(*wrong),
        _ => None,
    });
    assert_eq!(wrong, u64::from(Miser::PIXELS));
    assert_eq!(user.wait().code(), Some(1), "{}", user.log());
}
