//! The end of the window.

use std::process::{Child, Command, Stdio};
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::display::Display;
use crate::fixture::{ENDLESS, Folder, PATIENCE, PROGRAM, children, errors, lives, wait};

/// The program with its window, and the components that it has started.
struct Window {
    program: Child,
    components: Vec<Pid>,
    /// Holds the scenario, and the recording that every demonstration gets.
    _folder: Folder,
}

impl Window {
    fn open(folder: Folder, display: &Display) -> Self {
        let mut program = Command::new(PROGRAM)
            .args(["run", "scenario.json", "--status-reports=off"])
            .current_dir(folder.path())
            .env("DISPLAY", display.name())
            .env_remove("WAYLAND_DISPLAY")
            .env("XDG_DATA_HOME", folder.path())
            .env("XDG_STATE_HOME", folder.path())
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // Components are started when there is a window.
        let deadline = Instant::now() + PATIENCE;
        let pid = Pid::from_raw(program.id().cast_signed());
        loop {
            let components = children(pid);
            if components.len() == 2 {
                return Self {
                    program,
                    components,
                    _folder: folder,
                };
            }
            let ended = program.try_wait().expect("it is our child");
            assert_eq!(ended, None, "{}", errors(&mut program));
            assert!(Instant::now() < deadline, "the window does not open");
            std::thread::yield_now();
        }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.program.id().cast_signed())
    }

    /// Waits for the end of the program and its components. Returns the exit status and what it wrote.
    #[track_caller]
    fn end(mut self) -> (Option<i32>, String) {
        let status = wait(&mut self.program);
        let deadline = Instant::now() + PATIENCE;
        while self.components.iter().any(|pid| lives(*pid)) {
            assert!(Instant::now() < deadline, "there are orphans");
            std::thread::yield_now();
        }
        (status.code(), errors(&mut self.program))
    }
}

#[test]
fn a_signal_closes_the_window_in_order() {
    let Some(display) = Display::start(1024, 768) else {
        return;
    };
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let window = Window::open(Folder::with(ENDLESS), &display);
        kill(window.pid(), signal).expect("it is there");
        let (status, errors) = window.end();
        assert_eq!(status, Some(128 + signal as i32), "{errors}");
        assert_eq!(errors, "");
    }
}

#[test]
fn the_window_ends_with_its_x_server() {
    let Some(display) = Display::start(1024, 768) else {
        return;
    };
    let window = Window::open(Folder::with(ENDLESS), &display);
    drop(display);
    let (status, errors) = window.end();
    assert_eq!(status, Some(1), "{errors}");
    // The X library's own message has up to two lines.
    assert!((1..=2).contains(&errors.lines().count()), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
}
