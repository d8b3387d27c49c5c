//! Computes many pixels at once: each lane of a few vectors iterates one pixel, and takes the next one when it has
//! finished.
//!
//! Several vectors are interleaved, because one step of a vector depends on the previous one, while the processor
//! can begin several multiplications in the time that one takes. Results do not depend on the number of lanes.

use fearless_simd::prelude::*;

use super::Picture;

/// Vectors in flight.
const VECTORS: usize = 4;
/// The number of steps between two checks for finished lanes.
const STEPS: u32 = 8;
/// The maximum number of doubles in a vector of any processor.
const MOST_LANES: usize = 8;

/// A complex number in each lane.
#[derive(Clone, Copy)]
pub(super) struct Vector<V> {
    pub(super) re: V,
    pub(super) im: V,
}

/// Raises z to a power.
pub(super) trait Formula: Copy {
    /// Raises each lane to the power. Must be `#[inline(always)]`, otherwise it is not compiled for the actual
    /// processor.
    fn raise<S: Simd>(self, simd: S, z: Vector<S::f64s>) -> Vector<S::f64s>;
}

/// z^2 in exactly the operations of the reference.
#[derive(Clone, Copy)]
pub(super) struct Square;

impl Formula for Square {
    #[inline(always)]
    fn raise<S: Simd>(self, _simd: S, z: Vector<S::f64s>) -> Vector<S::f64s> {
        let product = z.re * z.im;
        Vector {
            re: z.re * z.re - z.im * z.im,
            im: product + product,
        }
    }
}

/// What to do with an orbit that returns to exactly the same z: it repeats forever and never escapes, since each z
/// determines the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cycles {
    /// Stop: the value is known.
    Shorten,
    /// Continue to the last iteration.
    Follow,
}

/// The state of all lanes.
struct Lanes<S: Simd> {
    z: [Vector<S::f64s>; VECTORS],
    c: [Vector<S::f64s>; VECTORS],
    /// The number of steps that stayed inside the circle.
    count: [S::f64s; VECTORS],
    /// Lanes that have not escaped.
    inside: [S::mask64s; VECTORS],
    /// An earlier z of the same orbit, or NaN.
    earlier: [Vector<S::f64s>; VECTORS],
    /// The set of lanes that have a pixel, as bits.
    occupied: [u64; VECTORS],
    /// The pixel of each lane.
    pixel: [[usize; MOST_LANES]; VECTORS],
}

/// The source of further pixels, and the destination of finished ones.
struct Work<'a> {
    picture: &'a Picture,
    position: u64,
    pixels: &'a mut [u32],
    /// The number of pixels that lanes have taken so far.
    taken: usize,
}

#[inline(always)]
pub(super) fn run<S: Simd, F: Formula>(
    simd: S,
    formula: F,
    cycles: Cycles,
    picture: &Picture,
    position: u64,
    pixels: &mut [u32],
) {
    let limit = S::f64s::splat(simd, f64::from(picture.parameter.max_iterations));
    let mut work = Work {
        picture,
        position,
        pixels,
        taken: 0,
    };
    let mut lanes = Lanes::<S>::idle(simd);
    for vector in 0..VECTORS {
        lanes.refill(simd, vector, u64::MAX, &mut work);
    }
    // How many checks ago each vector's `earlier` was taken, and when it is taken anew: at growing distances, so
    // that a cycle of any length is found soon after the orbit has settled into it.
    let (mut age, mut distance) = ([0_u32; VECTORS], [1_u32; VECTORS]);
    while lanes.occupied != [0; VECTORS] {
        lanes.advance(simd, formula);
        for vector in 0..VECTORS {
            let mut finished = !lanes.inside[vector] | lanes.count[vector].simd_ge(limit);
            if cycles == Cycles::Shorten {
                let (z, earlier) = (lanes.z[vector], lanes.earlier[vector]);
                finished |= z.re.simd_eq(earlier.re) & z.im.simd_eq(earlier.im);
                age[vector] += 1;
                if age[vector] >= distance[vector] {
                    lanes.earlier[vector] = z;
                    age[vector] = 0;
                    distance[vector] = distance[vector].saturating_mul(2);
                }
            }
            let finished = finished.to_bitmask() & lanes.occupied[vector];
            if finished != 0 {
                lanes.settle(vector, finished, &mut work);
                lanes.refill(simd, vector, finished, &mut work);
                (age[vector], distance[vector]) = (0, 1);
            }
        }
    }
}

