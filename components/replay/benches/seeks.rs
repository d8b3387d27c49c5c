//! How long it takes to open a recording, to get anywhere in it, and how much memory that needs.
//!
//! It measures the recording that the repository holds, which is short, or the one that `POOLSCOPE_RECORDING` names, such as
//!
//!     poolscope run demo-scenarios/measurements/recording.json --headless --record demo.pcapng.zst
//!
//! writes. With `POOLSCOPE_HOURS=1`, it is repeated until it lasts for so long.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use feed::{Timestamp, WallClock};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use recording::Origin;
use recording::{Form, Recording, Writer};
use replay::{Answer, Moment, Notify, Past, Player};

type Failure = Box<dyn std::error::Error>;

/// How many places are gone to.
const SEEKS: usize = 1_000;
/// How many pictures of a film are fetched, one after the other.
const FRAMES: u32 = 600;
/// The time from one to the next, of slow motion, of dragging and of fast motion.
const PACES: [(&str, Duration); 3] = [
    ("1/16", Duration::from_micros(1_042)),
    ("1", Duration::from_micros(16_667)),
    ("16", Duration::from_micros(266_667)),
];

fn main() -> Result<(), Failure> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/failover-kill.pcapng.zst");
    let path = std::env::var_os("POOLSCOPE_RECORDING").map_or(own, PathBuf::from);
    let hours = std::env::var("POOLSCOPE_HOURS").ok();
    let hours: f64 = hours.map_or(Ok(0.0), |hours| hours.parse())?;
    let folder = tempfile::tempdir()?;
    let path = if hours > 0.0 {
        let long = folder.path().join("long.pcapng.zst");
        lengthen(&path, Duration::from_secs_f64(hours * 3600.0), &long)?;
        long
    } else {
        path
    };
    // Of the measurement itself, not of what came before.
    std::fs::write("/proc/self/clear_refs", "5")?;

    let begun = Instant::now();
    let mut player = Player::new(Recording::open(&path)?);
    let opened = begun.elapsed();
    let (from, to) = player.range().ok_or("it is empty")?;
    println!(
        "{}, {} s, {} MB",
        path.display(),
        (to - from).as_secs(),
        std::fs::metadata(&path)?.len() / 1_000_000
    );
    drop(black_box(player.state_at(from)?));
    println!(
        "opened within {opened:.1?}, first state after {:.1?}",
        begun.elapsed()
    );
    drop(player);

    let begun = Instant::now();
    let mut window = Window::open(path.clone())?;
    window.moment(from)?;
    println!(
        "opened as a window does, first moment after {:.1?}",
        begun.elapsed()
    );
    memory("after the first moment")?;

    let mut random = StdRng::seed_from_u64(1);
    let mut anywhere = || from + (to - from).mul_f64(random.random_range(0.0..1.0));
    let mut times = Vec::new();
    for _ in 0..SEEKS {
        times.push(window.moment(anywhere())?);
    }
    tell("anywhere", &mut times);
    memory("after these")?;
    for (name, pace) in PACES {
        for forward in [true, false] {
            let begin = from + (to - from).mul_f64(0.55);
            window.moment(begin)?;
            let mut times = Vec::new();
            for frame in 1..=FRAMES {
                let at = if forward {
                    begin + pace * frame
                } else {
                    begin - pace * frame
                };
                times.push(window.moment(at.clamp(from, to))?);
            }
            let way = if forward { "forwards" } else { "backwards" };
            tell(&format!("{way} at speed {name}"), &mut times);
        }
    }
    memory("at the end")?;
    drop(window);
    growing(&path, folder.path())
}

