//! Takes messages apart and prints them.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use dissection::{Tree, dissect_cut_message, dissect_cut_status_report, dissect_packet, message_name};

use super::chunk_names::chunk_name;
use super::summary::Summary;
use super::text::TextWriter;
use super::{DecodeArgs, Layout, Subject, json};
use crate::{Captured, Carried, Message, Protocol, Time};

/// As much is collected before it is written.
const STEP: usize = 64 << 10;

/// Prints the messages of a file.
pub(crate) struct Printer<'a, W> {
    args: &'a DecodeArgs,
    /// The file, if there are several.
    file: Option<&'a str>,
    out: &'a mut W,
    /// What is not written yet.
    lines: String,
    text: TextWriter,
    tree: Tree,
    pub(crate) summary: Summary,
}

impl<'a, W: Write> Printer<'a, W> {
    pub(crate) fn new(args: &'a DecodeArgs, file: Option<&'a str>, out: &'a mut W) -> Self {
        Self {
            args,
            file,
            out,
            lines: String::with_capacity(STEP + STEP / 4),
            text: TextWriter::default(),
            tree: Tree::default(),
            summary: Summary::default(),
        }
    }

    /// Notes when a frame was captured.
    pub(crate) fn begin(&mut self, time: Option<Time>) {
        self.text.begin(time);
    }

    /// Writes everything that was printed until now.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(self.lines.as_bytes())?;
        self.lines.clear();
        self.out.flush()
    }

    pub(crate) fn message(&mut self, message: &Message<'_>, interface_name: Option<&str>) -> io::Result<()> {
        self.tree.clear();
        let lacks_beginning = message.delivery.is_some_and(|delivery| delivery.lacks_beginning);
        let whole = probable_size(message);
        let mut name = None;
        match message.protocol {
            _ if lacks_beginning => name = Some("fragment"),
            Protocol::Payload(ppid) => {
                dissect_cut_message(ppid, message.bytes, whole, &mut self.tree);
                name = message_name(ppid, message.bytes);
            }
            Protocol::StatusReport => {
                dissect_cut_status_report(message.bytes, whole, &mut self.tree);
                name = Some("status report");
            }
            Protocol::Unknown => {}
        }
        let subject = Subject {
            file: self.file,
            interface_name,
            name,
            tree: &self.tree,
        };
        self.summary.count(message, subject.first_malformed().is_some());
        let written = if self.args.json {
            json::message(&subject, message, &mut self.lines)
        } else {
            self.text
                .message(&subject, message, self.args.layout(), &mut self.lines)
        };
        self.written(written)
    }

    /// Prints an SCTP packet, if that is wanted or it is malformed.
    pub(crate) fn packet(&mut self, captured: &Captured<'_>, interface_name: Option<&str>) -> io::Result<()> {
        let Carried::Sctp(sctp) = &captured.carried else {
            return Ok(());
        };
        let malformed = captured.malformed_at().is_some();
        if !self.args.sctp && !malformed {
            return Ok(());
        }
        self.tree.clear();
        dissect_packet(captured.bytes, captured.whole, &mut self.tree);
        let mut chunks = String::new();
        for chunk in sctp.packet.chunks {
            let separator = if chunks.is_empty() { "" } else { ", " };
            let written = match chunk_name(chunk.kind) {
                Some(name) => write!(chunks, "{separator}{name}"),
                None => write!(chunks, "{separator}chunk {}", chunk.kind),
            };
            written.map_err(io::Error::other)?;
        }
        if malformed {
            chunks.push_str(if chunks.is_empty() { "?" } else { ", ?" });
        }
        let subject = Subject {
            file: self.file,
            interface_name,
            name: None,
            tree: &self.tree,
        };
        let malformed = malformed || subject.first_malformed().is_some();
        self.summary.malformed_packets += u64::from(malformed);
        let written = if self.args.json {
            json::packet(&subject, captured, &chunks, &mut self.lines)
        } else {
            let layout = self.args.layout();
            self.text
                .packet(&subject, captured, &chunks, layout, &mut self.lines)
        };
        self.written(written)
    }

    fn written(&mut self, written: fmt::Result) -> io::Result<()> {
        written.map_err(io::Error::other)?;
        if self.lines.len() >= STEP {
            self.out.write_all(self.lines.as_bytes())?;
            self.lines.clear();
        }
        Ok(())
    }
}

/// Returns how many bytes a message had; if its last fragments are missing, as many as it says itself, where messages of
/// all protocols of rsplib do.
fn probable_size(message: &Message<'_>) -> usize {
    if !message.delivery.is_some_and(|delivery| delivery.lacks_end) {
        return message.whole;
    }
    let stated = match message.bytes {
        [_, _, high, low, ..] => u16::from_be_bytes([*high, *low]).into(),
        _ => 0,
    };
    stated.max(message.whole + 1)
}

impl DecodeArgs {
    const fn layout(&self) -> Layout {
        Layout {
            tree: self.tree,
            bytes: self.bytes,
        }
    }
}
