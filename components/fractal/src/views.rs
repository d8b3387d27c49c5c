//! Views for demonstrations.
//!
//! The protocol computes z^2 - c, so the Mandelbrot set is mirrored: its antenna points to the right.

use wire::fractal_generator::{Algorithm, Complex, Parameter};

/// A view of the complex plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Its name, which is also used on command lines.
    pub name: &'static str,
    /// What there is to see in it.
    pub description: &'static str,
    /// The centre of the picture.
    pub centre: Complex,
    /// The length of the picture's shorter edge in the complex plane.
    pub size: f64,
    /// The value of pixels that never escape.
    pub max_iterations: u32,
    /// The exponent; 2 is Mandelbrot.
    pub n: f64,
}

/// All views; the first is the default.
pub const VIEWS: &[View] = &[
    View {
        name: "overview",
        description: "the whole set",
        centre: Complex { re: 0.45, im: 0.0 },
        size: 2.5,
        max_iterations: 2000,
        n: 2.0,
    },
    View {
        name: "seahorse-valley",
        description: "spirals between the body and the head",
        centre: Complex {
            re: 0.7453,
            im: 0.1127,
        },
        size: 0.0065,
        max_iterations: 5000,
        n: 2.0,
    },
    View {
        name: "spiral",
        description: "a double spiral in the seahorse valley",
        centre: Complex {
            re: 0.743643887037151,
            im: -0.13182590420533,
        },
        size: 0.0001,
        max_iterations: 20000,
        n: 2.0,
    },
    View {
        name: "elephant-valley",
        description: "trunks on the other side of the body",
        centre: Complex {
            re: -0.2925,
            im: -0.015,
        },
        size: 0.025,
        max_iterations: 5000,
        n: 2.0,
    },
    View {
        name: "mini-set",
        description: "a small copy of the whole, in the middle of the double spiral",
        centre: Complex {
            re: 0.743_643_887_037_151,
            im: -0.131_825_904_205_33,
        },
        size: 0.000_008,
        max_iterations: 20_000,
        n: 2.0,
    },
    View {
        name: "triple-spiral",
        description: "a spiral with three arms",
        centre: Complex {
            re: 0.088,
            im: -0.654,
        },
        size: 0.012,
        max_iterations: 5000,
        n: 2.0,
    },
    View {
        name: "petals",
        description: "a copy of the whole among petals",
        centre: Complex {
            re: 0.1592,
            im: -1.0345,
        },
        size: 0.02,
        max_iterations: 5_000,
        n: 2.0,
    },
    View {
        name: "scepter",
        description: "scepter valley beside the head",
        centre: Complex {
            re: 1.2535,
            im: 0.0465,
        },
        size: 0.02,
        max_iterations: 5000,
        n: 2.0,
    },
    View {
        name: "cubic",
        description: "z^3 - c: two bodies",
        centre: Complex { re: 0.0, im: 0.0 },
        size: 2.6,
        max_iterations: 1000,
        n: 3.0,
    },
    View {
        name: "quintic",
        description: "z^5 - c",
        centre: Complex { re: 0.0, im: 0.0 },
        size: 2.5,
        max_iterations: 1000,
        n: 5.0,
    },
    View {
        name: "fractional",
        description: "z^2.5 - c: the branch cut tears the set",
        centre: Complex { re: 0.0, im: 0.0 },
        size: 2.7,
        max_iterations: 500,
        n: 2.5,
    },
];

impl View {
    /// Returns the view with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        VIEWS.iter().find(|view| view.name == name)
    }

    /// Returns the parameters of a picture of this size in pixels. Pixels are square; the longer edge shows more of
    /// the plane.
    #[must_use]
    pub fn parameter(&self, width: u32, height: u32) -> Parameter {
        let pixel = self.size / f64::from(width.min(height).max(1));
        let (right, down) = (0.5 * pixel * f64::from(width), 0.5 * pixel * f64::from(height));
        Parameter {
            width,
            height,
            max_iterations: self.max_iterations,
            algorithm: if self.n == 2.0 {
                Algorithm::Mandelbrot
            } else {
                Algorithm::MandelbrotN
            },
            c1: Complex {
                re: self.centre.re - right,
                im: self.centre.im + down,
            },
            c2: Complex {
                re: self.centre.re + right,
                im: self.centre.im - down,
            },
            n: self.n,
        }
    }
}
