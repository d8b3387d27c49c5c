//! Splits a component's log, the bytes of its standard error, into displayable lines.

use anstream::adapter::strip_str;

/// Splits bytes into lines of bounded length and valid UTF-8, without colour codes and other control characters.
#[derive(Debug, Default)]
pub(crate) struct LogLines {
    line: Vec<u8>,
    overlong: bool,
}

impl LogLines {
    /// The maximum length of a line, in bytes; the rest is dropped.
    pub(crate) const LONGEST: usize = 2_000;

    /// Adds bytes, and returns the lines that are now complete.
    pub(crate) fn extend(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut pieces = bytes.split(|byte| *byte == b'\n');
        let last = pieces.next_back().unwrap_or_default();
        for piece in pieces {
            self.add(piece);
            lines.extend(self.finish());
        }
        self.add(last);
        lines
    }

    /// Returns the unfinished line at the end of the log.
    pub(crate) fn finish(&mut self) -> Option<String> {
        let mut text = without_escapes(&String::from_utf8_lossy(&self.line));
        if std::mem::take(&mut self.overlong) {
            text.push('…');
        }
        self.line.clear();
        (!text.trim().is_empty()).then_some(text)
    }

    fn add(&mut self, bytes: &[u8]) {
        let room = Self::LONGEST - self.line.len();
        self.overlong |= bytes.len() > room;
        self.line.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }
}

/// Removes ANSI escape sequences and control characters from a text. Tabs become spaces.
fn without_escapes(text: &str) -> String {
    let characters = strip_str(text).flat_map(str::chars);
    let characters = characters.map(|character| if character == '\t' { ' ' } else { character });
    characters.filter(|character| !character.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[&[u8]], expected: &[&str]) {
        let mut log = LogLines::default();
        let mut lines: Vec<_> = pieces.iter().flat_map(|piece| log.extend(piece)).collect();
        lines.extend(log.finish());
        assert_eq!(lines, expected);
    }

    #[test]
    fn lines_are_cut_wherever_the_pieces_end() {
        check(&[b"on", b"e\ntwo\n\nthr", b"", b"ee"], &["one", "two", "three"]);
    }

    #[test]
    fn colours_and_control_characters_are_left_out() {
        check(
            &[
                b"\x1b[1;31mred\x1b[0m\ta\x07\r\n",
                b"\x1b]0;title\x07x\x1b]8;;\x1b\\y\x1b[\n",
                b"\x1b(Bz\xc2\x9b1m\x7f",
            ],
            &["red a", "xy", "z1m"],
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        check(&[b"a\xff\xfeb\n"], &["a\u{fffd}\u{fffd}b"]);
    }

    #[test]
    fn a_long_line_is_shortened_and_does_not_grow() {
        let mut log = LogLines::default();
        for _ in 0..100 {
            assert!(log.extend(&[b'x'; 1000]).is_empty());
        }
        assert!(log.line.len() <= LogLines::LONGEST);
        let lines = log.extend(b"\nnext\n");
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with("x…"));
        assert_eq!(lines[1], "next");
    }
}
