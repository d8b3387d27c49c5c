//! Decodes file after file.

use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use super::DecodeArgs;
use super::printer::Printer;
use super::summary::Summary;
use crate::{Damage, Error, Finder, Messages, Reader};

/// Names standard input.
const STANDARD_INPUT: &str = "-";
/// The most damages of a file that are told one by one.
const MOST_TOLD: u64 = 10;

/// How decoding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// Everything is well.
    Well,
    /// Something is malformed or damaged.
    WithFaults,
    /// A file cannot be read at all, or is no capture.
    Unusable,
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> Self {
        Self::from(match ended {
            Ended::Well => 0,
            Ended::WithFaults => 1,
            Ended::Unusable => 2,
        })
    }
}

/// Decodes files to standard output: the command. Its exit status is 0 if everything is well, 1 if something is malformed
/// or damaged, and 2 if a file cannot be read at all, or the output not be written. What is malformed within a chunk, other
/// than a message, is only looked for if packets are printed.
#[must_use]
pub fn run(args: &DecodeArgs) -> ExitCode {
    let mut errors = io::stderr();
    match decode(args, &mut io::stdout().lock(), &mut errors) {
        Ok(ended) => ended.into(),
        Err(error) => {
            // If not even that can be written, there is nobody to tell.
            let _ = writeln!(errors, "the messages cannot be written: {error}");
            Ended::Unusable.into()
        }
    }
}

/// Decodes files to `out`, and tells what is wrong with them, and what there was in them, to `errors`.
///
/// # Errors
/// Returns an error if `out` or `errors` cannot be written; not if nobody reads it any more, which ends everything.
pub fn decode(args: &DecodeArgs, out: &mut impl Write, errors: &mut impl Write) -> io::Result<Ended> {
    let mut ended = Ended::Well;
    for path in &args.files {
        let name = path.to_string_lossy();
        let file = (args.files.len() > 1).then_some(&*name);
        let reader = match open(path) {
            Ok(reader) => reader,
            Err(error) => {
                writeln!(errors, "{name} {error}")?;
                ended = Ended::Unusable;
                continue;
            }
        };
        if let (Some(file), false) = (file, args.json) {
            match writeln!(out, "{file}:") {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(ended),
                outcome => outcome?,
            }
        }
        let mut printer = Printer::new(args, file, out);
        let told = decode_file(args, reader, &mut printer, |damage, number| {
            if number <= MOST_TOLD {
                writeln!(errors, "{name} is {damage}")?;
            }
            Ok(())
        });
        match told {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(ended),
            outcome => outcome?,
        }
        tell(errors, &name, &printer.summary)?;
        if !printer.summary.is_well() {
            ended = ended.max(Ended::WithFaults);
        }
    }
    Ok(ended)
}

fn open(path: &Path) -> Result<Reader, Error> {
    if path == Path::new(STANDARD_INPUT) {
        Reader::new(io::stdin())
    } else {
        Reader::open(path)
    }
}

fn decode_file<W: Write>(
    args: &DecodeArgs,
    mut reader: Reader,
    printer: &mut Printer<'_, W>,
    mut tell: impl FnMut(&Damage, u64) -> io::Result<()>,
) -> io::Result<()> {
    let mut finder = Finder::new(args.udp_ports.iter().copied());
    let mut messages = Messages::default();
    loop {
        // What is known shall be seen before a live capture is waited for.
        if reader.is_drained() {
            printer.flush()?;
        }
        let frame = match reader.read() {
            Ok(Some(frame)) => frame,
            Ok(None) => break,
            Err(damage) => {
                printer.summary.damages += 1;
                tell(&damage, printer.summary.damages)?;
                continue;
            }
        };
        printer.begin(frame.time);
        let Some(captured) = finder.find(&frame) else {
            continue;
        };
        let mut outcome = printer.packet(&captured, frame.interface_name);
        messages.handle_packet(&captured, &mut |message| {
            if outcome.is_ok() {
                outcome = printer.message(message, frame.interface_name);
            }
        });
        outcome?;
    }
    let mut outcome = Ok(());
    messages.finish(&mut |message| {
        if outcome.is_ok() {
            let interface = reader.interface(message.sight.interface);
            outcome = printer.message(message, interface.map(|interface| &*interface.name));
        }
    });
    outcome?;
    printer.summary.counts = finder.counts();
    printer.summary.associations = messages.associations();
    printer.flush()
}

fn tell(errors: &mut impl Write, name: &str, summary: &Summary) -> io::Result<()> {
    if summary.damages > MOST_TOLD {
        writeln!(errors, "{name}: further damages are not told")?;
    }
    writeln!(errors, "{name}: {summary}")
}