/// Looks for what is new in a recording that is being written, with much in its last chunk.
fn growing(path: &Path, folder: &Path) -> Result<(), Failure> {
    /// The size that a chunk reaches.
    const LARGE: u64 = 10 << 20;
    let recording = Recording::open(path)?;
    let folder = folder.join("growing");
    std::fs::create_dir(&folder)?;
    let mut file = std::fs::File::create(folder.join("0001.pcapng.zst"))?;
    let (mut writer, mut out) = (Writer::new(Form::Compressed, 0)?, Vec::new());
    writer.begin_file("bench", &mut out)?;
    let mut player = None;
    let (mut looked, mut seen) = (Vec::new(), Vec::new());
    'written: for number in 0..recording.chunks().len() {
        let chunk = recording.read_chunk(number)?;
        if number == 0 {
            writer.begin_chunk(chunk.header(), &mut out)?;
        }
        let mut flushed = Timestamp::default();
        for record in chunk.records() {
            if record.at >= flushed + Duration::from_secs(1) {
                writer.flush(&mut out)?;
                std::io::Write::write_all(&mut file, &out)?;
                out.clear();
                flushed = record.at;
                if writer.raw_bytes() >= LARGE {
                    let player = match &mut player {
                        Some(player) => player,
                        None => player.insert(Player::new(Recording::follow(&folder)?)),
                    };
                    let begun = Instant::now();
                    player.refresh()?;
                    looked.push(begun.elapsed());
                    let (_, to) = player.range().ok_or("it is empty")?;
                    let begun = Instant::now();
                    black_box(player.state_at(to)?);
                    seen.push(begun.elapsed());
                }
                if looked.len() > 20 {
                    break 'written;
                }
            }
            writer.record(record.kind, record.properties, record.at, record.bytes)?;
        }
    }
    if !looked.is_empty() {
        tell("looked for what is new", &mut looked);
        tell("then gone there", &mut seen);
    }
    Ok(())
}

/// Shows what a window shows.
struct Window {
    past: Past,
    woken: crossbeam_channel::Receiver<()>,
    shown: Option<Moment>,
}

impl Window {
    fn open(path: PathBuf) -> Result<Self, Failure> {
        let (wake, woken) = crossbeam_channel::unbounded();
        let notify: Notify = std::sync::Arc::new(move || {
            let _ = wake.send(());
        });
        let past = Past::open(Origin::File(path), notify)?;
        let shown = None;
        Ok(Self { past, woken, shown })
    }

    /// Goes to a moment. Returns how long that took.
    fn moment(&mut self, at: Timestamp) -> Result<Duration, Failure> {
        let begun = Instant::now();
        self.past.seek(at, Duration::from_millis(10));
        loop {
            match self.past.try_next() {
                Some(Answer::Moment(moment)) => {
                    let took = begun.elapsed();
                    if let Some(before) = self.shown.replace(moment) {
                        self.past.give_back(before.state);
                    }
                    return Ok(took);
                }
                Some(Answer::Failed(error)) => return Err(error.into()),
                Some(_) => {}
                None => self.woken.recv()?,
            }
        }
    }
}

fn tell(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{what}: median {:.1?}, 95 % {:.1?}, at worst {:.1?}",
        at(0.5),
        at(0.95),
        at(1.0)
    );
}

/// Tells the most memory that was in use until now.
fn memory(when: &str) -> Result<(), Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let most = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap_or_default();
    println!("memory {when}: {}", most.trim_start_matches("VmHWM:").trim());
    Ok(())
}

/// Repeats a recording until it lasts for this long.
fn lengthen(path: &Path, lasts: Duration, to: &Path) -> Result<(), Failure> {
    let recording = Recording::open(path)?;
    let chunks = recording.chunks();
    let (first, last) = chunks.first().zip(chunks.last()).ok_or("it is empty")?;
    let period = last.to - first.from;
    let mut file = std::fs::File::create(to)?;
    let (mut writer, mut out) = (Writer::new(Form::Compressed, 0)?, Vec::new());
    writer.begin_file("bench", &mut out)?;
    let mut later = Duration::ZERO;
    while later < lasts {
        for number in 0..chunks.len() {
            let chunk = recording.read_chunk(number)?;
            let mut header = chunk.header().clone();
            header.begun += later;
            header.wall_clock = WallClock::showing(Duration::from_secs(1_700_000_000), header.begun);
            writer.begin_chunk(&header, &mut out)?;
            let mut flushed = Timestamp::default();
            let mut packets = chunk.packets().peekable();
            for record in chunk.records() {
                while let Some(packet) = packets.next_if(|packet| packet.at <= record.at) {
                    let interface = writer.interface(&packet.interface.name, &packet.interface.description);
                    writer.packet(recording::Packet {
                        interface,
                        at: packet.at + later,
                        direction: packet.direction.unwrap_or(feed::Direction::Sent),
                        bytes: packet.bytes,
                        comment: None,
                        missing: packet.missing,
                    })?;
                }
                if record.at >= flushed + Duration::from_secs(1) {
                    writer.flush(&mut out)?;
                    flushed = record.at;
                }
                writer.record(record.kind, record.properties, record.at + later, record.bytes)?;
            }
            writer.finish_chunk(&mut out)?;
            std::io::Write::write_all(&mut file, &out)?;
            out.clear();
        }
        later += period + Duration::from_millis(1);
    }
    Ok(())
}
