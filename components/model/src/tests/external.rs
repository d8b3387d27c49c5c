//! Components started elsewhere.

use wire::Ppid;
use wire::csp::{AssociationEntry, ComponentIdentifier, PROTOCOL_SCTP, Report, Workload};

use super::*;
use crate::{External, ExternalEnd, Timeline};

const SOURCE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 10, 0, 61));

/// The point in time this many seconds after the origin.
const fn second(seconds: u64) -> Timestamp {
    moment(seconds * 1_000)
}

fn pool_element(number: u32) -> ComponentIdentifier {
    ComponentIdentifier::pool_element(PeIdentifier(number))
}

fn report(component: ComponentIdentifier) -> Report {
    Report {
        component,
        is_final: false,
        uptime_us: 5_000_000,
        interval_us: 1_000_000,
        location: "uml: 10.10.0.61:45810, 2001:db8::1".into(),
        status: "1 Session".into(),
        workload: Some(Workload::from_load(0.5)),
        associations: Vec::new(),
    }
}

impl Fixture {
    fn hear(&mut self, at: Timestamp, report: Report) {
        self.hear_from(SOURCE, at, report);
    }

    fn hear_from(&mut self, source: IpAddr, at: Timestamp, report: Report) {
        self.apply(Update::Report {
            at,
            source,
            report: Box::new(report),
        });
    }

    fn sentences(&self) -> Vec<&str> {
        let entries = self.model.timeline.entries.iter();
        entries.map(|entry| entry.text.as_str()).collect()
    }
}

#[test]
fn an_uptime_that_is_the_time_of_day_makes_nobody_decades_old() {
    let mut fixture = Fixture::set();
    // Noon on 1 June 2007, in microseconds since 1970.
    let time_of_day = |second: u64| 1_180_699_200_000_000 + second * 1_000_000;
    for now in [100, 101, 130] {
        let old = Report {
            uptime_us: time_of_day(now),
            associations: vec![AssociationEntry {
                receiver: pool_element(2),
                duration_us: Some(time_of_day(now)),
                protocol: PROTOCOL_SCTP,
                ppid: Ppid::ASAP,
            }],
            ..report(pool_element(1))
        };
        fixture.hear(second(now), old);
    }
    let component = fixture.model.external().get(pool_element(1)).unwrap();
    assert_eq!(component.since, second(100), "since its first report");
    let links: Vec<_> = fixture.model.links_of(component).collect();
    assert_eq!(links.len(), 1);
    assert!(links.iter().all(|link| link.duration.is_none()), "{links:?}");
}

#[test]
fn a_report_makes_a_component_known() {
    let mut fixture = Fixture::set();
    let generation = fixture.model.generation;
    fixture.hear(second(100), report(pool_element(0x261)));
    let component = fixture.model.external().get(pool_element(0x261)).unwrap();
    assert_eq!(component.name, "PE 0x00000261 on uml");
    assert_eq!(component.role, Some(ComponentRole::PoolElement));
    assert_eq!(component.since, second(95));
    assert!((component.load.unwrap() - 0.5).abs() < 1e-3);
    let addresses: Vec<String> = component.addresses.iter().map(IpAddr::to_string).collect();
    assert_eq!(addresses, ["10.10.0.61", "2001:db8::1"]);
    assert_eq!(fixture.model.generation, generation + 1);
    fixture.told("PE 0x00000261 on uml reports from 10.10.0.61");
    // Another report of the same component changes its status, not the set of components.
    fixture.hear(second(101), report(pool_element(0x261)));
    assert_eq!(fixture.model.generation, generation + 1);
    assert_eq!(fixture.model.external().iter().next().unwrap().reports, 2);
    assert_eq!(fixture.model.external_at(SOURCE).unwrap().reports, 2);
}

#[test]
fn the_last_report_removes_it() {
    let mut fixture = Fixture::set();
    let one = pool_element(1);
    fixture.hear(second(1), report(one));
    fixture.hear(second(2), Report::last(one, 1_000_000, 1_000_000));
    assert!(fixture.model.external().is_empty());
    fixture.told("PE 0x00000001 on uml says that it ends");
    // From an unknown component it means nothing.
    fixture.hear(second(3), Report::last(pool_element(2), 1_000_000, 1_000_000));
    assert!(fixture.model.external().is_empty());
}

