//! Reads lines in a thread of its own.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc;

use runtime::WorkSender;

use crate::work::Work;

/// What came from standard input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// A line with its end, or a piece of a line that is longer than [`LONGEST_LINE`].
    Line(Vec<u8>),
    /// There is no more; with the reason if that is not simply the end.
    End(Option<String>),
}

/// The maximum size of a message in bytes; longer lines become several messages.
pub(super) const LONGEST_LINE: u64 = 16 << 10;

/// A thread that reads lines, one for each request: what is not wanted yet stays where it is, and the program that
/// writes it waits.
#[derive(Debug)]
pub(super) struct LineReader {
    wanted: mpsc::Sender<()>,
}

impl LineReader {
    /// Starts the thread. It lives until the end of the stream or of this reader.
    ///
    /// # Errors
    /// Returns an error if the thread cannot be started.
    pub(super) fn start(stream: impl Read + Send + 'static, work: WorkSender<Work>) -> std::io::Result<Self> {
        let (wanted, requests) = mpsc::channel();
        std::thread::Builder::new()
            .name("lines in".into())
            .stack_size(128 << 10)
            .spawn(move || {
                let mut stream = BufReader::with_capacity(LONGEST_LINE as usize, stream);
                while requests.recv().is_ok() {
                    let typed = next_line(&mut stream);
                    let is_end = matches!(typed, Typed::End(_));
                    if !work.send(Work::Typed(typed)) || is_end {
                        return;
                    }
                }
            })?;
        Ok(Self { wanted })
    }

    /// Asks for a number of further lines.
    pub(super) fn request(&self, lines: usize) {
        for _ in 0..lines {
            // After the end of the stream there is nobody to ask.
            let _ = self.wanted.send(());
        }
    }
}

fn next_line(stream: &mut impl BufRead) -> Typed {
    let mut line = Vec::new();
    match stream.take(LONGEST_LINE).read_until(b'\n', &mut line) {
        Ok(0) => Typed::End(None),
        Ok(_) => Typed::Line(line),
        Err(error) => Typed::End(Some(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_end_and_the_last_one_needs_none() {
        let mut stream = b"one\n\n\xff\0two".as_slice();
        let typed: Vec<Typed> = std::iter::repeat_with(|| next_line(&mut stream))
            .take(4)
            .collect();
        let expected: [&[u8]; 3] = [b"one\n", b"\n", b"\xff\0two"];
        let mut expected: Vec<Typed> = expected.map(|line| Typed::Line(line.into())).into();
        expected.push(Typed::End(None));
        assert_eq!(typed, expected);
    }

    #[test]
    fn a_line_without_end_comes_in_pieces() {
        let mut stream = BufReader::new(std::io::repeat(b'x'));
        for _ in 0..3 {
            assert_eq!(
                next_line(&mut stream),
                Typed::Line(vec![b'x'; LONGEST_LINE as usize])
            );
        }
    }
}
