//! Parameter files of rsplib's pool user and of the program FractGen (`.fsf`): a picture in XML.
//!
//! The root element is `FractalV1`. The algorithm, its corners and options are elements below, as in this example:
//!
//! ```xml
//! <!DOCTYPE XMLFractalSave>
//! <FractalV1>
//!  <Algorithm>
//!   <AlgorithmName>MandelbrotN</AlgorithmName>
//!   <C1Real>-1.5</C1Real> <C1Imag>1.5</C1Imag>
//!   <C2Real>1.5</C2Real> <C2Imag>-1.5</C2Imag>
//!   <Useroptions> <MaxIterations>1000</MaxIterations> <N>3</N> </Useroptions>
//!  </Algorithm>
//! </FractalV1>
//! ```
//!
//! Without `MaxIterations` it is 123, without `N` it is 2, as in rsplib. Colours and resolution are not used: a pool
//! user has its own. rsplib takes any other algorithm for Mandelbrot and shows something else than the file says; here
//! that is an error.

use roxmltree::{Document, Node, ParsingOptions};
use thiserror::Error;
use wire::fractal_generator::{Algorithm, Complex, Parameter};

/// The maximum size of a file in bytes; those of rsplib have less than one kilobyte.
pub const LARGEST: u64 = 64 << 10;

/// The maximum number of elements and texts.
const MOST_NODES: u32 = 1_000;
const DEFAULT_ITERATIONS: u32 = 123;
const DEFAULT_N: f64 = 2.0;
/// The longest text of a file that is shown in an error, in characters.
const LONGEST_SHOWN: usize = 40;

/// A picture as described by a file, without its size in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParameterFile {
    algorithm: Algorithm,
    c1: Complex,
    c2: Complex,
    n: f64,
    max_iterations: u32,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {what}")]
pub struct ParameterFileError {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, and what is allowed.
    pub what: String,
}

impl ParameterFile {
    /// Parses the content of a file. Definitions of entities are refused.
    ///
    /// # Errors
    /// Returns an error if it is no XML, describes no picture, or one beyond the limits of the protocol.
    pub fn parse(text: &str) -> Result<Self, ParameterFileError> {
        if text.len() as u64 > LARGEST {
            return Err(ParameterFileError {
                line: 1,
                what: format!("the file has {} bytes, at most {LARGEST} are allowed", text.len()),
            });
        }
        // Its document type is named and not defined. Entities could make it many times as long.
        if let Some((before, _)) = text.split_once("<!ENTITY") {
            return Err(ParameterFileError {
                line: before.matches('\n').count() as u32 + 1,
                what: "a definition of an entity is not allowed".to_owned(),
            });
        }
        let options = ParsingOptions {
            allow_dtd: true,
            nodes_limit: MOST_NODES,
            ..ParsingOptions::default()
        };
        let document = Document::parse_with_options(text, options).map_err(|error| {
            let position = error.pos();
            let what = error.to_string();
            let what = what.strip_suffix(&format!(" at {position}")).unwrap_or(&what);
            ParameterFileError {
                line: position.row,
                what: format!("not the XML of a parameter file: {what}"),
            }
        })?;
        let root = document.root_element();
        if !root.has_tag_name("FractalV1") {
            let what = format!(
                "the root element is `{}`, not `FractalV1`",
                root.tag_name().name()
            );
            return Err(at(root, what));
        }
        let fields = Fields { root };
        let corner = |re, im| -> Result<Complex, ParameterFileError> {
            Ok(Complex {
                re: fields.required_number(re)?,
                im: fields.required_number(im)?,
            })
        };
        Ok(Self {
            algorithm: fields.algorithm()?,
            c1: corner("C1Real", "C1Imag")?,
            c2: corner("C2Real", "C2Imag")?,
            n: fields.number("N")?.unwrap_or(DEFAULT_N),
            max_iterations: fields.iterations()?,
        })
    }

    /// Returns the parameters of the picture in this size in pixels.
    #[must_use]
    pub const fn parameter(&self, width: u32, height: u32) -> Parameter {
        Parameter {
            width,
            height,
            max_iterations: self.max_iterations,
            algorithm: self.algorithm,
            c1: self.c1,
            c2: self.c2,
            n: match self.algorithm {
                Algorithm::MandelbrotN => self.n,
                Algorithm::Mandelbrot | Algorithm::Other(_) => DEFAULT_N,
            },
        }
    }
}

/// The elements of a file, wherever they are: as in rsplib, the first of each name counts.
struct Fields<'a> {
    root: Node<'a, 'a>,
}

impl<'a> Fields<'a> {
    fn find(&self, name: &str) -> Option<Node<'a, 'a>> {
        self.root.descendants().find(|node| node.has_tag_name(name))
    }

    fn required(&self, name: &str) -> Result<Node<'a, 'a>, ParameterFileError> {
        let missing = || {
            let parent = self.find("Algorithm").unwrap_or(self.root);
            at(parent, format!("there is no element `{name}`"))
        };
        self.find(name).ok_or_else(missing)
    }

    fn algorithm(&self) -> Result<Algorithm, ParameterFileError> {
        let node = self.required("AlgorithmName")?;
        match text(node) {
            "Mandelbrot" => Ok(Algorithm::Mandelbrot),
            "MandelbrotN" => Ok(Algorithm::MandelbrotN),
            other => {
                let other = shown(other);
                Err(at(
                    node,
                    format!("there is no algorithm {other}, only `Mandelbrot` and `MandelbrotN`"),
                ))
            }
        }
    }

    fn required_number(&self, name: &str) -> Result<f64, ParameterFileError> {
        self.required(name).and_then(number)
    }

    fn number(&self, name: &str) -> Result<Option<f64>, ParameterFileError> {
        self.find(name).map(number).transpose()
    }

