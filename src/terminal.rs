//! What is printed: nothing depends on whether anybody reads it.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// Lines for standard output. Nobody waits until they are read, and those that cannot be written are left out: what
/// runs is worth more than its story.
pub(crate) struct Transcript {
    lines: Sender<String>,
    writer: JoinHandle<io::Result<()>>,
}

impl Transcript {
    /// Starts to write to standard output.
    ///
    /// # Errors
    /// Returns an error if the writing thread cannot be started.
    pub(crate) fn on_standard_output() -> io::Result<Self> {
        Self::on(io::stdout())
    }

    fn on(stream: impl Write + Send + 'static) -> io::Result<Self> {
        let (lines, waiting) = channel();
        let writer = std::thread::Builder::new()
            .name("transcript".into())
            .spawn(move || write_all(stream, &waiting))?;
        Ok(Self { lines, writer })
    }

    /// Adds a line.
    pub(crate) fn line(&self, line: impl Display) {
        // After a line that could not be written, nobody takes them any more.
        let _ = self.lines.send(line.to_string());
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// Returns an error if lines are missing, unless the reader did not want them.
    pub(crate) fn finish(self) -> io::Result<()> {
        drop(self.lines);
        match self.writer.join() {
            Ok(Err(error)) if error.kind() != ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }
}

fn write_all(mut stream: impl Write, lines: &Receiver<String>) -> io::Result<()> {
    for line in lines {
        writeln!(stream, "{line}")?;
        stream.flush()?;
    }
    Ok(())
}

/// Tells on standard error what is wrong.
pub(crate) fn complain(what: impl Display) {
    // There is nobody left to tell.
    let _ = writeln!(io::stderr(), "poolscope: {what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn who_stops_reading_hears_no_complaint() {
        for (kind, complains) in [(ErrorKind::BrokenPipe, false), (ErrorKind::StorageFull, true)] {
            let transcript = Transcript::on(Failing(kind)).unwrap();
            transcript.line("one");
            transcript.line("two");
            assert_eq!(transcript.finish().is_err(), complains, "{kind}");
        }
    }

    #[test]
    fn nobody_waits_for_a_reader_and_what_was_said_is_read_in_the_end() {
        let (mut reader, writer) = io::pipe().unwrap();
        let transcript = Transcript::on(writer).unwrap();
        let line = "x".repeat(1 << 10);
        // More than a pipe holds.
        for _ in 0..1_000 {
            transcript.line(&line);
        }
        let reading = std::thread::spawn(move || io::read_to_string(&mut reader).unwrap());
        transcript.finish().unwrap();
        assert_eq!(reading.join().unwrap().lines().count(), 1_000);
    }
}
