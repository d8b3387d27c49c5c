//! Copies of all packets on a pipe of their own, for a control centre.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use feed::{Packet, PacketRecord, Timestamp};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// A tap that writes packets to a pipe. Clones share the pipe.
///
/// It is called by the transport between packets and never blocks: what the pipe does not take waits in a bounded
/// buffer, and what does not fit there is left out and counted.
#[derive(Debug, Clone)]
pub(crate) struct PacketOutput(Arc<Mutex<Output>>);

#[derive(Debug)]
struct Output {
    /// Absent once it has no reader.
    pipe: Option<File>,
    /// Encoded records that have not been written.
    waiting: Vec<u8>,
    /// Whether the pipe was full when it was last written to.
    is_full: bool,
    /// The packets left out since the last record.
    dropped: u64,
}

/// The maximum number of waiting bytes.
const LIMIT: usize = 1 << 20;
/// So many bytes are written even if more packets follow.
const PORTION: usize = 32 << 10;

impl PacketOutput {
    /// Opens the pipe.
    ///
    /// # Errors
    /// Returns an error if there is no such pipe, or if nobody reads it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let pipe = OpenOptions::new()
            .write(true)
            .custom_flags(nix::libc::O_NONBLOCK)
            .open(path)?;
        Ok(Self(Arc::new(Mutex::new(Output {
            pipe: Some(pipe),
            waiting: Vec::new(),
            is_full: false,
            dropped: 0,
        }))))
    }

    /// Waits until everything is written, for at most `patience`.
    pub(crate) fn flush(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        let mut output = self.lock();
        loop {
            output.write();
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(pipe) = output
                .pipe
                .as_ref()
                .filter(|_| !output.waiting.is_empty() && !left.is_zero())
            else {
                return;
            };
            let left = Timespec::try_from(left).ok();
            // Whether there is room or an error, the next write tells.
            let _ = poll(&mut [PollFd::new(pipe, PollFlags::OUT)], left.as_ref());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Output> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl transport::Tap for PacketOutput {
    fn packet(&mut self, packet: &transport::Packet<'_>) {
        self.lock().add(&for_feed(packet));
    }

    fn pause(&mut self) {
        self.lock().write();
    }
}

impl Output {
    fn add(&mut self, packet: &Packet<&[u8]>) {
        if self.pipe.is_none() {
            return;
        }
        // One long gap says more than many short ones.
        let limit = if self.dropped > 0 { LIMIT / 2 } else { LIMIT };
        if self.waiting.len() + packet.bytes.len() > limit {
            self.dropped += 1;
            return;
        }
        self.tell_dropped();
        packet.encode(&mut self.waiting);
        if self.waiting.len() >= PORTION && !self.is_full {
            self.write();
        }
    }

    /// The record of what was left out stands where it is missing.
    fn tell_dropped(&mut self) {
        if self.dropped > 0 {
            PacketRecord::encode_dropped(std::mem::take(&mut self.dropped), &mut self.waiting);
        }
    }

    /// Writes as much as the pipe takes.
    fn write(&mut self) {
        self.write_waiting();
        if self.waiting.is_empty() && self.dropped > 0 {
            self.tell_dropped();
            self.write_waiting();
        }
    }

    fn write_waiting(&mut self) {
        let mut written = 0;
        self.is_full = false;
        while let Some(rest) = self.waiting.get(written..).filter(|rest| !rest.is_empty())
            && let Some(pipe) = &mut self.pipe
        {
            match pipe.write(rest) {
                Ok(bytes) => written += bytes,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.is_full = true;
                    break;
                }
                Err(error) => {
                    tracing::debug!("packets are not copied any more: {error}");
                    self.pipe = None;
                    written = self.waiting.len();
                }
            }
        }
        self.waiting.drain(..written);
        if self.waiting.is_empty() {
            self.waiting.shrink_to(2 * PORTION);
        }
    }
}

fn for_feed<'a>(packet: &transport::Packet<'a>) -> Packet<&'a [u8]> {
    let canonical = |end: SocketAddr| SocketAddr::new(end.ip().to_canonical(), end.port());
    Packet {
        at: Timestamp::from_host_clock(packet.time),
        direction: match packet.direction {
            transport::Direction::Outgoing => feed::Direction::Sent,
            transport::Direction::Incoming => feed::Direction::Received,
        },
        carried: match packet.carried {
            transport::Carried::Sctp => feed::Carried::Sctp,
            transport::Carried::Announcement => feed::Carried::Announcement,
        },
        source: canonical(packet.source),
        destination: canonical(packet.destination),
        fate: match packet.fate {
            transport::Fate::Passed => feed::Fate::Passed,
            transport::Fate::Lost => feed::Fate::Lost,
            transport::Fate::Refused => feed::Fate::Refused,
        },
        corrupted: packet.corrupted,
        delay: packet.delay,
        bytes: packet.data,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{PipeReader, PipeWriter, Read};
    use std::os::fd::AsRawFd;

    use feed::PacketDecoder;
    use transport::Tap;

    use super::*;

    fn piped() -> (PacketOutput, PipeReader) {
        let (reader, writer): (PipeReader, PipeWriter) = io::pipe().unwrap();
        let path = format!("/proc/self/fd/{}", writer.as_raw_fd());
        (PacketOutput::open(path.as_ref()).unwrap(), reader)
    }

    fn see(output: &mut PacketOutput, number: u32, size: usize) {
        let mut data = vec![0; size];
        data[..4].copy_from_slice(&number.to_be_bytes());
        output.packet(&transport::Packet {
            time: Duration::from_micros(number.into()),
            direction: transport::Direction::Outgoing,
            carried: transport::Carried::Sctp,
            source: ([127, 0, 0, 1], 9899).into(),
            destination: ([127, 0, 0, 2], 9899).into(),
            fate: transport::Fate::Passed,
            corrupted: false,
            delay: Duration::ZERO,
            data: &data,
        });
    }

    fn read(mut reader: PipeReader) -> Vec<PacketRecord> {
        let mut decoder = PacketDecoder::default();
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        decoder.extend(&bytes);
        let mut records = Vec::new();
        let keep = |record: PacketRecord<&[u8]>| {
            records.push(match record {
                PacketRecord::Packet(packet) => PacketRecord::Packet(packet.map_bytes(<[u8]>::to_vec)),
                PacketRecord::Dropped(packets) => PacketRecord::Dropped(packets),
            });
        };
        decoder.decode(keep).unwrap();
        records
    }

    #[test]
    fn packets_are_written_at_a_pause_with_the_timestamps_of_the_feed() {
        let (mut output, reader) = piped();
        let before = Timestamp::now();
        see(&mut output, 3, 100);
        see(&mut output, 4, 100);
        assert!(!output.lock().waiting.is_empty());
        output.pause();
        assert!(output.lock().waiting.is_empty());
        drop(output);
        let records = read(reader);
        let [PacketRecord::Packet(first), PacketRecord::Packet(_)] = records.as_slice() else {
            panic!("{records:?}");
        };
        let start = Timestamp::default() + Timestamp::BEFORE_START;
        assert_eq!(first.at, start + Duration::from_micros(3));
        assert!(first.at < before);
        assert_eq!((first.bytes.len(), first.direction), (100, feed::Direction::Sent));
    }

    #[test]
    fn nobody_waits_for_a_reader_and_what_is_left_out_is_told_in_its_place() {
        const SIZE: usize = 1_000;
        let (mut output, reader) = piped();
        let mut number = 0;
        while output.lock().dropped < 50 {
            see(&mut output, number, SIZE);
            output.pause();
            number += 1;
        }
        assert!(output.lock().waiting.len() <= LIMIT);
        let readers = std::thread::spawn(move || read(reader));
        output.flush(Duration::from_secs(60));
        see(&mut output, number, SIZE);
        output.flush(Duration::from_secs(60));
        drop(output);

        let records = readers.join().unwrap();
        let mut next = 0;
        let mut gaps = Vec::new();
        for record in &records {
            match record {
                PacketRecord::Packet(packet) => {
                    assert_eq!(packet.bytes[..4], u32::to_be_bytes(next), "{next}");
                    next += 1;
                }
                PacketRecord::Dropped(packets) => {
                    gaps.push((next, *packets));
                    next += *packets as u32;
                }
            }
        }
        assert_eq!(next, number + 1);
        assert_eq!(gaps.as_slice(), [(number - 50, 50)]);
    }

    #[test]
    fn without_a_reader_nothing_is_kept() {
        let (mut output, reader) = piped();
        drop(reader);
        see(&mut output, 1, 100);
        output.pause();
        see(&mut output, 2, 100);
        let output = output.lock();
        assert!(output.pipe.is_none() && output.waiting.is_empty());
    }

    #[test]
    fn a_pipe_that_is_not_there_is_an_error() {
        assert!(PacketOutput::open(Path::new("/nowhere/at/all")).is_err());
    }
}
