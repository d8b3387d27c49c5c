//! How far the places of updates on the time line are from the times that they tell.

use std::path::Path;

use model::{Change, Update};
use recording::Recording;
use replay::Entry;

fn main() {
    let path = std::env::args().nth(1).expect("a recording");
    let recording = Recording::open(Path::new(&path)).expect("a recording");
    let mut late = Vec::new();
    for position in 0..recording.chunks().len() {
        let chunk = recording.read_chunk(position).expect("a chunk");
        for record in chunk.records() {
            let Ok(Some(Entry::Update(update))) = Entry::decode(record.kind.0, record.bytes) else {
                continue;
            };
            let (at, what) = match &*update {
                Update::Component {
                    change: Change::Feed(frame),
                    ..
                } => (frame.stamped.at, "feed"),
                Update::Component { at, .. } => (*at, "other"),
                _ => continue,
            };
            late.push(((record.at - at).as_micros(), what));
        }
    }
    late.sort_unstable();
    for share in [0.5, 0.9, 0.95, 0.99, 0.999, 1.0] {
        let index = ((late.len() - 1) as f64 * share) as usize;
        println!("{:6.1} %: {} us", share * 100.0, late[index].0);
    }
    let zero = late.iter().filter(|late| late.0 == 0).count();
    println!("{zero} of {} exact", late.len());
}
