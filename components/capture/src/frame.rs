//! What a capture file has for each packet.

use crate::{LinkType, Time};

/// A packet with all its headers, as it was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Its number in the file, counted from 1, as Wireshark counts: also what other programs' blocks of pcapng contain.
    pub number: u64,
    /// When it was captured, if the file tells.
    pub time: Option<Time>,
    /// The position of its interface among all those in the file.
    pub interface: u32,
    /// The name of its interface, if the file has one: in a recording, the component.
    pub interface_name: Option<&'a str>,
    /// What its bytes begin with.
    pub link: LinkType,
    /// The bytes; the first ones, if the capture has cut it.
    pub bytes: &'a [u8],
    /// How many bytes it had.
    pub whole: usize,
}

/// A frame in the bytes that were read.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) time: Option<Time>,
    pub(crate) interface: u32,
    pub(crate) link: LinkType,
    pub(crate) bytes: std::ops::Range<usize>,
    pub(crate) whole: usize,
}

/// What a file continues with.
#[derive(Debug)]
pub(crate) enum Next {
    /// So many bytes, in which a frame may be.
    Item(usize, Option<Place>),
    /// So many bytes, which are no frame but have the number of one.
    Numbered(usize),
    /// So many bytes that make no sense, after which it can go on.
    Skipped(usize, String),
    /// The beginning of something that needs so many bytes.
    Incomplete(usize),
    /// Something after which there is no way on.
    Wrong(String),
}
