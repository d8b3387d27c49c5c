//! Sequence charts as files.

use std::path::{Path, PathBuf};

use command::ChartFile;
use ladder::{Layout, Style};
use model::Severity;

use super::ControlCentre;

/// How many pixels a point of a chart has.
const PIXELS: f32 = 2.0;

impl ControlCentre {
    /// Writes a chart to a file, on a thread of its own. The outcome appears on the timeline.
    pub(crate) fn save_chart(&mut self, path: PathBuf, chart: Box<ChartFile>) {
        let outcomes = self.outcomes.clone();
        let save = move || {
            let (severity, text) = match write(&path, &chart) {
                Ok(()) => (
                    Severity::Normal,
                    format!("The chart was saved as {}", path.display()),
                ),
                Err(why) => (Severity::Problem, format!("The chart cannot be saved: {why}")),
            };
            outcomes.tell(severity, text);
        };
        if let Err(error) = std::thread::Builder::new().name("chart".into()).spawn(save) {
            self.tell_problem(format!("The chart cannot be saved: {error}"));
        }
    }
}

fn write(path: &Path, chart: &ChartFile) -> Result<(), String> {
    let layout = Layout::new(&chart.content, &chart.options, &ladder::measure);
    let style = Style::default();
    let bytes = match path.extension().and_then(|extension| extension.to_str()) {
        Some("png") => ladder::png(&layout, &style, PIXELS).map_err(|error| error.to_string())?,
        Some("svg") => ladder::svg(&layout, &style).into_bytes(),
        _ => return Err(format!("{} is neither .svg nor .png", path.display())),
    };
    whole_file::write(path, whole_file::IfThere::Replace, &bytes)
        .map_err(|error| format!("{}: {error}", path.display()))
}
