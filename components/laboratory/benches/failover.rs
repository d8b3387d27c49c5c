//! Measures how long a pool user's picture stops when its pool element is lost, by kind of loss.
//!
//! Runs real processes with the demonstration's timers: a registrar, three pool elements, a pool user. Prints
//! median, 95th percentile and maximum of the gap and its phases in milliseconds, and the memory usage of registrar
//! and pool elements.
//!
//! `cargo bench -p laboratory --bench failover [-- ROUNDS]`

use std::collections::BTreeMap;

use events::pool_user;
use feed::{Command, Event, Impairment, LinkTarget, Timestamp};
use laboratory::{Figures, Lab, Process, begin};
use nix::sys::signal::Signal;

/// Iterations per second and session: slow enough to interrupt a picture in the middle.
const CAPACITY: &str = "--capacity=40000000";

/// The ways to lose a pool element.
#[derive(Debug, Clone, Copy)]
enum Loss {
    Kill,
    CleanStop,
    Unplug,
    Freeze,
}

/// Milliseconds from the loss (or from the previous phase) to each of these.
#[derive(Debug, Default)]
struct Phases {
    gap: Figures,
    detected: Figures,
    resolved: Figures,
    connected: Figures,
    first_data: Figures,
}

struct Bench {
    lab: Lab,
    registrar: Process,
    elements: BTreeMap<u32, Process>,
    last_identifier: u32,
    user: Process,
}

fn main() {
    let (program, words) = begin();
    let rounds = words.iter().find_map(|word| word.parse().ok()).unwrap_or(20);
    let mut bench = Bench::start(Lab::new(program));
    Figures::print_headline(format_args!("milliseconds, {rounds} rounds each"));
    for loss in [Loss::Kill, Loss::CleanStop, Loss::Unplug, Loss::Freeze] {
        let mut phases = Phases::default();
        for _ in 0..rounds {
            bench.measure(loss, &mut phases);
        }
        phases.print(loss);
    }
    bench.print_memory();
}

impl Bench {
    fn start(lab: Lab) -> Self {
        let registrar = lab.registrar();
        let user = lab.start("pool-user", &["--size=512x512", "--pause=0"]);
        let mut bench = Self {
            lab,
            registrar,
            elements: BTreeMap::new(),
            last_identifier: 0,
            user,
        };
        for _ in 0..3 {
            bench.add_element();
        }
        bench
    }

    fn add_element(&mut self) {
        self.last_identifier += 1;
        let element = self.lab.pool_element(self.last_identifier, &[CAPACITY]);
        self.elements.insert(self.last_identifier, element);
    }

    /// Loses the pool element that serves a new picture, and waits until the picture continues.
    fn measure(&mut self, loss: Loss, phases: &mut Phases) {
        self.user.discard_frames();
        self.user.command(&Command::NewImage { width: 0, height: 0 });
        let mut messages = None;
        let serving = self
            .user
            .wait_for("pixels of a new picture", |event| match event {
                Event::ImageStarted { .. } => {
                    messages = Some(0);
                    None
                }
                Event::Pixels { pe_identifier, .. } => {
                    let messages = messages.as_mut()?;
                    *messages += 1;
                    (*messages == 30).then_some(pe_identifier.0)
                }
                _ => None,
            });
        let Some(mut element) = self.elements.remove(&serving) else {
            // A pool element that was unplugged before and is no longer there.
            return self.measure(loss, phases);
        };
        let lost = Timestamp::now();
        match loss {
            Loss::Kill => element.signal(Signal::SIGKILL),
            Loss::CleanStop => element.command(&Command::Stop),
            Loss::Unplug => element.command(&Command::Impair {
                target: LinkTarget::All,
                impairment: Impairment::UNPLUGGED,
            }),
            Loss::Freeze => element.signal(Signal::SIGSTOP),
        }
        let (first_data, times, responding) = self.user.wait_for_stamped("the failover", |stamped| {
            let Event::PoolUser(pool_user::Event::FailoverComplete {
                times, responding, ..
            }) = stamped.event
            else {
                return None;
            };
            Some((stamped.at, times, responding))
        });
        let detected = first_data - responding - times.connecting - times.resolving;
        let last_data = detected - times.noticing;
        // A pool element that is stopped cleanly keeps sending: the gap begins with its last data.
        let begin = lost.max(last_data);
        phases.gap.add_duration(first_data - begin);
        phases.detected.add_duration(detected - begin);
        phases.resolved.add_duration(times.resolving);
        phases.connected.add_duration(times.connecting);
        phases.first_data.add_duration(responding);
        drop(element);
        self.add_element();
    }

    fn print_memory(&self) {
        println!("resident memory (kB): registrar {}", resident(&self.registrar));
        for (identifier, element) in &self.elements {
            println!(
                "                      pool element {identifier}: {}",
                resident(element)
            );
        }
    }
}

impl Phases {
    fn print(&self, loss: Loss) {
        println!("{loss:?}");
        self.gap.print("gap, from the loss to the next pixel");
        self.detected.print("  noticed");
        self.resolved.print("  next pool element named");
        self.connected.print("  connected");
        self.first_data.print("  first data");
    }
}

fn resident(process: &Process) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.pid())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.unwrap_or("unknown").trim().trim_end_matches(" kB").into()
}
