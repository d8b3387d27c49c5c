//! Encodes pictures as PNG files.

use wire::fractal_generator::Algorithm;

use crate::colour::Colours;
use crate::image::Image;

/// The colour of missing pixels: transparent.
const MISSING: [u8; 4] = [0; 4];

/// Encodes a picture as the bytes of a PNG file, which contains its parameters as text.
///
/// # Errors
/// Returns an error if the encoder fails; [`Image`]s are small enough that it does not.
pub fn encode(image: &Image, colours: &Colours) -> Result<Vec<u8>, png::EncodingError> {
    let parameter = image.parameter();
    let mut pixels = Vec::with_capacity(image.values().len() * 4);
    for (index, &value) in (0_u64..).zip(image.values()) {
        let (x, y) = (
            index % u64::from(parameter.width),
            index / u64::from(parameter.width),
        );
        let [red, green, blue] = colours.colour(value);
        let is_there = image.computed_by(x as u32, y as u32).is_some();
        pixels.extend_from_slice(&if is_there {
            [red, green, blue, 255]
        } else {
            MISSING
        });
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, parameter.width, parameter.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.add_text_chunk("Software".into(), "Poolscope".into())?;
    encoder.add_text_chunk("Title".into(), parameter.algorithm.to_string())?;
    encoder.add_text_chunk("Description".into(), parameter.to_string())?;
    if parameter.algorithm == Algorithm::MandelbrotN {
        encoder.add_text_chunk("Exponent".into(), parameter.n.to_string())?;
    }
    let computed_by: Vec<String> = image.pool_elements().iter().map(ToString::to_string).collect();
    encoder.add_text_chunk("Computed by".into(), computed_by.join(", "))?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::Palette;
    use crate::views::VIEWS;
    use wire::PeIdentifier;
    use wire::fractal_generator::Data;

    #[test]
    fn the_file_has_the_pixels_and_their_parameters() {
        let mut image = Image::new(&VIEWS[0].parameter(4, 3), 1).unwrap();
        image.place(
            0,
            &Data {
                start_x: 0,
                start_y: 0,
                pixels: vec![1, 5000],
            },
            PeIdentifier(0xcafe),
        );
        let colours = Colours::new(Palette::Magma, 5000);
        let file = encode(&image, &colours).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let texts: Vec<String> = reader
            .info()
            .uncompressed_latin1_text
            .iter()
            .map(|chunk| chunk.text.clone())
            .collect();
        assert!(texts.contains(&image.parameter().to_string()) && texts.contains(&"0x0000cafe".to_owned()));
        let mut pixels = vec![0; 4 * 3 * 4];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels[..3], colours.colour(1));
        assert_eq!(pixels[4..7], colours.colour(5000));
        assert!(
            pixels[8..].iter().all(|&byte| byte == 0),
            "missing pixels are transparent"
        );
    }
}
