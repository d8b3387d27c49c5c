//! The signals by which a terminal, a service manager or a container asks a program to end: SIGINT, SIGTERM and
//! SIGHUP.
//!
//! The first one ends the program in order, any further one at once. Handlers are needed even where the default action
//! would do: process 1 of a container gets only signals that it handles.

use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

/// Watches for signals, as long as the process lives.
#[derive(Clone)]
pub struct Interruption {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    asked: OnceLock<Signal>,
    end_in_order: OnceLock<Order>,
}

/// How the program ends in order.
struct Order {
    end: Box<dyn Fn() + Send + Sync>,
    patience: Duration,
}

/// A signal that asks for the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal(i32);

impl Interruption {
    /// Begins to watch. A signal ends the process at once until [`Self::end_in_order`] is called.
    ///
    /// # Errors
    /// Returns an error if the handlers or their thread cannot be installed.
    pub fn watch() -> io::Result<Self> {
        let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter();
        // Whoever starts a program with nohup wants it to outlive the terminal.
        let wanted = wanted.filter(|number| *number != SIGHUP || !is_ignored(SIGHUP));
        let mut signals = Signals::new(wanted)?;
        let shared = Arc::<Shared>::default();
        let watching = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("signals".into())
            .stack_size(128 << 10)
            .spawn(move || {
                for number in &mut signals {
                    watching.handle(Signal(number));
                }
            })?;
        Ok(Self { shared })
    }

    /// Lets the first signal call `end`, on another thread, instead of ending the process. If that has not ended after
    /// `patience`, it is ended all the same: an end in order may depend on others, such as a reader of its output. Only
    /// the first call of this method counts.
    pub fn end_in_order(&self, patience: Duration, end: impl Fn() + Send + Sync + 'static) {
        let end = Box::new(end);
        let _ = self.shared.end_in_order.set(Order { end, patience });
    }

    /// Returns the signal that asked for an end in order, if there was one.
    #[must_use]
    pub fn signal(&self) -> Option<Signal> {
        self.shared.asked.get().copied()
    }
}

impl Shared {
    fn handle(&self, signal: Signal) {
        match self.end_in_order.get() {
            Some(order) if self.asked.set(signal).is_ok() => {
                (order.end)();
                signal.end_within(order.patience);
            }
            _ => signal.end_at_once(),
        }
    }
}

impl Signal {
    /// Returns the exit status of a program that this signal ended, as shells count it.
    #[must_use]
    pub fn exit_status(self) -> u8 {
        // The largest signal is 64.
        u8::try_from(128 + self.0).unwrap_or(u8::MAX)
    }

    /// Ends the process after this time if it has not ended by itself.
    fn end_within(self, patience: Duration) {
        let spawned = std::thread::Builder::new()
            .name("patience".into())
            .spawn(move || {
                std::thread::sleep(patience);
                self.end_at_once();
            });
        if spawned.is_err() {
            self.end_at_once();
        }
    }

    fn end_at_once(self) {
        end_at_once(self.exit_status());
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match low_level::signal_name(self.0) {
            Some(name) => f.write_str(name),
            None => write!(f, "signal {}", self.0),
        }
    }
}

/// Ends the process with an exit status, without any clean-up, which might hang or fail.
pub fn end_at_once(status: u8) {
    low_level::exit(status.into());
}

/// Returns whether this process was started with a signal ignored. Unknown without `/proc`.
fn is_ignored(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_has_a_name_and_an_exit_status() {
        let told = [SIGINT, SIGTERM, SIGHUP].map(|number| {
            let signal = Signal(number);
            (signal.to_string(), signal.exit_status())
        });
        let expected = [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)];
        assert_eq!(told, expected.map(|(name, status)| (name.to_owned(), status)));
    }

    #[test]
    fn the_first_signal_asks_for_an_end_in_order() {
        let interruption = Interruption::watch().unwrap();
        let (sender, ended) = std::sync::mpsc::channel();
        interruption.end_in_order(Duration::from_secs(3600), move || {
            let _ = sender.send(());
        });
        assert_eq!(interruption.signal(), None);
        low_level::raise(SIGTERM).unwrap();
        ended.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(interruption.signal(), Some(Signal(SIGTERM)));
    }

    #[test]
    fn what_is_ignored_is_known() {
        // Rust's own start does this.
        assert!(is_ignored(signal_hook::consts::SIGPIPE));
        assert!(!is_ignored(signal_hook::consts::SIGUSR2));
    }
}
