//! An X server without a screen, for the duration of a test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A virtual display, which ends when this is dropped.
pub(crate) struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Starts a display of this size in pixels with an unused number.
    ///
    /// Returns `None` if there is no `Xvfb` on this machine. A message says so, and it is a failure where all tests
    /// are required to run.
    pub(crate) fn start(width: u32, height: u32) -> Option<Self> {
        let server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                &format!("{width}x{height}x24"),
                "-nolisten",
                "tcp",
                "-ac",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut server = match server {
            Ok(server) => server,
            Err(error) => {
                let complaint =
                    format!("LEFT OUT: the real window was not tested, since Xvfb does not start: {error}");
                assert!(std::env::var_os("POOLSCOPE_REQUIRE_ALL").is_none(), "{complaint}");
                eprintln!("{complaint}");
                return None;
            }
        };
        // The server writes its display number once it accepts connections.
        let mut number = String::new();
        let stdout = server.stdout.take().expect("it was piped");
        BufReader::new(stdout)
            .read_line(&mut number)
            .expect("Xvfb tells its display number");
        Some(Self {
            server,
            name: format!(":{}", number.trim()),
        })
    }

    /// Returns the value for `DISPLAY`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
