//! Draws a view into a PNG file: `draw VIEW PALETTE WIDTH HEIGHT FILE`.
//!
//! Also prints how many iterations the picture takes, which determines the time it takes with a given capacity.

use fractal::colour::{Colours, Palette};
use fractal::compute::Picture;
use fractal::image::Image;
use fractal::views::View;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [view, palette, width, height, file] = arguments.as_slice() else {
        return Err("usage: draw VIEW PALETTE WIDTH HEIGHT FILE".into());
    };
    let view = View::named(view).ok_or("no such view")?;
    let palette = Palette::named(palette).ok_or("no such palette")?;
    let parameter = view.parameter(width.parse()?, height.parse()?);
    let image = Image::new(&parameter, 1)?.computed_undisturbed();
    let iterations = Picture::new(&parameter)?.compute(0, usize::MAX, &mut Vec::new());
    println!(
        "{}: {:.1} million iterations",
        view.description,
        iterations as f64 / 1e6
    );
    std::fs::write(
        file,
        fractal::png_file::encode(&image, &Colours::new(palette, view.max_iterations))?,
    )?;
    Ok(())
}