impl<S: Simd> Lanes<S> {
    #[inline(always)]
    fn idle(simd: S) -> Self {
        let zero = S::f64s::splat(simd, 0.0);
        let origin = Vector { re: zero, im: zero };
        Self {
            z: [origin; VECTORS],
            c: [origin; VECTORS],
            count: [zero; VECTORS],
            inside: [S::mask64s::splat(simd, true); VECTORS],
            earlier: [origin; VECTORS],
            occupied: [0; VECTORS],
            pixel: [[0; MOST_LANES]; VECTORS],
        }
    }

    /// Takes [`STEPS`] steps in all lanes.
    #[inline(always)]
    fn advance<F: Formula>(&mut self, simd: S, formula: F) {
        let (one, two) = (S::f64s::splat(simd, 1.0), S::f64s::splat(simd, 2.0));
        // Copies, since variables whose address is taken elsewhere would not stay in registers.
        let (mut z, c, mut count, mut inside) = (self.z, self.c, self.count, self.inside);
        for _ in 0..STEPS {
            for vector in 0..VECTORS {
                let raised = formula.raise(simd, z[vector]);
                let next = Vector {
                    re: raised.re - c[vector].re,
                    im: raised.im - c[vector].im,
                };
                let outside = (next.re * next.re + next.im * next.im).simd_ge(two);
                inside[vector] &= !outside;
                count[vector] = inside[vector].select(count[vector] + one, count[vector]);
                z[vector] = next;
            }
        }
        (self.z, self.count, self.inside) = (z, count, inside);
    }

    /// Stores the values of finished lanes.
    #[inline(always)]
    fn settle(&self, vector: usize, finished: u64, work: &mut Work<'_>) {
        let most = work.picture.parameter.max_iterations;
        let inside = self.inside[vector].to_bitmask();
        for lane in (0..S::f64s::LEN).filter(|lane| finished >> lane & 1 != 0) {
            // A lane that finished inside the circle has reached the limit, or its orbit repeats.
            let value = if inside >> lane & 1 != 0 {
                most
            } else {
                self.count[vector][lane] as u32
            };
            work.pixels[self.pixel[vector][lane]] = value.min(most);
        }
    }

    /// Assigns the next pixels to lanes that have none left; if there are none, the lanes become idle.
    #[inline(always)]
    fn refill(&mut self, simd: S, vector: usize, finished: u64, work: &mut Work<'_>) {
        let mut inside = self.inside[vector].to_bitmask();
        for lane in (0..S::f64s::LEN).filter(|lane| finished >> lane & 1 != 0) {
            let c = if work.taken < work.pixels.len() {
                self.occupied[vector] |= 1 << lane;
                self.pixel[vector][lane] = work.taken;
                let position = work.position + work.taken as u64;
                work.taken += 1;
                work.picture.point(position)
            } else {
                self.occupied[vector] &= !(1 << lane);
                Default::default()
            };
            inside |= 1 << lane;
            self.z[vector].re[lane] = 0.0;
            self.z[vector].im[lane] = 0.0;
            self.c[vector].re[lane] = c.re;
            self.c[vector].im[lane] = c.im;
            self.count[vector][lane] = 0.0;
            self.earlier[vector].re[lane] = f64::NAN;
        }
        self.inside[vector] = S::mask64s::from_bitmask(simd, inside);
    }
}
