//! The narration, in type that can be read from the back of a room.

use std::cmp::Ordering;

use egui::{Role, ScrollArea, Sense, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::action::WindowAction;
use crate::button::IconButton;
use crate::deliberate::is_deliberate;
use crate::icon::{self, Icon};
use crate::present;
use crate::snapshot::Snapshot;
use crate::story::StoryState;
use crate::theme::{self, Theme, mix, size};
use model::words;
use play::{Play, PlayState};

/// The enlargement of text where there is room for it.
const LARGE: f32 = 1.2;
/// The maximum number of lines for which a larger text size is used.
const LINES: f32 = 3.0;
/// The maximum number of lines without scrolling.
const MOST_LINES: f32 = 5.0;
/// The height of the line with the section of the RFC.
const SECTION: f32 = 24.0;
/// The size of the large button.
const RUN: Vec2 = vec2(230.0, 60.0);

/// The largest text size at which every text of the scenario has few lines, and the height that it needs, for a
/// scenario and a width.
#[derive(Debug, Default)]
pub(super) struct Measure {
    /// The scenario, the number of characters in its texts, the width, and whether text is large.
    key: Option<(String, usize, u32, bool)>,
    size: f32,
    height: f32,
}

impl Measure {
    /// Returns the height that the longest text needs.
    pub(super) fn height(&mut self, ui: &Ui, snapshot: &Snapshot<'_>, width: f32, large: bool) -> f32 {
        let steps = snapshot.scenario_status.play.map(Play::steps).unwrap_or_default();
        let name = snapshot.scenario_status.name;
        let sentences = steps
            .iter()
            .filter_map(|step| step.say.as_ref())
            .flat_map(scenario::Say::sentences);
        let characters = sentences.map(|(sentence, _)| sentence.len()).sum();
        let fits = self.key.as_ref().is_some_and(|(of, before, at, was_large)| {
            of == name && *before == characters && *at == width as u32 && *was_large == large
        });
        if fits {
            return self.height;
        }
        let lines = |size: f32| {
            let told = steps.iter().filter_map(|step| Some(step.say.as_ref()?.whole()));
            let lines = told.map(|text| {
                let galley =
                    ui.painter()
                        .layout(text, theme::plain_font(size), egui::Color32::PLACEHOLDER, width);
                galley.rows.len() as f32
            });
            lines.fold(1.0, f32::max)
        };
        let scale = if large { LARGE } else { 1.0 };
        let sizes = size::NARRATION.map(|size| size * scale);
        let chosen = sizes.into_iter().find(|size| lines(*size) <= LINES);
        let [.., smallest] = sizes;
        self.size = chosen.unwrap_or(smallest);
        self.height = lines(self.size).clamp(2.0, MOST_LINES) * self.size * 1.32 + SECTION;
        self.key = Some((name.to_owned(), characters, width as u32, large));
        self.height
    }
}

/// Draws the text; returns whether the story is to begin.
pub(super) fn narration_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    play: &Play,
    story: &mut StoryState,
) -> bool {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.y = 2.0;
    if let Some((position, _)) = story.looked_at {
        let step = play.steps().get(position);
        let told = play
            .text_of(position)
            .unwrap_or_else(|| "This step says nothing.".to_owned());
        let rfc = step.and_then(|step| step.rfc.as_deref());
        text_ui(ui, theme, &told, story.measure.size, SECTION);
        ui.horizontal(|ui| {
            let which = match position.cmp(&play.position()) {
                Ordering::Less => "Earlier",
                Ordering::Equal => "Now",
                Ordering::Greater => "Later",
            };
            let count = play.steps().len();
            let which = format!("{which}: step {} of {count}", position + 1);
            ui.label(theme::strong(which).size(size::LEAD).color(theme.fault));
            let back = IconButton::new(Icon::Back, "Back to the step that is on").text("Back to now");
            if back.show(ui).clicked() {
                story.looked_at = None;
            }
            section_ui(ui, theme, rfc);
        });
        return false;
    }
    if play.state() == PlayState::Ready {
        return ready_ui(ui, theme, snapshot, play, story.measure.size);
    }
    match play.narration() {
        Some((told, rfc)) => {
            text_ui(ui, theme, told, story.measure.size, SECTION);
            ui.horizontal(|ui| section_ui(ui, theme, rfc));
        }
        None => {
            let text = egui::RichText::new(snapshot.scenario_status.description)
                .size(story.measure.size * 0.8)
                .color(theme.weak);
            ui.add(egui::Label::new(text).wrap());
        }
    }
    false
}

fn text_ui(ui: &mut Ui, theme: &Theme, told: &str, size: f32, below: f32) {
    let height = (ui.available_height() - below).max(24.0);
    ScrollArea::vertical()
        .id_salt("story narration")
        .min_scrolled_height(0.0)
        .max_height(height)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            let text = egui::RichText::new(told).size(size).color(theme.text);
            ui.add(egui::Label::new(text).wrap().selectable(true));
        });
}

fn section_ui(ui: &mut Ui, theme: &Theme, rfc: Option<&str>) {
    if let Some(rfc) = rfc {
        let size = theme::legible(ui, size::BODY);
        ui.label(theme::strong(rfc).size(size).color(theme.accent));
    }
}

/// Draws what is shown before the story: a description of the scenario, and one large button.
fn ready_ui(ui: &mut Ui, theme: &Theme, snapshot: &Snapshot<'_>, play: &Play, size: f32) -> bool {
    ui.horizontal_top(|ui| {
        let clicked = present::only_present(ui, |ui| run_button(ui, theme));
        ui.add_space(8.0);
        ui.vertical(|ui| {
            let text = egui::RichText::new(snapshot.scenario_status.description)
                .size((size * 0.8).max(size::LEGIBLE))
                .color(theme.text);
            ScrollArea::vertical()
                .id_salt("story description")
                .min_scrolled_height(0.0)
                .max_height((ui.available_height() - 22.0).max(24.0))
                .auto_shrink([false, true])
                .show(ui, |ui| ui.add(egui::Label::new(text).wrap()));
            let count = play.steps().len();
            let text = format!("The story has {}.", words::counted(count as u64, "step"));
            ui.label(theme.remark(text));
        });
        clicked
    })
    .inner
}

fn run_button(ui: &mut Ui, theme: &Theme) -> bool {
    let (rect, response) = ui.allocate_exact_size(RUN, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Run the story"));
    let fill = if response.is_pointer_button_down_on() {
        mix(theme.accent, theme.on_accent, 0.25)
    } else if response.hovered() {
        mix(theme.accent, theme.text, 0.2)
    } else {
        theme.accent
    };
    let line = if response.has_focus() {
        egui::Stroke::new(3.0, theme.text)
    } else {
        egui::Stroke::NONE
    };
    ui.painter().rect(rect, 12.0, fill, line, StrokeKind::Inside);
    let square = egui::Rect::from_center_size(pos2(rect.left() + 36.0, rect.center().y), Vec2::splat(24.0));
    icon::paint(ui.painter(), square, Icon::Play, theme.on_accent);
    ui.painter().text(
        pos2(rect.left() + 60.0, rect.center().y),
        egui::Align2::LEFT_CENTER,
        "Run the story",
        theme::strong_font(size::CALL),
        theme.on_accent,
    );
    let keys = WindowAction::RunOrPause.shortcut();
    let keys = keys
        .map(|keys| ui.ctx().format_shortcut(&keys))
        .unwrap_or_default();
    let clicked = is_deliberate(ui, &response, "Run the story");
    response.on_hover_text(keys);
    clicked
}
