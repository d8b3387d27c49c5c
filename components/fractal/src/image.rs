//! A picture as a pool user assembles it.

use wire::PeIdentifier;
use wire::fractal_generator::{Data, Parameter};

use crate::compute::Picture;
use crate::tile::Tile;

/// A picture: the value of every pixel, and the pool element that computed it.
#[derive(Debug, Clone)]
pub struct Image {
    whole: Parameter,
    tiles: Vec<Tile>,
    values: Vec<u32>,
    /// For each pixel an index into `pool_elements`, or [`MISSING`].
    computed_by: Vec<u16>,
    pool_elements: Vec<PeIdentifier>,
    missing: u64,
}

const MISSING: u16 = u16::MAX;

/// The size of a picture that cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a picture of {width} x {height} pixels is not within 1 to {} pixels",
    Image::MOST_PIXELS
)]
pub struct UnsuitableSize {
    width: u32,
    height: u32,
}

/// The result of placing received pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Placed {
    /// Pixels that were missing.
    pub new: u64,
    /// Pixels that had already arrived with the same value.
    pub repeated: u64,
    /// Pixels that had already arrived with a different value, which has been replaced.
    pub changed: u64,
    /// Pixels outside the tile.
    pub outside: u64,
}

impl Image {
    /// The maximum number of pixels of a picture that is stored; each takes 6 bytes.
    pub const MOST_PIXELS: u64 = 1 << 26;

    /// Creates an empty picture, split for a number of sessions.
    ///
    /// # Errors
    /// Returns an error if it has no pixels, or more than [`Self::MOST_PIXELS`].
    pub fn new(whole: &Parameter, sessions: usize) -> Result<Self, UnsuitableSize> {
        let missing = whole.pixels();
        if !(1..=Self::MOST_PIXELS).contains(&missing) {
            return Err(UnsuitableSize {
                width: whole.width,
                height: whole.height,
            });
        }
        // Fits, because of the limit above.
        let size = missing as usize;
        Ok(Self {
            whole: *whole,
            tiles: Tile::split(whole, sessions),
            values: vec![0; size],
            computed_by: vec![MISSING; size],
            pool_elements: Vec::new(),
            missing,
        })
    }

    /// Returns the parameters of the whole picture.
    #[must_use]
    pub const fn parameter(&self) -> &Parameter {
        &self.whole
    }

    /// Returns its tiles, one per session.
    #[must_use]
    pub fn tiles(&self) -> &[Tile] {
        &self.tiles
    }

    /// Returns the pixels' values, row by row; 0 where they are missing.
    #[must_use]
    pub fn values(&self) -> &[u32] {
        &self.values
    }

    /// Returns the pool elements that computed pixels, in order of appearance.
    #[must_use]
    pub fn pool_elements(&self) -> &[PeIdentifier] {
        &self.pool_elements
    }

    /// Returns the index in [`Self::pool_elements`] of the one that computed a pixel; `None` if the pixel is
    /// missing.
    #[must_use]
    pub fn computed_by(&self, x: u32, y: u32) -> Option<usize> {
        if x >= self.whole.width {
            return None;
        }
        let index = y as usize * self.whole.width as usize + x as usize;
        self.computed_by
            .get(index)
            .copied()
            .filter(|&by| by != MISSING)
            .map(usize::from)
    }

