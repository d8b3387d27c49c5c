//! What the environment of other programs, and the names of hosts, do to components.

use laboratory::Lab;
use nix::sys::signal::Signal;

use crate::fixture::{Folder, PROGRAM, SHORT, text};

#[test]
fn the_environment_of_other_programs_does_not_stop_a_stage() {
    let folder = Folder::with(SHORT);
    for (server, interval) in [("localhost:2960", "100"), ("no host at all", "soon"), ("", "")] {
        let output = folder
            .play(&["--report=report.json"])
            .env("CSP_SERVER", server)
            .env("CSP_INTERVAL", interval)
            .output()
            .expect("it can be started");
        assert!(output.status.success(), "{}", text(&output));
        assert_eq!(folder.report()["rounds"][0]["problems"], serde_json::json!([]));
    }
}

#[test]
fn a_component_by_hand_takes_names_and_starts_whatever_the_environment_says() {
    let lab = Lab::new(PROGRAM);
    // Loopback addresses of its own, for a test that runs at the same time.
    let address = format!(
        "127.79.{}.{}",
        std::process::id() >> 8 & 0xff,
        std::process::id() & 0xff | 1
    );
    let off = ["--asap-announce=off", "--enrp-announce=off"];
    let mut registrar = lab.start("registrar", &[off[0], off[1], "--address", &address]);
    registrar.wait_ready();
    let mut element = lab.start("pool-element", &[off[0], "--registrar", &address]);
    element.wait_ready();
    element.signal(Signal::SIGTERM);
    assert!(element.wait().success());
    let mut nowhere = lab.start("pool-element", &[off[0], "--registrar=nowhere.invalid"]);
    assert_eq!(nowhere.wait().code(), Some(1));
    let told = nowhere.log();
    assert!(
        told.contains("--registrar: the name nowhere.invalid cannot be resolved"),
        "{told}"
    );
}
