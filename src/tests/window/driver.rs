//! Drives the real program in its real window through its accessibility tree, as a screen reader and a mouse would.

use std::cell::Cell;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use egui::accesskit::{self, Role};
use egui::{Event, Key, Modifiers, PointerButton, Pos2};
use egui_inspection::protocol::{Request, Response, read_handshake, read_message, write_message};
use tempfile::TempDir;

use crate::display::Display;

/// How long a test waits before it gives up; generous, since test machines are busy.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long people need to see what has appeared, and longer than a double click takes.
const REACTION: Duration = Duration::from_millis(600);

/// The running program.
pub(crate) struct Window {
    program: Child,
    connection: TcpStream,
    /// What the program would otherwise keep in the user's own folders.
    home: TempDir,
}

/// A node of the accessibility tree.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) role: Role,
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) disabled: bool,
    pub(crate) bounds: Option<accesskit::Rect>,
}

impl Window {
    /// Starts the program on the display, and waits until it responds.
    pub(crate) fn open(display: &Display, arguments: &[&str]) -> Self {
        // A port that was free a moment ago; the inspection server cannot choose one itself.
        let address = TcpListener::bind("127.0.0.1:0")
            .and_then(|socket| socket.local_addr())
            .expect("a free port");
        let home = tempfile::tempdir().expect("a folder");
        let program = Command::new(env!("CARGO_BIN_EXE_poolscope"))
            .args(arguments)
            .env("DISPLAY", display.name())
            .env_remove("WAYLAND_DISPLAY")
            .env("XDG_DATA_HOME", home.path())
            .env("XDG_STATE_HOME", home.path())
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("EGUI_INSPECTION", address.to_string())
            .stdin(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut program = Some(program);
        let started = Instant::now();
        let connection = loop {
            match TcpStream::connect(address) {
                Ok(connection) => break connection,
                Err(error) => {
                    let child = program.as_mut().expect("not taken yet");
                    if let Some(status) = child.try_wait().expect("the child can be asked") {
                        panic!("the program ended at once with {status}");
                    }
                    assert!(started.elapsed() < PATIENCE, "the window does not open: {error}");
                    // There is no notification when another process listens: try again.
                    std::thread::park_timeout(Duration::from_millis(20));
                }
            }
        };
        connection
            .set_read_timeout(Some(PATIENCE))
            .expect("a time-out can be set");
        read_handshake(&connection).expect("the inspection protocol");
        Self {
            program: program.take().expect("not taken yet"),
            connection,
            home,
        }
    }

    /// Returns the folder in which recordings are made.
    pub(crate) fn recordings(&self) -> PathBuf {
        self.home.path().join("poolscope/recordings")
    }

    fn ask(&self, request: &Request) -> Response {
        write_message(&self.connection, request).expect("the program listens");
        match read_message(&self.connection).expect("the program answers") {
            Response::Error { message } => panic!("{request:?}: {message}"),
            response => response,
        }
    }

    /// Returns all nodes of the next frame.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        let Response::Tree {
            accesskit: Some(update),
            ..
        } = self.ask(&Request::GetTree)
        else {
            return Vec::new();
        };
        update
            .nodes
            .iter()
            .map(|(_, node)| Node {
                role: node.role(),
                label: node.label().unwrap_or_default().to_owned(),
                value: node.value().unwrap_or_default().to_owned(),
                disabled: node.is_disabled(),
                bounds: node.bounds(),
            })
            .collect()
    }

    /// Waits until `found` returns something for the nodes of a frame, and returns that.
    pub(crate) fn wait_for<T>(&self, what: &str, found: impl Fn(&[Node]) -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            let nodes = self.nodes();
            if let Some(found) = found(&nodes) {
                return found;
            }
            if started.elapsed() > PATIENCE {
                let picture = std::env::temp_dir().join("poolscope-window-failure.png");
                self.save_screenshot(&picture);
                let mut words: Vec<_> = nodes
                    .iter()
                    .map(|node| format!("{:?} {:?} {:?}", node.role, node.label, node.value))
                    .collect();
                words.sort();
                panic!(
                    "never seen: {what}; last frame in {}; nodes:\n{}",
                    picture.display(),
                    words.join("\n")
                );
            }
            // Every response already took a frame; a short pause leaves the processor to the components.
            std::thread::park_timeout(Duration::from_millis(30));
        }
    }

    /// Clicks the middle of the node with this label, or whose label begins with it if it ends in `…`, once it has
    /// been there for as long as people need to see it: the window ignores earlier clicks.
    pub(crate) fn click(&self, label: &str) {
        let seen: Cell<Option<(accesskit::Rect, Instant)>> = Cell::default();
        let node = self.wait_for(label, |nodes| {
            let node = find(nodes, label).filter(|node| !node.disabled);
            let Some(bounds) = node.as_ref().and_then(|node| node.bounds) else {
                seen.set(None);
                return None;
            };
            let since = match seen.get() {
                Some((before, since)) if before == bounds => since,
                _ => Instant::now(),
            };
            seen.set(Some((bounds, since)));
            node.filter(|_| since.elapsed() >= REACTION)
        });
        let bounds = node.bounds.expect("just checked");
        let pos = Pos2::new(
            ((bounds.x0 + bounds.x1) / 2.0) as f32,
            ((bounds.y0 + bounds.y1) / 2.0) as f32,
        );
        let button = |pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.apply(vec![Event::PointerMoved(pos)]);
        self.apply(vec![button(true)]);
        self.apply(vec![button(false)]);
    }

    /// Presses and releases a key.
    pub(crate) fn press(&self, key: Key, modifiers: Modifiers) {
        let event = |pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers,
        };
        self.apply(vec![event(true), event(false)]);
    }

    fn apply(&self, events: Vec<Event>) {
        self.ask(&Request::ApplyEvents { events });
    }

    /// Resizes the window to this size in points.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        self.ask(&Request::Resize { width, height });
    }

    /// Writes a screenshot of the window.
    pub(crate) fn save_screenshot(&self, path: &Path) {
        if let Response::Screenshot(png) = self.ask(&Request::GetScreenshot {
            pixels_per_point: None,
        }) {
            std::fs::write(path, png.bytes).expect("the picture can be written");
        }
    }

    /// Returns the program's process identifier.
    pub(crate) fn pid(&self) -> u32 {
        self.program.id()
    }

    /// Kills the program as a crash would, and waits until it has ended.
    pub(crate) fn kill(&mut self) -> io::Result<ExitStatus> {
        self.program.kill()?;
        self.program.wait()
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

fn find(nodes: &[Node], label: &str) -> Option<Node> {
    let matches = |node: &&Node| match label.strip_suffix('…') {
        Some(beginning) => node.label.starts_with(beginning) || node.value.starts_with(beginning),
        None => node.label == label || node.value == label,
    };
    nodes.iter().find(matches).cloned()
}
