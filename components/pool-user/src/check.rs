//! Processes a finished picture in a thread of its own: comparing and writing take long.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use fractal::colour::{Colours, Palette};
use fractal::image::Image;
use fractal::png_file;
use runtime::WorkSender;

/// The result of processing a picture.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The sequence number of the picture.
    pub(crate) number: u32,
    /// The number of missing pixels.
    pub(crate) missing: u64,
    /// The number of missing or wrong pixels; `None` if they were not compared.
    pub(crate) differences: Option<u64>,
    /// The file it was written to, or the reason why it could not be written.
    pub(crate) file: Option<Result<PathBuf, String>>,
}

/// Compares a picture with a locally computed one if `verify`, writes it if there is a path, and sends the result.
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
