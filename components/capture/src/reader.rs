//! Reads a capture of any format, packet by packet.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use recording::Interface;

use crate::frame::{Next, Place};
use crate::input::Input;
use crate::pcap::Pcap;
use crate::pcapng::Pcapng;
use crate::{Damage, Error, Frame};

/// Enough bytes of a file to recognise its format, with the header of pcap.
const BEGINNING: usize = 24;
/// Of a frame of zstd (RFC 8878 section 3.1.1).
const COMPRESSED: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Reads a capture, which may be a pipe, or grow: nothing is read twice, and never more kept than a packet.
pub struct Reader {
    input: Input,
    format: Format,
    compressed: bool,
    number: u64,
    /// The size of the item that was returned last, which is still in the buffer.
    pending: usize,
    ended: bool,
}

#[derive(Debug)]
enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl Reader {
    /// Opens a file.
    ///
    /// # Errors
    /// Returns an error if it cannot be read, or is no capture.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::new(File::open(path)?)
    }

    /// Reads from a file, pipe or anything else. The format is recognised by the first bytes.
    ///
    /// # Errors
    /// Returns an error if it cannot be read, or is no capture.
    pub fn new(source: impl Read + Send + 'static) -> Result<Self, Error> {
        let mut input = Input::new(Box::new(source));
        let compressed = input.fill(COMPRESSED.len())?.starts_with(&COMPRESSED);
        if compressed {
            input = input.decompressed()?;
        }
        let beginning = match input.fill(BEGINNING) {
            Ok(beginning) => beginning,
            Err(error) if compressed => {
                let why = format!("what was compressed with zstd cannot be decompressed ({error})");
                return Err(Error::OtherKind(why));
            }
            Err(error) => return Err(error.into()),
        };
        let (format, header) = if Pcapng::is(beginning) {
            (Format::Pcapng(Pcapng::default()), 0)
        } else if let Some((pcap, header)) = Pcap::begin(beginning) {
            (Format::Pcap(pcap), header)
        } else if beginning.is_empty() {
            return Err(Error::Empty);
        } else {
            return Err(Error::OtherKind(other_kind(beginning)));
        };
        input.consume(header);
        Ok(Self {
            input,
            format,
            compressed,
            number: 0,
            pending: 0,
            ended: false,
        })
    }

    /// Returns the next packet; `None` at the end.
    ///
    /// # Errors
    /// Returns what is wrong with the file. Further calls go on behind it, or return `None` if there is no way on.
    pub fn read(&mut self) -> Result<Option<Frame<'_>>, Damage> {
        self.input.consume(std::mem::take(&mut self.pending));
        let mut wanted = 1;
        let (size, place) = loop {
            if self.ended {
                return Ok(None);
            }
            let bytes = match self.input.fill(wanted) {
                Ok(bytes) => bytes,
                Err(error) => return Err(self.unreadable(&error)),
            };
            if bytes.is_empty() {
                self.ended = true;
                return Ok(None);
            }
            let there = bytes.len();
            let next = match &mut self.format {
                Format::Pcap(pcap) => pcap.next(bytes),
                Format::Pcapng(pcapng) => pcapng.next(bytes),
            };
            match next {
                Next::Item(size, Some(place)) => break (size, place),
                Next::Item(size, None) => {
                    self.input.consume(size);
                    wanted = 1;
                }
                Next::Numbered(size) => {
                    self.input.consume(size);
                    self.number += 1;
                    wanted = 1;
                }
                Next::Incomplete(size) if there < wanted => {
                    self.ended = true;
                    let why = format!(
                        "of a record with at least {size} bytes there are {there}; what is before it is read"
                    );
                    return Err(self.damage(why, true));
                }
                Next::Incomplete(size) => wanted = size,
                Next::Skipped(size, why) => {
                    let damage = self.damage(why, false);
                    self.input.consume(size);
                    return Err(damage);
                }
                Next::Wrong(why) => {
                    self.ended = true;
                    return Err(self.damage(why, false));
                }
            }
        };
        self.pending = size;
        self.number += 1;
        Ok(Some(self.frame(&place)))
    }

    fn frame(&self, place: &Place) -> Frame<'_> {
        Frame {
            number: self.number,
            time: place.time,
            interface: place.interface,
            interface_name: self
                .interface(place.interface)
                .map(|interface| &*interface.name)
                .filter(|name| !name.is_empty()),
            link: place.link,
            bytes: self.input.bytes().get(place.bytes.clone()).unwrap_or_default(),
            whole: place.whole,
        }
    }

    /// Returns whether all bytes that were read are used up, so that the next packet has to be waited for.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.input.bytes().len() <= self.pending
    }

    /// Returns the interface at this position, if the file describes its interfaces.
    #[must_use]
    pub fn interface(&self, position: u32) -> Option<&Interface> {
        match &self.format {
            Format::Pcap(_) => None,
            Format::Pcapng(pcapng) => pcapng.interface(position),
        }
    }

    fn damage(&self, why: String, cut: bool) -> Damage {
        Damage {
            offset: self.input.offset(),
            compressed: self.compressed,
            why,
            cut,
        }
    }

    fn unreadable(&mut self, error: &std::io::Error) -> Damage {
        self.ended = true;
        let cut = error.kind() == ErrorKind::UnexpectedEof;
        let why = if cut {
            "the compressed bytes end within a frame".to_owned()
        } else if self.compressed {
            format!("the compressed bytes make no sense from here on ({error})")
        } else {
            format!("the system cannot read on ({error})")
        };
        self.damage(why, cut)
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("format", &self.format)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// Says what a file is that is no capture, and what to do.
fn other_kind(beginning: &[u8]) -> String {
    const OTHERS: [(&[u8], &str); 5] = [
        (
            &[0x1f, 0x8b],
            "it is compressed with gzip: decompress it first (gunzip)",
        ),
        (
            &[0xfd, b'7', b'z', b'X', b'Z'],
            "it is compressed with xz: decompress it first (unxz)",
        ),
        (
            &[0x04, 0x22, 0x4d, 0x18],
            "it is compressed with lz4: decompress it first (unlz4)",
        ),
        (
            b"snoop\0",
            "it is of the format of snoop: convert it first (editcap -F pcapng)",
        ),
        (
            b"GMBU",
            "it is of the format of Network Monitor: convert it first (editcap -F pcapng)",
        ),
    ];
    if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| beginning.starts_with(magic)) {
        return (*what).to_owned();
    }
    if beginning.len() < BEGINNING {
        return format!(
            "it ends after {} bytes, within the header of any format",
            beginning.len()
        );
    }
    let digits: String = beginning
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!(
        "it begins with {digits}, which is neither pcap nor pcapng, nor one of them compressed with zstd; other formats \
         can be converted (editcap -F pcapng)"
    )
}
