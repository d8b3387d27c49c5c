//! Reads the pictures to request from rsplib's parameter files.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use fractal::parameter_file::{LARGEST, ParameterFile};

/// The maximum number of files in a folder.
const MOST_FILES: usize = 10_000;

/// Reads a file, or all `.fsf` files of a folder in the order of their names.
///
/// # Errors
/// Returns an error if there is none, or if one of them cannot be read or is wrong: it names the file and says what is
/// wrong and what to do.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<ParameterFile>> {
    let files = if path.is_dir() {
        files_of(path).with_context(|| format!("--file {}", path.display()))?
    } else {
        vec![path.to_owned()]
    };
    files
        .iter()
        .map(|file| read_file(file).with_context(|| format!("--file {}", file.display())))
        .collect()
}

fn files_of(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).context("cannot read the folder")? {
        let path = entry.context("cannot read the folder")?.path();
        if path.extension().is_some_and(|extension| extension == "fsf") {
            files.push(path);
        }
        if files.len() > MOST_FILES {
            bail!("the folder has more than {MOST_FILES} files: choose another one");
        }
    }
    if files.is_empty() {
        bail!("the folder has no file that ends in .fsf: choose another one");
    }
    files.sort();
    Ok(files)
}

fn read_file(path: &Path) -> anyhow::Result<ParameterFile> {
    let bytes = whole_file::read(path, LARGEST).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => anyhow!("{error}: it is no parameter file"),
        _ => error.into(),
    })?;
    let text = str::from_utf8(&bytes).map_err(|error| {
        let line = bytes
            .iter()
            .take(error.valid_up_to())
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        anyhow!("line {line}: the text is not in UTF-8")
    })?;
    Ok(ParameterFile::parse(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(real: &str) -> String {
        format!(
            "<FractalV1><AlgorithmName>Mandelbrot</AlgorithmName><C1Real>{real}</C1Real><C1Imag>1</C1Imag>\n\
             <C2Real>1</C2Real><C2Imag>-1</C2Imag></FractalV1>"
        )
    }

    #[test]
    fn a_folder_has_its_pictures_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for (name, real) in [("b.fsf", "-2"), ("a.fsf", "-1"), ("c.fsf", "-3"), ("d.txt", "x")] {
            std::fs::write(folder.path().join(name), file(real)).unwrap();
        }
        let pictures = read(folder.path()).unwrap();
        let left: Vec<f64> = pictures.iter().map(|file| file.parameter(1, 1).c1.re).collect();
        assert_eq!(left, [-1.0, -2.0, -3.0]);
        assert_eq!(
            read(&folder.path().join("d.txt"))
                .map_err(|error| format!("{error:#}").contains("line 1: `C1Real`")),
            Err(true)
        );
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("latin.fsf"), b"<FractalV1>\n\xe4</FractalV1>").unwrap();
        std::fs::write(at("long.fsf"), vec![b' '; LARGEST as usize + 1]).unwrap();
        std::fs::create_dir(at("empty")).unwrap();
        for (path, expected) in [
            (at("none.fsf"), "none.fsf: cannot be read: No such file"),
            (at("latin.fsf"), "latin.fsf: line 2: the text is not in UTF-8"),
            (at("long.fsf"), "long.fsf: has more than 65536 bytes"),
            (at("empty"), "empty: the folder has no file that ends in .fsf"),
            ("/dev/zero".into(), "/dev/zero: is not a file"),
            (folder.path().into(), "latin.fsf: line 2"),
        ] {
            let error = format!("{:#}", read(&path).unwrap_err());
            assert!(
                error.starts_with("--file ") && error.contains(expected),
                "{error}"
            );
        }
    }
}
