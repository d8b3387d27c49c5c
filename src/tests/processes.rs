//! Real processes: a registrar, pool elements and pool users, started as by hand or by the control centre.

use std::io::Read;
use std::net::UdpSocket;
use std::process::{Command, Stdio};

use events::pool_user;
use feed::{Decoder, Event, Impairment, LinkTarget};
use laboratory::{Lab, Process};
use nix::sys::signal::Signal;
use wire::csp::Report;
use wire::{PeIdentifier, RegistrarIdentifier};

const PROGRAM: &str = env!("CARGO_BIN_EXE_poolscope");
/// Slow enough to be interrupted in mid-picture.
const CAPACITY: &str = "--capacity=20000000";
const PICTURE: [&str; 3] = ["--images=1", "--verify", "--size=256x256"];

/// A registrar, three pool elements, and a pool user with a picture in progress.
struct Fixture {
    elements: Vec<Process>,
    user: Process,
    /// The index of the serving pool element in `elements`.
    serving: usize,
    _registrar: Process,
}

fn fixture_in_mid_picture() -> Fixture {
    let lab = Lab::new(PROGRAM);
    let registrar = lab.registrar();
    let elements: Vec<Process> = (1..=3)
        .map(|identifier| lab.pool_element(identifier, &[CAPACITY]))
        .collect();
    let mut user = lab.start("pool-user", &PICTURE);
    let mut messages = 0;
    let serving = user.wait_for("pixels", |event| match event {
        Event::Pixels { pe_identifier, .. } => {
            messages += 1;
            (messages == 20).then_some(pe_identifier.0)
        }
        _ => None,
    });
    Fixture {
        elements,
        user,
        serving: serving as usize - 1,
        _registrar: registrar,
    }
}

impl Fixture {
    /// Expects the picture to continue elsewhere, and to be verified as complete.
    fn expect_failover_and_verified_picture(&mut self) {
        let left = self.serving as u32 + 1;
        let next = self.user.wait_for("a failover", |event| match event {
            Event::PoolUser(pool_user::Event::FailoverComplete { to, times, .. }) => {
                assert_eq!(times.from, PeIdentifier(left));
                Some(*to)
            }
            _ => None,
        });
        assert_ne!(next, PeIdentifier(left));
        self.user.wait_for("the picture", |event| match event {
            Event::ImageCompleted { failovers, .. } => {
                assert!(*failovers >= 1);
                Some(())
            }
            _ => None,
        });
        assert!(self.user.wait().success(), "{}", self.user.log());
        assert!(self.user.log().contains("no pixel is missing or wrong"));
    }
}

#[test]
fn a_picture_survives_the_kill_of_its_pool_element() {
    let mut fixture = fixture_in_mid_picture();
    fixture.elements[fixture.serving].signal(Signal::SIGKILL);
    fixture.expect_failover_and_verified_picture();
}

#[test]
fn a_picture_survives_the_clean_stop_of_its_pool_element() {
    let mut fixture = fixture_in_mid_picture();
    let serving = fixture.serving;
    fixture.elements[serving].command(&feed::Command::Stop);
    fixture.expect_failover_and_verified_picture();
    assert!(fixture.elements[serving].wait().success());
    assert!(fixture.elements[serving].log().contains("deregistered"));
}

#[test]
fn a_picture_survives_the_freeze_of_its_pool_element_which_comes_back() {
    let mut fixture = fixture_in_mid_picture();
    let serving = fixture.serving;
    fixture.elements[serving].signal(Signal::SIGSTOP);
    fixture.expect_failover_and_verified_picture();
    fixture.elements[serving].signal(Signal::SIGCONT);
    fixture.elements[serving].wait_for("its registration again", |event| match event {
        Event::Status { ready: false, .. } => Some(()),
        _ => None,
    });
    fixture.elements[serving].wait_ready();
}

