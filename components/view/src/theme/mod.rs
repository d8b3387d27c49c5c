//! The design tokens: every colour, distance and text size of the window, for a dark and a light background.
//!
//! No other module of the view names a colour or a [size of text](size). A meaning is never conveyed by colour alone:
//! a shape, an icon or a word always conveys the same.

pub mod size;

mod style;
mod text;
#[cfg(test)]
pub(crate) mod vision;

use egui::{Color32, RichText, Stroke};
use feed::{ComponentRole, Protocol};
use model::Component;

pub use text::{elided, figure, legible, plain_font, small, strong, strong_family, strong_font, title};

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
    /// State cookies.
    pub cookie: Color32,
    /// The frame of a pool.
    pub frame: Color32,
    /// Parts of a picture without pixels so far.
    pub blank: Color32,
    /// What says that the past is shown.
    pub past: Color32,
    /// Text on [`Self::past`].
    pub on_past: Color32,
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
    frost: rgb(0xeef8ff),
    cookie: rgb(0xe0a868),
    frame: rgb(0x6a7686),
    blank: rgb(0x1a212b),
    past: rgb(0xb82d8b),
    on_past: rgb(0xffffff),
    over_picture: Color32::WHITE,
    asap: rgb(0x6ea2ea),
    enrp: rgb(0xb38df7),
    application: rgb(0xc9d3df),
    elements: [
        rgb(0x13cefc),
        rgb(0xd09d28),
        rgb(0x167d5f),
        rgb(0x79628c),
        rgb(0xedfa1f),
        rgb(0x4877fe),
        rgb(0xb8470b),
        rgb(0xe4fbc6),
        rgb(0x4cba8e),
        rgb(0x69a3a5),
    ],
    phases: [
        rgb(0xf0502e),
        rgb(0xf4e06a),
        rgb(0x2fa184),
        rgb(0xf4f1ff),
        rgb(0x4d7cf5),
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
    frost: rgb(0x0c2a3e),
    cookie: rgb(0xa8641c),
    frame: rgb(0x7c8898),
    blank: rgb(0xe3e8ef),
    past: rgb(0x9c1a75),
    on_past: rgb(0xffffff),
    over_picture: Color32::WHITE,
    asap: rgb(0x2f66b0),
    enrp: rgb(0x7d4fd1),
    application: rgb(0x4a5564),
    elements: [
        rgb(0x294b7c),
        rgb(0xf64503),
        rgb(0x135536),
        rgb(0xc446b6),
        rgb(0x878a42),
        rgb(0x0007c7),
        rgb(0x390703),
        rgb(0x1d4101),
        rgb(0x375454),
        rgb(0x4d8f85),
    ],
    phases: [
        rgb(0x700001),
        rgb(0xaa8c03),
        rgb(0x177466),
        rgb(0x1093e2),
        rgb(0x01074e),
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
    use super::vision::{Vision, contrast};
    use super::*;

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
            assert!(contrast(theme.on_past, theme.past) >= 5.0);
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

    /// Asserts that everybody can tell all of these colours apart.
    fn assert_distinct(colours: &[Color32], least: f64) {
        for vision in Vision::ALL {
            for (index, one) in colours.iter().enumerate() {
                for other in &colours[index + 1..] {
                    let difference = vision.difference(*one, *other);
                    assert!(
                        difference >= least,
                        "{vision:?}: {one:?} and {other:?}: {difference}"
                    );
                }
            }
        }
    }

    #[test]
    fn everybody_can_tell_the_phases_of_a_failover_apart() {
        for theme in [&DARK, &LIGHT] {
            assert_distinct(&theme.phases, 25.0);
            for phase in theme.phases {
                assert!(contrast(phase, theme.panel) >= 3.0, "{phase:?}");
            }
        }
    }

    #[test]
    fn everybody_can_tell_pool_elements_apart_and_frozen_ones_from_them() {
        for theme in [&DARK, &LIGHT] {
            let mut colours = theme.elements.to_vec();
            colours.push(theme.frost);
            assert_distinct(&colours, 12.0);
        }
    }

    #[test]
    fn the_frame_of_a_pool_and_cookies_stand_out_from_the_ground() {
        for theme in [&DARK, &LIGHT] {
            for colour in [theme.frame, theme.cookie, theme.accent, theme.past] {
                assert!(contrast(colour, theme.ground) >= 3.0, "{colour:?}");
            }
        }
    }
}
