//! A picture split over several sessions.

use wire::fractal_generator::{Complex, Parameter};

/// A rectangle of a picture, which one session computes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tile {
    /// Its left edge in the whole picture, in pixels.
    pub x: u32,
    /// Its upper edge in the whole picture, in pixels.
    pub y: u32,
    /// The parameters of its session: size and corners are those of the tile.
    pub parameter: Parameter,
}

impl Tile {
    /// Splits a picture for a number of sessions, as rsplib does: the square root of that number, rounded down, is
    /// the number of rows, and of tiles in each row; the last row has the remaining tiles. No tile is empty: a
    /// picture with too few rows or columns is split into fewer tiles.
    #[must_use]
    pub fn split(whole: &Parameter, sessions: usize) -> Vec<Self> {
        let sessions = u32::try_from(sessions).unwrap_or(u32::MAX).max(1);
        let edge = sessions.isqrt();
        let rows = edge.min(whole.height);
        let mut tiles = Vec::new();
        for row in 0..rows {
            let columns = if row + 1 < rows {
                edge
            } else {
                sessions - edge * (edge - 1)
            };
            let columns = columns.min(whole.width);
            let (top, bottom) = (share(whole.height, row, rows), share(whole.height, row + 1, rows));
            for column in 0..columns {
                let (left, right) = (
                    share(whole.width, column, columns),
                    share(whole.width, column + 1, columns),
                );
                tiles.push(Self::cut(whole, (left, right), (top, bottom)));
            }
        }
        tiles
    }

    fn cut(whole: &Parameter, (left, right): (u32, u32), (top, bottom): (u32, u32)) -> Self {
        let corner = |x: u32, y: u32| Complex {
            re: between(whole.c1.re, whole.c2.re, x, whole.width),
            im: between(whole.c1.im, whole.c2.im, y, whole.height),
        };
        let parameter = Parameter {
            width: right - left,
            height: bottom - top,
            c1: corner(left, top),
            c2: corner(right, bottom),
            ..*whole
        };
        Self {
            x: left,
            y: top,
            parameter,
        }
    }
}

/// Returns where the part with this number begins when `size` pixels are divided into `parts`.
fn share(size: u32, part: u32, parts: u32) -> u32 {
    // Not greater than the size, hence it fits.
    (u64::from(size) * u64::from(part) / u64::from(parts)) as u32
}

/// Returns the coordinate of an edge between two corners, which are exactly preserved.
fn between(first: f64, last: f64, pixel: u32, pixels: u32) -> f64 {
    if pixel == pixels {
        last
    } else {
        first + (last - first) * (f64::from(pixel) / f64::from(pixels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::VIEWS;

    fn whole(width: u32, height: u32) -> Parameter {
        VIEWS[0].parameter(width, height)
    }

    #[test]
    fn one_session_computes_the_whole_picture() {
        let whole = whole(400, 250);
        assert_eq!(
            Tile::split(&whole, 1),
            [Tile {
                x: 0,
                y: 0,
                parameter: whole
            }]
        );
        assert_eq!(Tile::split(&whole, 0).len(), 1);
    }

    #[test]
    fn the_last_row_takes_the_rest() {
        for (sessions, rows) in [(2, vec![2]), (4, vec![2, 2]), (7, vec![2, 5]), (9, vec![3, 3, 3])] {
            let tiles = Tile::split(&whole(400, 250), sessions);
            let counted: Vec<usize> = tiles
                .chunk_by(|one, next| one.y == next.y)
                .map(<[Tile]>::len)
                .collect();
            assert_eq!(counted, rows, "{sessions} sessions");
        }
    }

    #[test]
    fn tiles_cover_every_pixel_once() {
        for (width, height, sessions) in [
            (400, 250, 512),
            (1, 1, 512),
            (3, 500, 100),
            (500, 3, 100),
            (101, 97, 13),
        ] {
            let mut covered = vec![0; (width * height) as usize];
            for tile in Tile::split(&whole(width, height), sessions) {
                assert!(tile.parameter.check().is_ok());
                for y in tile.y..tile.y + tile.parameter.height {
                    for x in tile.x..tile.x + tile.parameter.width {
                        covered[(y * width + x) as usize] += 1;
                    }
                }
            }
            assert!(
                covered.iter().all(|&times| times == 1),
                "{width} x {height}, {sessions} sessions"
            );
        }
    }
}
