//! Draws charts that have everything in them: a failover, and a takeover. `specimen OUT_DIR` writes them as SVG and PNG.

use std::error::Error;
use std::path::Path;

use feed::{ComponentRole, Timestamp};
use ladder::{
    Arrow, Band, BandKind, Caused, Content, Ending, Event, EventKind, Fate, FoldClass, Kind, Layout,
    LifeLine, Options, Origin, Receiver, Style, Target, Theme, measure, pages, png, png_page, svg, svg_page,
};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args().nth(1).ok_or("usage: specimen OUT_DIR")?;
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory)?;
    for (name, content) in [
        ("failover", failover()),
        ("takeover", takeover()),
        ("crowd", crowd()),
    ] {
        let layout = Layout::new(&content, &Options::default(), &measure);
        for (suffix, theme) in [("", Theme::Paper), ("-dark", Theme::Dark)] {
            let prefix = format!("{name}{suffix}");
            let style = Style { theme, prefix };
            std::fs::write(
                directory.join(format!("{name}{suffix}.svg")),
                svg(&layout, &style),
            )?;
            std::fs::write(
                directory.join(format!("{name}{suffix}.png")),
                png(&layout, &style, 2.0)?,
            )?;
        }
        for page in pages(&layout, 600.0) {
            let file = format!("{name}-{}-of-{}", page.number, page.count);
            let style = Style::default();
            std::fs::write(
                directory.join(format!("{file}.svg")),
                svg_page(&layout, &style, &page),
            )?;
            std::fs::write(
                directory.join(format!("{file}.png")),
                png_page(&layout, &style, 1.0, &page)?,
            )?;
        }
    }
    Ok(())
}

/// The fault lies here; all times are told from it, in microseconds.
const FAULT_US: i64 = 5_000_000;

fn at(us: i64) -> Timestamp {
    Timestamp::from_micros((FAULT_US + us).unsigned_abs())
}

fn life(key: u32, name: &str, role: ComponentRole) -> LifeLine {
    LifeLine {
        key,
        name: name.into(),
        role,
        begins: None,
        ends: None,
    }
}

/// Puts messages one after the other into a chart.
#[derive(Default)]
struct Messages(Vec<Arrow>);

impl Messages {
    fn send(
        &mut self,
        label: &str,
        kind: Kind,
        (from, to): (usize, usize),
        (sent, taken): (i64, i64),
    ) -> &mut Arrow {
        let id = self.0.len() as u64 + 1;
        self.0.push(Arrow {
            id,
            from: Some(from),
            to: Target::Line(to),
            sent: at(sent),
            arrived: Some(at(sent + taken)),
            fate: Fate::Arrived,
            kind,
            label: label.into(),
            folds: None,
            retransmission: false,
            selected: false,
        });
        // A message was pushed.
        self.0.last_mut().expect("the message that was just pushed")
    }
}

fn event(id: u64, line: usize, us: i64, text: &str, kind: EventKind, caused: Vec<Caused>) -> Event {
    Event {
        id,
        line,
        at: at(us),
        text: text.into(),
        kind,
        caused,
    }
}

fn band(from: i64, to: i64, label: &str, kind: BandKind) -> Band {
    Band {
        from: at(from),
        to: at(to),
        label: label.into(),
        lines: None,
        kind,
    }
}

