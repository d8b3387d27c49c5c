//! Places worth seeing, for demonstrations.
//!
//! The protocol computes z^2 - c, so the Mandelbrot set lies mirrored: its antenna points to the right.

use wire::fractal_generator::{Algorithm, Complex, Parameter};

/// A place in the complex plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Its name, also for command lines.
    pub name: &'static str,
    /// What there is to see.
    pub description: &'static str,
    /// The middle of the picture.
    pub centre: Complex,
    /// The length of the picture's shorter edge in the complex plane.
    pub size: f64,
    /// The value of pixels that never leave the circle.
    pub max_iterations: u32,
    /// The exponent; 2 is Mandelbrot.
    pub n: f64,
}

/// All views; the first is the default.
pub const VIEWS: &[View] = &[View {
    name: "overview",
    description: "the whole set",
    centre: Complex { re: 0.5, im: 0.0 },
    size: 2.6,
    max_iterations: 1000,
    n: 2.0,
}];

impl View {
    /// The view with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        VIEWS.iter().find(|view| view.name == name)
    }

    /// The view as a picture of this size in pixels. Pixels are square; along the longer edge there is more to see.
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
