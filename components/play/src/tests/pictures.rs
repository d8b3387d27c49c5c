//! Conditions about pictures are about the picture that the fault concerned.

use model::{Comparison, Proof};

use super::*;

/// A picture of 4 x 2 pixels by one session.
fn begins(fixture: &mut Fixture, image: u32) {
    fixture.feed(
        PU,
        Event::ImageStarted {
            image,
            width: 4,
            height: 2,
            max_iterations: 10,
            algorithm: String::new(),
            sessions: 1,
        },
    );
    fixture.served(PE);
}

fn draws(fixture: &mut Fixture, image: u32, pixels: u8) {
    let event = Event::Pixels {
        image,
        x: 0,
        y: 0,
        tile_x: 0,
        tile_width: 4,
        session: SessionId(1),
        pe_identifier: PeIdentifier(PE.0),
    };
    let stamped = Stamped {
        at: fixture.now,
        event,
    };
    let bytes = (0..pixels).flat_map(|value| [0, 0, 0, value]).collect();
    fixture.change(PU, Change::Feed(Box::new(Frame { stamped, bytes })));
}

fn completes(fixture: &mut Fixture, image: u32) {
    draws(fixture, image, 8);
    let event = Event::ImageCompleted {
        image,
        duration: Duration::from_secs(1),
        failovers: 0,
        missing: 0,
        left_out: 0,
    };
    fixture.feed(PU, event);
}

/// Lets time pass, and keeps the pictures that the play wants to be kept, as the control centre does.
fn pass(fixture: &mut Fixture, ms: u64) -> Vec<Command> {
    let mut all = Vec::new();
    for _ in 0..ms {
        let commands = fixture.pass(1);
        for command in &commands {
            match *command {
                Command::HoldPicture { id, next } => fixture.change(id, Change::PictureHeld { next }),
                Command::LetPictureGo(id) => fixture.change(id, Change::PictureLetGo),
                _ => {}
            }
        }
        all.extend(commands);
    }
    all
}

/// Compares the picture that is kept with one of which each pixel has its own position as value, but for some.
fn compare(fixture: &mut Fixture, wrong: &[usize]) {
    let user = &fixture.model.components[&PU];
    let canvas = user.picture_to_compare().expect("a picture that is over");
    let computed: Vec<u32> = (0..8)
        .map(|index| index as u32 + u32::from(wrong.contains(&index)))
        .collect();
    let (image, proof) = (canvas.image, Proof::Made(Comparison::of(canvas, &computed)));
    fixture.change(PU, Change::PictureCompared { image, proof });
}

const STORY: &str = r#"{"name": "kill", "do": [{"kill": {"serving": "PU 1"}}]},
    {"after-s": 5, "expect": [{"that": {"images-complete": {"of": "PU 1"}}, "within-s": 20}]},
    {"after-s": 1, "say": "The end."}"#;

/// A story whose fault concerns the first picture, which is complete before the next step begins; the second picture
/// is begun.
fn killed() -> Fixture {
    let mut fixture = Fixture::new(STORY);
    begins(&mut fixture, 1);
    draws(&mut fixture, 1, 3);
    fixture.play.control(fixture.now, PlayControl::Run);
    let hold = Command::HoldPicture { id: PU, next: false };
    assert_eq!(pass(&mut fixture, 1), [hold, Command::Kill(PE)]);
    completes(&mut fixture, 1);
    begins(&mut fixture, 2);
    fixture
}

#[test]
fn a_later_picture_does_not_prove_anything() {
    let mut fixture = killed();
    completes(&mut fixture, 2);
    begins(&mut fixture, 3);
    pass(&mut fixture, 10_000);
    assert_eq!(fixture.play.state(), PlayState::Running);
    compare(&mut fixture, &[]);
    assert_eq!(pass(&mut fixture, 10), []);
    let decision = &fixture.play.step_records()[1].expectations[0].decision;
    assert_eq!(decision.figure(), "8 of 8 pixels equal");
    // It stays until the story goes on.
    assert!(fixture.model.components[&PU].held.is_some());
    assert_eq!(pass(&mut fixture, 2_000), [Command::LetPictureGo(PU)]);
    fixture.failed_with(&[]);
}

