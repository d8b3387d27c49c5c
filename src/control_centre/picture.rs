//! Writes a pool user's picture to a PNG file, and compares it with one computed here.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fractal::colour::{Colours, Palette};
use image::{ImageFormat, RgbaImage};

use fractal::image::Image;
use model::{Canvas, Change, Comparison, ComponentId, Proof};
use supervisor::SupervisorCommand;
use whole_file::IfThere;

use super::ControlCentre;

/// Writes a picture; missing pixels are transparent. This takes some milliseconds: do not call it on the window's
/// thread.
///
/// # Errors
/// Returns an error if the file cannot be written; an existing file is then unchanged.
pub(super) fn save(canvas: &Canvas, palette: Palette, path: &Path) -> Result<(), image::ImageError> {
    let colours = Colours::new(palette, canvas.max_iterations);
    let mut pixels = RgbaImage::new(canvas.width, canvas.height);
    let values = canvas.iterations.iter().zip(&canvas.computed_by);
    for (pixel, (value, by)) in pixels.pixels_mut().zip(values) {
        if *by != 0 {
            let [red, green, blue] = colours.colour(*value);
            *pixel = image::Rgba([red, green, blue, u8::MAX]);
        }
    }
    let mut bytes = Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, ImageFormat::Png)?;
    whole_file::write(path, IfThere::Replace, bytes.get_ref())?;
    Ok(())
}

impl ControlCentre {
    /// Has the pictures that are kept, and are over, compared with pictures computed here. That takes a while, hence
    /// it is done in the background.
    pub(super) fn compare_pictures(&mut self) {
        self.comparisons.retain(|id, _| {
            let user = self.model.components.get(id);
            user.is_some_and(|user| user.held.is_some())
        });
        let due: Vec<(ComponentId, Canvas)> = self
            .model
            .components
            .values()
            .filter_map(|user| Some((user.id, user.picture_to_compare()?.clone())))
            .collect();
        for (id, canvas) in due {
            let image = canvas.image;
            self.change(
                id,
                Change::PictureCompared {
                    image,
                    proof: Proof::UnderWay,
                },
            );
            let wanted = Wanted::default();
            let still = Arc::clone(&wanted.0);
            // Replacing an earlier one ends its work.
            self.comparisons.insert(id, wanted);
            let work = move || Change::PictureCompared {
                image,
                proof: compare(&canvas, || still.load(Ordering::Relaxed)).map_or(Proof::Awaited, Proof::Made),
            };
            self.command(id, SupervisorCommand::Work(id, Box::new(work)));
        }
    }
}

/// Somebody waits for the result of a comparison. Large pictures take minutes: when this is dropped, the work ends.
#[derive(Debug)]
pub(super) struct Wanted(Arc<AtomicBool>);

impl Default for Wanted {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Compares a picture with one computed here, unless the result is no longer `wanted`. Nothing equals a picture that
/// nobody knows how to compute.
fn compare(canvas: &Canvas, wanted: impl Fn() -> bool) -> Option<Comparison> {
    let computed = canvas.request.and_then(|request| {
        let image = Image::new(&request.parameter, request.sessions as usize).ok()?;
        Some(image.computed_while(&wanted))
    });
    wanted().then(|| Comparison::of(canvas, computed.as_ref().map_or(&[], Image::values)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_pixels_that_arrived() {
        let mut canvas = Canvas::new(1, 3, 2, 100).unwrap();
        canvas.iterations[4] = 7;
        canvas.computed_by[4] = 1;
        let path = std::env::temp_dir().join(format!("poolscope-picture-{}.png", std::process::id()));
        save(&canvas, Palette::default(), &path).unwrap();
        let read = image::open(&path).unwrap().to_rgba8();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read.dimensions(), (3, 2));
        let [red, green, blue] = Colours::new(Palette::default(), 100).colour(7);
        assert_eq!(read.get_pixel(1, 1).0, [red, green, blue, 255]);
        assert_eq!(read.get_pixel(0, 0).0, [0; 4]);
    }

    #[test]
    fn a_folder_that_is_missing_is_an_error() {
        let canvas = Canvas::new(1, 3, 2, 100).unwrap();
        assert!(save(&canvas, Palette::default(), Path::new("/nowhere/at/all.png")).is_err());
    }

    #[test]
    fn a_comparison_that_nobody_waits_for_any_more_ends() {
        let canvas = Canvas::new(1, 3, 2, 100).unwrap();
        let wanted = Wanted::default();
        let still = Arc::clone(&wanted.0);
        let made = compare(&canvas, || still.load(Ordering::Relaxed));
        assert_eq!(made.map(|comparison| comparison.missing), Some(6));
        drop(wanted);
        assert_eq!(compare(&canvas, || still.load(Ordering::Relaxed)), None);
    }
}
