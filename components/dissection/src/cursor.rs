//! Goes through bytes and adds what it finds there to a tree.

use std::net::IpAddr;

use crate::term::terms;
use crate::{Field, Note, NoteKind, Term, Tree, Value};

terms! {
    REST = "Rest" {
        "our own term", "What follows a mistake. Where its fields begin is not certain any more, so that it stays as it is."
    };
    SURPLUS = "Surplus bytes" {
        "our own term", "Bytes behind the last field that the specification knows."
    };
}

/// How deep parameters and messages may be nested in each other.
const DEEPEST: u8 = 8;

/// The position of a field in the tree.
pub(crate) type Position = usize;

/// A place in a part of the bytes, such as a parameter.
///
/// Whatever reads returns `None` if the part ends too early, which it has noted then.
pub(crate) struct Cursor<'a, 't> {
    bytes: &'a [u8],
    at: usize,
    /// The end of the part; behind that of the bytes if the capture has only the beginning of them.
    end: usize,
    level: u8,
    depth: u8,
    quoted: bool,
    tree: &'t mut Tree,
}

impl<'a, 't> Cursor<'a, 't> {
    /// Begins with bytes that had this length before they were captured.
    pub(crate) fn new(bytes: &'a [u8], whole: usize, tree: &'t mut Tree) -> Self {
        // Positions have 32 bits.
        let most = u32::MAX as usize;
        let bytes = bytes.get(..most).unwrap_or(bytes);
        Self {
            bytes,
            at: 0,
            end: whole.clamp(bytes.len(), most),
            level: 0,
            depth: 0,
            quoted: false,
            tree,
        }
    }

    /// Returns where the next byte is.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Returns how many bytes are left of the part.
    pub(crate) const fn left(&self) -> usize {
        self.end - self.at
    }

    /// Returns whether the capture lacks the end of the part.
    pub(crate) const fn is_cut(&self) -> bool {
        self.bytes.len() < self.end
    }

    /// Returns the next bytes without going on; `None` if there are not as many.
    #[inline]
    pub(crate) fn peek<const N: usize>(&self) -> Option<[u8; N]> {
        self.rest().first_chunk().copied()
    }

