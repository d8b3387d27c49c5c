//! The recording that the program carries: a picture that fails over.

use std::collections::BTreeMap;
use std::path::Path;

use recording::Recording;
use trace::{AssociationState, Clock, Fate, Filter, Protocol, Trace, Tracer};

fn recording() -> Recording {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/failover-kill.pcapng.zst");
    Recording::open(&file).expect("the recording that the program carries")
}

/// Traces a recording, `step` packets at a time.
fn trace(recording: &Recording) -> Trace {
    let mut tracer = Tracer::default();
    for (position, info) in recording.chunks().iter().enumerate() {
        let chunk = recording.read_chunk(position).expect("a chunk");
        let number = tracer.begin_chunk(info.first_record);
        let taken = tracer.take_chunk(number, &chunk, 0);
        assert_eq!(
            tracer.take_chunk(number, &chunk, taken),
            taken,
            "nothing is taken twice"
        );
    }
    tracer.trace().clone()
}

#[test]
fn each_message_is_found_once_with_its_ends_and_its_way() {
    let trace = trace(&recording());
    assert_eq!((trace.missing, trace.foreign), (0, 0));
    let mut names = BTreeMap::<&str, u32>::new();
    for (position, message) in trace.messages.from(0) {
        *names.entry(trace.names.get(message.name)).or_default() += 1;
        assert!(!message.undecodable);
        assert!(trace.end(message.from).unwrap().component.is_some());
        assert!(!trace.summaries.get(position).is_empty(), "{message:?}");
        if let (Some(to), Fate::Arrived) = (message.to, message.fate) {
            assert!(trace.end(to).unwrap().component.is_some());
            let way = message.arrival().unwrap() - message.sent;
            assert!(way.as_millis() < 1_000, "{way:?}");
        }
    }
    for name in [
        "ASAP_REGISTRATION",
        "ASAP_HANDLE_RESOLUTION_RESPONSE",
        "ASAP_ENDPOINT_UNREACHABLE",
        "ASAP_COOKIE_ECHO",
        "ASAP_SERVER_ANNOUNCE",
        "ENRP_PRESENCE",
        "FGP_DATA",
    ] {
        assert!(names.contains_key(name), "no {name} in {names:?}");
    }
    let (arrived, not): (Vec<_>, Vec<_>) = trace
        .messages
        .from(0)
        .filter(|(_, message)| message.to.is_some())
        .partition(|(_, message)| message.fate == Fate::Arrived);
    assert!(not.len() * 50 < arrived.len(), "{} did not arrive", not.len());
}

#[test]
fn associations_are_established_measured_and_lost() {
    let trace = trace(&recording());
    let states: Vec<_> = trace
        .associations
        .iter()
        .map(|association| association.state())
        .collect();
    assert!(states.contains(&AssociationState::Established), "{states:?}");
    for association in &trace.associations {
        assert_eq!(association.paths.len(), 1);
        let established = association
            .states
            .iter()
            .any(|(_, state)| *state == AssociationState::Established);
        assert!(!established || association.tags.iter().all(Option::is_some));
        for direction in &association.directions {
            assert!(direction.samples.windows(2).all(|pair| pair[0].at <= pair[1].at));
        }
    }
    let samples = trace
        .associations
        .iter()
        .flat_map(|association| &association.directions);
    let samples: Vec<_> = samples.flat_map(|direction| &direction.samples).collect();
    assert!(
        samples
            .iter()
            .any(|sample| sample.measured_us > 0 && sample.window > 0)
    );
}

#[test]
fn filters_find_what_they_say() {
    let recording = recording();
    let trace = trace(&recording);
    let header = &recording.chunks()[0].header;
    let clock = Clock {
        wall_clock: header.wall_clock,
        begin: recording.chunks()[0].from,
    };
    let count = |text: &str| {
        let prepared = Filter::parse(text).unwrap().prepare(&trace, clock);
        let accepted = trace
            .messages
            .from(0)
            .filter(|(position, message)| prepared.accepts(&trace, *position, message));
        accepted.count()
    };
    let all = trace.messages.len();
    assert_eq!(count(""), all);
    assert_eq!(count("fgp_data") + count("-FGP_DATA"), all);
    assert_eq!(count("type:FGP_DATA"), count("FGP_DATA"));
    assert!(count("from:PU1") > 0 && count("from:PU1") == count("from:\"pu 1\""));
    assert_eq!(count("from:PU1") + count("-from:PU1"), all);
    assert_eq!(count("with:PU1"), count("pu:1"));
    assert_eq!(count("pu:1"), count("from:PU1") + count("to:PU1"));
    assert_eq!(
        count("protocol:enrp"),
        trace
            .messages
            .from(0)
            .filter(|(_, message)| message.protocol == Protocol::Enrp)
            .count()
    );
    assert_eq!(count("before:+2") + count("after:+2.000001"), all);
    assert_eq!(count("is:wrong"), 0);
    assert!(
        count("FractalGeneratorPool") > 0,
        "what is in a message counts as well"
    );
}
