//! Processes a finished picture in a thread of its own: comparing and writing take long.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use fractal::colour::{Colours, Palette};
use fractal::image::Image;
use fractal::png_file;
use runtime::WorkSender;
use whole_file::{Destination, IfThere};

use crate::work::Work;

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
    result: WorkSender<Work>,
) -> std::io::Result<()> {
    std::thread::Builder::new().name("check".into()).spawn(move || {
        let differences = verify.then(|| image.differences(&image.computed_undisturbed()));
        let file = png.map(|path| write(&image, number, &path).map_err(|error| format!("{error:#}")));
        result.send(Work::Checked(Checked {
            number,
            missing: image.missing(),
            differences,
            file,
        }));
    })?;
    Ok(())
}

/// Checks before anything is started that pictures can be written.
///
/// # Errors
/// Returns an error if not: it says what is wrong and what to do.
pub(crate) fn check_path(path: &Path) -> anyhow::Result<()> {
    let checked = if is_one_file(path) {
        Destination::writable(path).map(drop)
    } else {
        whole_file::check_folder(path)
    };
    checked.map_err(|error| anyhow!("--png {}: {error}", path.display()))
}

/// Returns whether all pictures are written to the same file, rather than to a folder.
fn is_one_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "png") && !path.is_dir()
}

fn write(image: &Image, number: u32, path: &Path) -> anyhow::Result<PathBuf> {
    let path = if is_one_file(path) {
        path.to_owned()
    } else {
        path.join(format!("picture-{number:04}.png"))
    };
    let colours = Colours::new(Palette::default(), image.parameter().max_iterations);
    let bytes = png_file::encode(image, &colours).context("cannot encode the picture")?;
    whole_file::write(&path, IfThere::Replace, &bytes)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_picture_can_be_written_is_known_in_advance() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for path in [at(""), at("picture.png")] {
            check_path(&path).unwrap();
        }
        for (path, expected) in [
            (at("no"), "create it"),
            (at("no/picture.png"), "create it"),
            (at("picture.jpg"), "there is no folder"),
            ("/proc/picture.png".into(), "choose another"),
        ] {
            let error = check_path(&path).unwrap_err().to_string();
            assert!(error.starts_with("--png ") && error.contains(expected), "{error}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
