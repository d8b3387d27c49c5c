//! The blank screen, while the audience is to look at the speaker.

use egui::{Area, Color32, Event, Id, Order, Role, Sense, Ui, WidgetInfo};

/// Covers the whole window; returns whether a click asks for the picture back.
pub(crate) fn blank_ui(ui: &Ui) -> bool {
    let screen = ui.ctx().viewport_rect();
    let area = Area::new(Id::unique("blank"))
        .order(Order::Debug)
        .fixed_pos(screen.min)
        .constrain(false)
        .show(ui.ctx(), |ui| {
            let response = ui.allocate_rect(screen, Sense::click_and_drag());
            response.widget_info(|| {
                let name = "The screen is blank. Any key shows it again.";
                WidgetInfo::labeled(Role::Button, true, name)
            });
            ui.painter().rect_filled(screen, 0.0, Color32::BLACK);
            response.clicked()
        });
    area.inner
}

/// Takes all keys away while the screen is blank; returns whether one was pressed, which shows the window again and
/// does nothing else.
pub(crate) fn is_wake_up(ui: &Ui) -> bool {
    ui.input_mut(|input| {
        let pressed = |event: &Event| matches!(event, Event::Key { pressed: true, .. });
        let woken = input.events.iter().any(pressed);
        input
            .events
            .retain(|event| !matches!(event, Event::Key { .. } | Event::Text(_)));
        woken
    })
}
