//! Whether each field of each message in a recording has the value that a protocol analyser gives it.
//!
//! Needs `tshark`.

use std::path::Path;

use live_capture::{Copies, Selection, View, save_span};
use recording::Recording;

use crate::dissected;

/// The maximum number of packets of a recording that are compared: the analyser describes some 10,000 in a second.
const MOST: usize = 60_000;

/// Compares all fields of the messages in a recording, each of them once, as its sender recorded it.
pub(crate) fn check(file: &Path) {
    let recording = Recording::open(file).expect("a recording");
    let chunks = recording.chunks();
    let mut packets = 0;
    let last = chunks.iter().take_while(|chunk| {
        let more = packets < MOST;
        packets += usize::try_from(chunk.packets).expect("a number of packets");
        more
    });
    let span = chunks[0].from..=last.last().expect("a chunk").to;
    let plain = file.with_extension("packets.pcapng");
    let view = View {
        selection: Selection::Everything,
        copies: Copies::Once,
    };
    save_span(&recording, &span, view, &plain).expect("packets that can be saved");
    let Some(compared) = dissected::compare(&plain) else {
        return;
    };
    let kept = plain.display();
    assert_eq!(compared.different, Vec::<String>::new(), "{kept}");
    let messages = compared
        .same
        .get("asap.message_type")
        .copied()
        .unwrap_or_default();
    assert!(messages > 10, "only {messages} messages of ASAP in {kept}");
    std::fs::remove_file(&plain).expect("the file");
}
