//! The Fractal Generator Protocol of rsplib.

use crate::cursor::Cursor;
use crate::service::{self, protocol, unsigned};
use crate::term::terms;
use crate::{NoteKind, Term, Value};

protocol!(
    PROTOCOL = "fractalgeneratorprotocol",
    "rsplib, Fractal Generator Protocol"
);

terms! {
    PARAMETER = "FGP_PARAMETER" ["fractalgeneratorprotocol"] {
        "rsplib, Fractal Generator Protocol",
        "The pool user orders a picture: its size, and the part of the complex plane that it shows."
    };
    DATA = "FGP_DATA" ["fractalgeneratorprotocol"] {
        "rsplib, Fractal Generator Protocol",
        "Pixels of the picture, in the order of reading. Without points, at 0xffffffff, it says that the picture is complete."
    };
    WIDTH = "Width" ["fractalgeneratorprotocol.parameter_width"] {
        "rsplib, Fractal Generator Protocol", "In pixels; 65536 at most."
    };
    HEIGHT = "Height" ["fractalgeneratorprotocol.parameter_height"] {
        "rsplib, Fractal Generator Protocol", "In pixels; 65536 at most."
    };
    MAX_ITERATIONS = "Max Iterations" ["fractalgeneratorprotocol.parameter_maxiterations"] {
        "rsplib, Fractal Generator Protocol",
        "After how many steps a point counts as one of the set; 1000000 at most. It decides how long the picture takes."
    };
    ALGORITHM = "Algorithm ID" ["fractalgeneratorprotocol.parameter_algorithmid"] {
        "rsplib, Fractal Generator Protocol", "By which formula a point is iterated."
    };
    C1_REAL = "C1 real" ["fractalgeneratorprotocol.parameter_c1real"] {
        "rsplib, Fractal Generator Protocol", "The corner of the first pixel in the complex plane."
    };
    C1_IMAGINARY = "C1 imaginary" ["fractalgeneratorprotocol.parameter_c1imag"] {
        "rsplib, Fractal Generator Protocol", "The corner of the first pixel in the complex plane."
    };
    C2_REAL = "C2 real" ["fractalgeneratorprotocol.parameter_c2real"] {
        "rsplib, Fractal Generator Protocol", "The opposite corner, behind the last pixel."
    };
    C2_IMAGINARY = "C2 imaginary" ["fractalgeneratorprotocol.parameter_c2imag"] {
        "rsplib, Fractal Generator Protocol", "The opposite corner, behind the last pixel."
    };
    N = "N" ["fractalgeneratorprotocol.parameter_n"] {
        "rsplib, Fractal Generator Protocol", "The exponent of MandelbrotN; 2 for Mandelbrot."
    };
    START_X = "Start X" ["fractalgeneratorprotocol.data_start_x"] {
        "rsplib, Fractal Generator Protocol", "The column of the first pixel; 0xffffffff in the message that ends the picture."
    };
    START_Y = "Start Y" ["fractalgeneratorprotocol.data_start_y"] {
        "rsplib, Fractal Generator Protocol", "The row of the first pixel; 0xffffffff in the message that ends the picture."
    };
    POINTS = "Points" ["fractalgeneratorprotocol.data_points"] {
        "rsplib, Fractal Generator Protocol", "How many pixels follow; 324 at most."
    };
    BUFFER = "Pixels" ["fractalgeneratorprotocol.buffer"] {
        "rsplib, Fractal Generator Protocol",
        "The number of iterations of each pixel in 32 bits. A row goes on at the left end of the next one."
    };
    INNER_TYPE = "Type" { "rsplib, Fractal Generator Protocol", "The cookie contains an FGP_PARAMETER." };
    INNER_FLAGS = "Flags";
    INNER_LENGTH = "Length" {
        "rsplib, Fractal Generator Protocol", "rsplib has 4 here, although the message has 60 bytes; receivers ignore it.", "D-25"
    };
    INNER_WIDTH = "Width" {
        "rsplib, Fractal Generator Protocol", "In pixels; 65536 at most."
    };
    INNER_HEIGHT = "Height" {
        "rsplib, Fractal Generator Protocol", "In pixels; 65536 at most."
    };
    INNER_MAX_ITERATIONS = "Max Iterations" {
        "rsplib, Fractal Generator Protocol", "After how many steps a point counts as one of the set."
    };
    INNER_ALGORITHM = "Algorithm ID" {
        "rsplib, Fractal Generator Protocol", "By which formula a point is iterated."
    };
    INNER_C1_REAL = "C1 real";
    INNER_C1_IMAGINARY = "C1 imaginary";
    INNER_C2_REAL = "C2 real";
    INNER_C2_IMAGINARY = "C2 imaginary";
    INNER_N = "N" {
        "rsplib, Fractal Generator Protocol", "The exponent of MandelbrotN; 2 for Mandelbrot."
    };
}