#[test]
fn a_wrong_pixel_fails_the_expectation_and_is_named() {
    let mut fixture = killed();
    compare(&mut fixture, &[6, 7]);
    pass(&mut fixture, 10_000);
    fixture.failed_with(&["PU 1: 6 of 8 pixels equal, 2 wrong, the first in row 1, column 2"]);
}

#[test]
fn a_picture_that_was_given_up_is_not_complete() {
    let mut fixture = Fixture::new(STORY);
    begins(&mut fixture, 1);
    draws(&mut fixture, 1, 3);
    fixture.play.control(fixture.now, PlayControl::Run);
    pass(&mut fixture, 1);
    begins(&mut fixture, 2);
    completes(&mut fixture, 2);
    compare(&mut fixture, &[]);
    pass(&mut fixture, 10_000);
    fixture.failed_with(&["3 of 8 pixels equal, 5 missing, the first in row 0, column 3"]);
}

#[test]
fn a_picture_that_has_decided_once_does_not_decide_again() {
    let complete = r#"{"images-complete": {"of": "PU 1"}}"#;
    let mut fixture = Fixture::new(&format!(
        r#"{{"do": [{{"kill": "PE 1"}}], "expect": [{{"that": {complete}}}]}},
           {{"after-s": 1, "expect": [{{"that": {complete}}}]}}"#
    ));
    begins(&mut fixture, 1);
    fixture.play.control(fixture.now, PlayControl::Run);
    pass(&mut fixture, 1);
    completes(&mut fixture, 1);
    compare(&mut fixture, &[]);
    pass(&mut fixture, 500);
    begins(&mut fixture, 2);
    let hold = Command::HoldPicture { id: PU, next: false };
    assert_eq!(pass(&mut fixture, 1_000), [hold]);
    assert_eq!(fixture.play.state(), PlayState::Running);
    completes(&mut fixture, 2);
    compare(&mut fixture, &[]);
    pass(&mut fixture, 10);
    fixture.failed_with(&[]);
}

#[test]
fn a_sentence_is_told_once_it_is_true() {
    let mut fixture = Fixture::new(
        r#"{"do": [{"kill": "PE 1"}], "say": ["It is killed.",
            {"when": {"failure-noticed": {"by": "abort"}}, "text": "An abort told."},
            {"when": {"failure-noticed": {"by": "patience"}}, "text": "Its patience ended."}]}"#,
    );
    fixture.served(PE);
    fixture.play.control(fixture.now, PlayControl::Run);
    fixture.pass(100);
    assert_eq!(fixture.play.narration(), Some(("It is killed.", None)));
    fixture.failover(40);
    fixture.pass(1);
    let told = "It is killed. Its patience ended.";
    assert_eq!(fixture.play.narration(), Some((told, None)));
    assert_eq!(fixture.play.text_of(0).as_deref(), Some(told));
    let record = &fixture.play.step_records()[0].told;
    assert_eq!(record[0].because, None);
    assert_eq!(
        record[1].because.as_deref(),
        Some("failure noticed by the end of its patience")
    );
}

#[test]
fn a_step_about_the_server_waits_for_the_next_picture() {
    let mut fixture = Fixture::new(r#"{"do": [{"kill": {"serving": "PU 1"}}]}"#);
    begins(&mut fixture, 1);
    completes(&mut fixture, 1);
    fixture.play.control(fixture.now, PlayControl::Run);
    assert_eq!(fixture.pass(500), []);
    begins(&mut fixture, 2);
    assert_eq!(fixture.pass(1), [Command::Kill(PE)]);
    fixture.failed_with(&[]);
}
