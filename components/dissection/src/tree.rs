//! The fields of a message, as a tree.

use std::net::IpAddr;
use std::ops::Range;

/// What a field is called, and what is to be known about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Term {
    /// The name in the words of its specification, such as `PE Identifier`.
    pub label: &'static str,
    /// Wireshark's name of the field, such as `asap.pe_identifier`, or of the protocol if it is a whole message; empty if it
    /// has none.
    pub wireshark: &'static str,
    /// The rule that it follows, if there is more to say than its name does.
    pub explanation: Option<&'static Explanation>,
}

/// The rule that a field, parameter or message follows.
#[derive(Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Where it is specified, such as `RFC 5354, section 3.10`.
    pub section: &'static str,
    /// The rule, in a sentence or two of our own.
    pub rule: &'static str,
    /// The number of a difference between rsplib and the RFC that concerns it, such as `D-01`; empty if there is none.
    pub deviation: &'static str,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// Other fields, which follow one level deeper; or nothing.
    Group,
    /// A number, and its meaning if it is one of an enumeration.
    Unsigned(u64, Option<&'static str>),
    /// A number that is usually written in hexadecimal digits: how many of them; and its meaning if it has one.
    Hexadecimal(u64, u8, Option<&'static str>),
    /// A number that may be negative, and its meaning if it has one.
    Signed(i64, Option<&'static str>),
    /// A bit, or several of them that are set together.
    Flag(bool),
    /// A share of 1, as policies have for loads and the like.
    Share(f64),
    /// Any other number with a fraction.
    Real(f64),
    /// A time span in microseconds.
    Microseconds(u64),
    /// The identifier of a pool element.
    PeIdentifier(u32),
    /// The identifier of a registrar.
    RegistrarIdentifier(u32),
    /// An address.
    Address(IpAddr),
    /// Characters: those of the field's bytes, up to the first NUL.
    Text,
    /// Bytes that have no further structure: those of the field.
    Bytes,
}

/// A field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// What it is called.
    pub term: &'static Term,
    /// How deep it is in the tree; 0 at the top.
    pub level: u8,
    /// The first of its bytes.
    pub start: u32,
    /// The end of its bytes.
    pub end: u32,
    /// What it holds.
    pub value: Value,
}

impl Field {
    /// Returns the place of its bytes.
    #[must_use]
    pub const fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// What is remarkable about a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// The position of the field in [`Tree::fields`].
    pub field: u32,
    /// Of which kind it is.
    pub kind: NoteKind,
    /// The sentence.
    pub text: &'static str,
}

/// The kinds of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// The bytes contradict their specification, or end too early.
    Malformed,
    /// A type is unknown; the sentence says what its highest bits demand of a receiver.
    Unknown,
    /// It differs from the RFC as rsplib does; the sentence begins with the number of the difference.
    Deviation,
    /// Nothing is wrong with it, but one may wonder.
    Remark,
    /// The capture has only the beginning of the packet.
    Cut,
}

/// The fields of a packet or message, each before those that it consists of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tree {
    /// The fields, in the order of the bytes.
    pub fields: Vec<Field>,
    /// What is remarkable about them.
    pub notes: Vec<Note>,
}

impl Tree {
    /// Removes everything, for the next message.
    pub fn clear(&mut self) {
        self.fields.clear();
        self.notes.clear();
    }

    /// Returns whether anything contradicts its specification.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        self.notes.iter().any(|note| note.kind == NoteKind::Malformed)
    }

    /// Returns what is remarkable about the field at this position.
    pub fn notes_of(&self, position: usize) -> impl Iterator<Item = &Note> {
        self.notes
            .iter()
            .filter(move |note| note.field as usize == position)
    }

    /// Returns the positions of the fields that the one at this position consists of, and of theirs.
    #[must_use]
    pub fn below(&self, position: usize) -> Range<usize> {
        let Some(field) = self.fields.get(position) else {
            return position..position;
        };
        let rest = self.fields.iter().skip(position + 1);
        let below = rest.take_while(|other| other.level > field.level).count();
        position + 1..position + 1 + below
    }

    /// Returns the position of the deepest field with this byte.
    #[must_use]
    pub fn at_byte(&self, byte: usize) -> Option<usize> {
        self.fields
            .iter()
            .rposition(|field| field.range().contains(&byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect_message;

    /// ASAP_ENDPOINT_KEEP_ALIVE in rsplib's form, with the pool handle `a`.
    const KEEP_ALIVE: &[u8] = b"\x07\0\0\x18\0\0\0\x01\0\x09\0\x05a\0\0\0\0\x0e\0\x08\0\0\0\x02";

    fn tree() -> Tree {
        let mut tree = Tree::default();
        dissect_message(wire::Ppid::ASAP, KEEP_ALIVE, &mut tree);
        tree
    }

    fn label(tree: &Tree, position: usize) -> &'static str {
        tree.fields[position].term.label
    }

    #[test]
    fn a_byte_belongs_to_the_deepest_field() {
        let tree = tree();
        let at = |byte| tree.at_byte(byte).map(|position| label(&tree, position));
        assert_eq!(at(2), Some("Message Length"));
        assert_eq!(at(12), Some("Pool Handle value"));
        assert_eq!(at(15), Some("Padding"));
        assert_eq!(at(24), None);
    }

    #[test]
    fn a_field_consists_of_those_below_it() {
        let tree = tree();
        assert_eq!(tree.below(0), 1..tree.fields.len());
        let handle = tree
            .fields
            .iter()
            .position(|field| field.term.label == "Pool Handle");
        let handle = handle.unwrap();
        assert_eq!(tree.below(handle), handle + 1..handle + 5);
        assert_eq!(tree.below(1000), 1000..1000);
    }

    #[test]
    fn notes_are_found_by_their_field() {
        let tree = tree();
        let noted = (0..tree.fields.len()).filter(|&position| tree.notes_of(position).next().is_some());
        let noted: Vec<_> = noted.map(|position| label(&tree, position)).collect();
        assert_eq!(noted, ["PE Identifier"]);
    }
}
