//! What is printed: nothing depends on whether anybody reads it.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

/// Lines for standard output. Those that cannot be written are left out: what runs is worth more than its story.
pub(crate) struct Transcript<W> {
    stream: W,
    failure: Option<io::Error>,
}

impl Transcript<io::Stdout> {
    pub(crate) fn on_standard_output() -> Self {
        Self::new(io::stdout())
    }
}

impl<W: Write> Transcript<W> {
    fn new(stream: W) -> Self {
        Self {
            stream,
            failure: None,
        }
    }

    /// Writes a line, unless an earlier one could not be written.
    pub(crate) fn line(&mut self, line: impl Display) {
        if self.failure.is_none() {
            let written = writeln!(self.stream, "{line}").and_then(|()| self.stream.flush());
            self.failure = written.err();
        }
    }

    /// Returns why lines are missing, unless the reader did not want them.
    pub(crate) fn failure(self) -> Option<io::Error> {
        self.failure.filter(|error| error.kind() != ErrorKind::BrokenPipe)
    }
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
            let mut transcript = Transcript::new(Failing(kind));
            transcript.line("one");
            transcript.line("two");
            assert_eq!(transcript.failure().is_some(), complains, "{kind}");
        }
    }

    #[test]
    fn lines_are_written_at_once() {
        let mut transcript = Transcript::new(io::BufWriter::new(Vec::new()));
        transcript.line("one");
        assert_eq!(transcript.stream.get_ref(), b"one\n");
    }
}
