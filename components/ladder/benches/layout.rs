//! How long the layout of large charts takes.

fn main() {}
