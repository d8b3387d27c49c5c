//! What is done with a finished picture in a thread of its own: comparing and writing take long.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use fractal::colour::{Colours, Palette};
use fractal::image::Image;
use fractal::png_file;
use runtime::WorkSender;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The picture's number.
    pub(crate) number: u32,
    /// Pixels that are missing.
    pub(crate) missing: u64,
    /// Pixels that are missing or wrong; `None` if nobody looked.
    pub(crate) differences: Option<u64>,
    /// The file it was written to, or why it could not be.
    pub(crate) file: Option<Result<PathBuf, String>>,
}

/// Compares a picture with an undisturbed one if `verify`, writes it if there is a path, and sends what came of it.
pub(crate) fn start(
    number: u32,
    image: Image,
    verify: bool,
    png: Option<PathBuf>,
    result: WorkSender<Checked>,
) -> std::io::Result<()> {
    std::thread::Builder::new().name("check".into()).spawn(move || {
        let differences = verify.then(|| image.differences(&image.computed_undisturbed()));
        let file = png.map(|path| write(&image, number, &path).map_err(|error| format!("{error:#}")));
        result.send(Checked {
            number,
            missing: image.missing(),
            differences,
            file,
        });
    })?;
    Ok(())
}

fn write(image: &Image, number: u32, path: &Path) -> anyhow::Result<PathBuf> {
    let path = if path.extension().is_some_and(|extension| extension == "png") {
        path.to_owned()
    } else {
        path.join(format!("picture-{number:04}.png"))
    };
    let colours = Colours::new(Palette::default(), image.parameter().max_iterations);
    let bytes = png_file::encode(image, &colours).context("cannot encode the picture")?;
    std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
