//! The messages of a recording: as a table and as a chart, filtered, and taken apart.

mod fixture;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use analysis::Analysis;
use chronicle::{Highlight, HighlightKind, Lanes, Phase};
use command::{ProtocolCommand, Selection};
use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feed::{ComponentRole, Timestamp};
use fixture::FixtureCentre;
use fixture::times::Recorded;
use fixture::window::{Window, filter_messages, says, undrawn_window};
use model::ComponentId;
use recording::{Origin, Recording};

/// The recording that the program carries: PE 2 is killed, and the picture goes on at PE 3.
fn carried() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/failover-kill.pcapng.zst")
}

/// When PE 2 was killed, and when the session had failed over, after the beginning.
const FAULT: Duration = Duration::from_micros(21_312_400);
const END: Duration = Duration::from_micros(21_322_750);

/// Returns the components of the recording, and its failover.
fn lanes(begin: Timestamp) -> Lanes {
    let mut lanes = Lanes::default();
    for (number, (name, role)) in [
        ("PR 1", ComponentRole::Registrar),
        ("PE 1", ComponentRole::PoolElement),
        ("PE 2", ComponentRole::PoolElement),
        ("PE 3", ComponentRole::PoolElement),
        ("PU 1", ComponentRole::PoolUser),
    ]
    .into_iter()
    .enumerate()
    {
        lanes.add(Highlight {
            at: begin,
            component: Some(ComponentId(number as u32 + 1)),
            kind: HighlightKind::Named {
                name: name.to_owned(),
                role,
                colour: number,
            },
        });
    }
    let phase = |name: &str, share: f64| Phase {
        name: name.to_owned(),
        end: begin + FAULT + (END - FAULT).mul_f64(share),
    };
    lanes.add(Highlight {
        at: begin + END,
        component: Some(ComponentId(5)),
        kind: HighlightKind::Recovery {
            takeover: false,
            fault_at: Some(begin + FAULT),
            detected: begin + FAULT + Duration::from_millis(6),
            succeeded: true,
            phases: vec![
                phase("detection", 0.6),
                phase("handle resolution", 0.9),
                phase("first data", 1.0),
            ],
            text: "PU 1 failed over".to_owned(),
        },
    });
    lanes
}

/// A window on the recording, in which everything has been traced.
struct Opened {
    window: Window,
    changes: Receiver<()>,
}

impl Opened {
    fn new(size: Vec2) -> Self {
        let begin = Recording::open(&carried()).expect("a recording").chunks()[0].from;
        let (changed, changes) = channel();
        // Fails when the window is closed.
        let notify = Arc::new(move || {
            let _ = changed.send(());
        });
        let analysis = Analysis::begin(Origin::File(carried()), notify).expect("a thread");
        let mut centre = FixtureCentre::recorded(fixture::demo(), |_| {
            let mut recorded = Recorded::new(lanes(begin), begin).at(begin + Duration::from_secs(10));
            recorded.file = Some(("failover-kill.pcapng.zst", None));
            recorded
        });
        centre.analysis = Some(analysis);
        let mut window = undrawn_window(centre, size);
        window.run_steps(4);
        let mut opened = Self { window, changes };
        opened.wait(|opened| opened.analysis().progress() >= 1.0);
        opened
    }

    fn analysis(&mut self) -> &Analysis {
        self.window
            .state_mut()
            .centre()
            .analysis
            .as_ref()
            .expect("an analysis")
    }

    /// Draws frames whenever something was found, until this holds.
    fn wait(&mut self, holds: impl Fn(&mut Self) -> bool) {
        while !holds(self) {
            self.changes
                .recv_timeout(Duration::from_secs(60))
                .expect("something is found");
            self.window.run_steps(2);
        }
        self.window.run_steps(2);
    }

    fn rows(&mut self) -> usize {
        self.analysis().rows().len()
    }

    fn click(&mut self, role: Role, name: &str) {
        let found = self.window.query_all_by_role_and_label(role, name).next();
        found.unwrap_or_else(|| panic!("no {role:?} {name}")).click();
        self.window.run_steps(4);
    }

    fn open_tab(&mut self) {
        let filter = (Role::TextInput, "Filter messages");
        // It is open where there is room.
        if self.window.query_by_role_and_label(filter.0, filter.1).is_none() {
            self.window
                .get_by(|node| {
                    node.role() == Role::Tab && node.label().is_some_and(|it| it.starts_with("Messages"))
                })
                .click();
        }
        self.window.run_steps(4);
        self.wait(|opened| opened.rows() > 1_000);
    }

    /// Filters, and waits for the rows.
    fn filter(&mut self, words: &str) {
        filter_messages_of(&mut self.window, words);
        let wanted = words.to_owned();
        self.wait(move |opened| opened.analysis().rows().wanted.filter == wanted);
    }
}

/// Types a filter; the tab is open.
fn filter_messages_of(window: &mut Window, words: &str) {
    let (role, name) = (Role::TextInput, "Filter messages");
    window.get_by_role_and_label(role, name).focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(2);
    window.get_by_role_and_label(role, name).type_text(words);
    window.run_steps(4);
}

const SIZES: [Vec2; 2] = [Vec2::new(1280.0, 800.0), Vec2::new(1920.0, 1080.0)];

