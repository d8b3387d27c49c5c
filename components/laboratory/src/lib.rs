//! Real component processes under observation: for tests, and for measurements that need no window.
//!
//! A [`Lab`] starts processes that find each other and nobody else; a [`Process`] tells what it does by its feed and its
//! log. A [`Crowd`] is many pool elements in this process, which do nothing but be registered. [`Figures`] are
//! measurements in order. A [`Stranger`] claims to be somebody else. Nothing here waits for time to pass: everything is
//! awaited by its event.
//!
//! A measurement begins with [`begin`]: its own program is what its processes run, so that no other has to be built.
//!
//! Above `registrar`, `pool-element` and `pool-user`; the control centre's process tests use it as well.

mod component;
mod crowd;
mod figures;
mod lab;
mod stranger;

pub use component::begin;
pub use crowd::Crowd;
pub use figures::Figures;
pub use lab::{Lab, Process};
pub use stranger::Stranger;
