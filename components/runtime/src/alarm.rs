//! The timer of the driver: one descriptor, which is only set again when the next deadline is earlier than the
//! current one.
//!
//! A timer of the runtime is created anew for each wait, so it would read the clock several times per message, and
//! it wakes the runtime whenever its deadline is the earliest. Where reading the clock is a system call, that is
//! most of the cost of a message.

#![expect(
    unsafe_code,
    reason = "tokio cannot know that a descriptor stays open as long as it watches it"
)]

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use protocol::Time;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Wakes the driver.
pub(crate) enum Alarm {
    /// A timer descriptor.
    Descriptor {
        timer: AsyncFd<OwnedFd>,
        /// When it fires.
        set_to: Option<Time>,
    },
    /// A timer of the runtime, whose time may be virtual.
    #[cfg(test)]
    Runtime(crate::Clock),
}

impl Alarm {
    /// Creates an alarm that is not set.
    ///
    /// # Errors
    /// Returns an error if the system has no descriptor left.
    pub(crate) fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        Ok(Self::Descriptor {
            // SAFETY: the owned descriptor stays open and unchanged until it is dropped with its registration.
            timer: unsafe { AsyncFd::register_with_interest(timer, Interest::READABLE) }?,
            set_to: None,
        })
    }

    /// Waits until a deadline, or forever without one; may return early. `now` is a recent time. Cancellation-safe.
    pub(crate) async fn wait(&mut self, now: Time, deadline: Option<Time>) {
        let Some(deadline) = deadline else {
            return std::future::pending().await;
        };
        match self {
            Self::Descriptor { timer, set_to } => {
                if set_to.is_none_or(|at| deadline < at) {
                    if let Err(error) = set(timer.get_ref(), deadline.saturating_since(now)) {
                        // Better to wake too early than never.
                        tracing::warn!(%error, "cannot set a timer");
                        return tokio::task::yield_now().await;
                    }
                    *set_to = Some(deadline);
                }
                if let Ok(mut fired) = timer.readable().await {
                    fired.clear_ready();
                    *set_to = None;
                }
            }
            #[cfg(test)]
            Self::Runtime(clock) => tokio::time::sleep_until(clock.instant(deadline)).await,
        }
    }
}

/// Sets the timer; it becomes readable after this duration. Setting it again also resets its readability.
fn set(timer: impl AsFd, after: Duration) -> io::Result<()> {
    // Zero would disarm the timer; durations that cannot be represented are as good as a year.
    let after = after.clamp(Duration::from_nanos(1), Duration::from_secs(31_536_000));
    let zero = Timespec::default();
    let setting = Itimerspec {
        it_interval: zero,
        it_value: Timespec {
            tv_sec: after.as_secs() as i64,
            tv_nsec: after.subsec_nanos().into(),
        },
    };
    timerfd_settime(timer, TimerfdTimerFlags::empty(), &setting)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clock;

    /// Waits with one alarm for several deadlines in turn, in milliseconds from now.
    async fn wait_for_all(deadlines: &[u64]) {
        let clock = Clock::start();
        let mut alarm = Alarm::new().unwrap();
        for deadline in deadlines {
            let deadline = Time::from_origin(Duration::from_millis(*deadline));
            while clock.now() < deadline {
                alarm.wait(clock.now(), Some(deadline)).await;
            }
        }
    }

    #[tokio::test]
    async fn it_comes_back_at_deadlines_in_any_order() {
        wait_for_all(&[20, 5, 30, 40, 41, 41, 0]).await;
    }

    #[tokio::test]
    async fn an_earlier_deadline_replaces_a_later_one_and_a_later_one_is_waited_for_again() {
        let clock = Clock::start();
        let mut alarm = Alarm::new().unwrap();
        let at = |milliseconds| Time::from_origin(Duration::from_millis(milliseconds));
        tokio::select! {
            biased;
            () = alarm.wait(clock.now(), Some(at(3_600_000))) => panic!("an hour is not over"),
            () = tokio::task::yield_now() => {}
        }
        while clock.now() < at(10) {
            alarm.wait(clock.now(), Some(at(10))).await;
        }
        while clock.now() < at(20) {
            alarm.wait(clock.now(), Some(at(20))).await;
        }
    }

    #[tokio::test]
    async fn without_a_deadline_it_never_comes_back() {
        let mut alarm = Alarm::new().unwrap();
        tokio::select! {
            biased;
            () = alarm.wait(Time::ZERO, None) => panic!("nobody has set it"),
            () = tokio::task::yield_now() => {}
        }
    }
}
