//! Fractal Generator Protocol (FGP) of rsplib: a pool user requests a picture, a pool element sends its pixels.
//!
//! SCTP, stream 0, ordered, PPID [`crate::Ppid::FRACTAL_GENERATOR`]. The state cookie is carried in ASAP_COOKIE and
//! ASAP_COOKIE_ECHO. A pool element aborts the session of a pool user whose message or cookie is malformed; a pool
//! user ignores a malformed message and continues.

use std::fmt;

use crate::Malformed;
use crate::layout::{Header, begin, finish};
use crate::reader::Reader;

const TYPE_PARAMETER: u8 = 1;
const TYPE_DATA: u8 = 2;
const COOKIE_IDENTIFICATION: &[u8; 8] = b"<FG-TD1>";
/// The length in the header of the Parameter inside a cookie, as in rsplib (D-25).
const COOKIE_INNER_LENGTH: u16 = 4;
/// The value of both coordinates of a finalizer.
const FINAL: u32 = 0xffff_ffff;

/// The default pool handle of the fractal service.
pub const POOL_HANDLE: &str = "FractalGeneratorPool";

/// A message of the protocol.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// 0x01 FGP_PARAMETER, pool user to pool element.
    Parameter(Parameter),
    /// 0x02 FGP_DATA with pixels, pool element to pool user.
    Data(Data),
    /// 0x02 FGP_DATA without pixels at an impossible position: the picture is complete.
    Finalizer,
}

/// The picture that a pool user requests: a rectangle of the complex plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// Width in pixels, 1 to [`Self::LARGEST_EDGE`].
    pub width: u32,
    /// Height in pixels, 1 to [`Self::LARGEST_EDGE`].
    pub height: u32,
    /// The value of pixels that never escape, at most [`Self::MOST_ITERATIONS`].
    pub max_iterations: u32,
    /// The algorithm to compute.
    pub algorithm: Algorithm,
    /// The corner of pixel (0, 0).
    pub c1: Complex,
    /// The opposite corner, just beyond the last pixel.
    pub c2: Complex,
    /// The exponent N of MandelbrotN; 2.0 otherwise.
    pub n: f64,
}

/// A complex number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Complex {
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

/// The algorithm that a pool element computes for each pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// 1: z becomes z^2 - c.
    Mandelbrot,
    /// 2: z becomes z^N - c.
    MandelbrotN,
    /// Any other number: no iteration, the value is (x * y) mod 256.
    Other(u32),
}

/// Pixel values, from left to right and then in the next row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// Column of the first pixel.
    pub start_x: u32,
    /// Row of the first pixel.
    pub start_y: u32,
    /// The values, at most [`Self::MOST_POINTS`].
    pub pixels: Vec<u32>,
}

/// The state of a session, from which another pool element can continue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StateCookie {
    /// The picture.
    pub parameter: Parameter,
    /// Column of the first pixel that has not been sent.
    pub current_x: u32,
    /// Row of the first pixel that has not been sent. Equal to the picture's height once all have been sent.
    pub current_y: u32,
}

impl Message {
    /// Decodes one SCTP user message.
    ///
    /// # Errors
    /// Returns an error if it is truncated, of another type or exceeds the limits. Like rsplib, this ignores the
    /// length field.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let header = Header::decode(&mut reader)?;
        match header.message_type {
            TYPE_PARAMETER => Parameter::decode_fields(&mut reader).map(Self::Parameter),
            TYPE_DATA => Data::decode_fields(&mut reader),
            other => Err(Malformed::UnknownType(other)),
        }
    }

    /// Encodes the message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Parameter(parameter) => {
                let mut bytes = begin(TYPE_PARAMETER, 0, Parameter::SIZE);
                parameter.encode_fields(&mut bytes);
                finish(bytes)
            }
            Self::Data(data) => data.encode(),
            Self::Finalizer => Data {
                start_x: FINAL,
                start_y: FINAL,
                pixels: Vec::new(),
            }
            .encode(),
        }
    }

    /// Returns the name of the message type.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Parameter(_) => "FGP_PARAMETER",
            Self::Data(_) | Self::Finalizer => "FGP_DATA",
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(parameter) => parameter.fmt(f),
            Self::Data(data) => {
                write!(
                    f,
                    "{} pixels from ({}, {})",
                    data.pixels.len(),
                    data.start_x,
                    data.start_y
                )
            }
            Self::Finalizer => f.write_str("picture complete"),
        }
    }
}

impl Parameter {
    /// The maximum width and height of a picture, in pixels.
    pub const LARGEST_EDGE: u32 = 65536;
    /// The maximum iteration limit.
    pub const MOST_ITERATIONS: u32 = 1_000_000;
    /// The size of the message in bytes.
    const SIZE: usize = 60;

    /// Checks the limits within which a pool element accepts the picture.
    ///
    /// # Errors
    /// Returns the first field that exceeds its limits.
    pub fn check(&self) -> Result<(), Malformed> {
        let numbers = [self.c1.re, self.c1.im, self.c2.re, self.c2.im, self.n];
        if !(1..=Self::LARGEST_EDGE).contains(&self.width) {
            Err(Malformed::OutOfRange("width"))
        } else if !(1..=Self::LARGEST_EDGE).contains(&self.height) {
            Err(Malformed::OutOfRange("height"))
        } else if self.max_iterations > Self::MOST_ITERATIONS {
            Err(Malformed::OutOfRange("maximum of iterations"))
        } else if !numbers.iter().all(|number| number.is_finite()) {
            Err(Malformed::OutOfRange("corner or exponent"))
        } else {
            Ok(())
        }
    }