fn failover() -> Content {
    const PU: usize = 0;
    const PR: usize = 1;
    const FIRST: usize = 2;
    const SECOND: usize = 3;
    let mut messages = Messages::default();
    for line in 0..23 {
        let label = format!("FGP_DATA line {line}");
        messages
            .send(&label, Kind::Application, (FIRST, PU), (-9_000 + 330 * line, 140))
            .folds = Some(FoldClass::Pixels);
    }
    messages.send("ASAP_COOKIE", Kind::Asap, (FIRST, PU), (-900, 150));
    messages
        .send("FGP_KEEPALIVE", Kind::Application, (PU, FIRST), (20_300, 0))
        .fate = Fate::Lost;
    let again = messages.send("FGP_KEEPALIVE", Kind::Application, (PU, FIRST), (23_400, 0));
    (again.fate, again.retransmission, again.arrived) = (Fate::Unknown, true, None);
    messages.send("ASAP_ENDPOINT_UNREACHABLE", Kind::Asap, (PU, PR), (26_250, 130));
    messages
        .send("ASAP_HANDLE_RESOLUTION", Kind::Asap, (PU, PR), (26_320, 120))
        .selected = true;
    messages.send(
        "ASAP_HANDLE_RESOLUTION_RESPONSE",
        Kind::Asap,
        (PR, PU),
        (26_780, 140),
    );
    messages.send("INIT", Kind::Sctp, (PU, SECOND), (27_100, 90));
    messages.send("INIT_ACK", Kind::Sctp, (SECOND, PU), (27_240, 90));
    messages.send("COOKIE_ECHO", Kind::Sctp, (PU, SECOND), (27_380, 95));
    messages.send("COOKIE_ACK", Kind::Sctp, (SECOND, PU), (27_520, 95));
    messages.send("ASAP_COOKIE_ECHO", Kind::Asap, (PU, SECOND), (27_800, 150));
    for line in 0..31 {
        let label = format!("FGP_DATA line {}", line + 23);
        messages
            .send(
                &label,
                Kind::Application,
                (SECOND, PU),
                (28_700 + 310 * line, 130),
            )
            .folds = Some(FoldClass::Pixels);
    }
    let keep_alive = messages.send("ASAP_ENDPOINT_KEEP_ALIVE", Kind::Asap, (PR, FIRST), (31_000, 0));
    (keep_alive.fate, keep_alive.arrived) = (Fate::Unknown, None);
    messages
        .send("DEREGISTRATION", Kind::Asap, (FIRST, PR), (34_000, 0))
        .fate = Fate::Refused;
    let mut first = life(3, "PE 1", ComponentRole::PoolElement);
    first.ends = Some((at(0), Ending::Killed));
    let mut second = life(4, "PE 2", ComponentRole::PoolElement);
    second.begins = Some(at(-8_000));
    let unreachable = messages
        .0
        .iter()
        .find(|arrow| arrow.label.contains("UNREACHABLE"))
        .map_or(0, |arrow| arrow.id);
    Content {
        title: "Failover of a fractal session from PE 1 to PE 2".into(),
        life_lines: vec![
            life(1, "PU 1", ComponentRole::PoolUser),
            life(2, "PR 1", ComponentRole::Registrar),
            first,
            second,
        ],
        arrows: messages.0,
        events: vec![
            event(
                1,
                PU,
                26_200,
                "keep-alive timer expired",
                EventKind::TimerExpired,
                vec![Caused::Event(2)],
            ),
            event(
                2,
                PU,
                26_210,
                "PE 1 is unreachable",
                EventKind::Detected,
                vec![Caused::Arrow(unreachable)],
            ),
            event(3, PU, 27_060, "failover to PE 2", EventKind::Failover, Vec::new()),
        ],
        bands: vec![
            band(0, 26_210, "detected", BandKind::Detection),
            band(26_210, 26_920, "resolved", BandKind::Resolution),
            band(26_920, 28_830, "resumed", BandKind::Resumption),
        ],
        origin: Some(Origin {
            at: at(0),
            name: "the fault, the kill of PE 1".into(),
        }),
    }
}

