//! Poolscope: the control centre of a live Reliable Server Pooling demonstration.

use std::process::ExitCode;

fn main() -> ExitCode {
    poolscope::cli::main()
}
