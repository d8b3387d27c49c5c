//! The socket, and what strangers send to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use feed::Timestamp;

use super::{address, one, packet, seen};
use crate::{Description, Hub, Server};

fn start(folder: &Path) -> (Hub, Server) {
    let hub = Hub::new("a test");
    hub.name(1, "Registrar 1", "registrar");
    hub.name(2, "PE 1", "pool element");
    let description = Description {
        program: "Poolscope 0.1.0".to_owned(),
        scenario: "Failover".to_owned(),
        started: Timestamp::now(),
    };
    let server = Server::start_in(&[folder.join("poolscope")], hub.clone(), description).unwrap();
    (hub, server)
}

fn ask(server: &Server, request: &[u8]) -> UnixStream {
    let mut socket = UnixStream::connect(server.path()).unwrap();
    // It need not be read to its end.
    let _ = socket.write_all(request);
    socket
}

fn line(socket: UnixStream) -> String {
    let mut line = String::new();
    let _ = BufReader::new(socket).read_line(&mut line);
    line
}

const LIST: &[u8] = b"{\"version\":1,\"want\":\"list\"}\n";

#[test]
fn a_list_tells_of_the_demonstration_and_its_components() {
    let folder = tempfile::tempdir().unwrap();
    let (_hub, server) = start(folder.path());
    let list: serde_json::Value = serde_json::from_str(&line(ask(&server, LIST))).unwrap();
    assert_eq!(list["version"], 1);
    assert_eq!(list["program"], "Poolscope 0.1.0");
    assert_eq!(list["scenario"], "Failover");
    assert_eq!(list["pid"], std::process::id());
    assert!(list["started_s"].as_u64().unwrap() > 1_700_000_000);
    assert_eq!(
        list["components"][1],
        serde_json::json!({"id": 2, "name": "PE 1", "role": "pool element"})
    );
    server.describe(Description {
        program: "Poolscope 0.1.0".to_owned(),
        scenario: "Takeover".to_owned(),
        started: Timestamp::now(),
    });
    assert!(line(ask(&server, LIST)).contains("Takeover"));
    let path = server.path().to_owned();
    drop(server);
    assert!(!path.exists());
}

#[test]
fn a_stream_has_the_packets_of_the_components_that_were_named() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, server) = start(folder.path());
    let request = b"{\"version\":1,\"want\":\"stream\",\"components\":[\"PE 1\",9]}\n";
    let mut socket = ask(&server, request);
    // It has begun once its section has.
    let mut all = vec![0; 4];
    socket.read_exact(&mut all).unwrap();
    for component in [1, 2, 9] {
        let bytes = [component as u8];
        let packet = packet(Timestamp::now(), address(1, 1), address(2, 2), &bytes);
        hub.write(component, 0, &one(packet));
    }
    drop(server);
    hub.finish();
    socket.read_to_end(&mut all).unwrap();
    let names: Vec<_> = seen(&all).into_iter().map(|seen| seen.interface).collect();
    assert_eq!(names, ["PE 1", "component 9"]);
}

#[test]
fn what_makes_no_sense_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, server) = start(folder.path());
    let stream = |rest: &str| format!("{{\"version\":1,\"want\":\"stream\"{rest}}}\n").into_bytes();
    for (request, reason) in [
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "makes no sense"),
        (b"\n".to_vec(), "makes no sense"),
        (vec![0xff; 100_000], "too long"),
        (
            [&b"{\"want\":"[..], &b"[".repeat(10_000), b"\n"].concat(),
            "recursion",
        ),
        (b"{\"version\":1}\n".to_vec(), "want"),
        (b"{\"version\":2,\"want\":\"list\"}\n".to_vec(), "version"),
        (stream(",\"components\":[\"nobody\"]"), "nobody"),
        (stream(",\"link\":[1,1]"), "two ends"),
    ] {
        let told = line(ask(&server, &request));
        assert!(
            told.contains("error") && told.contains(reason),
            "{reason}: {told}"
        );
    }
    assert_eq!(hub.listeners(), []);
    assert!(line(ask(&server, LIST)).contains("Failover"));
}

#[test]
fn a_thousand_connections_that_say_nothing_are_bounded_and_pass() {
    let folder = tempfile::tempdir().unwrap();
    let (_hub, server) = start(folder.path());
    let mut refused = 0;
    let mut silent = Vec::new();
    for _ in 0..1_000 {
        let socket = UnixStream::connect(server.path()).unwrap();
        socket.set_nonblocking(true).unwrap();
        silent.push(socket);
    }
    // Those that are too many find their connection closed, in whatever order they were accepted.
    for mut socket in silent {
        socket.set_nonblocking(false).unwrap();
        let mut answer = Vec::new();
        match socket.read_to_end(&mut answer) {
            Ok(_) if answer.is_empty() => refused += 1,
            // It was given up after a while.
            Ok(_) => assert!(answer.starts_with(b"{\"error\"")),
            Err(error) => panic!("{error}"),
        }
    }
    assert!(refused >= 1_000 - 10 * 32, "{refused}");
    assert!(line(ask(&server, LIST)).contains("Failover"));
}
