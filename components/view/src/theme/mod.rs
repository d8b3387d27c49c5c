//! The design tokens: every colour, distance and text size of the window, for a dark and a light background.
//!
//! No other module of the view names a colour or a [size of text](size). A meaning is never conveyed by colour alone:
//! a shape, an icon or a word always conveys the same.

pub mod size;

mod style;
mod text;

use egui::{Color32, RichText, Stroke};
use feed::{ComponentRole, Protocol};
use model::Component;

pub use text::{elided, figure, plain_font, small, strong, strong_family, strong_font, title};

/// The smallest distance, such as between an icon and its word.
pub const SPACE_SMALL: f32 = 4.0;
/// The distance between related things.
pub const SPACE: f32 = 8.0;
/// The distance between groups.
pub const SPACE_LARGE: f32 = 16.0;
/// The corner radius of cards and buttons.
pub const RADIUS: u8 = 8;
/// The corner radius of small things inside cards.
pub const RADIUS_SMALL: u8 = 5;
/// The magnification of everything in large-type mode.
pub const LARGE_ZOOM: f32 = 1.3;

/// The number of colours of pool elements before they are reused; names distinguish pool elements then.
const PE_COLOURS: usize = 10;

/// The colours of a theme.
#[derive(Debug)]
pub struct Theme {
    /// The background of everything.
    pub ground: Color32,
    /// The background of panels at the edges.
    pub panel: Color32,
    /// The background of cards on panels.
    pub card: Color32,
    /// The background of cards and buttons under the pointer.
    pub raised: Color32,
    /// Lines between things.
    pub line: Color32,
    /// Text.
    pub text: Color32,
    /// Less important text, still at least 4.5:1 against the ground.
    pub weak: Color32,
    /// The selection, and the primary action.
    pub accent: Color32,
    /// Text on [`Self::accent`].
    pub on_accent: Color32,
    /// Good order.
    pub good: Color32,
    /// Injected faults: frozen, unplugged, impaired.
    pub fault: Color32,
    /// Killed and crashed.
    pub danger: Color32,
    /// Frozen.
    pub frost: Color32,
    /// Parts of a picture without pixels so far.
    pub blank: Color32,
    /// Lines over pictures, whose own colours are the same in both themes.
    pub over_picture: Color32,
    asap: Color32,
    enrp: Color32,
    application: Color32,
    elements: [Color32; PE_COLOURS],
    phases: [Color32; 5],
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Light on dark.
pub const DARK: Theme = Theme {
    ground: rgb(0x0d1117),
    panel: rgb(0x131820),
    card: rgb(0x1b222c),
    raised: rgb(0x27303d),
    line: rgb(0x2d3745),
    text: rgb(0xe8edf4),
    weak: rgb(0x9ba8b9),
    accent: rgb(0x6cb2ff),
    on_accent: rgb(0x071424),
    good: rgb(0x57d08d),
    fault: rgb(0xffb648),
    danger: rgb(0xff6b6b),
    frost: rgb(0x9adcff),
    blank: rgb(0x1a212b),
    over_picture: Color32::WHITE,
    asap: rgb(0x5b8fd6),
    enrp: rgb(0xb38df7),
    application: rgb(0xc9d3df),
    elements: [
        rgb(0x56b4e9),
        rgb(0xf2a13b),
        rgb(0x3fc99b),
        rgb(0xe08ac0),
        rgb(0xf0e05a),
        rgb(0x9a94ff),
        rgb(0xd0a378),
        rgb(0xa9d35c),
        rgb(0x6fdddd),
        rgb(0xc8c8d0),
    ],
    phases: [
        rgb(0xff8a5c),
        rgb(0xf5c04d),
        rgb(0x7fc86a),
        rgb(0x4fc1c9),
        rgb(0x7a9cf5),
    ],
};

/// Dark on light.
pub const LIGHT: Theme = Theme {
    ground: rgb(0xf4f6f9),
    panel: rgb(0xffffff),
    card: rgb(0xf5f7fa),
    raised: rgb(0xe5eaf1),
    line: rgb(0xd3dae4),
    text: rgb(0x161d27),
    weak: rgb(0x576373),
    accent: rgb(0x0b63c5),
    on_accent: rgb(0xffffff),
    good: rgb(0x127a44),
    fault: rgb(0x9a5b00),
    danger: rgb(0xc4242b),
    frost: rgb(0x0a6fa8),
    blank: rgb(0xe3e8ef),
    over_picture: Color32::WHITE,
    asap: rgb(0x4a7cc0),
    enrp: rgb(0x7d4fd1),
    application: rgb(0x4a5564),
    elements: [
        rgb(0x1b7fbd),
        rgb(0xc96a00),
        rgb(0x008662),
        rgb(0xb1438c),
        rgb(0x937f00),
        rgb(0x574fd6),
        rgb(0x86572c),
        rgb(0x58800f),
        rgb(0x0a868c),
        rgb(0x6a707c),
    ],
    phases: [
        rgb(0xd95a2b),
        rgb(0xb98300),
        rgb(0x3c8f2a),
        rgb(0x0c8690),
        rgb(0x3d63d0),
    ],
};

impl Theme {
    /// Returns the theme in use.
    #[must_use]
    pub fn of(ui: &egui::Ui) -> &'static Self {
        Self::dark_or_light(ui.visuals().dark_mode)
    }