fn takeover() -> Content {
    let mut messages = Messages::default();
    for round in 0..2 {
        for (offset, from) in [(0, 0), (90_000, 1), (170_000, 2)] {
            let sent = -600_000 + 400_000 * round + offset;
            if from == 0 && round == 1 {
                continue;
            }
            let others = (0..3).filter(|line| *line != from);
            let receivers = others.map(|line| Receiver {
                line,
                arrived: Some(at(sent + 120)),
            });
            messages
                .send("ENRP_PRESENCE", Kind::Enrp, (from, from), (sent, 120))
                .to = Target::Multicast(receivers.collect());
        }
    }
    messages
        .send("ENRP_PRESENCE", Kind::Enrp, (1, 0), (1_000_000, 0))
        .fate = Fate::Unknown;
    messages.send("ENRP_INIT_TAKEOVER", Kind::Enrp, (1, 2), (2_000_200, 160));
    messages.send("ENRP_INIT_TAKEOVER_ACK", Kind::Enrp, (2, 1), (2_000_700, 150));
    messages.send("ENRP_TAKEOVER_SERVER", Kind::Enrp, (1, 2), (2_001_300, 150));
    for round in 0..6 {
        let sent = 2_002_000 + 300 * round;
        let class = Some(FoldClass::KeepAlive);
        messages
            .send("ASAP_ENDPOINT_KEEP_ALIVE", Kind::Asap, (1, 3), (sent, 90))
            .folds = class;
        messages
            .send(
                "ASAP_ENDPOINT_KEEP_ALIVE_ACK",
                Kind::Asap,
                (3, 1),
                (sent + 150, 90),
            )
            .folds = class;
    }
    messages.send("ASAP_REGISTRATION", Kind::Asap, (3, 1), (2_005_000, 120));
    messages.send("ASAP_REGISTRATION_RESPONSE", Kind::Asap, (1, 3), (2_005_400, 120));
    messages
        .send("ENRP_HANDLE_UPDATE", Kind::Enrp, (1, 1), (2_005_700, 0))
        .to = Target::Multicast(Vec::new());
    messages.send("timer restarted", Kind::Other, (1, 1), (2_006_100, 40));
    messages
        .send("CSP status", Kind::Other, (2, 2), (2_006_500, 40))
        .to = Target::Outside;
    let mut first = life(1, "PR 1", ComponentRole::Registrar);
    first.ends = Some((at(0), Ending::Failed));
    let started = messages
        .0
        .iter()
        .find(|arrow| arrow.label == "ENRP_INIT_TAKEOVER")
        .map_or(0, |arrow| arrow.id);
    Content {
        title: "Takeover of the pool elements of PR 1 by PR 2".into(),
        life_lines: vec![
            first,
            life(2, "PR 2", ComponentRole::Registrar),
            life(3, "PR 3", ComponentRole::Registrar),
            life(4, "PE 1 <\"Kreuzberg\" & sons>", ComponentRole::PoolElement),
        ],
        arrows: messages.0,
        events: vec![
            event(
                1,
                1,
                2_000_000,
                "peer timer expired",
                EventKind::TimerExpired,
                vec![Caused::Event(2)],
            ),
            event(
                2,
                1,
                2_000_050,
                "PR 1 is dead",
                EventKind::Detected,
                vec![Caused::Arrow(started)],
            ),
            event(3, 1, 2_001_100, "takes over", EventKind::Takeover, Vec::new()),
            event(
                4,
                2,
                1_400_000,
                "a presence that never came",
                EventKind::Fault,
                Vec::new(),
            ),
        ],
        bands: vec![
            band(0, 2_000_050, "detected", BandKind::Detection),
            band(2_000_050, 2_005_820, "taken over", BandKind::Takeover),
            Band {
                lines: Some(1..3),
                ..band(2_000_200, 2_000_850, "agreed", BandKind::Other)
            },
        ],
        origin: Some(Origin {
            at: at(0),
            name: "the failure of PR 1".into(),
        }),
    }
}

/// Many components at once, in a few milliseconds.
fn crowd() -> Content {
    const LINES: usize = 9;
    let mut messages = Messages::default();
    for number in 0..70_i64 {
        let from = (number * 7 % LINES as i64) as usize;
        let to = (from + 1 + (number * 5 % 8) as usize) % LINES;
        let kind = Kind::ALL[(number % 5) as usize];
        let label = [
            "ASAP_REGISTRATION",
            "ENRP_HANDLE_UPDATE",
            "FGP_DATA line 17",
            "SACK",
            "query",
        ][(number % 5) as usize];
        let arrow = messages.send(label, kind, (from, to), (number * 55, 90 + number % 7 * 40));
        arrow.retransmission = number % 23 == 11;
        if number % 19 == 7 {
            arrow.fate = Fate::Lost;
        }
    }
    let role = |line: usize| match line {
        0..3 => ComponentRole::PoolUser,
        3..6 => ComponentRole::Registrar,
        _ => ComponentRole::PoolElement,
    };
    let mut lives: Vec<LifeLine> = (0..LINES)
        .map(|line| life(0, &format!("component {line}"), role(line)))
        .collect();
    lives[8].ends = Some((at(1_900), Ending::Stopped));
    Content {
        title: "A crowd".into(),
        life_lines: lives,
        arrows: messages.0,
        events: vec![event(
            1,
            4,
            1_200,
            "a peer fell silent",
            EventKind::Detected,
            vec![Caused::Arrow(30)],
        )],
        ..Content::default()
    }
}