#[test]
fn a_picture_survives_the_unplugging_of_its_pool_element() {
    let mut fixture = fixture_in_mid_picture();
    let serving = fixture.serving;
    fixture.elements[serving].command(&feed::Command::Impair {
        target: LinkTarget::All,
        impairment: Impairment::UNPLUGGED,
    });
    fixture.elements[serving].wait_for("the impairment", |event| match event {
        Event::Impairments { links } => (links.len() == 1).then_some(()),
        _ => None,
    });
    fixture.expect_failover_and_verified_picture();
}

#[test]
fn a_failover_can_be_asked_for() {
    let mut fixture = fixture_in_mid_picture();
    fixture.user.command(&feed::Command::Failover);
    fixture.expect_failover_and_verified_picture();
}

#[test]
fn a_session_breaks_off_after_so_many_messages() {
    let mut fixture = fixture_in_mid_picture();
    let serving = fixture.serving;
    fixture.elements[serving].command(&feed::Command::FailAfter { messages: 2 });
    fixture.elements[serving].command(&feed::Command::SetCapacity {
        iterations_per_second: 0,
    });
    fixture.expect_failover_and_verified_picture();
}

#[test]
fn a_pool_element_tells_what_holds_its_sessions_back() {
    let lab = Lab::new(PROGRAM);
    let wait_for = |process: &mut Process, expected: (Option<u32>, Option<u64>)| {
        process.wait_for("its limits", |event| match event {
            Event::Limits(limits) => {
                ((limits.fail_after, limits.iterations_per_second) == expected).then_some(())
            }
            _ => None,
        });
    };
    let mut fractal = lab.start("pool-element", &["--fail-after=7", "--capacity=1000000"]);
    wait_for(&mut fractal, (Some(7), Some(1_000_000)));
    fractal.command(&feed::Command::FailAfter { messages: 2 });
    wait_for(&mut fractal, (Some(2), Some(1_000_000)));
    fractal.command(&feed::Command::SetCapacity {
        iterations_per_second: 0,
    });
    wait_for(&mut fractal, (Some(2), Some(0)));
    let mut echo = lab.start("pool-element", &["--service=echo"]);
    wait_for(&mut echo, (None, None));
}

#[test]
fn sessions_over_the_limit_go_elsewhere() {
    let lab = Lab::new(PROGRAM);
    let _registrar = lab.registrar();
    let _elements: Vec<Process> = (1..=2)
        .map(|identifier| lab.pool_element(identifier, &["--max-sessions=1"]))
        .collect();
    let mut user = lab.start("pool-user", &[&PICTURE[..], &["--sessions=4"]].concat());
    assert!(user.wait().success(), "{}", user.log());
    assert!(user.log().contains("no pixel is missing or wrong"));
}

#[test]
fn an_address_in_use_is_named_with_what_to_do() {
    let lab = Lab::new(PROGRAM);
    let mut first = lab.registrar();
    let address = "--address=127.77.1.2";
    let mut holder = lab.start("registrar", &[address]);
    holder.wait_ready();
    let mut second = lab.start("pool-element", &[address]);
    assert_eq!(second.wait().code(), Some(1));
    let log = second.log();
    assert!(log.contains("127.77.1.2") && log.contains("in use"), "{log}");
    assert!(log.contains("choose another address"), "{log}");
    first.command(&feed::Command::Stop);
    assert!(first.wait().success());
}

#[test]
fn a_bad_option_and_a_foreign_address_are_named() {
    let lab = Lab::new(PROGRAM);
    let mut process = lab.start("registrar", &["--keep-alive-interval=soon"]);
    assert_eq!(process.wait().code(), Some(2));
    assert!(
        process.log().contains("--keep-alive-interval"),
        "{}",
        process.log()
    );
    let mut process = lab.start("registrar", &["--address=198.51.100.77"]);
    assert_eq!(process.wait().code(), Some(1));
    assert!(process.log().contains("198.51.100.77"), "{}", process.log());
}

#[test]
fn the_end_of_input_is_a_clean_stop() {
    let lab = Lab::new(PROGRAM);
    let mut process = lab.registrar();
    process.close_input();
    let frames = process.rest_of_feed();
    let last = frames.last().map(|frame| &frame.stamped.event);
    assert!(
        matches!(last, Some(Event::Goodbye { reason }) if reason == "end of input"),
        "{last:?}"
    );
    assert!(process.wait().success());
}

