//! The model and the supervisor together, without a window.
