//! The options of the fractal client: which pictures to ask for, and what to do with them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use fractal::views::View;
use runtime::{Argv, parse_milliseconds};
use wire::fractal_generator::Complex;

/// Options of the fractal client.
#[derive(Debug, Clone, PartialEq, clap::Args)]
#[command(next_help_heading = "Pictures")]
pub struct PictureArgs {
    /// Size of the picture in pixels
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value_t)]
    pub size: Size,

    /// View of the fractal, by name
    #[arg(long, value_name = "NAME", default_value = "overview", value_parser = parse_view)]
    pub view: &'static View,

    /// Parameter file of rsplib (.fsf) to show in place of a view, or a folder of them to show in turn
    #[arg(long, value_name = "FILE|FOLDER", conflicts_with = "view")]
    pub file: Option<PathBuf>,

    /// Corner of the first pixel, overrides the view's [form: RE,IM]
    #[arg(long, value_name = "RE,IM", value_parser = parse_complex, allow_hyphen_values = true, requires = "c2")]
    pub c1: Option<Complex>,

    /// Corner beyond the last pixel, overrides the view's [form: RE,IM]
    #[arg(long, value_name = "RE,IM", value_parser = parse_complex, allow_hyphen_values = true, requires = "c1")]
    pub c2: Option<Complex>,

    /// Iteration limit, overrides the view's
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_iterations: Option<u32>,

    /// Algorithm, overrides the view's
    #[arg(long, value_enum)]
    pub algorithm: Option<AlgorithmChoice>,

    /// Exponent of MandelbrotN, overrides the view's
    #[arg(long, value_name = "NUMBER", value_parser = parse_finite, allow_hyphen_values = true)]
    pub n: Option<f64>,

    /// Number of sessions that share a picture, each with a pool element of its own
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub sessions: u16,

    /// Number of pictures; 0 continues until stopped
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub images: u32,

    /// Milliseconds between two pictures
    #[arg(long, value_name = "MS", default_value = "1000", value_parser = parse_milliseconds)]
    pub pause: Duration,

    /// Milliseconds to wait for a control centre to say when to begin, which it does when the pool elements that it has
    /// started are registered [default: begin at once]
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub begin_within: Option<Duration>,

    /// Write each picture: to this file if it ends in .png, otherwise to a numbered file in this directory
    #[arg(long, value_name = "FILE|DIRECTORY")]
    pub png: Option<PathBuf>,

    /// Compute each picture locally as well and compare pixel by pixel; a difference leads to exit status 1
    #[arg(long)]
    pub verify: bool,
}

/// The algorithm to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AlgorithmChoice {
    /// z^2 - c
    Mandelbrot,
    /// z^N - c
    #[value(name = "mandelbrotn", alias = "mandelbrot-n")]
    MandelbrotN,
}

/// A size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            width: 512,
            height: 512,
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let size = text
            .split_once(['x', 'X'])
            .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        match size {
            Some((width @ 1..=8192, height @ 1..=8192)) => Ok(Self { width, height }),
            Some(_) => Err("width and height may be 1 to 8192".into()),
            None => Err("expected WIDTHxHEIGHT, such as 512x512".into()),
        }
    }
}

impl Default for PictureArgs {
    fn default() -> Self {
        Self {
            size: Size::default(),
            view: default_view(),
            file: None,
            c1: None,
            c2: None,
            max_iterations: None,
            algorithm: None,
            n: None,
            sessions: 1,
            images: 0,
            pause: Duration::from_secs(1),
            begin_within: None,
            png: None,
            verify: false,
        }
    }
}

impl PictureArgs {
    pub(super) fn add_to(&self, argv: &mut Argv) {
        let default = Self::default();
        argv.changed("size", &self.size, &default.size);
        argv.changed("view", &self.view.name, &default.view.name);
        argv.maybe("file", self.file.as_ref().map(|path| path.display()).as_ref());
        for (name, corner) in [("c1", self.c1), ("c2", self.c2)] {
            if let Some(Complex { re, im }) = corner {
                argv.option(name, format_args!("{re},{im}"));
            }
        }
        argv.maybe("max-iterations", self.max_iterations.as_ref());
        if let Some(value) = self.algorithm.as_ref().and_then(ValueEnum::to_possible_value) {
            argv.option("algorithm", value.get_name());
        }
        argv.maybe("n", self.n.as_ref());
        argv.changed("sessions", &self.sessions, &default.sessions);
        argv.changed("images", &self.images, &default.images);
        argv.changed("pause", &self.pause.as_millis(), &default.pause.as_millis());
        argv.maybe(
            "begin-within",
            self.begin_within.map(|time| time.as_millis()).as_ref(),
        );
        argv.maybe("png", self.png.as_ref().map(|path| path.display()).as_ref());
        argv.flag("verify", self.verify);
    }
}

/// Returns the default view, which is the first one.
fn default_view() -> &'static View {
    const FIRST: &View = &fractal::views::VIEWS[0];
    FIRST
}

fn parse_view(name: &str) -> Result<&'static View, String> {
    View::named(name).ok_or_else(|| {
        let names: Vec<&str> = fractal::views::VIEWS.iter().map(|view| view.name).collect();
        format!("there are these: {}", names.join(", "))
    })
}

fn parse_finite(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err("expected a number".into()),
    }
}

fn parse_complex(text: &str) -> Result<Complex, String> {
    let Some((re, im)) = text.split_once(',') else {
        return Err("expected RE,IM such as -1.5,1.5".into());
    };
    Ok(Complex {
        re: parse_finite(re)?,
        im: parse_finite(im)?,
    })
}
