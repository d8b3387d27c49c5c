//! Measures the user-space transport on loopback: `cargo run --release -p transport --example measure`.

use std::time::{Duration, Instant};

use transport::{
    AssociationConfig, AssociationId, Cause, Config, Event, Events, Impairment, Link, Message, Peer,
    Transport, user_space,
};

const PORT: u16 = 3863;

struct Node {
    transport: Transport,
    events: Events,
}

impl Node {
    fn start(association: AssociationConfig) -> Self {
        let config = Config {
            association,
            ..Config::default()
        };
        let (transport, events) = user_space::start(config).expect("a loopback address is free");
        transport.listen(PORT).expect("the port is free");
        Self { transport, events }
    }

    fn next(&mut self) -> Event {
        self.events.blocking_recv().expect("the transport runs")
    }

    fn connect(&mut self, server: &mut Self) -> (AssociationId, AssociationId) {
        let peer = Peer {
            addresses: server.transport.local_addresses().to_vec(),
            port: PORT,
        };
        let id = self.transport.connect(0, peer, None);
        assert!(matches!(self.next(), Event::Up { .. }));
        (id, server.next().id())
    }

    fn down(&mut self) -> Cause {
        loop {
            if let Event::Down { cause, .. } = self.next() {
                return cause;
            }
        }
    }
}

fn main() {
    let demo = AssociationConfig::demo;
    report("set-up of an association", set_up(demo(), 500));
    report("refusal", refusals(demo(), 100));
    report("round trip of 64 bytes", round_trips(demo(), 64, 2000));
    report("round trip of 16 kB", round_trips(demo(), 16 * 1024, 300));
    bulk(demo());
    many(demo(), 500);
    let vanish = |server: &Node| server.transport.vanish();
    let cut = |server: &Node| {
        server
            .transport
            .set_impairment(Link::All, Impairment::CUT)
            .expect("user space can do that");
    };
    report("death of an idle peer, demo", detection(&demo(), 20, vanish));
    report(
        "death of an idle peer, demo session",
        detection(&AssociationConfig::demo_session(), 50, vanish),
    );
    report("unplugged peer, demo", detection(&demo(), 10, cut));
    report(
        "unplugged peer, demo session",
        detection(&AssociationConfig::demo_session(), 10, cut),
    );
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share| figures::quantile(&times, share).unwrap_or_default();
    println!(
        "{what:36} min {:>9.1?}  median {:>9.1?}  95 % {:>9.1?}  max {:>9.1?}",
        at(0.0),
        at(0.5),
        at(0.95),
        at(1.0)
    );
}

fn set_up(config: AssociationConfig, count: usize) -> Vec<Duration> {
    let (mut client, mut server) = (Node::start(config.clone()), Node::start(config));
    let mut measure = || {
        let start = Instant::now();
        client.connect(&mut server);
        start.elapsed()
    };
    (0..count).map(|_| measure()).collect()
}

fn refusals(config: AssociationConfig, count: usize) -> Vec<Duration> {
    let (mut client, server) = (Node::start(config.clone()), Node::start(config));
    let peer = Peer {
        addresses: server.transport.local_addresses().to_vec(),
        port: 1,
    };
    let mut measure = || {
        let start = Instant::now();
        client.transport.connect(0, peer.clone(), None);
        assert_eq!(client.down(), Cause::Refused);
        start.elapsed()
    };
    (0..count).map(|_| measure()).collect()
}

fn round_trips(config: AssociationConfig, size: usize, count: usize) -> Vec<Duration> {
    let (mut client, mut server) = (Node::start(config.clone()), Node::start(config));
    let (id, _) = client.connect(&mut server);
    std::thread::spawn(move || {
        while let Some(event) = server.events.blocking_recv() {
            if let Event::Message { id, message } = event {
                let _ = server.transport.send(id, message);
            }
        }
    });
    let mut measure = || {
        let start = Instant::now();
        client
            .transport
            .send(id, Message::new(0, vec![7; size]))
            .expect("there is room");
        assert!(matches!(client.next(), Event::Message { .. }));
        start.elapsed()
    };
    (0..count).map(|_| measure()).collect()
}

fn bulk(config: AssociationConfig) {
    let (mut client, mut server) = (Node::start(config.clone()), Node::start(config));
    let (id, _) = client.connect(&mut server);
    let (messages, size) = (500_usize, 32 * 1024);
    let start = Instant::now();
    let receiver = std::thread::spawn(move || {
        for _ in 0..messages {
            while !matches!(server.next(), Event::Message { .. }) {}
        }
    });
    for _ in 0..messages {
        while client.transport.send(id, Message::new(0, vec![7; size])).is_err() {
            client.next();
        }
    }
    receiver.join().expect("the receiver gets everything");
    let rate = (messages * size) as f64 / start.elapsed().as_secs_f64() / 1e6;
    println!("{:36} {rate:.1} MB/s", "bulk");
}

fn many(config: AssociationConfig, count: usize) {
    let (mut client, mut server) = (Node::start(config.clone()), Node::start(config));
    let peer = Peer {
        addresses: server.transport.local_addresses().to_vec(),
        port: PORT,
    };
    let start = Instant::now();
    for _ in 0..count {
        client.transport.connect(0, peer.clone(), None);
    }
    for _ in 0..count {
        assert!(matches!(client.next(), Event::Up { .. }));
        assert!(matches!(server.next(), Event::Up { .. }));
    }
    println!(
        "{:36} {:.1?}",
        format!("{count} associations at once"),
        start.elapsed()
    );
    let busy = processor_time();
    let seconds = 2;
    std::thread::sleep(Duration::from_secs(seconds));
    let share = (processor_time() - busy).as_secs_f64() / seconds as f64 * 100.0;
    println!(
        "{:36} {share:.1} % of a processor, both sides together",
        "  idle, with heartbeats"
    );
}

fn processor_time() -> Duration {
    let usage =
        nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_SELF).expect("it is there");
    let time = |value: nix::sys::time::TimeVal| {
        Duration::from_micros(u64::try_from(value.tv_sec() * 1_000_000 + value.tv_usec()).unwrap_or(0))
    };
    time(usage.user_time()) + time(usage.system_time())
}

fn detection(config: &AssociationConfig, count: usize, fail: impl Fn(&Node)) -> Vec<Duration> {
    let measure = |round: usize| {
        let (mut client, mut server) = (Node::start(config.clone()), Node::start(config.clone()));
        client.connect(&mut server);
        // At varying moments between two heartbeats.
        std::thread::sleep(Duration::from_millis(200 + round as u64 * 7));
        let start = Instant::now();
        fail(&server);
        client.down();
        start.elapsed()
    };
    (0..count).map(measure).collect()
}
