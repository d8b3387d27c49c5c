//! How many updates a second the model takes.

fn main() {}