#[test]
fn a_filter_leaves_what_it_says_and_a_wrong_one_is_told() {
    for size in SIZES {
        let mut opened = Opened::new(size);
        opened.open_tab();
        let all = opened.rows();
        opened.filter("type:UNREACHABLE");
        assert_eq!(opened.rows(), 1, "of {all}");
        let row = "ASAP_ENDPOINT_UNREACHABLE from PU 1 to PR 1";
        assert!(opened.window.query_by_role_and_label(Role::Row, row).is_some());
        opened.filter("nonsense:x");
        assert!(says(&opened.window, "is none of from:"), "what is wrong is told");
    }
}

#[test]
fn a_message_is_taken_apart_and_its_fields_are_explained() {
    let mut opened = Opened::new(SIZES[1]);
    opened.open_tab();
    opened.filter("type:UNREACHABLE");
    opened.click(Role::Row, "ASAP_ENDPOINT_UNREACHABLE from PU 1 to PR 1");
    opened.wait(|opened| opened.analysis().inspected().is_some());
    let fields: Vec<_> = opened
        .window
        .query_all_by(|node| {
            node.role() == Role::TreeItem && node.label().is_some_and(|it| it.starts_with("Message Type"))
        })
        .collect();
    fields.last().expect("the field").click();
    opened.window.run_steps(4);
    assert!(says(&opened.window, "RFC 53"), "its rule is told");
    assert!(says(&opened.window, "asap."), "and what an analyser calls it");
}

#[test]
fn the_latest_failover_is_a_chart_that_can_be_saved() {
    for size in SIZES {
        let mut opened = Opened::new(size);
        opened.open_tab();
        opened.click(Role::Button, "Chart");
        opened.click(Role::Button, "The latest failover");
        opened.wait(|opened| opened.analysis().rows().wanted.span.is_some());
        let chart = opened.window.query_by(|node| {
            node.role() == Role::Canvas && node.label().is_some_and(|it| it.contains("PU 1 failed over"))
        });
        let label = chart.expect("the chart").accesskit_node().label().unwrap();
        for name in ["PU 1", "PR 1", "PE 2", "PE 3"] {
            assert!(label.contains(name), "{label}");
        }
        opened.click(Role::Button, "Save the chart as SVG or PNG");
        opened.click(Role::Button, "Save this file");
        let wishes = std::mem::take(&mut opened.window.state_mut().centre().wishes);
        let [ProtocolCommand::SaveChart { path, chart }] = &wishes[..] else {
            panic!("{wishes:?}");
        };
        assert_eq!(path.extension().unwrap(), "svg");
        let labels: Vec<&str> = chart
            .content
            .arrows
            .iter()
            .map(|arrow| arrow.label.as_str())
            .collect();
        assert!(labels.contains(&"ASAP_COOKIE_ECHO"), "{labels:?}");
    }
}

#[test]
fn packets_are_saved_for_other_programs_and_not_opened_live_in_the_past() {
    let mut opened = Opened::new(SIZES[1]);
    opened.open_tab();
    opened.click(Role::Button, "Packets");
    let live = opened
        .window
        .get_by_role_and_label(Role::Button, "Open in Wireshark, live");
    assert!(live.accesskit_node().is_disabled());
    opened.click(Role::Button, "Save those of all the time");
    opened.click(Role::Button, "Save this file");
    let wishes = std::mem::take(&mut opened.window.state_mut().centre().wishes);
    assert!(
        matches!(
            &wishes[..],
            [ProtocolCommand::SaveSpan {
                selection: Selection::All,
                ..
            }]
        ),
        "{wishes:?}"
    );
}

#[test]
fn associations_have_states_and_curves() {
    let mut opened = Opened::new(SIZES[1]);
    opened.open_tab();
    opened.click(Role::Button, "Associations");
    opened.click(Role::Row, "association, established");
    assert!(says(&opened.window, "verification tags"));
    let curves = opened.window.query_all_by(|node| {
        node.role() == Role::Image && node.label().is_some_and(|it| it.starts_with("round-trip time"))
    });
    assert!(curves.count() >= 1);
}

#[test]
fn what_the_legend_switches_off_is_neither_drawn_nor_listed() {
    let mut opened = Opened::new(SIZES[1]);
    opened.open_tab();
    let all = opened.rows();
    opened.click(Role::CheckBox, "ASAP in the graph and among the messages");
    opened.wait(|opened| !opened.analysis().rows().wanted.hidden_purposes.is_empty());
    let without = opened.rows();
    assert!(without < all, "{without} of {all}");
    opened.filter("type:REGISTRATION");
    assert_eq!(opened.rows(), 0);
}

#[test]
fn the_messages_have_a_window_of_their_own_until_they_are_brought_back() {
    let mut opened = Opened::new(SIZES[1]);
    opened.open_tab();
    opened.window.key_press_modifiers(Modifiers::COMMAND, Key::M);
    opened.window.run_steps(4);
    assert!(opened.window.state().view.settings.messages.open);
    assert!(says(&opened.window, "in a window of their own"));
    opened.click(Role::Button, "Bring them back");
    assert!(!opened.window.state().view.settings.messages.open);
}

#[test]
fn without_a_recording_the_messages_are_those_that_components_tell() {
    let mut window = undrawn_window(FixtureCentre::new(fixture::demo()), SIZES[0]);
    window.run_steps(8);
    filter_messages(&mut window, "ASAP");
    assert!(window.query_all_by_role(Role::Row).count() > 0);
}
