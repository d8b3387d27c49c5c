//! Receives messages and notifications, with the end-of-record flag that `sctp-rs` hides, and several in one system
//! call (RFC 6458 section 8).
#![expect(
    unsafe_code,
    reason = "no crate receives what SCTP says besides the data; what is passed are pointers to local buffers"
)]

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};

use nix::libc;

use super::system::{SOL_SCTP, STORAGE, address_in, checked};

const RCVINFO: i32 = 3;
const MSG_NOTIFICATION: i32 = 0x8000;

/// The result of a receive call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Received {
    /// The number of bytes in the buffer.
    pub(super) length: usize,
    /// Whether the bytes are a notification rather than data.
    pub(super) notification: bool,
    /// Whether the message ends here.
    pub(super) end_of_record: bool,
    /// The source address, if the kernel reports it.
    pub(super) source: Option<SocketAddr>,
    /// The kernel's information about the data.
    pub(super) info: Option<Info>,
}

/// The relevant parts of `struct sctp_rcvinfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Info {
    pub(super) stream: u16,
    pub(super) flags: u16,
    /// In host byte order.
    pub(super) ppid: u32,
    pub(super) association: i32,
}

/// Receives a message, a part of one, or a notification, without waiting. Receive information must be enabled on the
/// socket.
pub(super) fn receive(socket: &impl AsFd, buffer: &mut [u8]) -> io::Result<Received> {
    let mut control = [0_u64; 16];
    let mut name = [0_u8; STORAGE];
    let mut vector = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    // SAFETY: all-zero bytes are a valid msghdr.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_name = name.as_mut_ptr().cast();
    header.msg_namelen = STORAGE as libc::socklen_t;
    header.msg_iov = &raw mut vector;
    header.msg_iovlen = 1;
    header.msg_control = control.as_mut_ptr().cast();
    header.msg_controllen = size_of_val(&control) as _;
    // SAFETY: all buffers that the header points to outlive the call and have the given lengths.
    let result = unsafe { libc::recvmsg(socket.as_fd().as_raw_fd(), &raw mut header, libc::MSG_DONTWAIT) };
    let length = checked(result)?;
    let control_length = (header.msg_controllen as usize).min(size_of_val(&control));
    let control: Vec<u8> = control.iter().flat_map(|word| word.to_ne_bytes()).collect();
    Ok(Received {
        length,
        notification: header.msg_flags & MSG_NOTIFICATION != 0,
        end_of_record: header.msg_flags & libc::MSG_EOR != 0,
        source: address_in(&name)
            .map(|address| SocketAddr::new(address, u16::from_be_bytes([name[2], name[3]]))),
        info: receive_information(control.get(..control_length).unwrap_or_default()),
    })
}

/// Buffers for receiving several messages or parts of them in one system call.
pub(super) struct Batch {
    size: usize,
    space: Vec<u8>,
    control: Vec<[u64; 8]>,
    received: Vec<Received>,
}

impl Batch {
    /// The maximum number of messages, or parts of them, in a batch.
    pub(super) const LENGTH: usize = 16;

    /// Creates a batch for messages of at most this many bytes. Memory that no message has touched is merely
    /// reserved.
    pub(super) fn new(size: usize) -> Self {
        Self {
            size,
            space: vec![0; size * Self::LENGTH],
            control: vec![[0; 8]; Self::LENGTH],
            received: Vec::with_capacity(Self::LENGTH),
        }
    }

    /// Returns what has been received, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Received, &[u8])> {
        let pieces = self.space.chunks(self.size.max(1));
        let pieces = self.received.iter().zip(pieces);
        pieces.map(|(received, piece)| (*received, piece.get(..received.length).unwrap_or_default()))
    }

    /// Returns whether there may be more.
    pub(super) fn is_full(&self) -> bool {
        self.received.len() == Self::LENGTH
    }
}