    /// Returns what is there of the rest of the part.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes
            .get(self.at..self.end.min(self.bytes.len()))
            .unwrap_or_default()
    }

    /// Returns the position of the field that was added last; 0 if there is none.
    pub(crate) const fn last(&self) -> Position {
        self.tree.fields.len().saturating_sub(1)
    }

    /// Returns the position that the next field will have.
    pub(crate) const fn next(&self) -> Position {
        self.tree.fields.len()
    }

    /// Says something about a field.
    #[cold]
    pub(crate) fn note(&mut self, field: Position, kind: NoteKind, text: &'static str) {
        let field = field as u32;
        self.tree.notes.push(Note { field, kind, text });
    }

    /// Says that the field that was added last contradicts its specification.
    pub(crate) fn malformed(&mut self, text: &'static str) {
        self.wrong(self.last(), text);
    }

    /// Says that a field contradicts its specification.
    #[cold]
    pub(crate) fn wrong(&mut self, field: Position, text: &'static str) {
        let kind = if self.quoted {
            NoteKind::Remark
        } else {
            NoteKind::Malformed
        };
        self.note(field, kind, text);
    }

    #[inline]
    fn push(&mut self, term: &'static Term, length: usize, value: Value) -> Position {
        let there = self.bytes.len();
        self.tree.fields.push(Field {
            term,
            level: self.level,
            start: self.at.min(there) as u32,
            end: (self.at + length).min(there) as u32,
            value,
        });
        self.tree.fields.len() - 1
    }

    /// Adds what is there of a field whose part ends within it.
    #[cold]
    fn ends_early(&mut self, term: &'static Term, length: usize) {
        let missing = length > self.left();
        self.push(term, length.min(self.left()), Value::Bytes);
        self.at = self.end.min(self.at + length);
        if missing {
            self.malformed("What it belongs to ends before this field does.");
        }
    }

    #[inline]
    fn number<const N: usize>(
        &mut self,
        term: &'static Term,
        value: impl FnOnce([u8; N]) -> Value,
    ) -> Option<[u8; N]> {
        let Some(array) = self.peek() else {
            self.ends_early(term, N);
            return None;
        };
        self.push(term, N, value(array));
        self.at += N;
        Some(array)
    }

    /// Says that the capture ends here, if it does.
    pub(crate) fn note_cut(&mut self) {
        if self.is_cut() {
            self.note(
                self.last(),
                NoteKind::Cut,
                "The capture ends here: it has only the beginning of the packet.",
            );
        }
    }

    /// Adds a number of 8 bits.
    #[inline]
    pub(crate) fn u8(&mut self, term: &'static Term, value: impl FnOnce(u8) -> Value) -> Option<u8> {
        self.number(term, |bytes| value(u8::from_be_bytes(bytes)))
            .map(u8::from_be_bytes)
    }

    /// Adds a number of 16 bits.
    #[inline]
    pub(crate) fn u16(&mut self, term: &'static Term, value: impl FnOnce(u16) -> Value) -> Option<u16> {
        self.number(term, |bytes| value(u16::from_be_bytes(bytes)))
            .map(u16::from_be_bytes)
    }

    /// Adds a number of 32 bits.
    #[inline]
    pub(crate) fn u32(&mut self, term: &'static Term, value: impl FnOnce(u32) -> Value) -> Option<u32> {
        self.number(term, |bytes| value(u32::from_be_bytes(bytes)))
            .map(u32::from_be_bytes)
    }

    /// Adds a number of 64 bits.
    #[inline]
    pub(crate) fn u64(&mut self, term: &'static Term, value: impl FnOnce(u64) -> Value) -> Option<u64> {
        self.number(term, |bytes| value(u64::from_be_bytes(bytes)))
            .map(u64::from_be_bytes)
    }

    /// Adds an IPv4 address.
    pub(crate) fn ipv4(&mut self, term: &'static Term) -> Option<[u8; 4]> {
        self.number(term, |bytes: [u8; 4]| Value::Address(IpAddr::from(bytes)))
    }

    /// Adds an IPv6 address.
    pub(crate) fn ipv6(&mut self, term: &'static Term) -> Option<[u8; 16]> {
        self.number(term, |bytes: [u8; 16]| Value::Address(IpAddr::from(bytes)))
    }

    /// Adds a field of this length, and goes behind it.
    pub(crate) fn field(&mut self, term: &'static Term, length: usize, value: Value) -> Option<Position> {
        if length > self.rest().len() {
            self.ends_early(term, length);
            return None;
        }
        let position = self.push(term, length, value);
        self.at += length;
        Some(position)
    }

    /// Adds a field of this length that shares its bytes with the next one.
    pub(crate) fn shared_field(&mut self, term: &'static Term, length: usize, value: Value) {
        self.push(term, length.min(self.left()), value);
    }

    /// Adds a field that takes all that is left, which may be nothing.
    pub(crate) fn remaining(&mut self, term: &'static Term, value: Value) -> Position {
        let position = self.push(term, self.left(), value);
        self.at = self.end;
        position
    }

    /// Adds bits of the number that was just read, which has `size` bytes: bits of its first byte. They are one level below
    /// it.
    #[inline]
    pub(crate) fn bits(&mut self, first: u8, size: usize, flags: &[(u8, &'static Term)]) {
        let Some(at) = self.at.checked_sub(size) else {
            return;
        };
        for &(mask, term) in flags {
            self.tree.fields.push(Field {
                term,
                level: self.level + 1,
                start: at as u32,
                end: self.at as u32,
                value: Value::Flag(first & mask != 0),
            });
        }
    }

    /// Goes through the next bytes as a part of their own. What is left of them is added as well, as a mistake if there was
    /// none before.
    #[inline]
    pub(crate) fn part(&mut self, length: usize, fill: impl FnOnce(&mut Cursor<'a, '_>) -> Option<()>) {
        self.inner(length, self.level, fill);
    }

    /// Adds a field that consists of others.
    #[inline]
    pub(crate) fn group(
        &mut self,
        term: &'static Term,
        length: usize,
        fill: impl FnOnce(&mut Cursor<'a, '_>) -> Option<()>,
    ) -> Position {
        self.parent(term, length, Value::Group, fill)
    }

    /// Adds a field that has a value and consists of others nevertheless.
    #[inline]
    pub(crate) fn parent(
        &mut self,
        term: &'static Term,
        length: usize,
        value: Value,
        fill: impl FnOnce(&mut Cursor<'a, '_>) -> Option<()>,
    ) -> Position {
        let position = self.push(term, length.min(self.left()), value);
        self.inner(length, self.level.saturating_add(1), fill);
        position
    }

    #[inline]
    fn inner(&mut self, length: usize, level: u8, fill: impl FnOnce(&mut Cursor<'a, '_>) -> Option<()>) {
        let end = self.end.min(self.at + length);
        let mut inner = Cursor {
            bytes: self.bytes,
            at: self.at,
            end,
            level,
            depth: self.depth,
            quoted: self.quoted,
            tree: self.tree,
        };
        let complete = fill(&mut inner).is_some();
        if inner.at < end {
            inner.leave_over(complete);
        }
        self.at = end;
    }

    /// Adds what has a header with its length in the third and fourth byte, and padding behind it: a chunk, a parameter or a
    /// cause. `head` adds the header, and hands what it has read to `value`.
    ///
    /// Returns the length, by which to go on; or `None` if it cannot be true.
    pub(crate) fn framed<T>(
        &mut self,
        term: &'static Term,
        padding: &'static Term,
        head: impl FnOnce(&mut Cursor<'a, '_>) -> Option<T>,
        value: impl FnOnce(&mut Cursor<'a, '_>, T) -> Option<()>,
    ) -> Option<usize> {
        const HEADER: usize = 4;
        let length = match self.peek() {
            Some([_, _, high, low]) => usize::from(u16::from_be_bytes([high, low])),
            None => 0,
        };
        let left = self.left();
        let is_whole = length >= HEADER;
        let padded = match is_whole {
            true => length.next_multiple_of(4).min(left),
            false => left,
        };
        self.group(term, padded, |inner| {
            let read = head(inner)?;
            if !is_whole {
                inner.malformed("The length is smaller than the header to which it belongs.");
                return None;
            }
            if length > left {
                inner.malformed("The length is larger than what it is in.");
            }
            let there = (length - HEADER).min(inner.left());
            inner.part(there, |inner| value(inner, read));
            inner.padding(padding, length);
            Some(())
        });
        is_whole.then_some(length)
    }

    #[cold]
    fn leave_over(&mut self, complete: bool) {
        if self.rest().is_empty() {
            return;
        }
        if complete {
            self.remaining(&SURPLUS, Value::Bytes);
            self.malformed("There are more bytes than fields.");
        } else {
            self.remaining(&REST, Value::Bytes);
        }
    }

    /// Adds what may contain itself, unless it is nested too deeply: then its bytes only.
    pub(crate) fn nested(&mut self, fill: impl FnOnce(&mut Cursor<'a, '_>) -> Option<()>) -> Option<()> {
        if self.depth >= DEEPEST {
            if !self.rest().is_empty() {
                self.remaining(&REST, Value::Bytes);
                self.malformed("It is nested too deeply to be taken apart further.");
            }
            return None;
        }
        self.depth += 1;
        let filled = fill(self);
        self.depth -= 1;
        filled
    }

    /// Adds what an error quotes. What is wrong with it is not wrong with the error.
    pub(crate) fn quote(&mut self, fill: impl FnOnce(&mut Cursor<'a, '_>) -> Option<()>) -> Option<()> {
        let before = std::mem::replace(&mut self.quoted, true);
        let filled = self.nested(fill);
        self.quoted = before;
        filled
    }

    /// Adds the zero bytes up to a multiple of 4, as far as they are there, behind what had this length.
    pub(crate) fn padding(&mut self, term: &'static Term, length: usize) {
        let padding = length.wrapping_neg() % 4;
        if padding == 0 {
            return;
        }
        let zeros = self.rest().get(..padding.min(self.left()));
        let Some(zeros) = zeros.filter(|zeros| !zeros.is_empty()) else {
            self.at = self.end.min(self.at + padding);
            return;
        };
        let position = self.push(term, zeros.len(), Value::Bytes);
        self.at += zeros.len();
        if zeros.iter().any(|&byte| byte != 0) {
            self.note(
                position,
                NoteKind::Remark,
                "Padding should be zero; a receiver ignores what it is.",
            );
        }
    }
}
