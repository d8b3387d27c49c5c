//! Compares the vectorised arithmetic with the plain one.

use proptest::prelude::*;

use fearless_simd::Level;

use super::Picture;
use super::lanes::Cycles;
use wire::fractal_generator::{Algorithm, Complex, Parameter};

const WHOLE: Parameter = Parameter {
    width: 97,
    height: 61,
    max_iterations: 500,
    algorithm: Algorithm::Mandelbrot,
    c1: Complex { re: -1.5, im: 1.5 },
    c2: Complex { re: 1.5, im: -1.5 },
    n: 2.0,
};

fn both(parameter: &Parameter) -> (Vec<u32>, Vec<u32>) {
    let picture = Picture::new(parameter).unwrap();
    let (mut plain, mut vectors) = (Vec::new(), Vec::new());
    let all = usize::try_from(parameter.pixels()).unwrap();
    let steps = picture.compute_plainly(0, all, &mut plain);
    assert_eq!(picture.compute(0, all, &mut vectors), steps);
    (plain, vectors)
}

/// Returns the share of pixels whose values differ by more than a tenth.
fn difference(parameter: &Parameter) -> f64 {
    let picture = Picture::new(parameter).unwrap();
    let (mut plain, mut vectors) = (Vec::new(), Vec::new());
    let all = usize::try_from(parameter.pixels()).unwrap();
    picture.compute_plainly(0, all, &mut plain);
    picture.compute(0, all, &mut vectors);
    let far = plain
        .iter()
        .zip(&vectors)
        .filter(|&(&plain, &vectors)| plain.abs_diff(vectors) > plain / 10);
    far.count() as f64 / all as f64
}

#[test]
fn vectors_compute_exactly_what_the_plain_loop_computes() {
    for max_iterations in [0, 1, 7, 8, 9, 500, 5000] {
        let (plain, vectors) = both(&Parameter {
            max_iterations,
            ..WHOLE
        });
        assert_eq!(plain, vectors, "{max_iterations} iterations");
    }
}

/// Returns the processor's instruction sets, the widest first.
fn levels() -> Vec<Level> {
    let level = Level::new();
    #[cfg(target_arch = "x86_64")]
    let narrower = [
        level.as_avx2().map(Level::Avx2),
        level.as_sse4_2().map(Level::Sse4_2),
        level.as_sse2().map(Level::Sse2),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let narrower: [Option<Level>; 0] = [];
    std::iter::once(level)
        .chain(narrower.into_iter().flatten())
        .collect()
}

#[test]
fn the_width_of_the_vectors_makes_no_difference() {
    for (algorithm, n) in [
        (Algorithm::Mandelbrot, 2.0),
        (Algorithm::MandelbrotN, 3.0),
        (Algorithm::MandelbrotN, 2.5),
    ] {
        let picture = Picture::new(&Parameter {
            algorithm,
            n,
            ..WHOLE
        })
        .unwrap();
        let results: Vec<Vec<u32>> = levels()
            .into_iter()
            .flat_map(|level| [(level, Cycles::Shorten), (level, Cycles::Follow)])
            .map(|(level, cycles)| {
                let mut pixels = Vec::new();
                picture.compute_with(level, cycles, 0, usize::MAX, &mut pixels);
                pixels
            })
            .collect();
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "N = {n}");
    }
}

#[test]
fn the_border_of_the_set_is_exact_too() {
    let parameter = Parameter {
        max_iterations: 20_000,
        c1: Complex {
            re: 0.7500,
            im: 0.1000,
        },
        c2: Complex {
            re: 0.7480,
            im: 0.1020,
        },
        ..WHOLE
    };
    let (plain, vectors) = both(&parameter);
    assert_eq!(plain, vectors);
}

#[test]
fn a_run_of_pixels_is_a_part_of_the_whole_picture() {
    let picture = Picture::new(&WHOLE).unwrap();
    let (mut whole, mut part) = (Vec::new(), Vec::new());
    picture.compute(0, usize::MAX, &mut whole);
    assert_eq!(whole.len(), 97 * 61);
    for position in (0..whole.len()).step_by(324) {
        picture.compute(position as u64, 324, &mut part);
        assert_eq!(part, whole[position..whole.len().min(position + 324)]);
    }
    assert_eq!(picture.compute(97 * 61, 324, &mut part), 0);
    assert!(part.is_empty());
}

