//! An association to a registrar: a blocking socket of the kernel's SCTP.

use std::io::{IoSlice, Read};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;
use std::time::Duration;

use anyhow::{Context, ensure};
use nix::libc;
use socket2::{Domain, MsgHdr, Protocol, Socket, Type};
use wire::Ppid;
use wire::asap::Message;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Larger than any answer here.
const LARGEST: usize = 16 * 1024;

/// An association to a registrar.
pub(crate) struct Connection {
    socket: Socket,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(own: IpAddr, registrar: SocketAddr) -> anyhow::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::SCTP)).context("no SCTP here")?;
        socket.bind(&SocketAddr::new(own, 0).into())?;
        socket.connect(&registrar.into())?;
        send_at_once(&socket)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            socket,
            buffer: vec![0; LARGEST],
        })
    }

    #[allow(dead_code, reason = "not every program that includes this waits")]
    /// Waits for messages without limit from now on.
    pub(crate) fn wait_for_ever(&self) -> anyhow::Result<()> {
        Ok(self.socket.set_read_timeout(None)?)
    }

    /// Receives the next message.
    pub(crate) fn receive(&mut self) -> anyhow::Result<Message> {
        let length = self.socket.read(&mut self.buffer).context("no answer")?;
        Ok(Message::decode(self.buffer.get(..length).unwrap_or_default())?.message)
    }

    /// Sends a message with ASAP's payload protocol identifier (`struct sctp_sndinfo`, RFC 6458 section 5.3.4).
    pub(crate) fn send(&self, bytes: &[u8]) -> anyhow::Result<()> {
        const SNDINFO: i32 = 2;
        const IPPROTO_SCTP: i32 = 132;
        let mut control = Vec::with_capacity(32);
        control.extend(32_usize.to_ne_bytes());
        control.extend(IPPROTO_SCTP.to_ne_bytes());
        control.extend(SNDINFO.to_ne_bytes());
        control.extend([0; 4]);
        control.extend(Ppid::ASAP.0.to_be_bytes());
        control.extend([0; 8]);
        let buffers = [IoSlice::new(bytes)];
        let message = MsgHdr::new().with_buffers(&buffers).with_control(&control);
        self.socket.sendmsg(&message, 0).context("cannot send")?;
        Ok(())
    }
}

/// Requests do not wait for the acknowledgement of the one before (SCTP_NODELAY, RFC 6458 section 8.1.5): that would measure
/// how long the registrar's kernel delays it.
#[expect(unsafe_code, reason = "socket2 has no options of SCTP")]
fn send_at_once(socket: &Socket) -> anyhow::Result<()> {
    const IPPROTO_SCTP: libc::c_int = 132;
    const SCTP_NODELAY: libc::c_int = 3;
    let on: libc::c_int = 1;
    // SAFETY: the pointer and the length are those of a local variable.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            IPPROTO_SCTP,
            SCTP_NODELAY,
            (&raw const on).cast(),
            size_of_val(&on) as libc::socklen_t,
        )
    };
    ensure!(result == 0, "{}", std::io::Error::last_os_error());
    Ok(())
}
