//! How colours look: their contrast, and how far apart they are for viewers with and without a colour deficiency.

use egui::{Color32, Rgba};

/// The colour vision of a viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vision {
    /// Three kinds of cones.
    Normal,
    /// No cones for green.
    Deuteranopia,
    /// No cones for red.
    Protanopia,
}

impl Vision {
    pub(crate) const ALL: [Self; 3] = [Self::Normal, Self::Deuteranopia, Self::Protanopia];

    /// The matrices of Machado, Oliveira and Fernandes (2009) for linear light.
    fn matrix(self) -> [[f64; 3]; 3] {
        match self {
            Self::Normal => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            Self::Deuteranopia => [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
            Self::Protanopia => [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        }
    }

    /// Returns the colour in the space CIELAB, as this viewer sees it.
    fn lab(self, colour: Color32) -> [f64; 3] {
        let [r, g, b, _] = Rgba::from(colour).to_array().map(f64::from);
        let seen = self
            .matrix()
            .map(|row| (row[0] * r + row[1] * g + row[2] * b).clamp(0.0, 1.0));
        let row = |row: [f64; 3]| row[0] * seen[0] + row[1] * seen[1] + row[2] * seen[2];
        let x = row([0.412_456, 0.357_576, 0.180_438]) / 0.950_47;
        let y = row([0.212_673, 0.715_152, 0.072_175]);
        let z = row([0.019_334, 0.119_192, 0.950_304]) / 1.088_83;
        let cube = |t: f64| {
            if t > 216.0 / 24_389.0 {
                t.cbrt()
            } else {
                (24_389.0 / 27.0 * t + 16.0) / 116.0
            }
        };
        let [x, y, z] = [x, y, z].map(cube);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// Returns how different two colours look to this viewer (CIE 1976): about 2 is just noticeable.
    pub(crate) fn difference(self, one: Color32, other: Color32) -> f64 {
        let (one, other) = (self.lab(one), self.lab(other));
        let squares = one.iter().zip(other).map(|(one, other)| (one - other).powi(2));
        squares.sum::<f64>().sqrt()
    }
}

fn luminance(colour: Color32) -> f32 {
    let [r, g, b, _] = Rgba::from(colour).to_array();
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// Returns the contrast of two opaque colours as WCAG defines it, from 1 to 21.
pub(crate) fn contrast(one: Color32, other: Color32) -> f32 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

#[test]
fn red_and_green_are_far_apart_only_for_those_who_see_both() {
    let (red, green) = (Color32::from_rgb(200, 90, 60), Color32::from_rgb(120, 140, 50));
    let far = Vision::Normal.difference(red, green);
    assert!(far > 60.0, "{far}");
    let near = Vision::Deuteranopia.difference(red, green);
    assert!(near < far / 2.0, "{near} of {far}");
}
