//! Characters that no font on this machine can draw: one sentence says so, with the remedy.

use std::collections::BTreeSet;

use egui::Context;

use crate::snapshot::Snapshot;
use crate::theme;
use scenario::Say;

/// The maximum number of characters that the sentence names.
const MOST: usize = 8;
/// The maximum number of characters that are looked at.
const MOST_LOOKED_AT: usize = 100_000;

/// Watches the names and texts of the scenario.
#[derive(Debug, Default)]
pub(crate) struct MissingGlyphs {
    /// The generation of the model and the name of the scenario that were looked at.
    looked_at: Option<((u64, u64), String)>,
    told: BTreeSet<char>,
}

impl MissingGlyphs {
    /// Looks at what is new. Returns a sentence if there is something that cannot be drawn and has not been told of.
    pub(crate) fn look(&mut self, context: &Context, snapshot: &Snapshot<'_>) -> Option<String> {
        let status = &snapshot.scenario_status;
        let generation = (snapshot.epoch(), snapshot.model.generation);
        let now = (generation, status.name.to_owned());
        if self.looked_at.as_ref() == Some(&now) {
            return None;
        }
        self.looked_at = Some(now);
        let own = snapshot
            .model
            .components
            .values()
            .map(|component| component.name.as_str());
        let external = snapshot
            .model
            .external()
            .iter()
            .map(|component| component.name.as_str());
        let steps = status.play.map(|play| play.steps()).unwrap_or_default();
        let said = steps.iter().filter_map(|step| step.say.as_ref());
        let told = said.flat_map(Say::sentences).map(|(text, _)| text);
        let texts = own
            .chain(external)
            .chain(told)
            .chain([status.name, status.description]);
        let foreign: BTreeSet<char> = texts
            .flat_map(str::chars)
            .filter(|char| !char.is_ascii() && !char.is_control())
            .take(MOST_LOOKED_AT)
            .collect();
        let new: Vec<char> = foreign.difference(&self.told).copied().collect();
        let font = theme::plain_font(theme::size::BODY);
        let missing: Vec<char> = context.fonts_mut(|fonts| {
            new.into_iter()
                .filter(|char| !fonts.has_glyph(&font, *char))
                .collect()
        });
        if missing.is_empty() {
            return None;
        }
        let names: Vec<String> = missing
            .iter()
            .take(MOST)
            .map(|char| format!("U+{:04X}", u32::from(*char)))
            .collect();
        let more = if missing.len() > MOST { ", ..." } else { "" };
        self.told.extend(missing);
        Some(format!(
            "No installed font has the characters {}{more}: names and texts with them have gaps. Install a font for their \
             script, such as the package fonts-noto-cjk for Chinese, Japanese and Korean or fonts-noto-core for others, \
             and start again.",
            names.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use feed::{Timestamp, WallClock};
    use model::Model;

    use super::*;
    use crate::ScenarioStatus;

    #[test]
    fn what_no_font_can_draw_is_told_once() {
        let context = Context::default();
        theme::install(&context);
        let (mut glyphs, model) = (MissingGlyphs::default(), Model::default());
        let mut look = |name: &str| {
            let status = ScenarioStatus {
                name,
                ..ScenarioStatus::default()
            };
            let now = Timestamp::default();
            let wall_clock = WallClock::showing(std::time::Duration::ZERO, now);
            let snapshot = Snapshot::new(&model, status, now, wall_clock);
            let mut told = None;
            // Fonts are installed at the beginning of a pass.
            let mut output = context.run_ui(egui::RawInput::default(), |ui| {
                told = told.take().or_else(|| glyphs.look(ui.ctx(), &snapshot));
            });
            output.textures_delta.clear();
            told
        };
        assert_eq!(look("\u{dc}bung"), None, "our own fonts have it");
        let told = look("\u{670d}\u{52a1}").expect("a sentence");
        assert!(told.contains("U+670D") && told.contains("U+52A1"), "{told}");
        assert_eq!(look("\u{670d}"), None, "that is known already");
    }
}
