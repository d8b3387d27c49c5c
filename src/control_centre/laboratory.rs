//! The policy laboratory: one experiment at a time, simulated and written to files in the background.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use policy_laboratory::{Experiment, Measure, Results, Run, png, svg};
use supervisor::Repaint;
use whole_file::IfThere;

/// The experiment that was begun last, and the file that was written last.
pub struct Laboratory {
    run: Option<Run>,
    /// Counts experiments.
    number: u64,
    /// What became of the latest file, or why the experiment cannot be simulated.
    report: Option<Result<String, String>>,
    writing: Option<Receiver<Result<String, String>>>,
    repaint: Repaint,
}

impl Laboratory {
    pub(super) const fn new(repaint: Repaint) -> Self {
        Self {
            run: None,
            number: 0,
            report: None,
            writing: None,
            repaint,
        }
    }

    /// Returns the experiment that was begun last, and its results so far.
    #[must_use]
    pub const fn run(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    /// Returns the number of experiments that were begun.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Returns what became of the file that was written last, or why the experiment cannot be simulated.
    #[must_use]
    pub fn report(&self) -> Option<Result<&str, &str>> {
        let report = self.report.as_ref()?;
        Some(report.as_deref().map_err(String::as_str))
    }

    /// Takes over what has ended meanwhile.
    pub(super) fn drain(&mut self) {
        if let Some(run) = &mut self.run {
            run.poll();
        }
        if let Some(report) = self.writing.as_ref().and_then(|writing| writing.try_recv().ok()) {
            self.report = Some(report);
            self.writing = None;
        }
    }

    pub(super) fn simulate(&mut self, experiment: Experiment) {
        let repaint = Arc::clone(&self.repaint);
        self.number += 1;
        self.report = None;
        match Run::start(experiment, move || repaint()) {
            Ok(run) => self.run = Some(run),
            Err(unusable) => self.report = Some(Err(unusable.to_string())),
        }
    }

    pub(super) fn end(&self) {
        if let Some(run) = &self.run {
            run.cancel();
        }
    }

    pub(super) fn write(&mut self, path: PathBuf, measures: Vec<Measure>) {
        let Some(results) = self.run.as_ref().map(|run| run.results().clone()) else {
            return;
        };
        let repaint = Arc::clone(&self.repaint);
        let (sender, writing) = channel();
        let work = move || {
            // The window may be gone.
            let _ = sender.send(write(&path, &results, &measures));
            repaint();
        };
        let thread = std::thread::Builder::new().name("results".into());
        match thread.spawn(work) {
            Ok(_) => self.writing = Some(writing),
            Err(error) => self.report = Some(Err(format!("no thread can be started: {error}"))),
        }
    }
}

/// Writes a file. Returns what to tell about it.
fn write(path: &Path, results: &Results, measures: &[Measure]) -> Result<String, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let bytes = match extension {
        "csv" => results.to_csv().into_bytes(),
        "svg" => svg(results, measures)
            .map_err(|error| failed(&error))?
            .into_bytes(),
        "png" => png(results, measures).map_err(|error| failed(&error))?,
        "json" => results.experiment().to_json().into_bytes(),
        _ => return Err(failed(&"its name must end in .csv, .svg, .png or .json")),
    };
    whole_file::write(path, IfThere::Replace, &bytes).map_err(|error| failed(&error))?;
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(format!("Written: {}", whole.display()))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    fn short() -> Experiment {
        let text = r#"{ "name": "Short", "policies": ["least-used"], "seeds": 2,
            "parameters": { "pool-users": 5, "warm-up-s": 10, "duration-s": 60 } }"#;
        Experiment::parse("short", text).unwrap()
    }

    #[test]
    fn an_experiment_is_simulated_and_written_in_the_background() {
        let (sender, news) = sync_channel(1);
        let mut laboratory = Laboratory::new(Arc::new(move || {
            let _ = sender.try_send(());
        }));
        laboratory.simulate(short());
        while !laboratory.run().is_some_and(Run::is_over) {
            // The last thread may end just after its notice.
            let _ = news.recv_timeout(std::time::Duration::from_millis(20));
            laboratory.drain();
        }
        let ended = laboratory.run().map(|run| run.results().ended());
        assert_eq!((laboratory.number(), ended), (1, Some(2)));
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.csv", "a.svg", "a.png", "a.json", "a.txt", "nowhere/a.csv"] {
            laboratory.report = None;
            laboratory.write(folder.path().join(name), vec![Measure::HandlingSpeed]);
            while laboratory.report.is_none() {
                let _ = news.recv_timeout(std::time::Duration::from_millis(20));
                laboratory.drain();
            }
            let report = laboratory.report().unwrap();
            let should_fail = name.ends_with("txt") || name.contains('/');
            assert_eq!(report.is_err(), should_fail, "{report:?}");
            assert_eq!(folder.path().join(name).exists(), !should_fail, "{name}");
        }
        let written = std::fs::read_to_string(folder.path().join("a.json")).unwrap();
        assert_eq!(Experiment::parse("a", &written), Ok(short()));
    }

    #[test]
    fn what_cannot_be_simulated_is_reported() {
        let mut laboratory = Laboratory::new(Arc::new(|| {}));
        let nothing = Experiment { seeds: 0, ..short() };
        laboratory.simulate(nothing);
        assert!(laboratory.run().is_none());
        assert_eq!(laboratory.report(), Some(Err("seeds: 0 is not 1 to 10000")));
    }
}
