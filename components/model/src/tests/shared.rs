//! What a model shares with its clones.

use super::*;

#[test]
fn a_clone_is_not_changed_by_what_happens_later_and_costs_no_pictures_logs_and_curves() {
    let mut fixture = Fixture::set();
    let started = |image| Event::ImageStarted {
        image,
        width: 8,
        height: 4,
        max_iterations: 9,
        algorithm: "Mandelbrot".into(),
        sessions: 1,
    };
    fixture.feed(PU, started(1));
    fixture.change(PU, Change::LogLine("INFO begins".into()));
    let before = fixture.model.clone();
    let digest = before.digest();
    let (now, then) = (fixture.component(PU), &before.components[&PU]);
    assert!(now.log.is_same(&then.log));
    let pictures = |component: &Component| component.canvas.as_ref().map(|canvas| canvas.iterations.clone());
    assert!(pictures(now).unwrap().is_same(&pictures(then).unwrap()));
    assert!(before.timeline.entries.is_same(&fixture.model.timeline.entries));

    let pixels = Event::Pixels {
        image: 1,
        x: 0,
        y: 0,
        tile_x: 0,
        tile_width: 8,
        session: events::pool_user::SessionId(1),
        pe_identifier: pool_element(PE),
    };
    fixture.feed_with(PU, pixels, vec![1; 4]);
    fixture.change(PU, Change::LogLine("INFO has pixels".into()));
    assert_eq!(before.digest(), digest);
    assert_eq!(before.components[&PU].log.len(), 1);
    assert_eq!(fixture.component(PU).log.len(), 2);
    assert_ne!(fixture.model.digest(), digest);
}
