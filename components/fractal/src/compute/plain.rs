//! One plain loop per pixel: the reference for the vectorised arithmetic.

use super::{Arithmetic, Picture};
use wire::fractal_generator::Complex;

pub(super) fn run(picture: &Picture, position: u64, pixels: &mut [u32]) {
    for (position, pixel) in (position..).zip(pixels) {
        *pixel = match picture.arithmetic {
            Arithmetic::Square => iterate(picture, position, square),
            Arithmetic::IntegerPower(n) => iterate(picture, position, |z| power(z, f64::from(n))),
            Arithmetic::RealPower(n) => iterate(picture, position, |z| power(z, n)),
            Arithmetic::Product => {
                let (x, y) = picture.place(position);
                x.wrapping_mul(y) % 256
            }
        };
    }
}

fn iterate(picture: &Picture, position: u64, power: impl Fn(Complex) -> Complex) -> u32 {
    let c = picture.point(position);
    let mut z = Complex::default();
    for completed in 0..picture.parameter.max_iterations {
        let raised = power(z);
        z = Complex {
            re: raised.re - c.re,
            im: raised.im - c.im,
        };
        if z.re * z.re + z.im * z.im >= 2.0 {
            return completed;
        }
    }
    picture.parameter.max_iterations
}

fn square(z: Complex) -> Complex {
    let product = z.re * z.im;
    Complex {
        re: z.re * z.re - z.im * z.im,
        im: product + product,
    }
}

/// Complex power with a real exponent, principal branch; any power of 0 is 0.
fn power(z: Complex, n: f64) -> Complex {
    let squared_modulus = z.re * z.re + z.im * z.im;
    if squared_modulus == 0.0 {
        return Complex::default();
    }
    let modulus = squared_modulus.powf(0.5 * n);
    let (sine, cosine) = (n * z.im.atan2(z.re)).sin_cos();
    Complex {
        re: modulus * cosine,
        im: modulus * sine,
    }
}
