//! A thread that writes to a stream that may block, with a bounded queue.
//!
//! Standard output and standard error of a supervised component are pipes: while they are not read, writes block.
//! The protocols must not wait for that.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A stream with a queue. Clones share both.
#[derive(Clone)]
pub(crate) struct OutputThread {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    pieces: VecDeque<Vec<u8>>,
    /// The size of `pieces` and of the piece being written, in bytes.
    bytes: usize,
    /// Whether the stream is broken: everything is then discarded.
    broken: bool,
}

impl OutputThread {
    /// Starts the thread, which lives as long as the process.
    pub(crate) fn spawn(name: &str, mut stream: impl Write + Send + 'static) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            changed: Condvar::new(),
        });
        let writer = Arc::clone(&shared);
        std::thread::Builder::new()
            .name(name.into())
            .stack_size(64 << 10)
            .spawn(move || writer.write_all_pieces(&mut stream))?;
        Ok(Self { shared })
    }

    /// Returns the number of bytes that have not been written yet.
    pub(crate) fn queued_bytes(&self) -> usize {
        self.shared.lock().bytes
    }

    /// Returns whether the stream is broken, which is known after the first piece that could not be written.
    pub(crate) fn is_broken(&self) -> bool {
        self.shared.lock().broken
    }

    /// Queues a piece unless the queue would then exceed `limit` bytes. Returns whether it was queued.
    pub(crate) fn try_push(&self, piece: Vec<u8>, limit: usize) -> bool {
        let mut queue = self.shared.lock();
        if queue.broken {
            return true;
        }
        if queue.bytes + piece.len() > limit {
            return false;
        }
        queue.bytes += piece.len();
        queue.pieces.push_back(piece);
        self.shared.changed.notify_all();
        true
    }

    /// Waits until everything is written, for at most `patience`.
    pub(crate) fn flush(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        let mut queue = self.shared.lock();
        while queue.bytes > 0 && !queue.broken {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            queue = self
                .shared
                .changed
                .wait_timeout(queue, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_all_pieces(&self, stream: &mut impl Write) {
        loop {
            let mut queue = self.lock();
            let piece = loop {
                match queue.pieces.pop_front() {
                    Some(piece) => break piece,
                    None => {
                        queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                    }
                }
            };
            drop(queue);
            let outcome = stream.write_all(&piece).and_then(|()| stream.flush());
            let mut queue = self.lock();
            queue.bytes -= piece.len();
            if outcome.is_err() {
                *queue = Queue {
                    broken: true,
                    ..Queue::default()
                };
            }
            drop(queue);
            self.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Writes when it is allowed to, and reports what it wrote.
    struct HeldWriter {
        released: mpsc::Receiver<()>,
        written: mpsc::Sender<Vec<u8>>,
    }

    impl Write for HeldWriter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.released.recv().map_err(|_| std::io::ErrorKind::BrokenPipe)?;
            let _ = self.written.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn held() -> (OutputThread, mpsc::Sender<()>, mpsc::Receiver<Vec<u8>>) {
        let (release, released) = mpsc::channel();
        let (written, seen) = mpsc::channel();
        let thread = OutputThread::spawn("test", HeldWriter { released, written }).unwrap();
        (thread, release, seen)
    }

    #[test]
    fn a_blocked_stream_does_not_block_the_caller() {
        let (thread, release, seen) = held();
        assert!(thread.try_push(vec![1; 60], 100));
        assert!(!thread.try_push(vec![2; 60], 100));
        assert!(thread.try_push(vec![3; 40], 100));
        assert_eq!(thread.queued_bytes(), 100);
        release.send(()).unwrap();
        release.send(()).unwrap();
        assert_eq!(seen.recv().unwrap(), vec![1; 60]);
        assert_eq!(seen.recv().unwrap(), vec![3; 40]);
        thread.flush(Duration::from_secs(60));
        assert_eq!(thread.queued_bytes(), 0);
    }

    #[test]
    fn a_broken_stream_takes_everything() {
        let (thread, release, _) = held();
        drop(release);
        assert!(thread.try_push(vec![1; 60], 100));
        thread.flush(Duration::from_secs(60));
        assert!(thread.is_broken());
        for _ in 0..100 {
            assert!(thread.try_push(vec![2; 60], 100));
        }
        assert_eq!(thread.queued_bytes(), 0);
    }
}
