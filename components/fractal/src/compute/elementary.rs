//! Logarithm, exponential, arc tangent, sine and cosine in every lane.
//!
//! Fused multiplication is not used, so that all machines get the same values; these differ from the correctly
//! rounded ones by a few units in the last place, for the arguments that occur in powers of a number in the circle.

use fearless_simd::prelude::*;
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2, LOG2_E, PI, SQRT_2};

/// Adding this to a small integer moves that integer into the lowest bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;
const FRACTION_BITS: u32 = 52;
const EXPONENT_BIAS: f64 = 1023.0;

/// ln 2 in two parts: products of the first part and an exponent are exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Half of pi in three parts: multiples of the first two by up to 2^20 are exact.
const HALF_PI: [f64; 3] = [
    1.570_796_326_734_125_6,
    6.077_100_506_303_966e-11,
    2.022_266_248_795_950_6e-21,
];

/// Natural logarithm of positive normal numbers.
#[inline(always)]
pub(super) fn logarithm<S: Simd>(simd: S, x: S::f64s) -> S::f64s {
    let bits: S::u64s = x.bitcast();
    let one = S::f64s::splat(simd, 1.0);
    let small: S::u64s = bits >> FRACTION_BITS;
    let mut exponent: S::f64s = (small | S::u64s::splat(simd, (1 << FRACTION_BITS as u64) * 0x433)).bitcast();
    exponent -= (1_u64 << FRACTION_BITS) as f64 + EXPONENT_BIAS;
    let fraction = bits & S::u64s::splat(simd, (1 << FRACTION_BITS) - 1);
    let mut mantissa: S::f64s = (fraction | S::u64s::splat(simd, 1.0_f64.to_bits())).bitcast();
    let large = mantissa.simd_gt(S::f64s::splat(simd, SQRT_2));
    mantissa = large.select(mantissa * 0.5, mantissa);
    exponent = large.select(exponent + one, exponent);
    // ln m = 2 artanh((m - 1) / (m + 1)), and the argument of artanh is below 0.172.
    let ratio = (mantissa - one) / (mantissa + one);
    let square = ratio * ratio;
    let series = polynomial::<S, 10>(
        simd,
        square,
        [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0].map(|odd: f64| 2.0 / odd),
    );
    exponent * LN_2_HIGH + (exponent * LN_2_LOW + (ratio * square * series + (ratio + ratio)))
}

/// Exponential; arguments are limited to a magnitude of 700.
#[inline(always)]
pub(super) fn exponential<S: Simd>(simd: S, x: S::f64s) -> S::f64s {
    let x = x
        .max(S::f64s::splat(simd, -700.0))
        .min(S::f64s::splat(simd, 700.0));
    let shifted = x * LOG2_E + WHOLE;
    let whole = shifted - WHOLE;
    let rest = x - whole * LN_2_HIGH - whole * LN_2_LOW;
    // The Taylor series; the rest is below 0.347.
    let mut factorials = [1.0; 14];
    for n in 1..14 {
        factorials[n] = factorials[n - 1] / n as f64;
    }
    factorials.reverse();
    let series = polynomial::<S, 14>(simd, rest, factorials);
    let bits: S::u64s = (shifted + EXPONENT_BIAS).bitcast();
    let power: S::f64s = (bits << FRACTION_BITS).bitcast();
    series * power
}

/// Angle of (x, y), from -pi to pi; NaN for (0, 0).
#[inline(always)]
pub(super) fn arc_tangent<S: Simd>(simd: S, y: S::f64s, x: S::f64s) -> S::f64s {
    let zero = S::f64s::splat(simd, 0.0);
    let one = S::f64s::splat(simd, 1.0);
    let (height, width) = (y.abs(), x.abs());
    let steep = height.simd_gt(width);
    let small = steep.select(width, height);
    let large = steep.select(height, width);
    // Above 0.66 the angle minus pi/4 is easier: its tangent is (t - 1) / (t + 1).
    let turned = small.simd_gt(large * 0.66);
    let tangent = turned.select(small - large, small) / turned.select(small + large, large);
    let square = tangent * tangent;
    // Rational approximation of the Cephes library.
    let numerator = polynomial::<S, 5>(
        simd,
        square,
        [
            -8.750_608_600_031_904e-1,
            -1.615_753_718_733_365e1,
            -7.500_855_792_314_705e1,
            -1.228_866_684_490_136_1e2,
            -6.485_021_904_942_025e1,
        ],
    );
    let denominator = polynomial::<S, 6>(
        simd,
        square,
        [
            1.0,
            2.485_846_490_142_306_4e1,
            1.650_270_098_316_988_6e2,
            4.328_810_604_912_903e2,
            4.853_903_996_359_137e2,
            1.945_506_571_482_614e2,
        ],
    );
    let near = tangent * square * numerator / denominator + tangent;
    let angle = turned.select(near + 0.25 * PI, near);
    let angle = steep.select(S::f64s::splat(simd, FRAC_PI_2) - angle, angle);
    let angle = x.simd_lt(zero).select(S::f64s::splat(simd, PI) - angle, angle);
    angle * one.copysign(y)
}

