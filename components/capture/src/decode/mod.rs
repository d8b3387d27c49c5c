//! The command `poolscope decode`: prints the messages in captures.
//!
//! A line for each message goes to standard output, with its fields below if they are wanted, or a JSON object with all of
//! them ([schema](json)). What is wrong with a file, and what there was in it, goes to standard error.

mod args;
mod chunk_names;
pub mod json;
mod printer;
mod remarks;
mod run;
mod summary;
mod text;

pub use args::DecodeArgs;
pub use run::{Ended, decode, run};

use dissection::{Note, NoteKind, Tree};

/// How a message is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// With its fields.
    pub(crate) tree: bool,
    /// With the place of each field.
    pub(crate) bytes: bool,
}

/// A message or packet that is taken apart.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    /// The file, if there are several.
    pub(crate) file: Option<&'a str>,
    pub(crate) interface_name: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    pub(crate) tree: &'a Tree,
}

impl Subject<'_> {
    pub(crate) fn first_malformed(&self) -> Option<&Note> {
        let mut notes = self.tree.notes.iter();
        notes.find(|note| note.kind == NoteKind::Malformed)
    }
}
