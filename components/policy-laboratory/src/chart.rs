//! Results as pictures: a panel for each measure, curves with confidence bands over the varied parameter, or bars with
//! confidence intervals if none is varied, and the theoretical limits.
//!
//! Text is set in the font that the window uses, and thus does not depend on what is installed.

mod legend;
mod panel;

use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use crate::{Measure, Results};

/// The size of a picture, in pixels: of its title, of each panel, and of the legend at the right of a panel.
const WIDTH: u32 = 1_080;
const TITLE_HEIGHT: u32 = 60;
const PANEL_HEIGHT: u32 = 420;
const LEGEND_WIDTH: u32 = 280;
/// The name under which the font is registered. It stays in SVG files, whose reader takes its own of this kind.
const FONT: &str = "sans-serif";

/// The colours of policies, in order, as red, green and blue: they can be told apart by people with any colour vision
/// (Okabe and Ito). Further policies begin again, with other marks.
pub const COLOURS: [[u8; 3]; 7] = [
    [0x00, 0x72, 0xb2],
    [0xd5, 0x5e, 0x00],
    [0x00, 0x9e, 0x73],
    [0xcc, 0x79, 0xa7],
    [0xe6, 0x9f, 0x00],
    [0x56, 0xb4, 0xe9],
    [0x70, 0x70, 0x70],
];

/// The error for a picture that cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the picture cannot be drawn: {0}")]
pub struct ChartError(String);

impl ChartError {
    fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// Draws measures as an SVG document.
///
/// # Errors
/// Returns an error if there is nothing to draw.
pub fn svg(results: &Results, measures: &[Measure]) -> Result<String, ChartError> {
    let mut document = String::new();
    draw(
        SVGBackend::with_string(&mut document, size(measures)),
        results,
        measures,
    )?;
    Ok(document)
}

/// Draws measures as a PNG file.
///
/// # Errors
/// Returns an error if there is nothing to draw.
pub fn png(results: &Results, measures: &[Measure]) -> Result<Vec<u8>, ChartError> {
    let (width, height) = size(measures);
    let mut pixels = vec![0xff; 3 * width as usize * height as usize];
    draw(
        BitMapBackend::with_buffer(&mut pixels, (width, height)),
        results,
        measures,
    )?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().map_err(ChartError::of)?;
    writer.write_image_data(&pixels).map_err(ChartError::of)?;
    writer.finish().map_err(ChartError::of)?;
    Ok(file)
}

fn size(measures: &[Measure]) -> (u32, u32) {
    let panels = u32::try_from(measures.len().clamp(1, Measure::ALL.len())).unwrap_or(1);
    (WIDTH, TITLE_HEIGHT + panels * PANEL_HEIGHT)
}

fn draw<B: DrawingBackend>(backend: B, results: &Results, measures: &[Measure]) -> Result<(), ChartError> {
    load_font()?;
    if measures.is_empty() || results.ended() == 0 {
        return Err(ChartError("there are no results yet".into()));
    }
    let root = backend.into_drawing_area();
    root.fill(&WHITE).map_err(ChartError::of)?;
    let (head, body) = root.split_vertically(TITLE_HEIGHT);
    draw_title(&head, results)?;
    for (area, measure) in body.split_evenly((measures.len(), 1)).iter().zip(measures) {
        let (plane, legend) = area.split_horizontally(WIDTH - LEGEND_WIDTH);
        panel::draw(&plane, results, *measure)?;
        legend::draw(&legend, results, *measure)?;
    }
    root.present().map_err(ChartError::of)
}

fn draw_title<B: DrawingBackend>(area: &DrawingArea<B, Shift>, results: &Results) -> Result<(), ChartError> {
    let experiment = results.experiment();
    let (ended, runs) = (results.ended(), results.runs());
    let seeds = match (experiment.seeds, ended == runs) {
        (1, true) => "1 run for each point".to_owned(),
        (seeds, true) => format!("{seeds} runs for each point, bands and bars are 95 % confidence intervals"),
        (_, false) => format!("{ended} of {runs} runs, bands and bars are 95 % confidence intervals"),
    };
    let title = (FONT, 22).into_font().color(&BLACK);
    let note = (FONT, 15).into_font().color(&BLACK.mix(0.7));
    area.draw_text(&experiment.name, &title, (16, 10))
        .map_err(ChartError::of)?;
    let simulated = format!("Simulated in virtual time: {seeds}");
    area.draw_text(&simulated, &note, (16, 38))
        .map_err(ChartError::of)
}

fn load_font() -> Result<(), ChartError> {
    static LOADED: OnceLock<bool> = OnceLock::new();
    let register = || register_font(FONT, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT).is_ok();
    if *LOADED.get_or_init(register) {
        Ok(())
    } else {
        Err(ChartError("the font cannot be read".into()))
    }
}

/// Returns the colour of the policy with this index.
const fn colour(policy: usize) -> RGBColor {
    let [red, green, blue] = COLOURS[policy % COLOURS.len()];
    RGBColor(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{invented, without_sweep};

    #[test]
    fn a_document_says_what_it_shows_and_that_it_is_simulated() {
        let svg = svg(&invented(), &[Measure::HandlingSpeed, Measure::Utilisation]).unwrap();
        for text in [
            "Base set-up",
            "Simulated in virtual time: 2 runs for each point",
            "Target utilisation",
            "Handling speed [% of a pool element's capacity]",
            "LU",
            "RAND",
            "M/M/c, one central queue",
        ] {
            let written = text.replace('\'', "&apos;");
            assert!(svg.contains(text) || svg.contains(&written), "{text} is missing");
        }
        // A line and a band for each policy and panel, and marks.
        assert!(
            svg.matches("<polyline").count() >= 4 && svg.matches("<polygon").count() >= 4,
            "{svg}"
        );
    }

    #[test]
    fn a_picture_has_text_without_any_font_of_the_system() {
        for results in [invented(), without_sweep()] {
            let file = png(&results, &[Measure::HandlingSpeed]).unwrap();
            let decoder = png::Decoder::new(std::io::Cursor::new(file));
            let mut reader = decoder.read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut pixels).unwrap();
            let row = WIDTH as usize * 3;
            let title = &pixels[10 * row..34 * row];
            let dark = title
                .chunks(3)
                .filter(|pixel| pixel.iter().all(|part| *part < 100))
                .count();
            assert!(dark > 100, "{dark}");
        }
    }

    #[test]
    fn there_is_no_picture_of_nothing() {
        let nothing = Results::new(crate::Experiment::default()).unwrap();
        svg(&nothing, &[Measure::HandlingSpeed]).unwrap_err();
        svg(&invented(), &[]).unwrap_err();
        // A measure that does not exist anywhere leaves its panel empty.
        assert!(
            svg(&invented(), &[Measure::FailoverTime])
                .unwrap()
                .contains("no results")
        );
    }
}
