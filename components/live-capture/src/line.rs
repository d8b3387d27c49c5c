//! Lines of JSON on a socket, from those who may send anything or nothing.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long a line may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Writes a value as a line.
pub(crate) fn write(mut socket: &UnixStream, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.write_all(&line)
}

/// Reads a value that is a line of about so many bytes at most. What follows the line is lost: nothing does.
pub(crate) fn read<T: DeserializeOwned>(socket: &UnixStream, most: usize) -> io::Result<T> {
    let line = read_line(socket, most)?;
    Ok(serde_json::from_slice(&line)?)
}

fn read_line(mut socket: &UnixStream, most: usize) -> io::Result<Vec<u8>> {
    let until = Instant::now() + PATIENCE;
    let mut line = Vec::new();
    let mut buffer = vec![0; 4_096.min(most)];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        socket.set_read_timeout(Some(left))?;
        let read = match socket.read(&mut buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => buffer.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        match read.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                line.extend(read.get(..end).unwrap_or_default());
                return Ok(line);
            }
            None => line.extend(read),
        }
        if line.len() > most {
            return Err(io::Error::new(ErrorKind::InvalidData, "the line is too long"));
        }
    }
}
