//! Measures how long a registrar takes from its start until it is in service if there is a large handlespace
//! already.
//!
//! Runs real processes with the demonstration's timers: a registrar; a crowd of pool elements in this process, each
//! with its own registration over one of many associations; a second registrar that is restarted repeatedly, finds
//! the first one by multicast and downloads everything. Meanwhile, the registrar does not probe the crowd.
//!
//! `cargo bench -p laboratory --bench registrar_start [-- POOL-ELEMENTS [ROUNDS]]`

use std::net::SocketAddr;
use std::time::Instant;

use events::registrar;
use feed::{Event, StartUpPhase, SynchronizationProgress, Timestamp};
use laboratory::{Crowd, Figures, Lab, begin};

/// The number of pools over which pool elements are spread.
const POOLS: u32 = 100;
/// The number of associations over which they are spread: a registrar answers ten registrations per second on each.
const ASSOCIATIONS: u32 = 250;
/// Disables keep-alives.
const KEEP_ALIVE: &str = "--keep-alive-interval=86400000";

fn main() {
    let (program, words) = begin();
    let mut numbers = words.iter().filter_map(|word| word.parse::<u32>().ok());
    let elements = numbers.next().unwrap_or(10_000);
    let rounds = numbers.next().unwrap_or(10);
    let lab = Lab::new(program);

    let mut first = lab.start("registrar", &[KEEP_ALIVE]);
    let address = first.address();
    first.wait_ready();
    let begin = Instant::now();
    let crowd = Crowd::register(
        SocketAddr::new(address, 3863),
        elements,
        POOLS,
        ASSOCIATIONS.min(elements),
    );
    println!(
        "{} pool elements registered within {:.1} s",
        crowd.registered(),
        begin.elapsed().as_secs_f64()
    );

    let (mut own, mut whole, mut resynchronized) =
        (Figures::default(), Figures::default(), Figures::default());
    for _ in 0..rounds {
        let started = Timestamp::now();
        let mut second = lab.start("registrar", &[KEEP_ALIVE]);
        let mut synchronizations = 0;
        let (received, took, at) = loop {
            let frame = second.next_frame().expect("the registrar lives");
            match frame.stamped.event {
                Event::Registrar(registrar::Event::Synchronization {
                    progress: SynchronizationProgress::Started,
                    ..
                }) => synchronizations += 1,
                Event::Registrar(registrar::Event::StartUp {
                    phase:
                        StartUpPhase::InService {
                            mentor,
                            pool_elements,
                            took,
                        },
                }) => {
                    assert!(mentor.is_some(), "the registrar has found nobody");
                    break (pool_elements, took, frame.stamped.at);
                }
                _ => {}
            }
        };
        assert_eq!(received, elements, "pool elements are missing");
        own.add_duration(took);
        whole.add_duration(at - started);
        resynchronized.add(f64::from(synchronizations));
        second.command(&feed::Command::Stop);
        assert!(second.wait().success(), "{}", second.log());
        first.discard_frames();
    }
    Figures::print_headline(format_args!("milliseconds, {rounds} rounds"));
    own.print("from the start of its core to in service");
    whole.print("the start of the process included");
    resynchronized.print("synchronizations in between (number)");
}