/// The most pixels of a message.
const MOST_POINTS: u32 = 324;

/// Returns the message of this type.
pub(crate) fn kind(number: u8) -> Option<&'static Term> {
    match number {
        1 => Some(&PARAMETER),
        2 => Some(&DATA),
        _ => None,
    }
}

/// Adds a message.
pub(crate) fn message(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    let term = cursor.peek().and_then(|[number]| kind(number));
    service::message(cursor, &PROTOCOL, term, &[], |inner, kind| match kind {
        1 => order(inner, &ORDER),
        _ => data(inner),
    })
}

/// The terms of an order: four numbers of 32 bits, five with a fraction.
struct Order([&'static Term; 4], [&'static Term; 5]);

static ORDER: Order = Order(
    [&WIDTH, &HEIGHT, &MAX_ITERATIONS, &ALGORITHM],
    [&C1_REAL, &C1_IMAGINARY, &C2_REAL, &C2_IMAGINARY, &N],
);

static INNER_ORDER: Order = Order(
    [
        &INNER_WIDTH,
        &INNER_HEIGHT,
        &INNER_MAX_ITERATIONS,
        &INNER_ALGORITHM,
    ],
    [
        &INNER_C1_REAL,
        &INNER_C1_IMAGINARY,
        &INNER_C2_REAL,
        &INNER_C2_IMAGINARY,
        &INNER_N,
    ],
);

fn order(cursor: &mut Cursor<'_, '_>, terms: &'static Order) -> Option<()> {
    let [width, height, iterations, algorithm] = terms.0;
    for (term, most) in [(width, 65536), (height, 65536), (iterations, 1_000_000)] {
        if cursor.u32(term, unsigned)? > most {
            cursor.malformed("It is more than a pool element accepts.");
        }
    }
    cursor.u32(algorithm, |number| {
        let name = match number {
            1 => Some("Mandelbrot"),
            2 => Some("MandelbrotN"),
            _ => None,
        };
        Value::Unsigned(number.into(), name)
    })?;
    for term in terms.1 {
        cursor.u64(term, |bits| Value::Real(f64::from_bits(bits)))?;
    }
    Some(())
}

fn data(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    let end = |number| Value::Unsigned(number, (number == u64::from(u32::MAX)).then_some("complete"));
    cursor.u32(&START_X, |number| end(number.into()))?;
    cursor.u32(&START_Y, |number| end(number.into()))?;
    let points = cursor.u32(&POINTS, unsigned)?;
    if points > MOST_POINTS {
        cursor.malformed("There are 324 points in a message at most.");
    } else if points as usize * 4 != cursor.left() {
        cursor.malformed("The pixels that follow are not as many.");
    }
    if cursor.left() > 0 {
        cursor.remaining(&BUFFER, Value::Bytes);
    }
    Some(())
}

/// Adds the order in a state cookie, whose header differs.
pub(crate) fn order_of_cookie(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    let name = |number| kind(number).map(|term| term.label);
    let number = cursor.u8(&INNER_TYPE, |number| Value::Unsigned(number.into(), name(number)))?;
    if number != 1 {
        cursor.malformed("The cookie does not contain an order.");
    }
    cursor.u8(&INNER_FLAGS, |flags| Value::Hexadecimal(flags.into(), 2, None))?;
    let length = cursor.u16(&INNER_LENGTH, |length| Value::Unsigned(length.into(), None))?;
    if length == 4 {
        cursor.note(
            cursor.last(),
            NoteKind::Deviation,
            "D-25: the structure has 60 bytes, but rsplib says 4.",
        );
    }
    order(cursor, &INNER_ORDER)
}
