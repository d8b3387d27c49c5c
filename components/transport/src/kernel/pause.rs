//! Pauses without a timer of the runtime.

use std::time::Duration;

use tokio::sync::oneshot;

/// Waits without tokio's timers: a runtime with timers reads the clock several times per message.
pub(super) async fn pause(duration: Duration) {
    let (done, over) = oneshot::channel();
    let sleeper = std::thread::Builder::new().spawn(move || {
        std::thread::sleep(duration);
        let _: Result<(), ()> = done.send(());
    });
    if sleeper.is_ok() {
        let _ = over.await;
    }
}
