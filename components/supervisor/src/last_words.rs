//! What a process said last on its standard error, if it is the reason why it ended.

/// The last lines of a log that are not entries of the log itself: an error that ends a program, or a panic.
#[derive(Debug, Default)]
pub(crate) struct LastWords {
    words: Option<String>,
    /// Whether the words are an error or a panic for certain, which no other line replaces.
    certain: bool,
    /// Whether the next line is the message of a panic.
    panicked: bool,
    /// Lines since these words.
    since: usize,
}

impl LastWords {
    /// The maximum number of lines that may follow: what a program still reports while it ends, such as a backtrace
    /// or further causes.
    const LINES: usize = 50;
    /// The maximum length in bytes.
    const LONGEST: usize = 500;
    /// Begins the lines by which Poolscope says why it ends.
    const OURS: &str = "poolscope: ";

    /// Takes a line of the log.
    pub(crate) fn hear(&mut self, line: &str) {
        self.since += 1;
        let line = line.trim();
        if std::mem::take(&mut self.panicked) {
            return self.say(format!("panicked: {line}"), true);
        }
        if line.starts_with("thread '") && line.contains("panicked at") {
            self.panicked = true;
        } else if let Some(error) = line.strip_prefix(Self::OURS) {
            self.say(error.to_owned(), true);
        } else if !self.certain && !line.is_empty() && !is_entry(line) && !is_remark(line) {
            self.say(line.to_owned(), false);
        }
    }

    /// Returns the words, unless the program went on after them.
    pub(crate) fn finish(self) -> Option<String> {
        self.words.filter(|_| self.since <= Self::LINES)
    }

    fn say(&mut self, mut words: String, certain: bool) {
        words.truncate(words.floor_char_boundary(Self::LONGEST));
        self.words = Some(words);
        self.certain = certain;
        self.since = 0;
    }
}

/// Returns whether a line is an entry of a component's log, which begins with the time of day.
fn is_entry(line: &str) -> bool {
    let time = line.as_bytes().get(..12).unwrap_or_default();
    !time.is_empty()
        && time.iter().enumerate().all(|(place, byte)| match place {
            2 | 5 => *byte == b':',
            8 => *byte == b'.',
            _ => byte.is_ascii_digit(),
        })
}

/// Returns whether a line says how to find out more.
fn is_remark(line: &str) -> bool {
    line.starts_with("note: ") || line.starts_with("stack backtrace")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_words(lines: &[&str]) -> Option<String> {
        let mut words = LastWords::default();
        lines.iter().for_each(|line| words.hear(line));
        words.finish()
    }

    #[test]
    fn the_error_that_ends_a_program_is_found_among_the_entries_of_its_log() {
        let entry = "12:34:56.789  INFO registrar 0x00000001 on [127.0.0.2]";
        let error = "poolscope: cannot listen for ASAP: the port is in use";
        assert_eq!(
            last_words(&[entry, error, entry]).as_deref(),
            Some("cannot listen for ASAP: the port is in use")
        );
        assert_eq!(last_words(&[entry, entry]), None);
        assert_eq!(last_words(&[]), None);
    }

    #[test]
    fn a_panic_is_told_by_its_message() {
        let lines = [
            "",
            "thread 'main' (77) panicked at src/main.rs:7:9:",
            "no room",
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
        ];
        assert_eq!(last_words(&lines).as_deref(), Some("panicked: no room"));
    }

    #[test]
    fn what_another_program_says_counts_as_well_unless_it_went_on_for_long() {
        let lines = ["begins", "error while loading shared libraries: libc.so.6"];
        assert_eq!(last_words(&lines).as_deref(), Some(lines[1]));
        let mut long = vec![lines[1]];
        long.extend(["12:34:56.789  INFO still here"; 51]);
        assert_eq!(last_words(&long), None);
    }
}