#[test]
fn exponent_two_is_mandelbrot() {
    let (_, square) = both(&WHOLE);
    let (_, power) = {
        let parameter = Parameter {
            algorithm: Algorithm::MandelbrotN,
            ..WHOLE
        };
        let mut pixels = Vec::new();
        let steps = Picture::new(&parameter)
            .unwrap()
            .compute(0, usize::MAX, &mut pixels);
        (steps, pixels)
    };
    assert_eq!(square, power);
}

#[test]
fn powers_agree_with_the_reference_nearly_everywhere() {
    for n in [3.0, 4.0, 5.0, 16.0, 2.5, 1.5, 0.5, -1.0, -2.0, 7.3] {
        let parameter = Parameter {
            algorithm: Algorithm::MandelbrotN,
            n,
            max_iterations: 100,
            ..WHOLE
        };
        let difference = difference(&parameter);
        assert!(difference < 0.01, "N = {n}: {difference}");
    }
}

#[test]
fn extreme_exponents_and_corners_do_no_harm() {
    for n in [0.0, 1.0, 64.0, -64.0, 1e300, -1e300, 1e-300] {
        let parameter = Parameter {
            algorithm: Algorithm::MandelbrotN,
            n,
            max_iterations: 20,
            ..WHOLE
        };
        both_lengths(&parameter);
    }
    let far = Parameter {
        c1: Complex {
            re: f64::MIN,
            im: f64::MAX,
        },
        c2: Complex {
            re: f64::MAX,
            im: 5e-324,
        },
        max_iterations: 20,
        ..WHOLE
    };
    let (plain, vectors) = both(&far);
    assert_eq!(plain, vectors);
}

fn both_lengths(parameter: &Parameter) {
    let picture = Picture::new(parameter).unwrap();
    let (mut plain, mut vectors) = (Vec::new(), Vec::new());
    picture.compute_plainly(0, 1000, &mut plain);
    picture.compute(0, 1000, &mut vectors);
    assert_eq!((plain.len(), vectors.len()), (1000, 1000));
}

#[test]
fn other_algorithms_and_the_test_mode_give_the_product_of_the_coordinates() {
    let other = Picture::new(&Parameter {
        algorithm: Algorithm::Other(7),
        ..WHOLE
    })
    .unwrap();
    let test_mode = Picture::new(&WHOLE).unwrap().in_test_mode();
    for picture in [other, test_mode] {
        let mut pixels = Vec::new();
        assert_eq!(picture.compute(97 * 30 + 90, 2, &mut pixels), 2);
        assert_eq!(pixels, [90 * 30 % 256, 91 * 30 % 256]);
    }
}

#[test]
fn pictures_beyond_the_limits_are_refused() {
    assert!(Picture::new(&Parameter { width: 0, ..WHOLE }).is_err());
    assert!(
        Picture::new(&Parameter {
            height: 65537,
            ..WHOLE
        })
        .is_err()
    );
    assert!(
        Picture::new(&Parameter {
            max_iterations: 1_000_001,
            ..WHOLE
        })
        .is_err()
    );
    assert!(Picture::new(&Parameter { n: f64::NAN, ..WHOLE }).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_part_of_the_plane_is_exact(
        re in -1.5..1.5_f64,
        im in -1.2..1.2_f64,
        zoom in 0.0..12.0_f64,
        max_iterations in 0..3000_u32,
        position in 0..400_u64,
        count in 0..100_usize,
    ) {
        let size = 10.0_f64.powf(-zoom);
        let c2 = Complex { re: re + size, im: im - size };
        let parameter =
            Parameter { width: 20, height: 20, max_iterations, c1: Complex { re, im }, c2, ..WHOLE };
        let picture = Picture::new(&parameter).unwrap();
        let (mut plain, mut vectors) = (Vec::new(), Vec::new());
        let steps = picture.compute_plainly(position, count, &mut plain);
        prop_assert_eq!(picture.compute(position, count, &mut vectors), steps);
        prop_assert_eq!(plain, vectors);
    }
}