/// Receives as much as is available and fits, without waiting, from a socket that has one association and on which
/// receive information is enabled.
pub(super) fn receive_batch(socket: &impl AsFd, batch: &mut Batch) -> io::Result<()> {
    batch.received.clear();
    let size = batch.size;
    let mut vectors: [libc::iovec; Batch::LENGTH] = std::array::from_fn(|at| libc::iovec {
        iov_base: batch.space[at * size..].as_mut_ptr().cast(),
        iov_len: size,
    });
    // SAFETY: all-zero bytes are valid headers.
    let mut headers: [libc::mmsghdr; Batch::LENGTH] = unsafe { std::mem::zeroed() };
    for ((header, vector), control) in headers.iter_mut().zip(&mut vectors).zip(&mut batch.control) {
        header.msg_hdr.msg_iov = vector;
        header.msg_hdr.msg_iovlen = 1;
        header.msg_hdr.msg_control = control.as_mut_ptr().cast();
        header.msg_hdr.msg_controllen = size_of_val(control) as _;
    }
    // SAFETY: all buffers that the headers point to outlive the call and have the given lengths.
    let result = unsafe {
        libc::recvmmsg(
            socket.as_fd().as_raw_fd(),
            headers.as_mut_ptr(),
            Batch::LENGTH as libc::c_uint,
            libc::MSG_DONTWAIT as _,
            std::ptr::null_mut(),
        )
    };
    let count = checked(result as isize)?;
    for (header, control) in headers.iter().zip(&batch.control).take(count) {
        let flags = header.msg_hdr.msg_flags;
        let length = header.msg_hdr.msg_controllen.min(size_of_val(control));
        let control: [u8; 64] = std::array::from_fn(|at| control[at / 8].to_ne_bytes()[at % 8]);
        batch.received.push(Received {
            length: (header.msg_len as usize).min(size),
            notification: flags & MSG_NOTIFICATION != 0,
            end_of_record: flags & libc::MSG_EOR != 0,
            source: None,
            info: receive_information(control.get(..length).unwrap_or_default()),
        });
    }
    Ok(())
}

/// Finds `struct sctp_rcvinfo` among control messages.
fn receive_information(mut control: &[u8]) -> Option<Info> {
    const HEADER: usize = size_of::<libc::cmsghdr>();
    loop {
        let length = usize::from_ne_bytes(control.get(..8)?.try_into().ok()?);
        let level = i32::from_ne_bytes(control.get(8..12)?.try_into().ok()?);
        let kind = i32::from_ne_bytes(control.get(12..16)?.try_into().ok()?);
        if (level, kind) == (SOL_SCTP, RCVINFO) {
            let data = control.get(HEADER..length)?;
            let short = |at: usize| Some(u16::from_ne_bytes(data.get(at..at + 2)?.try_into().ok()?));
            return Some(Info {
                stream: short(0)?,
                flags: short(4)?,
                ppid: u32::from_be_bytes(data.get(8..12)?.try_into().ok()?),
                association: i32::from_ne_bytes(data.get(24..28)?.try_into().ok()?),
            });
        }
        control = control.get(length.max(HEADER).next_multiple_of(8)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receive_information_is_found_behind_other_control_messages() {
        let message = |kind: i32, data: &[u8]| {
            let mut bytes = (16 + data.len()).to_ne_bytes().to_vec();
            bytes.extend(SOL_SCTP.to_ne_bytes());
            bytes.extend(kind.to_ne_bytes());
            bytes.extend(data);
            bytes.resize(bytes.len().next_multiple_of(8), 0);
            bytes
        };
        let mut data = vec![0; 28];
        data[..2].copy_from_slice(&7_u16.to_ne_bytes());
        data[4..6].copy_from_slice(&1_u16.to_ne_bytes());
        data[8..12].copy_from_slice(&11_u32.to_be_bytes());
        data[24..28].copy_from_slice(&5_i32.to_ne_bytes());
        let mut control = message(1, &[1, 2, 3]);
        control.extend(message(RCVINFO, &data));
        let info = Info {
            stream: 7,
            flags: 1,
            ppid: 11,
            association: 5,
        };
        assert_eq!(receive_information(&control), Some(info));
        for length in 0..control.len() - 4 {
            // However short the input is, it must not panic.
            receive_information(&control[..length]);
        }
        assert_eq!(receive_information(&message(1, &[0; 40])), None);
        // A length of zero must not cause an endless loop.
        assert_eq!(receive_information(&[0; 64]), None);
    }
}
