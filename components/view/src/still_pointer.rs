//! Keeps the pointer where it is when the window is magnified.
//!
//! The windowing back end remembers the pointer's position in points, and only when it moves. After a change of the
//! zoom, the next click would hit what has moved to these points instead of what is under the pointer.

use egui::{Event, Pos2, RawInput};

/// Corrects the positions of a pointer that has not moved since the zoom changed.
#[derive(Debug, Default)]
pub(crate) struct StillPointer {
    /// The zoom of the previous frame.
    zoom: Option<f32>,
    /// The factor by which the back end's position has to be multiplied, until the pointer moves.
    correction: Option<f32>,
}

impl StillPointer {
    /// Corrects the input of a frame with this zoom; `latest` is the position as of the previous frame.
    pub(crate) fn correct(&mut self, zoom: f32, latest: Option<Pos2>, input: &mut RawInput) {
        let before = self.zoom.replace(zoom).unwrap_or(zoom);
        if before != zoom {
            let change = before / zoom;
            self.correction = Some(self.correction.unwrap_or(1.0) * change);
            if let Some(latest) = latest {
                input
                    .events
                    .insert(0, Event::PointerMoved(scaled(latest, change)));
            }
        }
        let own = usize::from(before != zoom && latest.is_some());
        for event in input.events.iter_mut().skip(own) {
            match event {
                Event::PointerMoved(_) | Event::PointerGone => self.correction = None,
                Event::PointerButton { pos, .. } => {
                    if let Some(correction) = self.correction {
                        *pos = scaled(*pos, correction);
                    }
                }
                _ => {}
            }
        }
    }
}

fn scaled(position: Pos2, factor: f32) -> Pos2 {
    (position.to_vec2() * factor).to_pos2()
}

#[cfg(test)]
mod tests {
    use egui::{Modifiers, PointerButton, pos2};

    use super::*;

    fn press(pos: Pos2) -> Event {
        Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed: true,
            modifiers: Modifiers::NONE,
        }
    }

    fn corrected(pointer: &mut StillPointer, zoom: f32, latest: Pos2, events: Vec<Event>) -> Vec<Event> {
        let mut input = RawInput {
            events,
            ..RawInput::default()
        };
        pointer.correct(zoom, Some(latest), &mut input);
        input.events
    }

    #[test]
    fn a_click_hits_what_is_under_a_pointer_that_did_not_move() {
        let mut pointer = StillPointer::default();
        let before = pos2(960.0, 6.0);
        assert_eq!(
            corrected(&mut pointer, 1.0, before, vec![press(before)]),
            [press(before)]
        );
        let after = pos2(480.0, 3.0);
        let moved = Event::PointerMoved(after);
        assert_eq!(corrected(&mut pointer, 2.0, before, Vec::new()), [moved]);
        // The back end still has the former position.
        assert_eq!(
            corrected(&mut pointer, 2.0, after, vec![press(before)]),
            [press(after)]
        );
        // And back again.
        let moved = Event::PointerMoved(before);
        assert_eq!(
            corrected(&mut pointer, 1.0, after, vec![press(before)]),
            [moved, press(before)]
        );
    }

    #[test]
    fn a_pointer_that_moves_is_where_the_back_end_says() {
        let mut pointer = StillPointer::default();
        let (before, elsewhere) = (pos2(960.0, 6.0), pos2(7.0, 7.0));
        corrected(&mut pointer, 1.0, before, Vec::new());
        corrected(&mut pointer, 2.0, before, Vec::new());
        let events = vec![Event::PointerMoved(elsewhere), press(elsewhere)];
        assert_eq!(corrected(&mut pointer, 2.0, before, events.clone()), events);
    }
}
