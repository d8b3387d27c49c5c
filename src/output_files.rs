//! Files that options name for results: checked before anything is started, and written at its end.

use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{anyhow, bail};
use whole_file::Destination;

use crate::terminal::{self, Transcript};

/// Where results are written to, and in which formats `F`.
pub(crate) struct OutputFiles<'a, F> {
    /// What the results come from, in a word, and where that is.
    source: (&'a str, Option<Destination>),
    files: Vec<(NamedFile<'a>, F)>,
}

/// A file that an option names.
struct NamedFile<'a> {
    option: &'static str,
    path: &'a Path,
    destination: Destination,
}

impl<'a, F> OutputFiles<'a, F> {
    /// Checks that the files of all options that were given can be written; `-` is standard output. `source` is what
    /// the results come from, in a word and by its path: it is not to be overwritten.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written, or would be written over another one.
    pub(crate) fn check(
        (what, source): (&'a str, &Path),
        options: impl IntoIterator<Item = (&'static str, Option<&'a Path>, F)>,
    ) -> anyhow::Result<Self> {
        let mut checked = Self {
            source: (what, Destination::of(source).ok()),
            files: Vec::new(),
        };
        for (option, path, format) in options {
            if let Some(path) = path {
                let file = checked.check_another(option, path)?;
                checked.files.push((file, format));
            }
        }
        Ok(checked)
    }

    /// Checks likewise the file of an option that is written elsewhere.
    ///
    /// # Errors
    /// Returns an error if it cannot be written, or would be written over another one.
    pub(crate) fn check_beside(&self, option: &'static str, path: &'a Path) -> anyhow::Result<()> {
        self.check_another(option, path).map(drop)
    }

    fn check_another(&self, option: &'static str, path: &'a Path) -> anyhow::Result<NamedFile<'a>> {
        let file = NamedFile::check(option, path)?;
        let (what, source) = &self.source;
        if source
            .as_ref()
            .is_some_and(|source| file.destination.collides_with(source))
        {
            bail!("{file}: this is the {what}, which would be overwritten: name another file");
        }
        if let Some((other, _)) = self
            .files
            .iter()
            .find(|(other, _)| other.destination.collides_with(&file.destination))
        {
            bail!("{other} and {file} are the same file: name another one for one of them");
        }
        Ok(file)
    }

    /// Writes all files, even if one of them cannot be written, and the rest of the transcript: whoever does not read
    /// that has the files already. What goes to standard output follows it.
    ///
    /// # Errors
    /// Returns the errors of all files that could not be written.
    pub(crate) fn write(
        &self,
        transcript: Transcript,
        render: impl Fn(&F) -> anyhow::Result<Vec<u8>>,
    ) -> anyhow::Result<()> {
        let write = |(file, format): &(NamedFile<'_>, F)| {
            let written = render(format).and_then(|bytes| file.write(&bytes));
            let error = written.err()?;
            Some(format!("{file} could not be written: {error}"))
        };
        let (last, first): (Vec<_>, Vec<_>) = self
            .files
            .iter()
            .partition(|(file, _)| file.destination.is_standard_output());
        let mut failures: Vec<String> = first.into_iter().filter_map(write).collect();
        if let Err(error) = transcript.finish() {
            terminal::complain(format_args!("standard output could not be written: {error}"));
        }
        failures.extend(last.into_iter().filter_map(write));
        if failures.is_empty() {
            Ok(())
        } else {
            Err(anyhow!(failures.join("\npoolscope: ")))
        }
    }
}

impl<'a> NamedFile<'a> {
    fn check(option: &'static str, path: &'a Path) -> anyhow::Result<Self> {
        let destination = if path == Path::new("-") {
            Ok(Destination::standard_output())
        } else {
            Destination::writable(path)
        };
        match destination {
            Ok(destination) => Ok(Self {
                option,
                path,
                destination,
            }),
            Err(error) => bail!("{option} {}: {error}", path.display()),
        }
    }

    fn write(&self, bytes: &[u8]) -> anyhow::Result<()> {
        match self.destination.write(bytes) {
            // Whoever was to read it does not want it.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        }
    }
}

impl fmt::Display for NamedFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.option, self.path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_result_is_written_over_another_file_of_the_same_command() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("story"), "as before").unwrap();
        let check = |one: &str, other: Option<&str>| {
            let (one, other) = (at(one), other.map(at));
            let options = [("--one", Some(&*one), ()), ("--other", other.as_deref(), ())];
            OutputFiles::check(("story", &at("story")), options).map(|files| files.files.len())
        };
        assert_eq!(check("a", None).unwrap(), 1);
        assert_eq!(check("a", Some("b")).unwrap(), 2);
        for (one, other, expected) in [
            ("./story", None, "this is the story, which would be overwritten"),
            ("a", Some("./a"), "are the same file"),
            ("no/a", Some("b"), "there is no folder"),
        ] {
            let error = check(one, other).unwrap_err().to_string();
            assert!(error.starts_with("--one ") && error.contains(expected), "{error}");
        }
    }

    #[test]
    fn what_is_written_elsewhere_is_none_of_the_results_either() {
        let folder = tempfile::tempdir().unwrap();
        let [story, result, beside] = ["story", "result", "beside"].map(|name| folder.path().join(name));
        std::fs::write(&story, "as before").unwrap();
        let files = OutputFiles::check(("story", &story), [("--result", Some(&*result), ())]).unwrap();
        assert!(files.check_beside("--beside", &beside).is_ok());
        let refused = |path: &Path| files.check_beside("--beside", path).unwrap_err().to_string();
        assert!(refused(&story).contains("this is the story"));
        assert!(refused(&result).contains("are the same file"));
        assert!(refused(folder.path()).contains("it is a folder"));
        assert!(!beside.exists());
    }

    #[test]
    fn what_can_be_written_is_written_whatever_else_fails() {
        let folder = tempfile::tempdir().unwrap();
        let [bad, good, full] = ["bad", "good", "/dev/full"].map(|name| folder.path().join(name));
        let options = [
            ("--bad", Some(&*bad), "bad"),
            ("--full", Some(&*full), "full"),
            ("--good", Some(&*good), "good"),
        ];
        let files = OutputFiles::check(("story", Path::new("-")), options).unwrap();
        let written = files.write(
            Transcript::on_standard_output().unwrap(),
            |format| match *format {
                "bad" => Err(anyhow!("too much")),
                text => Ok(text.into()),
            },
        );
        let error = written.unwrap_err().to_string();
        let lines: Vec<_> = error.lines().collect();
        assert_eq!(lines.len(), 2, "{error}");
        assert_eq!(
            lines[0],
            format!("--bad {} could not be written: too much", bad.display())
        );
        assert!(
            lines[1].starts_with("poolscope: --full /dev/full could not be written: "),
            "{error}"
        );
        assert!(!bad.exists());
        assert_eq!(std::fs::read_to_string(good).unwrap(), "good");
    }
}
