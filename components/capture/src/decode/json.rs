//! Messages as JSON: an object in a line for each of them.
//!
//! | member | |
//! | --- | --- |
//! | `file` | the file, if there are several |
//! | `frame` | number of the frame with the last byte of the message, counted from 1 |
//! | `time` | seconds since 1970 with nine decimals, as a string; null if the file does not tell |
//! | `interface` | position of the frame's interface in the file; `interface_name` if the file names it |
//! | `source`, `destination` | address and port, of SCTP or UDP: `10.0.0.1:3863`, `[2001:db8::1]:3863` |
//! | `protocol` | `ASAP`, `ENRP`, `FGP`, ..., `CSP`; `SCTP` for a packet; null if unknown |
//! | `name` | name of the message, such as `ASAP_REGISTRATION`, or of the packet's chunks; null if unknown |
//! | `size` | bytes that it had; `captured` is how many of them are there |
//! | `sctp` | what SCTP tells of it; null for a datagram or packet: `association` (a number), `stream`, `tsn`, `unordered`, `ppid` as it was sent, `fragments`, `first_frame`, `incomplete`, `retransmission`, `other_interface`, `wrong_checksum` |
//! | `remarks` | what is remarkable about how it travelled and was captured, in words |
//! | `malformed` | whether the bytes contradict their specification |
//! | `fields` | the fields, each before those that it consists of, which have a higher `level` |
//! | `notes` | what is remarkable about fields: the `field` by its position, `kind` (`malformed`, `unknown`, `deviation`, `cut`, `remark`) and `text` |
//!
//! A field has `level`, `name` in the words of its specification, `wireshark` if Wireshark has a name for it, `value` (null,
//! number, boolean or string, which has the digits of bytes), `text` in words if there is a value, and its place in the bytes
//! from `start` to before `end`.

use std::fmt;
use std::net::SocketAddr;

use dissection::{Field, Value};
use serde::Serialize;

use super::Subject;
use super::remarks::{packet_remarks, remarks};
use super::text;
use crate::{Captured, Message, Repeated, Time};

#[derive(Serialize)]
struct Object<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    frame: u64,
    time: Option<String>,
    interface: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    interface_name: Option<&'a str>,
    source: SocketAddr,
    destination: SocketAddr,
    protocol: Option<&'a str>,
    name: Option<&'a str>,
    size: usize,
    captured: usize,
    sctp: Option<Sctp>,
    remarks: Vec<String>,
    malformed: bool,
    fields: Vec<FieldObject>,
    notes: Vec<NoteObject>,
}

#[derive(Serialize)]
struct Sctp {
    association: u32,
    stream: u16,
    tsn: u32,
    unordered: bool,
    ppid: Option<u32>,
    fragments: u32,
    first_frame: u64,
    incomplete: bool,
    retransmission: bool,
    other_interface: bool,
    wrong_checksum: bool,
}

#[derive(Serialize)]
struct FieldObject {
    level: u8,
    name: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    wireshark: &'static str,
    value: serde_json::Value,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    start: u32,
    end: u32,
}

#[derive(Serialize)]
struct NoteObject {
    field: u32,
    kind: &'static str,
    text: &'static str,
}

/// Writes a message, and the end of its line.
pub(crate) fn message(subject: &Subject<'_>, message: &Message<'_>, to: &mut String) -> fmt::Result {
    let sight = &message.sight;
    let mut words = Vec::new();
    remarks(message, |remark| {
        words.push(remark.to_string());
        Ok(())
    })?;
    let sctp = message.delivery.map(|delivery| Sctp {
        association: delivery.association,
        stream: delivery.stream,
        tsn: delivery.tsn,
        unordered: delivery.unordered,
        ppid: delivery.ppid,
        fragments: delivery.fragments,
        first_frame: delivery.first,
        incomplete: message.is_incomplete(),
        retransmission: delivery.repeated == Some(Repeated::Retransmission),
        other_interface: delivery.repeated == Some(Repeated::OtherInterface),
        wrong_checksum: delivery.wrong_checksum,
    });
    write(
        &Object {
            file: subject.file,
            frame: sight.number,
            time: sight.time.as_ref().map(Time::to_string),
            interface: sight.interface,
            interface_name: subject.interface_name,
            source: sight.source,
            destination: sight.destination,
            protocol: message.protocol.name(),
            name: subject.name,
            size: message.whole,
            captured: message.bytes.len(),
            sctp,
            remarks: words,
            malformed: subject.first_malformed().is_some(),
            fields: fields(subject, message.bytes),
            notes: notes(subject),
        },
        to,
    )
}

/// Writes a packet, and the end of its line.
pub(crate) fn packet(
    subject: &Subject<'_>,
    captured: &Captured<'_>,
    chunks: &str,
    to: &mut String,
) -> fmt::Result {
    let mut words = Vec::new();
    packet_remarks(captured, |remark| {
        words.push(remark.to_string());
        Ok(())
    })?;
    write(
        &Object {
            file: subject.file,
            frame: captured.number,
            time: captured.time.as_ref().map(Time::to_string),
            interface: captured.interface,
            interface_name: subject.interface_name,
            source: captured.source,
            destination: captured.destination,
            protocol: Some("SCTP"),
            name: Some(chunks),
            size: captured.whole,
            captured: captured.bytes.len(),
            sctp: None,
            remarks: words,
            malformed: subject.first_malformed().is_some() || captured.malformed_at().is_some(),
            fields: fields(subject, captured.bytes),
            notes: notes(subject),
        },
        to,
    )
}

fn write(object: &Object<'_>, to: &mut String) -> fmt::Result {
    let json = serde_json::to_string(object).map_err(|_| fmt::Error)?;
    to.push_str(&json);
    to.push('\n');
    Ok(())
}

fn fields(subject: &Subject<'_>, bytes: &[u8]) -> Vec<FieldObject> {
    let fields = subject.tree.fields.iter();
    fields
        .map(|field| FieldObject {
            level: field.level,
            name: field.term.label,
            wireshark: field.term.wireshark,
            value: value(field, bytes),
            text: field.value_of(bytes).to_string(),
            start: field.start,
            end: field.end,
        })
        .collect()
}

fn value(field: &Field, message: &[u8]) -> serde_json::Value {
    let bytes = message.get(field.range()).unwrap_or_default();
    match field.value {
        Value::Group => serde_json::Value::Null,
        Value::Unsigned(number, _) | Value::Hexadecimal(number, ..) | Value::Microseconds(number) => {
            number.into()
        }
        Value::Signed(number, _) => number.into(),
        Value::Flag(set) => set.into(),
        Value::Share(number) | Value::Real(number) => number.into(),
        Value::PeIdentifier(number) | Value::RegistrarIdentifier(number) => number.into(),
        Value::Address(address) => address.to_string().into(),
        Value::Text => text_of(bytes).into(),
        Value::Bytes => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            digits.into()
        }
    }
}

/// Returns the characters of a field, up to the first NUL.
fn text_of(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    let characters = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(characters)
}

fn notes(subject: &Subject<'_>) -> Vec<NoteObject> {
    let notes = subject.tree.notes.iter();
    notes
        .map(|note| NoteObject {
            field: note.field,
            kind: text::kind(note),
            text: note.text,
        })
        .collect()
}