#[test]
fn a_terminated_pool_element_leaves_in_order() {
    let lab = Lab::new(PROGRAM);
    let mut registrar = lab.registrar();
    let mut element = lab.pool_element(9, &[]);
    let members = |count| {
        move |event: &Event| match event {
            Event::Handlespace { pool_elements, .. } => (*pool_elements == count).then_some(()),
            _ => None,
        }
    };
    registrar.wait_for("the registration", members(1));
    element.signal(Signal::SIGTERM);
    registrar.wait_for("the deregistration", members(0));
    assert!(element.wait().success());
    assert!(
        registrar.log().contains("it has deregistered"),
        "{}",
        registrar.log()
    );
}

#[test]
fn rubbish_on_standard_input_is_reported_and_ignored() {
    let lab = Lab::new(PROGRAM);
    let mut process = lab.registrar();
    process.write_line(b"\xff\xfe not a command");
    process.write_line(&[b'x'; 100_000]);
    process.command(&feed::Command::NewImage { width: 1, height: 1 });
    for hint in ["not a command", "more than", "this kind of component"] {
        process.wait_for(hint, |event| match event {
            Event::Problem { text } => text.contains(hint).then_some(()),
            _ => None,
        });
    }
    process.command(&feed::Command::Stop);
    assert!(process.wait().success());
}

#[test]
fn a_frozen_child_dies_with_its_killed_parent() {
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        "\"$0\" registrar --feed --asap-announce=off --enrp-announce=off; true",
    ]);
    shell.arg(PROGRAM);
    let mut parent = Process::spawn(shell, "shell");
    let child = parent.wait_for("the child's hello", |event| match event {
        Event::Hello { pid, .. } => Some(nix::unistd::Pid::from_raw(pid.cast_signed())),
        _ => None,
    });
    assert_ne!(child, parent.pid());
    parent.wait_ready();
    nix::sys::signal::kill(child, Signal::SIGSTOP).unwrap();
    parent.signal(Signal::SIGKILL);
    // Its standard output stays open while the child lives, and its standard input has not ended.
    let rest = parent.rest_of_feed();
    let said_goodbye = rest
        .iter()
        .any(|frame| matches!(frame.stamped.event, Event::Goodbye { .. }));
    assert!(!said_goodbye);
}

#[test]
fn status_reports_come_from_the_start_to_the_end() {
    let monitor = UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = format!("--csp-server={}", monitor.local_addr().unwrap());
    let lab = Lab::new(PROGRAM);
    let _registrar = lab.registrar();
    let mut element = lab.pool_element(
        0x21,
        &[server.as_str(), "--csp-interval=250", "--policy=LeastUsed"],
    );
    let mut next_report = || {
        let mut buffer = [0; 2048];
        let length = monitor.recv(&mut buffer).unwrap();
        Report::decode(&buffer[..length]).unwrap()
    };
    let first = next_report();
    assert_eq!(first.component.to_string(), "PE $00000021");
    assert!(!first.is_final);
    let registered = std::iter::repeat_with(&mut next_report)
        .find(|report| report.status == "0 Sessions")
        .unwrap();
    assert_eq!(registered.associations.len(), 1);
    assert!(registered.workload.is_some());
    element.command(&feed::Command::Stop);
    assert!(element.wait().success());
    let last = std::iter::repeat_with(next_report).find(|report| report.is_final);
    assert!(last.is_some());
}

#[test]
fn the_feed_begins_with_a_hello_and_shows_messages_with_their_bytes() {
    let lab = Lab::new(PROGRAM);
    let mut registrar = lab.start("registrar", &["--identifier=0x0b000007"]);
    let first = registrar.next_frame().unwrap();
    match first.stamped.event {
        Event::Hello { component, .. } => {
            let registrar = RegistrarIdentifier(0x0b00_0007);
            assert_eq!(component, feed::ComponentIdentity::Registrar(registrar));
        }
        other => panic!("{other:?}"),
    }
    let _element = lab.pool_element(5, &[]);
    let frame = std::iter::from_fn(|| registrar.next_frame())
        .find(|frame| matches!(&frame.stamped.event, Event::Message { name, .. } if name == "ASAP_REGISTRATION"))
        .unwrap();
    assert_eq!(frame.bytes[0], 0x01);
    registrar.wait_for("the identity of the pool element", |event| match event {
        Event::AssociationPeer { peer, .. } => (peer.number() == 5).then_some(()),
        _ => None,
    });
}