#[test]
fn the_silent_are_stale_first_and_forgotten_later() {
    let mut fixture = Fixture::set();
    let one = pool_element(1);
    fixture.hear(second(100), report(one));
    let component = fixture.model.external().get(one).unwrap();
    assert!(!component.is_stale(second(102)) && component.is_stale(second(103)));
    // Ten intervals, like rsplib's monitor.
    assert_eq!(fixture.model.external().poll_timeout(), Some(second(110)));
    fixture.apply(Update::ReportsDue { at: second(109) });
    assert_eq!(fixture.model.external().len(), 1);
    fixture.apply(Update::ReportsDue { at: second(110) });
    assert!(fixture.model.external().is_empty());
    fixture.told("PE 0x00000001 on uml has not reported for 10 s: forgotten");
    assert_eq!(fixture.model.external().poll_timeout(), None);
}

#[test]
fn the_time_until_it_is_forgotten_has_bounds() {
    for (interval_us, seconds) in [(0, 3), (250_000, 3), (500_000, 5), (u32::MAX, 30)] {
        let mut fixture = Fixture::set();
        fixture.hear(
            Timestamp::default(),
            Report {
                interval_us,
                ..report(pool_element(1))
            },
        );
        assert_eq!(fixture.model.external().poll_timeout(), Some(second(seconds)));
    }
}

#[test]
fn own_components_are_not_external() {
    let mut fixture = Fixture::set();
    fixture.hear(second(1), report(pool_element(identifier(PE))));
    fixture.hear(second(1), report(pool_element(0)));
    assert!(fixture.model.external().is_empty());
}

#[test]
fn ends_are_own_external_or_unknown() {
    let mut fixture = Fixture::set();
    let own = identifier(PR);
    let registrars =
        [own, 0x151, 0x152].map(|number| ComponentIdentifier::registrar(RegistrarIdentifier(number)));
    let entry = |receiver| AssociationEntry {
        receiver,
        duration_us: Some(7),
        protocol: PROTOCOL_SCTP,
        ppid: Ppid::ASAP,
    };
    fixture.hear(
        second(1),
        Report {
            associations: registrars.map(entry).to_vec(),
            ..report(pool_element(1))
        },
    );
    fixture.hear(second(1), report(registrars[1]));
    let links: Vec<_> = fixture.model.external_links().collect();
    assert!(
        links
            .iter()
            .all(|link| link.from == pool_element(1) && link.ppid == Ppid::ASAP)
    );
    let ends: Vec<_> = links.iter().map(|link| link.to).collect();
    let expected = [
        ExternalEnd::Own(PR),
        ExternalEnd::External(registrars[1]),
        ExternalEnd::Unknown(registrars[2]),
    ];
    assert_eq!(ends, expected);
    // Two components at one address are ambiguous.
    assert_eq!(fixture.model.external_at(SOURCE), None);
}

#[test]
fn a_flood_of_components_is_bounded() {
    let mut fixture = Fixture::set();
    // Two of them are our own.
    let host = |number: u32| IpAddr::from([10, 0, (number % 8) as u8, 1]);
    for number in 1..=u32::try_from(External::COMPONENTS).unwrap() + 50 {
        fixture.hear_from(host(number), second(1), report(pool_element(number)));
    }
    assert_eq!(fixture.model.external().len(), External::COMPONENTS);
    fixture.told(
        "48 reports of more external components were left out, the latest since there are 1024 already",
    );
    // Known components keep reporting.
    fixture.hear_from(host(1), second(2), report(pool_element(1)));
    assert_eq!(fixture.model.external().get(pool_element(1)).unwrap().reports, 2);
}

#[test]
fn one_host_does_not_take_the_room_of_all() {
    let mut fixture = Fixture::set();
    for number in 1..=300 {
        fixture.hear(second(1), report(pool_element(number)));
    }
    assert_eq!(fixture.model.external().len(), External::COMPONENTS_OF_A_SOURCE);
    fixture.hear_from(ip(PE2), second(1), report(pool_element(999)));
    assert!(fixture.model.external().get(pool_element(999)).is_some());
}

