//! Sends messages with their properties (RFC 6458 section 5.3.4), and many of them in two system calls.
#![expect(
    unsafe_code,
    reason = "no crate sends several of SCTP's messages at once; what is passed are pointers to local buffers"
)]

use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::libc;
use socket2::{MsgHdr, SockRef};

use super::system::checked;
use crate::Message;

/// Flags of messages.
pub(super) const UNORDERED: u16 = 1 << 0;
pub(super) const ABORT: u16 = 1 << 2;
pub(super) const EOF: u16 = 0x200;

/// The type of the control message that carries the properties of a message.
const SNDINFO: i32 = 2;
/// `struct cmsghdr`, followed by `struct sctp_sndinfo`.
const CONTROL_LENGTH: usize = size_of::<libc::cmsghdr>() + 16;
/// The flags of all these system calls.
const CALL: i32 = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
/// The maximum number of messages in a system call.
const BATCH: usize = 64;
/// The maximum space that a message takes in the send buffer in addition to twice its length.
const COST: usize = 1536;

/// Passes a message to the kernel.
pub(super) fn send(socket: &OwnedFd, stream: u16, flags: u16, ppid: u32, data: &[u8]) -> io::Result<()> {
    let control = control(stream, flags, ppid);
    let buffers = [IoSlice::new(data)];
    let message = MsgHdr::new().with_buffers(&buffers).with_control(&control);
    SockRef::from(socket).sendmsg(&message, CALL).map(drop)
}

/// Passes as many messages to the kernel as it has room for, and returns their number. `buffer` is the size of the
/// socket's send buffer.
pub(super) fn send_all(socket: &OwnedFd, buffer: usize, messages: &[&Message]) -> io::Result<usize> {
    let mut sent = 0;
    while sent < messages.len() {
        let rest = messages.get(sent..).unwrap_or_default();
        let series = rest.get(..series_length(buffer, rest)).unwrap_or_default();
        match send_series(socket, series) {
            Ok(count) if count == series.len() => sent += count,
            Ok(count) => return Ok(sent + count),
            Err(_) if sent > 0 => return Ok(sent),
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

/// Returns how many of these messages may wait for each other. While they do, the kernel only sends full packets,
/// whatever happens; if they filled the buffer, nothing would ever make room in it.
fn series_length(buffer: usize, messages: &[&Message]) -> usize {
    let mut room = buffer / 2;
    let fitting = messages.iter().take(BATCH).take_while(|message| {
        room = room.saturating_sub(2 * message.data.len() + COST);
        room > 0
    });
    fitting.count().max(1)
}

/// Sends messages that may share packets: all but the last wait for the following ones.
fn send_series(socket: &OwnedFd, messages: &[&Message]) -> io::Result<usize> {
    let Some((last, others)) = messages.split_last() else {
        return Ok(0);
    };
    let sent = if others.is_empty() {
        0
    } else {
        send_batch(socket, others)?
    };
    if sent < others.len() {
        return Ok(sent);
    }
    match send(socket, last.stream, message_flags(last), last.ppid, &last.data) {
        Ok(()) => Ok(sent + 1),
        Err(_) if sent > 0 => Ok(sent),
        Err(error) => Err(error),
    }
}

/// Sends all but the last of a series of messages, in one system call.
fn send_batch(socket: &OwnedFd, messages: &[&Message]) -> io::Result<usize> {
    let mut controls: Vec<_> = messages
        .iter()
        .map(|message| control(message.stream, message_flags(message), message.ppid))
        .collect();
    let mut vectors: Vec<_> = messages
        .iter()
        .map(|message| libc::iovec {
            iov_base: message.data.as_ptr().cast_mut().cast(),
            iov_len: message.data.len(),
        })
        .collect();
    let headers = vectors.iter_mut().zip(&mut controls).map(|(vector, control)| {
        // SAFETY: all-zero bytes are a valid header.
        let mut header: libc::mmsghdr = unsafe { std::mem::zeroed() };
        header.msg_hdr.msg_iov = vector;
        header.msg_hdr.msg_iovlen = 1;
        header.msg_hdr.msg_control = control.as_mut_ptr().cast();
        header.msg_hdr.msg_controllen = CONTROL_LENGTH as _;
        header
    });
    let mut headers: Vec<_> = headers.collect();
    // SAFETY: the kernel reads what the headers point to, which outlives the call and has the given lengths, and
    // writes to the headers only.
    let result = unsafe {
        libc::sendmmsg(
            socket.as_raw_fd(),
            headers.as_mut_ptr(),
            headers.len() as libc::c_uint,
            (CALL | libc::MSG_MORE) as _,
        )
    };
    checked(result as isize)
}

const fn message_flags(message: &Message) -> u16 {
    if message.unordered { UNORDERED } else { 0 }
}

/// Returns the control message with the properties of a message.
fn control(stream: u16, flags: u16, ppid: u32) -> [u8; CONTROL_LENGTH] {
    let mut control = [0; CONTROL_LENGTH];
    let parts: [&[u8]; 6] = [
        &CONTROL_LENGTH.to_ne_bytes(),
        &libc::IPPROTO_SCTP.to_ne_bytes(),
        &SNDINFO.to_ne_bytes(),
        &stream.to_ne_bytes(),
        &flags.to_ne_bytes(),
        &ppid.to_be_bytes(),
        // Context and association stay zero: they do not matter here.
    ];
    let mut at = 0;
    for part in parts {
        control[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    control
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_leaves_half_of_the_buffer_and_is_never_empty() {
        let length = |buffer: usize, count: usize, bytes: usize| {
            let message = Message::new(0, vec![0; bytes]);
            series_length(buffer, &vec![&message; count])
        };
        assert_eq!(length(128 * 1024, 1_000, 20), 41);
        assert_eq!(length(1 << 20, 1_000, 20), BATCH);
        assert_eq!(length(1 << 20, 3, 20), 3);
        assert_eq!(length(128 * 1024, 10, 60_000), 1);
        assert_eq!(length(0, 10, 1), 1);
    }
}
