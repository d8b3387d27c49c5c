//! An X server without a screen, for the time of a test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A virtual display; it ends with this value.
pub(crate) struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Starts a display of this size in pixels on a number that nobody uses.
    ///
    /// `None` if the machine has no `Xvfb`; that is said loudly, and is a failure where everything is required to run.
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
        // The server writes its display number once it takes connections.
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

    /// What belongs into `DISPLAY`.
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
