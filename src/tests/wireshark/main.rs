//! What the program has to do with captures: it decodes them, and Wireshark captures from it.
//!
//! Needs `tshark`, except where it says otherwise.

mod decode;
mod home;
mod live;

use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_poolscope");
/// The recording that the program carries.
const CARRIED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/failover-kill.pcapng.zst");

/// Returns whether tshark is there; says so if not, and what is left out.
fn has_tshark(left_out: &str) -> bool {
    if Command::new("tshark").arg("--version").output().is_ok() {
        return true;
    }
    assert!(
        std::env::var_os("POOLSCOPE_REQUIRE_ALL").is_none(),
        "tshark is missing, so {left_out}"
    );
    eprintln!("LEFT OUT: {left_out}: tshark is missing");
    false
}

#[track_caller]
fn succeeded(output: Output) -> String {
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {problem}", output.status);
    String::from_utf8(output.stdout).expect("it writes text")
}