    /// Returns the theme for a dark or a light background.
    #[must_use]
    pub fn dark_or_light(dark: bool) -> &'static Self {
        if dark { &DARK } else { &LIGHT }
    }

    /// Returns the colour of a pool element, the same wherever it appears.
    #[must_use]
    pub fn element(&self, colour: usize) -> Color32 {
        self.elements[colour % PE_COLOURS]
    }

    /// Returns the colour of a component, for its shape and its name.
    #[must_use]
    pub fn component(&self, component: &Component) -> Color32 {
        match component.role() {
            ComponentRole::PoolElement => self.element(component.colour),
            ComponentRole::Registrar => self.protocol(Protocol::Enrp),
            ComponentRole::PoolUser => self.text,
        }
    }

    /// Returns the colour of a protocol's associations and messages.
    #[must_use]
    pub fn protocol(&self, protocol: Protocol) -> Color32 {
        match protocol {
            Protocol::Asap => self.asap,
            Protocol::Enrp => self.enrp,
            Protocol::Application => self.application,
        }
    }

    /// Returns the colour of a phase of a failover, counted from 0 (detection) to 4 (first data).
    #[must_use]
    pub fn phase(&self, phase: usize) -> Color32 {
        self.phases[phase % self.phases.len()]
    }

    /// Returns the outline of a card, also used for lines between things.
    #[must_use]
    pub fn edge(&self) -> Stroke {
        Stroke::new(1.0, self.line)
    }

    /// Returns the outline of what has the keyboard focus, and of the selected card and picture.
    #[must_use]
    pub fn focused_edge(&self) -> Stroke {
        Stroke::new(2.0, self.accent)
    }

    /// Returns the outline of what is switched on.
    #[must_use]
    pub fn selected_edge(&self) -> Stroke {
        Stroke::new(1.0, self.accent)
    }

    /// Returns text for a figure or a remark beside what it belongs to.
    #[must_use]
    pub fn remark(&self, text: impl Into<String>) -> RichText {
        small(text).color(self.weak)
    }

    /// Returns text for the heading of a section, quieter than the content below it.
    #[must_use]
    pub fn section_heading(&self, text: impl Into<String>) -> RichText {
        strong(text).color(self.weak).size(size::LABEL)
    }
}

/// Fades a colour to a share from 0 (nothing) to 1 (all).
#[must_use]
pub fn fade(colour: Color32, share: f32) -> Color32 {
    colour.gamma_multiply(share)
}

/// Returns the factor for the pixels of a picture, which are faded while nobody works on it.
#[must_use]
pub fn picture_tint(live: bool) -> Color32 {
    fade(Color32::WHITE, if live { 1.0 } else { 0.55 })
}

/// Mixes two colours: a `share` of 0 gives `from`, 1 gives `to`.
#[must_use]
pub fn mix(from: Color32, to: Color32, share: f32) -> Color32 {
    from.lerp_to_gamma(to, share)
}

/// Installs the fonts and both themes in a context.
pub fn install(context: &egui::Context) {
    context.set_fonts(text::fonts());
    for (theme, tokens) in [(egui::Theme::Dark, &DARK), (egui::Theme::Light, &LIGHT)] {
        context.style_mut_of(theme, |style| style::apply(style, tokens));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: Color32) -> f32 {
        let [r, g, b, _] = egui::Rgba::from(colour).to_array();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(one: Color32, other: Color32) -> f32 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn text_can_be_read_on_every_ground() {
        for theme in [&DARK, &LIGHT] {
            for ground in [theme.ground, theme.panel, theme.card] {
                for text in [
                    theme.text,
                    theme.weak,
                    theme.good,
                    theme.fault,
                    theme.danger,
                    theme.frost,
                ] {
                    assert!(
                        contrast(text, ground) >= 4.5,
                        "{text:?} on {ground:?}: {}",
                        contrast(text, ground)
                    );
                }
            }
            assert!(contrast(theme.on_accent, theme.accent) >= 4.5);
        }
    }

    #[test]
    fn pool_elements_stand_out_from_the_ground() {
        for theme in [&DARK, &LIGHT] {
            for colour in theme.elements {
                assert!(
                    contrast(colour, theme.ground) >= 3.0,
                    "{colour:?}: {}",
                    contrast(colour, theme.ground)
                );
            }
        }
    }
}
