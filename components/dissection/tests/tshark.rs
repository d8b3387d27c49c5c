//! Our trees against the dissectors of a protocol analyser, on captures of rsplib.
//!
//! Needs `tshark`. `POOLSCOPE_CAPTURES` may name a folder with more captures.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

mod analyser;

use std::fs;
use std::path::{Path, PathBuf};

use analyser::compare;

/// The folder with captures of rsplib.
fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/tests/captures")
}

/// Returns the captures in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        let extension = file.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("pcap" | "pcapng"))
    });
    files.sort();
    assert!(!files.is_empty(), "there are captures in {}", folder.display());
    files
}

#[test]
fn every_field_that_an_analyser_names_is_in_our_tree_and_the_other_way_round() {
    let more = std::env::var_os("POOLSCOPE_CAPTURES").map(PathBuf::from);
    let mut same = 0;
    let mut different = Vec::new();
    for file in [captures()].iter().chain(&more).flat_map(|folder| files(folder)) {
        let Some(comparison) = compare(&file) else { return };
        println!("{}: {comparison:#?}", file.display());
        same += comparison.same.values().sum::<usize>();
        let name = file.display();
        different.extend(comparison.different.iter().map(|what| format!("{name}, {what}")));
    }
    assert!(different.is_empty(), "{different:#?}");
    assert!(same > 100_000, "only {same} fields were the same");
}
