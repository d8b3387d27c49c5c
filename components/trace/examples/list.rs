//! Lists the messages of a recording: `cargo run -p trace --example list -- FILE [FILTER]`.

use std::path::Path;

use recording::Recording;
use trace::{Clock, Filter, Tracer};

fn main() {
    let mut words = std::env::args().skip(1);
    let file = words.next().expect("a recording");
    let filter = Filter::parse(&words.collect::<Vec<_>>().join(" ")).expect("a filter");
    let recording = Recording::open(Path::new(&file)).expect("a recording");
    let mut tracer = Tracer::default();
    for (position, info) in recording.chunks().iter().enumerate() {
        let chunk = recording.read_chunk(position).expect("a chunk");
        let number = tracer.begin_chunk(info.first_record);
        tracer.take_chunk(number, &chunk, 0);
    }
    let trace = tracer.trace();
    let first = &recording.chunks()[0];
    let clock = Clock {
        wall_clock: first.header.wall_clock,
        begin: first.from,
    };
    let prepared = filter.prepare(trace, clock);
    let name = |end| {
        let end = trace.end(end).expect("an end");
        end.component.clone().unwrap_or_else(|| end.address.to_string())
    };
    for (position, message) in trace.messages.from(0) {
        if prepared.accepts(trace, position, message) {
            println!(
                "{:>12.6} {:>8} us  {} -> {}  {}  {:?} {}",
                (message.sent - first.from).as_secs_f64(),
                message
                    .arrival()
                    .map_or(-1, |at| (at - message.sent).as_micros() as i64),
                name(message.from),
                message.to.map_or("all".to_owned(), name),
                trace.names.get(message.name),
                message.fate,
                trace.summaries.get(position),
            );
        }
    }
}