/// Sine and cosine of angles up to a million.
#[inline(always)]
pub(super) fn sine_and_cosine<S: Simd>(simd: S, angle: S::f64s) -> (S::f64s, S::f64s) {
    let shifted = angle * FRAC_2_PI + WHOLE;
    let quarters = shifted - WHOLE;
    let rest = angle - quarters * HALF_PI[0] - quarters * HALF_PI[1] - quarters * HALF_PI[2];
    let square = rest * rest;
    // Polynomials of the Cephes library; the rest is at most pi/4.
    let sine = polynomial::<S, 6>(
        simd,
        square,
        [
            1.589_623_015_765_465_6e-10,
            -2.505_074_776_285_780_7e-8,
            2.755_731_362_138_572_4e-6,
            -1.984_126_982_958_954e-4,
            8.333_333_333_322_118e-3,
            -1.666_666_666_666_663e-1,
        ],
    ) * square
        * rest
        + rest;
    let cosine = polynomial::<S, 6>(
        simd,
        square,
        [
            -1.135_853_652_138_768_2e-11,
            2.087_570_084_197_473e-9,
            -2.755_731_417_929_674e-7,
            2.480_158_728_885_171_5e-5,
            -1.388_888_888_887_305_7e-3,
            4.166_666_666_666_659e-2,
        ],
    ) * square
        * square
        + (square * -0.5 + 1.0);
    // The lowest two bits of the number of quarter turns determine which of the two is which, and its sign.
    let bits: S::u64s = shifted.bitcast();
    let odd = (bits & S::u64s::splat(simd, 1)).simd_eq(S::u64s::splat(simd, 1));
    let sign: S::u64s = (bits & S::u64s::splat(simd, 2)) << 62;
    let cosine_sign: S::u64s = ((bits & S::u64s::splat(simd, 1)) << 63) ^ sign;
    (
        flip::<S>(odd.select(cosine, sine), sign),
        flip::<S>(odd.select(sine, cosine), cosine_sign),
    )
}

/// Flips the sign where the sign bit is set.
#[inline(always)]
fn flip<S: Simd>(x: S::f64s, sign: S::u64s) -> S::f64s {
    let bits: S::u64s = x.bitcast();
    (bits ^ sign).bitcast()
}

/// Evaluates a polynomial, with coefficients from the highest power down.
#[inline(always)]
fn polynomial<S: Simd, const N: usize>(simd: S, x: S::f64s, coefficients: [f64; N]) -> S::f64s {
    let mut value = S::f64s::splat(simd, 0.0);
    for coefficient in coefficients {
        value = value * x + coefficient;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use fearless_simd::{Level, dispatch};

    /// Returns the maximum relative error of a function over arguments, in units of the machine precision.
    fn error(
        arguments: impl Iterator<Item = f64>,
        computed: impl Fn(f64) -> f64,
        expected: impl Fn(f64) -> f64,
    ) -> f64 {
        arguments
            .map(|x| {
                let (computed, expected) = (computed(x), expected(x));
                (computed - expected).abs() / expected.abs().max(1e-3) / f64::EPSILON
            })
            .fold(0.0, f64::max)
    }

    macro_rules! in_a_lane {
        ($simd:ident => $function:expr) => {{
            dispatch!(Level::new(), $simd => $function[0])
        }};
    }

    #[test]
    fn logarithm_is_accurate() {
        let arguments = (1..20_000).map(|i| 1.003_f64.powi(i % 1000 - 900) * f64::from(i) / 1e4);
        let computed = |x| in_a_lane!(simd => logarithm(simd, SimdBase::splat(simd, x)));
        let worst = error(arguments, computed, f64::ln);
        assert!(worst < 4.0, "{worst}");
    }

    #[test]
    fn exponential_is_accurate() {
        let arguments = (-20_000..20_000).map(|i| f64::from(i) / 1e3);
        let computed = |x| in_a_lane!(simd => exponential(simd, SimdBase::splat(simd, x)));
        let worst = arguments
            .map(|x| (computed(x) / x.exp() - 1.0).abs() / f64::EPSILON)
            .fold(0.0, f64::max);
        assert!(worst < 4.0, "{worst}");
    }

    #[test]
    fn arc_tangent_is_accurate_all_around() {
        let arguments = (0..20_000).map(|i| f64::from(i) / 3.2e3 - 0.999 * PI);
        let (y, x) = (|angle: f64| 0.7 * angle.sin(), |angle: f64| 0.7 * angle.cos());
        let computed = |angle| in_a_lane!(simd => arc_tangent(simd, SimdBase::splat(simd, y(angle)), SimdBase::splat(simd, x(angle))));
        let worst = error(arguments, computed, |angle| y(angle).atan2(x(angle)));
        assert!(worst < 4.0, "{worst}");
    }

    #[test]
    fn sine_and_cosine_are_accurate() {
        let arguments = || (-20_000..20_000).map(|i| f64::from(i) / 97.0);
        let sine = |x| in_a_lane!(simd => sine_and_cosine(simd, SimdBase::splat(simd, x)).0);
        let worst = error(arguments(), sine, f64::sin);
        assert!(worst < 4.0, "{worst}");
        let cosine = |x| in_a_lane!(simd => sine_and_cosine(simd, SimdBase::splat(simd, x)).1);
        let worst = error(arguments(), cosine, f64::cos);
        assert!(worst < 4.0, "{worst}");
    }
}