    /// Returns the number of missing pixels.
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.missing
    }

    /// Returns whether no pixel is missing.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.missing == 0
    }

    /// Places the pixels of a Data message of a tile's session.
    pub fn place(&mut self, tile: usize, data: &Data, from: PeIdentifier) -> Placed {
        let mut placed = Placed::default();
        let Some(Tile { x, y, parameter }) = self.tiles.get(tile).copied() else {
            placed.outside = data.pixels.len() as u64;
            return placed;
        };
        let by = self.index_of(from);
        let tile_width = u64::from(parameter.width);
        let first = u64::from(data.start_y) * tile_width + u64::from(data.start_x);
        for (position, &value) in (first..).zip(&data.pixels) {
            if data.start_x >= parameter.width || position >= parameter.pixels() {
                placed.outside += 1;
                continue;
            }
            let (column, row) = (
                u64::from(x) + position % tile_width,
                u64::from(y) + position / tile_width,
            );
            let index = (row * u64::from(self.whole.width) + column) as usize;
            let (Some(pixel), Some(computed_by)) =
                (self.values.get_mut(index), self.computed_by.get_mut(index))
            else {
                placed.outside += 1;
                continue;
            };
            if *computed_by == MISSING {
                placed.new += 1;
            } else if *pixel == value {
                placed.repeated += 1;
            } else {
                placed.changed += 1;
            }
            (*pixel, *computed_by) = (value, by);
        }
        self.missing -= placed.new;
        placed
    }

    /// Returns the same picture, computed locally without any pool element.
    #[must_use]
    pub fn computed_undisturbed(&self) -> Self {
        self.computed_while(|| true)
    }

    /// Returns the same picture, computed locally without any pool element. As soon as `wanted`, which is asked before
    /// each row, returns false, the other rows are left out.
    #[must_use]
    pub fn computed_while(&self, wanted: impl Fn() -> bool) -> Self {
        let mut image = self.clone();
        image.computed_by.fill(MISSING);
        image.missing = self.whole.pixels();
        let mut pixels = Vec::new();
        for (index, tile) in self.tiles.iter().enumerate() {
            let Ok(picture) = Picture::new(&tile.parameter) else {
                continue;
            };
            for start_y in (0..tile.parameter.height).take_while(|_| wanted()) {
                let position = u64::from(start_y) * u64::from(tile.parameter.width);
                picture.compute(position, tile.parameter.width as usize, &mut pixels);
                image.place(
                    index,
                    &Data {
                        start_x: 0,
                        start_y,
                        pixels: pixels.clone(),
                    },
                    PeIdentifier(0),
                );
            }
        }
        image
    }

    /// Returns the number of pixels that are missing in either of two pictures, or have different values. Pictures
    /// of different sizes differ in all pixels of the larger one.
    #[must_use]
    pub fn differences(&self, other: &Self) -> u64 {
        if (self.whole.width, self.whole.height) != (other.whole.width, other.whole.height) {
            return self.whole.pixels().max(other.whole.pixels());
        }
        let ours = self.values.iter().zip(&self.computed_by);
        let theirs = other.values.iter().zip(&other.computed_by);
        let differ = ours.zip(theirs).filter(|&((ours, by), (theirs, their_by))| {
            ours != theirs || *by == MISSING || *their_by == MISSING
        });
        differ.count() as u64
    }

    fn index_of(&mut self, pool_element: PeIdentifier) -> u16 {
        let known = self.pool_elements.iter().position(|&known| known == pool_element);
        let index = known.unwrap_or_else(|| {
            // If there are too many different pool elements, the rest share the last index.
            if self.pool_elements.len() < usize::from(MISSING) {
                self.pool_elements.push(pool_element);
            }
            self.pool_elements.len() - 1
        });
        u16::try_from(index).unwrap_or(MISSING - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::VIEWS;

    const ONE: PeIdentifier = PeIdentifier(1);
    const TWO: PeIdentifier = PeIdentifier(2);

    #[test]
    fn pixels_go_to_their_place_in_the_tile() {
        // Tiles of 5 x 5 pixels; the second one begins in column 5.
        let mut image = Image::new(&VIEWS[0].parameter(10, 10), 4).unwrap();
        let placed = image.place(
            1,
            &Data {
                start_x: 4,
                start_y: 0,
                pixels: vec![7, 8],
            },
            ONE,
        );
        assert_eq!(
            placed,
            Placed {
                new: 2,
                ..Placed::default()
            }
        );
        assert_eq!((image.values()[9], image.values()[15]), (7, 8));
        assert_eq!(
            (
                image.computed_by(9, 0),
                image.computed_by(5, 1),
                image.computed_by(6, 1)
            ),
            (Some(0), Some(0), None)
        );
        assert_eq!(image.missing(), 98);
    }

    #[test]
    fn repeated_changed_and_outside_pixels_are_counted() {
        let mut image = Image::new(&VIEWS[0].parameter(10, 10), 1).unwrap();
        image.place(
            0,
            &Data {
                start_x: 0,
                start_y: 0,
                pixels: vec![1, 2, 3],
            },
            ONE,
        );
        let placed = image.place(
            0,
            &Data {
                start_x: 1,
                start_y: 0,
                pixels: vec![2, 4, 5],
            },
            TWO,
        );
        assert_eq!(
            placed,
            Placed {
                new: 1,
                repeated: 1,
                changed: 1,
                outside: 0
            }
        );
        assert_eq!(image.pool_elements(), [ONE, TWO]);
        let placed = image.place(
            0,
            &Data {
                start_x: 9,
                start_y: 9,
                pixels: vec![1, 1],
            },
            ONE,
        );
        assert_eq!((placed.new, placed.outside), (1, 1));
        for (tile, start_x, start_y) in [(0, 10, 0), (0, 0, 10), (0, u32::MAX, u32::MAX), (1, 0, 0)] {
            assert_eq!(
                image
                    .place(
                        tile,
                        &Data {
                            start_x,
                            start_y,
                            pixels: vec![1]
                        },
                        ONE
                    )
                    .outside,
                1
            );
        }
    }

    #[test]
    fn an_undisturbed_picture_is_complete_and_differs_from_an_empty_one() {
        let image = Image::new(&VIEWS[0].parameter(40, 30), 3).unwrap();
        let undisturbed = image.computed_undisturbed();
        assert!(undisturbed.is_complete());
        assert_eq!(undisturbed.differences(&undisturbed), 0);
        assert_eq!(undisturbed.differences(&image), 1200);
    }

    #[test]
    fn a_picture_that_is_no_longer_wanted_ends_with_a_row() {
        let image = Image::new(&VIEWS[0].parameter(40, 30), 1).unwrap();
        let asked = std::cell::Cell::new(0);
        let begun = image.computed_while(|| asked.replace(asked.get() + 1) < 2);
        let undisturbed = image.computed_undisturbed();
        assert_eq!(
            begun.differences(&undisturbed),
            1200 - 2 * 40,
            "two rows of 40 pixels"
        );
    }

    #[test]
    fn a_picture_that_would_fill_the_memory_is_refused() {
        assert!(Image::new(&VIEWS[0].parameter(65536, 65536), 1).is_err());
        assert!(Image::new(&VIEWS[0].parameter(0, 10), 1).is_err());
    }
}