#[test]
fn who_comes_and_goes_again_and_again_does_not_evict_the_timeline() {
    let mut fixture = Fixture::set();
    let before = fixture.sentences().join("\n");
    assert!(before.contains("PE 1 was started"));
    let one = pool_element(1);
    // One every millisecond for a minute, from as many addresses as possible.
    let generation = fixture.model.generation;
    for number in 0..60_000_u32 {
        let source = IpAddr::from(number.to_be_bytes());
        let at = second(100) + ms(number.into());
        fixture.hear_from(source, at, report(one));
        fixture.hear_from(source, at, Report::last(one, 1_000_000, 1_000_000));
    }
    let after = fixture.sentences();
    assert!(
        after.join("\n").contains(&before),
        "all that was told before is there"
    );
    let reports = after.iter().filter(|text| text.contains("reports from")).count();
    assert!((50..=Timeline::OF_THE_NETWORK).contains(&reports), "{reports}");
    let left_out: Vec<_> = after.iter().filter(|text| text.contains("left out")).collect();
    assert!(
        matches!(left_out.as_slice(), [only] if only.ends_with("since too many come and go")),
        "{left_out:?}"
    );
    assert!(left_out[0].starts_with("58917 reports of more external components were left out"));
    // Nor is the layout recomputed each time.
    assert!(fixture.model.generation - generation < 2_500);
}

#[test]
fn one_source_that_lets_components_come_and_go_leaves_a_budget_to_others() {
    let mut fixture = Fixture::set();
    let one = pool_element(1);
    for turn in 0..10_000 {
        fixture.hear(second(100) + Duration::from_micros(turn), report(one));
        fixture.hear(
            second(100) + Duration::from_micros(turn),
            Report::last(one, 1_000_000, 1_000_000),
        );
    }
    assert!(fixture.model.external().is_empty());
    fixture.told(
        "9744 reports of more external components were left out, the latest since too many from 10.10.0.61 come and go",
    );
    fixture.hear_from(ip(PE2), second(101), report(pool_element(2)));
    assert_eq!(fixture.model.external().len(), 1);
    // In the long run it gets its share as well, and what is left out later is reported anew.
    fixture.hear(second(200), report(one));
    assert_eq!(fixture.model.external().len(), 2);
}

#[test]
fn nobody_speaks_in_the_name_of_a_component_that_reports_from_elsewhere() {
    let mut fixture = Fixture::set();
    let one = pool_element(1);
    fixture.hear(second(100), report(one));
    fixture.hear_from(ip(PE2), second(101), Report::last(one, 1_000_000, 1_000_000));
    let lie = Report {
        status: "a lie".into(),
        ..report(one)
    };
    fixture.hear_from(ip(PE2), second(101), lie.clone());
    assert_eq!(fixture.model.external().get(one).unwrap().status, "1 Session");
    // Once it has fallen silent, its address may have changed.
    fixture.hear_from(ip(PE2), second(104), lie);
    assert_eq!(fixture.model.external().get(one).unwrap().source, ip(PE2));
}

#[test]
fn odd_words_do_no_harm() {
    for (location, name, addresses) in [
        ("(local only)", "PE 0x00000001", 0),
        ("", "PE 0x00000001", 0),
        ("10.0.0.1:80, [2001:db8::1]:81, 10.0.0.2", "PE 0x00000001", 3),
        (": :::, 1.2.3.4.5, ,\u{7}\u{1b}[2J", "PE 0x00000001", 0),
        ("host\n: ::1", "PE 0x00000001 on host", 1),
    ] {
        let mut fixture = Fixture::set();
        fixture.hear(
            second(1),
            Report {
                location: location.into(),
                status: "\u{1b}[31mred".into(),
                ..report(pool_element(1))
            },
        );
        let component = fixture.model.external().iter().next().unwrap();
        assert_eq!(
            (component.name.as_str(), component.addresses.len()),
            (name, addresses),
            "{location}"
        );
        assert_eq!(component.status, "[31mred");
    }
}
