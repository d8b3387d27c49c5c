//! Maps pixel values to colours.

use colorgrad::Gradient;

/// Entries of a colour table.
const ENTRIES: usize = 256;

/// The colour of pixels that never escape: near black, so that the edge of the picture is visible in a dark window.
const INSIDE: [u8; 3] = [6, 5, 12];

/// A colour palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// Dark violet through red to pale yellow: perceptually uniform, for dark surroundings.
    #[default]
    Magma,
    /// Dark blue through green to yellow: perceptually uniform, even with colour vision deficiency.
    Viridis,
    /// Blue, green, yellow, red: the most detail.
    Turbo,
    /// Black through red to yellow.
    Inferno,
    /// All hues in turn, softly.
    Sinebow,
    /// The hues of rsplib's pool user, which repeat every 72 iterations.
    Classic,
}

impl Palette {
    /// All palettes, the default first.
    pub const ALL: [Self; 6] = [
        Self::Magma,
        Self::Viridis,
        Self::Turbo,
        Self::Inferno,
        Self::Sinebow,
        Self::Classic,
    ];

    /// Returns its name, which is also used on command lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Magma => "magma",
            Self::Viridis => "viridis",
            Self::Turbo => "turbo",
            Self::Inferno => "inferno",
            Self::Sinebow => "sinebow",
            Self::Classic => "classic",
        }
    }

    /// Returns the palette with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|palette| palette.name() == name)
    }

    /// Returns the colours from the lowest to the highest, without the darkest ones, which are for the inside.
    fn table(self) -> [[u8; 3]; ENTRIES] {
        let table = |gradient: &dyn Gradient, from: f32| {
            std::array::from_fn(|entry| {
                let [red, green, blue, _] = gradient
                    .at(from + (1.0 - from) * entry as f32 / (ENTRIES - 1) as f32)
                    .to_rgba8();
                [red, green, blue]
            })
        };
        match self {
            Self::Magma => table(&colorgrad::preset::magma(), 0.12),
            Self::Viridis => table(&colorgrad::preset::viridis(), 0.0),
            Self::Turbo => table(&colorgrad::preset::turbo(), 0.05),
            Self::Inferno => table(&colorgrad::preset::inferno(), 0.12),
            Self::Sinebow => table(&colorgrad::preset::sinebow(), 0.0),
            Self::Classic => std::array::from_fn(|entry| {
                let colour = colorgrad::Color::from_hsva((entry % 72 * 5) as f32, 1.0, 1.0, 1.0);
                let [red, green, blue, _] = colour.to_rgba8();
                [red, green, blue]
            }),
        }
    }
}

/// The colours of a picture, in a precomputed table.
#[derive(Debug, Clone)]
pub struct Colours {
    palette: Palette,
    max_iterations: u32,
    table: [[u8; 3]; ENTRIES],
}

impl Colours {
    /// The number of passes through the palette and back while a value doubles.
    const PASSAGES: f32 = 0.36;

    /// Creates the colours for pictures with this iteration limit.
    #[must_use]
    pub fn new(palette: Palette, max_iterations: u32) -> Self {
        Self {
            palette,
            max_iterations,
            table: palette.table(),
        }
    }

    /// Returns the colour of a pixel value: red, green, blue.
    ///
    /// Values grow by factors towards the border of the set, hence colours follow their logarithm. They run through
    /// the table forwards and backwards, so that there is no jump.
    #[must_use]
    pub fn colour(&self, value: u32) -> [u8; 3] {
        if value >= self.max_iterations {
            return INSIDE;
        }
        let entry = match self.palette {
            Palette::Classic => value as usize % 72,
            Palette::Sinebow => {
                let turn = (value as f32 + 1.0).log2() * Self::PASSAGES;
                (turn.fract() * ENTRIES as f32) as usize
            }
            Palette::Magma | Palette::Viridis | Palette::Turbo | Palette::Inferno => {
                let passage = (value as f32 + 1.0).log2() * Self::PASSAGES % 2.0;
                let height = if passage > 1.0 { 2.0 - passage } else { passage };
                (height * (ENTRIES - 1) as f32).round() as usize
            }
        };
        self.table.get(entry).copied().unwrap_or(INSIDE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn palettes_are_found_by_name() {
        for palette in Palette::ALL {
            assert_eq!(Palette::named(palette.name()), Some(palette));
        }
        assert_eq!(Palette::named("beige"), None);
    }

    #[test]
    fn the_inside_is_nearly_black_and_the_outside_is_not() {
        for palette in Palette::ALL {
            let colours = Colours::new(palette, 1000);
            let brightness = |value| {
                colours
                    .colour(value)
                    .iter()
                    .map(|&part| u32::from(part))
                    .sum::<u32>()
            };
            assert!(brightness(1000) < 32 && brightness(u32::MAX) < 32);
            assert!(
                (0..1000).all(|value| brightness(value) > 32),
                "{}",
                palette.name()
            );
        }
    }

    #[test]
    fn the_classic_hue_is_five_degrees_for_each_iteration() {
        let colours = Colours::new(Palette::Classic, 1000);
        assert_eq!(
            [0, 24, 48, 72].map(|value| colours.colour(value)),
            [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 0, 0]]
        );
    }

    #[test]
    fn neighbouring_values_have_similar_colours() {
        let colours = Colours::new(Palette::Magma, 100_000);
        for value in 100..10_000 {
            let (one, next) = (colours.colour(value), colours.colour(value + 1));
            assert!(
                one.iter().zip(next).all(|(&one, next)| one.abs_diff(next) < 16),
                "{value}"
            );
        }
    }
}