    /// Returns the number of pixels.
    #[must_use]
    pub const fn pixels(&self) -> u64 {
        self.width as u64 * self.height as u64
    }

    fn decode_fields(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let parameter = Self {
            width: reader.u32()?,
            height: reader.u32()?,
            max_iterations: reader.u32()?,
            algorithm: Algorithm::from_number(reader.u32()?),
            c1: Complex {
                re: reader.f64()?,
                im: reader.f64()?,
            },
            c2: Complex {
                re: reader.f64()?,
                im: reader.f64()?,
            },
            n: reader.f64()?,
        };
        parameter.check()?;
        Ok(parameter)
    }

    fn encode_fields(&self, bytes: &mut Vec<u8>) {
        for number in [
            self.width,
            self.height,
            self.max_iterations,
            self.algorithm.number(),
        ] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        for number in [self.c1.re, self.c1.im, self.c2.re, self.c2.im, self.n] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            width,
            height,
            max_iterations,
            algorithm,
            c1,
            c2,
            n,
        } = self;
        write!(f, "{algorithm}")?;
        if *algorithm == Algorithm::MandelbrotN {
            write!(f, " (N = {n})")?;
        }
        write!(
            f,
            " {width} x {height}, {max_iterations} iterations, {c1} to {c2}"
        )
    }
}

impl fmt::Display for Complex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:+}i", self.re, self.im)
    }
}

impl Algorithm {
    /// Returns the algorithm with this Algorithm ID.
    #[must_use]
    pub const fn from_number(number: u32) -> Self {
        match number {
            1 => Self::Mandelbrot,
            2 => Self::MandelbrotN,
            other => Self::Other(other),
        }
    }

    /// Returns its Algorithm ID.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Mandelbrot => 1,
            Self::MandelbrotN => 2,
            Self::Other(number) => number,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mandelbrot => f.write_str("Mandelbrot"),
            Self::MandelbrotN => f.write_str("MandelbrotN"),
            Self::Other(number) => write!(f, "algorithm {number}"),
        }
    }
}

impl Data {
    /// The maximum number of pixels in a message, which then has 1312 bytes.
    pub const MOST_POINTS: usize = 324;
    /// The size without pixels, in bytes.
    const FIXED_SIZE: usize = 16;

    /// Returns whether all pixels lie within a picture; otherwise, a pool user ignores the message.
    #[must_use]
    pub fn fits(&self, picture: &Parameter) -> bool {
        let first = u64::from(self.start_y) * u64::from(picture.width) + u64::from(self.start_x);
        self.start_x < picture.width
            && self.start_y < picture.height
            && first + self.pixels.len() as u64 <= picture.pixels()
    }

    fn decode_fields(reader: &mut Reader<'_>) -> Result<Message, Malformed> {
        let (start_x, start_y, points) = (reader.u32()?, reader.u32()?, reader.u32()?);
        if (start_x, start_y, points) == (FINAL, FINAL, 0) {
            return Ok(Message::Finalizer);
        }
        if points as usize > Self::MOST_POINTS {
            return Err(Malformed::OutOfRange("number of points"));
        }
        let pixels = (0..points).map(|_| reader.u32()).collect::<Result<_, _>>()?;
        Ok(Message::Data(Self {
            start_x,
            start_y,
            pixels,
        }))
    }

    /// Pixels beyond [`Self::MOST_POINTS`] are left out.
    fn encode(&self) -> Vec<u8> {
        let points = self.pixels.len().min(Self::MOST_POINTS);
        let mut bytes = begin(TYPE_DATA, 0, Self::FIXED_SIZE + 4 * points);
        for number in [self.start_x, self.start_y, points as u32] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        for pixel in self.pixels.iter().take(points) {
            bytes.extend_from_slice(&pixel.to_be_bytes());
        }
        finish(bytes)
    }
}

impl StateCookie {
    /// The size of the cookie in bytes.
    pub const SIZE: usize = 76;

    /// Decodes the content of an ASAP_COOKIE_ECHO.
    ///
    /// # Errors
    /// Returns an error if its size is not [`Self::SIZE`], if it is not marked as a fractal cookie, or if its
    /// picture or position exceeds the limits. The inner length may be anything (D-25).
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.array::<8>()? != *COOKIE_IDENTIFICATION {
            return Err(Malformed::Identification("cookie"));
        }
        let inner = Header::decode(&mut reader)?;
        if inner.message_type != TYPE_PARAMETER {
            return Err(Malformed::UnknownType(inner.message_type));
        }
        let parameter = Parameter::decode_fields(&mut reader)?;
        let (current_x, current_y) = (reader.u32()?, reader.u32()?);
        crate::layout::end(&reader)?;
        let complete = current_x == 0 && current_y == parameter.height;
        if complete || (current_x < parameter.width && current_y < parameter.height) {
            Ok(Self {
                parameter,
                current_x,
                current_y,
            })
        } else {
            Err(Malformed::OutOfRange("position"))
        }
    }

    /// Encodes the cookie.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::SIZE);
        bytes.extend_from_slice(COOKIE_IDENTIFICATION);
        bytes.extend_from_slice(&[TYPE_PARAMETER, 0]);
        bytes.extend_from_slice(&COOKIE_INNER_LENGTH.to_be_bytes());
        self.parameter.encode_fields(&mut bytes);
        bytes.extend_from_slice(&self.current_x.to_be_bytes());
        bytes.extend_from_slice(&self.current_y.to_be_bytes());
        bytes
    }
}

impl fmt::Display for StateCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "next pixel ({}, {}) of {}",
            self.current_x, self.current_y, self.parameter
        )
    }
}