/// The pool user's feed is not read until its picture is complete and more has piled up than may be queued.
#[test]
fn no_pixel_is_missing_in_a_feed_that_nobody_read_for_a_while() {
    let lab = Lab::new(PROGRAM);
    let mut registrar = lab.registrar();
    let mut element = lab.pool_element(1, &[]);
    let mut command = lab.command("pool-user", &["--images=1", "--size=768x768"]);
    let mut user = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut begun = false;
    element.wait_for("the end of the session", |event| match event {
        Event::Load { sessions, .. } => {
            begun |= *sessions == 1;
            (begun && *sessions == 0).then_some(())
        }
        _ => None,
    });
    let mut bytes = Vec::new();
    user.stdout.take().unwrap().read_to_end(&mut bytes).unwrap();
    assert!(user.wait().unwrap().success());

    let mut decoder = Decoder::default();
    decoder.extend(&bytes);
    let mut seen = vec![false; 768 * 768];
    let (mut dropped, mut complete) = (0, false);
    while let Some(frame) = decoder.next_frame().unwrap() {
        match frame.stamped.event {
            Event::Pixels { x, y, .. } => {
                assert!(!complete, "pixels after the end of the picture");
                let first = (y * 768 + x) as usize;
                seen[first..first + frame.bytes.len() / 4].fill(true);
            }
            Event::Dropped { events } => dropped += events,
            Event::ImageCompleted { .. } => complete = true,
            _ => {}
        }
    }
    assert!(complete && dropped > 0, "{dropped} dropped");
    assert!(seen.iter().all(|seen| *seen));
    registrar.command(&feed::Command::Stop);
    assert!(registrar.wait().success());
}

#[test]
fn the_parameter_files_of_a_folder_take_turns() {
    const FILE: &str = "<!DOCTYPE XMLFractalSave>\n<FractalV1><Algorithm>\n<AlgorithmName>NAME</AlgorithmName>\n\
        <C1Real>-1.5</C1Real><C1Imag>1.5</C1Imag><C2Real>1.5</C2Real><C2Imag>-1.5</C2Imag>\n\
        <Useroptions><MaxIterations>50</MaxIterations><N>3</N></Useroptions></Algorithm></FractalV1>";
    let folder = tempfile::tempdir().expect("a folder");
    for (file, name) in [("1.fsf", "Mandelbrot"), ("2.fsf", "MandelbrotN")] {
        let text = FILE.replace("NAME", name);
        std::fs::write(folder.path().join(file), text).expect("a file");
    }
    let lab = Lab::new(PROGRAM);
    let _registrar = lab.registrar();
    let _element = lab.pool_element(1, &[]);
    let file = format!("--file={}", folder.path().display());
    let options = [
        file.as_str(),
        "--images=3",
        "--pause=0",
        "--verify",
        "--size=32x32",
    ];
    let mut user = lab.start("pool-user", &options);
    let algorithms: Vec<String> = user
        .rest_of_feed()
        .into_iter()
        .filter_map(|frame| match frame.stamped.event {
            Event::ImageStarted { algorithm, .. } => Some(algorithm),
            _ => None,
        })
        .collect();
    assert_eq!(algorithms, ["Mandelbrot", "MandelbrotN", "Mandelbrot"]);
    assert!(user.wait().success(), "{}", user.log());

    std::fs::write(folder.path().join("3.fsf"), FILE.replace("NAME", "Julia")).expect("a file");
    let mut user = lab.start("pool-user", &options);
    assert_eq!(user.wait().code(), Some(1));
    let log = user.log();
    assert!(log.contains("3.fsf: line 3: there is no algorithm"), "{log}");
}
