//! Real component processes under observation: for tests, and for measurements that need no window.
//!
//! A [`Lab`] starts processes that find only each other; a [`Process`] is observed through its feed and its log. A
//! [`Crowd`] consists of many pool elements in this process that are merely registered. [`Figures`] are measured
//! values. [`Supervised`] components are started as a control centre starts them. A [`Stranger`] claims addresses that are not its own. Nothing here waits for a fixed time: everything
//! waits for an event.
//!
//! A measurement begins with [`begin`]: its processes run its own program, so that no other program has to be built.
//!
//! Above `registrar`, `pool-element` and `pool-user`; the control centre's process tests use it as well.

mod component;
mod crowd;
mod figures;
mod lab;
mod stranger;
mod supervised;

pub use component::begin;
pub use crowd::Crowd;
pub use figures::Figures;
pub use lab::{Lab, Process};
pub use stranger::Stranger;
pub use supervised::Supervised;
