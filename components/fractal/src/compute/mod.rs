//! Pixel values of a picture, in the plain double arithmetic of the Fractal Generator Protocol.
//!
//! For pixel (x, y), c = C1 + (x, y) * (C2 - C1) / size, with the step sizes computed first. Starting at z = 0, z
//! becomes z^N - c, with N = 2 for Mandelbrot, until |z|^2 >= 2. The value is the number of steps before the one
//! that left the circle, or the iteration limit if none did. Values of Mandelbrot are the same on every machine, bit
//! for bit; those of MandelbrotN may differ in the last iterations, as the protocol allows.
//!
//! [`Picture::compute`] uses the widest vectors that the processor has, [`Picture::compute_plainly`] is the
//! reference.

mod elementary;
mod lanes;
mod plain;
mod power;

#[cfg(test)]
mod tests;

use fearless_simd::{Level, dispatch};
use wire::Malformed;
use wire::fractal_generator::{Algorithm, Complex, Parameter};

use lanes::{Cycles, Square};
use power::{IntegerPower, RealPower};

/// A picture of which any run of pixels can be computed at any time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Picture {
    parameter: Parameter,
    step: Complex,
    arithmetic: Arithmetic,
}

/// The arithmetic of a picture's pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Arithmetic {
    /// z^2 - c.
    Square,
    /// z^N - c with a non-negative integer N: by multiplication.
    IntegerPower(u32),
    /// z^N - c by modulus and argument.
    RealPower(f64),
    /// (x * y) mod 256.
    Product,
}

impl Picture {
    /// Creates the picture that a pool user requests.
    ///
    /// # Errors
    /// Returns an error if the parameters exceed the protocol's limits.
    pub fn new(parameter: &Parameter) -> Result<Self, Malformed> {
        parameter.check()?;
        let step = Complex {
            re: (parameter.c2.re - parameter.c1.re) / f64::from(parameter.width),
            im: (parameter.c2.im - parameter.c1.im) / f64::from(parameter.height),
        };
        let arithmetic = match parameter.algorithm {
            Algorithm::Mandelbrot => Arithmetic::Square,
            Algorithm::MandelbrotN => match IntegerPower::exponent(parameter.n) {
                Some(n) => Arithmetic::IntegerPower(n),
                None => Arithmetic::RealPower(parameter.n),
            },
            Algorithm::Other(_) => Arithmetic::Product,
        };
        Ok(Self {
            parameter: *parameter,
            step,
            arithmetic,
        })
    }

    /// Returns the same picture in rsplib's test mode: no iteration, pixel values are (x * y) mod 256.
    #[must_use]
    pub const fn in_test_mode(self) -> Self {
        Self {
            arithmetic: Arithmetic::Product,
            ..self
        }
    }

    /// Returns the parameters.
    #[must_use]
    pub const fn parameter(&self) -> &Parameter {
        &self.parameter
    }

    /// Computes up to `count` pixels starting at `position`, which counts pixels in reading order, and replaces the
    /// content of `pixels` by their values. Returns the number of steps that these values stand for, a
    /// machine-independent measure of the work.
    pub fn compute(&self, position: u64, count: usize, pixels: &mut Vec<u32>) -> u64 {
        self.compute_with(Level::new(), Cycles::Shorten, position, count, pixels)
    }

    /// Like [`Self::compute`], but takes every single step even where an orbit repeats itself: for measuring the
    /// arithmetic alone.
    pub fn compute_every_step(&self, position: u64, count: usize, pixels: &mut Vec<u32>) -> u64 {
        self.compute_with(Level::new(), Cycles::Follow, position, count, pixels)
    }

    /// Like [`Self::compute`], by one plain loop per pixel: the reference.
    pub fn compute_plainly(&self, position: u64, count: usize, pixels: &mut Vec<u32>) -> u64 {
        self.prepare(position, count, pixels);
        plain::run(self, position, pixels);
        self.iterations(pixels)
    }

    fn compute_with(
        &self,
        level: Level,
        cycles: Cycles,
        position: u64,
        count: usize,
        pixels: &mut Vec<u32>,
    ) -> u64 {
        self.prepare(position, count, pixels);
        match self.arithmetic {
            Arithmetic::Square => {
                dispatch!(level, simd => lanes::run(simd, Square, cycles, self, position, pixels));
            }
            Arithmetic::IntegerPower(n) => {
                let formula = IntegerPower::new(n);
                dispatch!(level, simd => lanes::run(simd, formula, cycles, self, position, pixels));
            }
            Arithmetic::RealPower(n) if RealPower::serves(n) => {
                let formula = RealPower::new(n);
                dispatch!(level, simd => lanes::run(simd, formula, cycles, self, position, pixels));
            }
            Arithmetic::RealPower(_) | Arithmetic::Product => plain::run(self, position, pixels),
        }
        self.iterations(pixels)
    }

    /// Makes room for as many of the requested pixels as the picture has.
    fn prepare(&self, position: u64, count: usize, pixels: &mut Vec<u32>) {
        let rest = self.parameter.pixels().saturating_sub(position);
        pixels.clear();
        pixels.resize(usize::try_from(rest).unwrap_or(usize::MAX).min(count), 0);
    }

    /// Returns column and row of a pixel; after the last pixel, this is the beginning of the row that would follow.
    pub(crate) fn place(&self, position: u64) -> (u32, u32) {
        let width = u64::from(self.parameter.width);
        ((position % width) as u32, (position / width) as u32)
    }

    /// Returns the c of a pixel.
    fn point(&self, position: u64) -> Complex {
        let (x, y) = self.place(position);
        let Parameter { c1, .. } = self.parameter;
        Complex {
            re: c1.re + f64::from(x) * self.step.re,
            im: c1.im + f64::from(y) * self.step.im,
        }
    }

    fn iterations(&self, pixels: &[u32]) -> u64 {
        if self.arithmetic == Arithmetic::Product {
            return pixels.len() as u64;
        }
        let most = self.parameter.max_iterations;
        pixels
            .iter()
            .map(|&value| u64::from(value.saturating_add(1).min(most)))
            .sum()
    }
}
