//! z^N for MandelbrotN, on the principal branch.

use fearless_simd::prelude::*;

use super::elementary::{arc_tangent, exponential, logarithm, sine_and_cosine};
use super::lanes::{Formula, Vector};

/// z^N for an integer N: repeated multiplication, which has the same result on every branch.
#[derive(Clone, Copy)]
pub(super) struct IntegerPower {
    n: u32,
}

impl IntegerPower {
    /// The maximum N for repeated multiplication.
    const MOST: u32 = 64;

    /// Returns N as an integer, if repeated multiplication applies.
    pub(super) fn exponent(n: f64) -> Option<u32> {
        (1..=Self::MOST).find(|&whole| f64::from(whole) == n)
    }

    pub(super) const fn new(n: u32) -> Self {
        Self { n }
    }
}

impl Formula for IntegerPower {
    #[inline(always)]
    fn raise<S: Simd>(self, _simd: S, z: Vector<S::f64s>) -> Vector<S::f64s> {
        // From the second highest bit of N downwards: square, and multiply if the bit is set.
        let mut result = z;
        let mut bit = (self.n | 1).ilog2();
        while bit > 0 {
            bit -= 1;
            let product = result.re * result.im;
            result = Vector {
                re: result.re * result.re - result.im * result.im,
                im: product + product,
            };
            if self.n >> bit & 1 != 0 {
                result = Vector {
                    re: result.re * z.re - result.im * z.im,
                    im: result.re * z.im + result.im * z.re,
                };
            }
        }
        result
    }
}

/// z^N for any other N, from modulus and argument: |z|^N = exp(N / 2 * ln |z|^2).
#[derive(Clone, Copy)]
pub(super) struct RealPower {
    n: f64,
}

impl RealPower {
    /// The maximum N of either sign for which the vectorised functions are accurate.
    const MOST: f64 = 64.0;
    /// Below this, |z|^2 counts as 0, since its logarithm would be wrong.
    const SMALLEST: f64 = f64::MIN_POSITIVE;

    pub(super) fn serves(n: f64) -> bool {
        n.abs() <= Self::MOST
    }

    pub(super) const fn new(n: f64) -> Self {
        Self { n }
    }
}

impl Formula for RealPower {
    #[inline(always)]
    fn raise<S: Simd>(self, simd: S, z: Vector<S::f64s>) -> Vector<S::f64s> {
        let zero = S::f64s::splat(simd, 0.0);
        let squared_modulus = z.re * z.re + z.im * z.im;
        let vanishes = squared_modulus.simd_lt(S::f64s::splat(simd, Self::SMALLEST));
        let modulus = exponential(simd, logarithm(simd, squared_modulus) * (0.5 * self.n));
        let (sine, cosine) = sine_and_cosine(simd, arc_tangent(simd, z.im, z.re) * self.n);
        Vector {
            re: vanishes.select(zero, modulus * cosine),
            im: vanishes.select(zero, modulus * sine),
        }
    }
}
