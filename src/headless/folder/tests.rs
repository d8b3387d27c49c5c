//! What may be a folder for a report.

use super::*;

#[test]
fn a_report_goes_into_a_folder_or_a_file_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let is_folder = |name: &str| {
        let path = at(name);
        let to = ReportTo::check(&path, ("scenario", Path::new("-"))).unwrap();
        to.folder().is_some()
    };
    fs::create_dir(at("results.json")).unwrap();
    for name in [
        "results",
        "results/",
        "results.d/",
        "of 2026.11",
        "new.json/",
        "results.json",
        "out.html/",
    ] {
        assert!(is_folder(name), "{name}");
    }
    for name in ["new.json", "NEW.JSON", "/dev/null"] {
        assert!(!is_folder(name), "{name}");
    }
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is made by looking"
    );
}

#[test]
fn a_folder_with_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("thesis")).unwrap();
    fs::write(at("thesis/chapter.tex"), "").unwrap();
    fs::create_dir(at("odd")).unwrap();
    fs::create_dir(at("odd/report.html")).unwrap();
    fs::create_dir(at("own")).unwrap();
    fs::write(at("own/report.json"), "a scenario").unwrap();
    fs::write(at("file"), "").unwrap();
    std::os::unix::fs::symlink("nowhere", at("link")).unwrap();
    for (name, expected) in [
        (
            "thesis",
            "something else in it, chapter.tex: name an empty folder",
        ),
        ("odd", "something else in it, report.html"),
        ("own", "this is the folder of the scenario"),
        ("file", "there is a file of that name already"),
        ("link", "no folder can be made there"),
        ("no/results", "there is no folder"),
        ("out.html", "a report is a folder, or a file that ends in .json"),
    ] {
        let path = at(name);
        let error = ReportTo::check(&path, ("scenario", &at("own/report.json"))).unwrap_err();
        let text = format!("{error:#}");
        assert!(
            text.starts_with("--report ") && text.contains(expected),
            "{name}: {text}"
        );
    }
}

#[test]
fn an_earlier_report_is_replaced_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let earlier = [
        PAGE,
        JSON,
        "recording-01.pcapng.zst",
        "recording-17.pcapng.zst",
        "recording.pcapng.zst",
    ];
    for name in earlier {
        fs::write(at(name), name).unwrap();
    }
    let source = at("recording.pcapng.zst");
    let to = ReportTo::check(folder.path(), (RECORDING, &source)).unwrap();
    to.folder().unwrap().begin(Some(&source)).unwrap();
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(left, ["recording.pcapng.zst"], "of which the new one is made");
    for name in [
        "recording-.pcapng.zst",
        "recording1.pcapng.zst",
        "recording-x.pcapng.zst",
        "record.pcapng.zst",
    ] {
        assert!(!is_part(OsStr::new(name)), "{name}");
    }
}

#[test]
fn each_round_has_a_recording_of_its_own_and_they_sort_by_their_names() {
    let folder = ReportFolder { path: PathBuf::new() };
    assert_eq!(folder.recording(0, 1), Path::new("recording.pcapng.zst"));
    assert_eq!(folder.recording(1, 20), Path::new("recording-02.pcapng.zst"));
    assert_eq!(folder.recording(19, 20), Path::new("recording-20.pcapng.zst"));
}

#[test]
fn other_results_do_not_go_into_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let new = ReportFolder {
        path: folder.path().join("new"),
    };
    let there = ReportFolder {
        path: folder.path().to_owned(),
    };
    let csv = folder.path().join("a.csv");
    assert!(new.check_beside("--csv", &csv).is_ok());
    assert!(there.check_beside("--csv", &csv).is_err());
    assert!(new.check_beside("--csv", &new.path.join("a.csv")).is_err());
}