    fn iterations(&self) -> Result<u32, ParameterFileError> {
        let Some(node) = self.find("MaxIterations") else {
            return Ok(DEFAULT_ITERATIONS);
        };
        match text(node).parse() {
            Ok(number @ 1..=Parameter::MOST_ITERATIONS) => Ok(number),
            _ => {
                let most = Parameter::MOST_ITERATIONS;
                let what = format!(
                    "`MaxIterations` is {}; a whole number from 1 to {most} is allowed",
                    shown(text(node))
                );
                Err(at(node, what))
            }
        }
    }
}

fn number(node: Node<'_, '_>) -> Result<f64, ParameterFileError> {
    match text(node).parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => {
            let (name, value) = (node.tag_name().name(), shown(text(node)));
            Err(at(
                node,
                format!("`{name}` is {value}; a number such as -1.5 or 2.5e-3 is allowed"),
            ))
        }
    }
}

fn text<'a>(node: Node<'a, '_>) -> &'a str {
    node.text().unwrap_or_default().trim()
}

/// Quotes a text from a file, without characters that a terminal obeys.
fn shown(text: &str) -> String {
    let mut start: String = text.chars().take(LONGEST_SHOWN).collect();
    if start.len() < text.len() {
        start.push('\u{2026}');
    }
    format!("{start:?}")
}

fn at(node: Node<'_, '_>, what: String) -> ParameterFileError {
    ParameterFileError {
        line: node.document().text_pos_at(node.range().start).row,
        what,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILE: &str = "<!DOCTYPE XMLFractalSave>
<FractalV1>
 <Algorithm>
  <AlgorithmName>MandelbrotN</AlgorithmName>
  <C1Real>-1.5</C1Real>
  <C1Imag>1.25e+00</C1Imag>
  <C2Real>1.500000000000000000000000000000000000000000000000000000e-00</C2Real>
  <C2Imag> -1.25 </C2Imag>
  <Useroptions>
   <MaxIterations>1000</MaxIterations>
   <N>3</N>
  </Useroptions>
 </Algorithm>
 <ColorScheme>
  <ColorSchemeName>SimpleHSV</ColorSchemeName>
 </ColorScheme>
 <Resolution>800*600</Resolution>
</FractalV1>
";

    fn parameter(text: &str) -> Parameter {
        ParameterFile::parse(text).unwrap().parameter(80, 60)
    }

    #[test]
    fn a_file_describes_a_picture() {
        let expected = Parameter {
            width: 80,
            height: 60,
            max_iterations: 1000,
            algorithm: Algorithm::MandelbrotN,
            c1: Complex { re: -1.5, im: 1.25 },
            c2: Complex { re: 1.5, im: -1.25 },
            n: 3.0,
        };
        assert_eq!(parameter(FILE), expected);
        assert!(expected.check().is_ok());
    }

    #[test]
    fn the_options_have_the_defaults_of_rsplib() {
        let text = FILE
            .replace("MandelbrotN", "Mandelbrot")
            .replace("<MaxIterations>1000</MaxIterations>", "")
            .replace("<N>3</N>", "");
        let parameter = parameter(&text);
        assert_eq!((parameter.max_iterations, parameter.n), (123, 2.0));
        assert_eq!(parameter.algorithm, Algorithm::Mandelbrot);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_is_allowed() {
        for (from, to, expected) in [
            (
                ">MandelbrotN<",
                ">Julia<",
                "line 4: there is no algorithm \"Julia\"",
            ),
            (">-1.5<", ">left<", "line 5: `C1Real` is \"left\"; a number"),
            (">-1.5<", ">1e999<", "line 5: `C1Real` is \"1e999\""),
            (
                ">1000<",
                ">1000001<",
                "line 10: `MaxIterations` is \"1000001\"; a whole number from 1 to 1000000",
            ),
            (">1000<", "><", "line 10: `MaxIterations` is \"\""),
            (">3<", ">\u{1b}[2J<", "line 11: "),
            (
                "<C2Imag> -1.25 </C2Imag>",
                "",
                "line 3: there is no element `C2Imag`",
            ),
            ("</Useroptions>", "", "line 13: not the XML"),
            ("</FractalV1>", "", "line 1: not the XML"),
            (
                "Save>",
                "Save [\n<!ENTITY a 'ha'>\n]>",
                "line 2: a definition of an entity",
            ),
        ] {
            let error = ParameterFile::parse(&FILE.replace(from, to))
                .unwrap_err()
                .to_string();
            assert!(error.starts_with(expected), "{to}: {error}");
            assert!(!error.contains('\u{1b}'), "{error}");
        }
        let error = ParameterFile::parse("<svg/>").unwrap_err().to_string();
        assert_eq!(error, "line 1: the root element is `svg`, not `FractalV1`");
    }

    #[test]
    fn hostile_files_cost_little() {
        let laughs = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]><FractalV1>&b;</FractalV1>";
        let file = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><FractalV1>&a;</FractalV1>";
        let deep = "<FractalV1>".repeat(5_000);
        let wide = format!("<FractalV1>{}</FractalV1>", "<a/>".repeat(5_000));
        let large = format!("<FractalV1>{}</FractalV1>", " ".repeat(LARGEST as usize));
        for text in [laughs, file, &deep, &wide, &large, "", "\0"] {
            assert!(ParameterFile::parse(text).is_err());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_picture_or_an_error(cut in 0..FILE.len(), rubbish in "\\PC{0,40}") {
            // Whatever is accepted is within the limits of the protocol.
            let text = format!("{}{rubbish}{}", &FILE[..cut], &FILE[cut..]);
            if let Ok(file) = ParameterFile::parse(&text) {
                prop_assert!(file.parameter(1, 1).check().is_ok());
            }
        }
    }
}
