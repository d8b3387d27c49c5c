//! Messages as lines of text.

use std::fmt::{self, Write as _};
use std::net::SocketAddr;

use dissection::{Note, NoteKind, Tree};

use super::remarks::{packet_remarks, remarks};
use super::{Layout, Subject};
use crate::{Captured, Message, Time};

/// Writes messages.
#[derive(Debug, Default)]
pub(crate) struct TextWriter {
    /// The time of the first one.
    begin: Option<Time>,
}

impl TextWriter {
    /// Writes the line of a message, and its fields below.
    pub(crate) fn message(
        &mut self,
        subject: &Subject<'_>,
        message: &Message<'_>,
        layout: Layout,
        to: &mut String,
    ) -> fmt::Result {
        let sight = &message.sight;
        self.head(sight.number, sight.time, sight.source, sight.destination, to)?;
        match message.protocol.name() {
            Some(protocol) => pad(protocol, 4, to)?,
            None => pad("-", 4, to)?,
        }
        to.push_str("  ");
        match (subject.name, message.delivery.and_then(|delivery| delivery.ppid)) {
            (Some(name), _) => to.push_str(name),
            (None, Some(ppid)) => write!(to, "data with PPID {ppid}")?,
            (None, None) => to.push_str("data"),
        }
        to.push_str("  ");
        number(message.whole as u64, 0, to);
        to.push_str(" bytes");
        at_interface(subject, to)?;
        let mut remark = |words: fmt::Arguments<'_>| write!(to, "  [{words}]");
        remarks(message, &mut remark)?;
        end(subject, layout, to, message.bytes)
    }

    /// Writes the line of a packet, and its fields below.
    pub(crate) fn packet(
        &mut self,
        subject: &Subject<'_>,
        captured: &Captured<'_>,
        chunks: &str,
        layout: Layout,
        to: &mut String,
    ) -> fmt::Result {
        let (source, destination) = (captured.source, captured.destination);
        self.head(captured.number, captured.time, source, destination, to)?;
        write!(to, "SCTP  {chunks}  {} bytes", captured.whole)?;
        at_interface(subject, to)?;
        let mut remark = |words: fmt::Arguments<'_>| write!(to, "  [{words}]");
        packet_remarks(captured, &mut remark)?;
        end(subject, layout, to, captured.bytes)
    }

    fn head(
        &mut self,
        frame: u64,
        time: Option<Time>,
        source: SocketAddr,
        destination: SocketAddr,
        to: &mut String,
    ) -> fmt::Result {
        number(frame, 6, to);
        to.push_str("  ");
        match time {
            Some(time) => {
                let since = time.since(*self.begin.get_or_insert(time));
                let microseconds = since.unsigned_abs() / 1000;
                if since < 0 {
                    to.push('-');
                }
                number(microseconds / 1_000_000, 4, to);
                to.push('.');
                let fraction = microseconds % 1_000_000;
                for unit in [100_000, 10_000, 1000, 100, 10, 1] {
                    to.push(digit(fraction / unit));
                }
            }
            None => to.push_str("          -"),
        }
        to.push_str("  ");
        address(source, to)?;
        to.push_str(" → ");
        address(destination, to)?;
        to.push_str("  ");
        Ok(())
    }

    /// Takes a time as the beginning, if there is none: that of the first packet, whatever it is.
    pub(crate) fn begin(&mut self, time: Option<Time>) {
        if self.begin.is_none() {
            self.begin = time;
        }
    }
}

/// Writes where it was seen, if the file tells: in a recording, the component.
fn at_interface(subject: &Subject<'_>, to: &mut String) -> fmt::Result {
    match subject.interface_name {
        // A terminal might obey what a file has in it.
        Some(name) => write!(to, "  at {}", name.escape_debug()),
        None => Ok(()),
    }
}

/// Ends the line, and writes the fields below.
fn end(subject: &Subject<'_>, layout: Layout, to: &mut String, bytes: &[u8]) -> fmt::Result {
    if let Some(note) = subject.first_malformed() {
        write!(to, "  [malformed: {}]", note.text)?;
    }
    to.push('\n');
    if layout.tree {
        tree(subject.tree, bytes, layout, to)?;
    }
    Ok(())
}

fn tree(tree: &Tree, bytes: &[u8], layout: Layout, to: &mut String) -> fmt::Result {
    for (position, field) in tree.fields.iter().enumerate() {
        indent(field.level, to);
        to.push_str(field.term.label);
        let before = to.len();
        to.push_str(": ");
        let begin = to.len();
        write!(to, "{}", field.value_of(bytes))?;
        if to.len() == begin {
            to.truncate(before);
        }
        if layout.bytes {
            write!(to, "  [{}..{}]", field.start, field.end)?;
        }
        to.push('\n');
        let notes = tree.notes.iter().filter(|note| note.field as usize == position);
        for note in notes {
            indent(field.level + 1, to);
            write!(to, "! {}: {}", kind(note), note.text)?;
            let explanation = field.term.explanation;
            if let (NoteKind::Malformed | NoteKind::Deviation, Some(explanation)) = (note.kind, explanation) {
                write!(to, " ({}: {})", explanation.section, explanation.rule)?;
            }
            to.push('\n');
        }
    }
    Ok(())
}

/// What a note is about.
pub(crate) const fn kind(note: &Note) -> &'static str {
    match note.kind {
        NoteKind::Malformed => "malformed",
        NoteKind::Unknown => "unknown",
        NoteKind::Deviation => "deviation",
        NoteKind::Remark => "remark",
        NoteKind::Cut => "cut",
    }
}

fn indent(level: u8, to: &mut String) {
    for _ in 0..=level {
        to.push_str("    ");
    }
}

fn pad(word: &str, width: usize, to: &mut String) -> fmt::Result {
    write!(to, "{word:width$}")
}

const fn digit(value: u64) -> char {
    (b'0' + (value % 10) as u8) as char
}

/// Writes a number, right-aligned. The formatting of the standard library takes longer than all else that is done for a
/// message.
fn number(mut value: u64, width: usize, to: &mut String) {
    let mut digits = [b' '; 20];
    let mut count = 0;
    for place in digits.iter_mut().rev() {
        *place = b'0' + (value % 10) as u8;
        value /= 10;
        count += 1;
        if value == 0 {
            break;
        }
    }
    let begin = digits.len() - width.max(count).min(digits.len());
    let digits = digits.get(begin..).unwrap_or_default();
    to.push_str(std::str::from_utf8(digits).unwrap_or_default());
}

fn address(address: SocketAddr, to: &mut String) -> fmt::Result {
    match address {
        SocketAddr::V4(v4) => {
            for (position, octet) in v4.ip().octets().into_iter().enumerate() {
                if position > 0 {
                    to.push('.');
                }
                number(octet.into(), 0, to);
            }
        }
        SocketAddr::V6(v6) => write!(to, "[{}]", v6.ip())?,
    }
    to.push(':');
    number(address.port().into(), 0, to);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_aligned() {
        for (value, width, expected) in [
            (0, 0, "0"),
            (7, 3, "  7"),
            (1234, 3, "1234"),
            (u64::MAX, 0, "18446744073709551615"),
            (1, 20, "                   1"),
        ] {
            let mut text = String::new();
            number(value, width, &mut text);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn addresses_are_written_as_usual() {
        for text in ["10.0.200.1:3863", "[2001:db8::1]:9899", "[::]:0"] {
            let mut written = String::new();
            address(text.parse().unwrap(), &mut written).unwrap();
            assert_eq!(written, text);
        }
    }
}
