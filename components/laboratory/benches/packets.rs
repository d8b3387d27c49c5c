//! Measures what copies of all packets cost: processor time of the components that make them and of the supervisor
//! that reads them, for the same pictures with and without.
//!
//! Runs a registrar, a pool element and a pool user under a supervisor, by turns with and without a sink for packets:
//! once with a pool element that computes, and once with one that sends any pixels as fast as it can.
//!
//! `cargo bench -p laboratory --bench packets [-- ROUNDS]`

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use feed::Event;
use laboratory::{Figures, Lab, Supervised, begin};
use model::{Change, ComponentId};
use supervisor::PacketSink;

const REGISTRAR: ComponentId = ComponentId(1);
const ELEMENT: ComponentId = ComponentId(2);
const USER: ComponentId = ComponentId(3);

/// The pictures that are measured; the first one is not.
const PICTURES: u32 = 20;

/// Processor time in milliseconds.
#[derive(Default)]
struct Costs {
    element: Figures,
    user: Figures,
    supervisor: Figures,
    packets: Figures,
}

fn main() {
    let (program, words) = begin();
    let rounds = words.iter().find_map(|word| word.parse().ok()).unwrap_or(10);
    let lab = Lab::new(program);
    for (what, option) in [
        ("a pool element that computes", "--capacity=0"),
        ("a pool element that only sends", "--test-mode"),
    ] {
        Figures::print_headline(format_args!("{what}, {PICTURES} pictures, {rounds} rounds"));
        let mut costs = [Costs::default(), Costs::default()];
        for _ in 0..rounds {
            for (costs, with_packets) in costs.iter_mut().zip([false, true]) {
                costs.measure(&lab, option, with_packets);
            }
        }
        for (costs, with) in costs.iter().zip(["without", "with"]) {
            costs.element.print(format_args!("pool element {with}, ms"));
            costs.user.print(format_args!("pool user {with}, ms"));
            costs.supervisor.print(format_args!("supervisor {with}, ms"));
            costs.packets.print(format_args!("packets {with}"));
        }
    }
}

impl Costs {
    fn measure(&mut self, lab: &Lab, option: &str, with_packets: bool) {
        let packets = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&packets);
        let sink: PacketSink = Box::new(move |batch| {
            counted.fetch_add(batch.packets.len() as u64 + batch.dropped, Ordering::Relaxed);
        });
        let mut supervised = Supervised::new(lab, with_packets.then_some(sink));
        let mut pids = BTreeMap::new();
        supervised.start(REGISTRAR, "registrar", &[]);
        wait_ready(&mut supervised, &mut pids, REGISTRAR);
        supervised.start(ELEMENT, "pool-element", &["--identifier=1", option]);
        wait_ready(&mut supervised, &mut pids, ELEMENT);
        let images = format!("--images={}", PICTURES + 2);
        supervised.start(USER, "pool-user", &[&images, "--size=512x512", "--pause=0"]);
        let mut before = Vec::new();
        supervised.wait_for("the pictures", |component, change| {
            note(&mut pids, component, change);
            let Change::Feed(frame) = change else { return None };
            let Event::ImageCompleted { image, .. } = frame.stamped.event else {
                return None;
            };
            if image == 1 {
                before = processor_times(&pids);
            }
            (image > PICTURES).then_some(())
        });
        let after = processor_times(&pids);
        let spent = before.iter().zip(&after).map(|(before, after)| after - before);
        let figures = [&mut self.element, &mut self.user, &mut self.supervisor];
        for (figures, spent) in figures.into_iter().zip(spent) {
            figures.add(spent);
        }
        self.packets.add(packets.load(Ordering::Relaxed) as f64);
    }
}

fn note(pids: &mut BTreeMap<ComponentId, u32>, component: ComponentId, change: &Change) {
    if let Change::Spawned { pid } = change {
        pids.insert(component, *pid);
    }
}

fn wait_ready(supervised: &mut Supervised<'_>, pids: &mut BTreeMap<ComponentId, u32>, id: ComponentId) {
    supervised.wait_for("readiness", |component, change| {
        note(pids, component, change);
        let Change::Feed(frame) = change else { return None };
        let ready = matches!(frame.stamped.event, Event::Status { ready: true, .. });
        (ready && component == id).then_some(())
    });
}

/// Returns the processor times of pool element, pool user and supervisor so far, in milliseconds.
fn processor_times(pids: &BTreeMap<ComponentId, u32>) -> Vec<f64> {
    let of_process = |id| of_threads(&pids[&id].to_string(), |_| true);
    let supervisor = of_threads("self", |name| name == "supervisor");
    vec![of_process(ELEMENT), of_process(USER), supervisor]
}

/// Returns the processor time of the threads of a process with certain names.
fn of_threads(process: &str, is_meant: impl Fn(&str) -> bool) -> f64 {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).expect("the process lives");
    let times = tasks.map(|task| {
        let task = task.expect("threads can be listed").path();
        let read = |file| fs::read_to_string(task.join(file)).unwrap_or_default();
        let nanoseconds = read("schedstat");
        let nanoseconds = nanoseconds
            .split(' ')
            .next()
            .and_then(|number| number.parse().ok());
        let counts = is_meant(read("comm").trim());
        nanoseconds.filter(|_| counts).unwrap_or(0.0) / 1e6
    });
    times.sum()
}
