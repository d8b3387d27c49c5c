//! Components that others have started.

use wire::Ppid;
use wire::csp::{AssociationEntry, ComponentIdentifier, PROTOCOL_SCTP, Report, Workload};

use super::*;
use crate::{Foreign, ForeignEnd};

const SOURCE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 10, 0, 61));
const SECOND: u64 = 1_000_000;

fn pool_element(number: u32) -> ComponentIdentifier {
    ComponentIdentifier::pool_element(PeIdentifier(number))
}

fn report(component: ComponentIdentifier) -> Report {
    Report {
        component,
        is_final: false,
        uptime_us: 5 * SECOND,
        interval_us: 1_000_000,
        location: "uml: 10.10.0.61:45810, 2001:db8::1".into(),
        status: "1 Session".into(),
        workload: Some(Workload::from_load(0.5)),
        associations: Vec::new(),
    }
}

impl Stage {
    fn hear(&mut self, at_us: u64, report: Report) {
        self.model.apply(Update::Report {
            at_us,
            source: SOURCE,
            report: Box::new(report),
        });
    }
}

#[test]
fn a_report_makes_a_component_known() {
    let mut stage = Stage::set();
    let generation = stage.model.generation;
    stage.hear(100 * SECOND, report(pool_element(0x261)));
    let component = stage.model.foreign().get(pool_element(0x261)).unwrap();
    assert_eq!(component.name, "PE 0x00000261 on uml");
    assert_eq!(component.role, Some(ComponentRole::PoolElement));
    assert_eq!(component.since_us, 95 * SECOND);
    assert!((component.load.unwrap() - 0.5).abs() < 1e-3);
    let addresses: Vec<String> = component.addresses.iter().map(IpAddr::to_string).collect();
    assert_eq!(addresses, ["10.10.0.61", "2001:db8::1"]);
    assert_eq!(stage.model.generation, generation + 1);
    stage.told("PE 0x00000261 on uml reports from 10.10.0.61");
    // Another one of the same component changes what it says, not who is there.
    stage.hear(101 * SECOND, report(pool_element(0x261)));
    assert_eq!(stage.model.generation, generation + 1);
    assert_eq!(stage.model.foreign().iter().next().unwrap().reports, 2);
    assert_eq!(stage.model.foreign_at(SOURCE).unwrap().reports, 2);
}

#[test]
fn the_last_report_removes_it() {
    let mut stage = Stage::set();
    let one = pool_element(1);
    stage.hear(SECOND, report(one));
    stage.hear(2 * SECOND, Report::last(one, SECOND, 1_000_000));
    assert!(stage.model.foreign().is_empty());
    stage.told("PE 0x00000001 on uml says that it ends");
    // Of somebody unknown it means nothing.
    stage.hear(3 * SECOND, Report::last(pool_element(2), SECOND, 1_000_000));
    assert!(stage.model.foreign().is_empty());
}

#[test]
fn the_silent_are_stale_first_and_forgotten_later() {
    let mut stage = Stage::set();
    let one = pool_element(1);
    stage.hear(100 * SECOND, report(one));
    let component = stage.model.foreign().get(one).unwrap();
    assert!(!component.is_stale(102 * SECOND) && component.is_stale(103 * SECOND));
    // Ten intervals, as rsplib's monitor has it.
    assert_eq!(stage.model.foreign().poll_timeout(), Some(110 * SECOND));
    stage.model.apply(Update::ReportsDue { at_us: 109 * SECOND });
    assert_eq!(stage.model.foreign().len(), 1);
    stage.model.apply(Update::ReportsDue { at_us: 110 * SECOND });
    assert!(stage.model.foreign().is_empty());
    stage.told("PE 0x00000001 on uml has not reported for 10 s: forgotten");
    assert_eq!(stage.model.foreign().poll_timeout(), None);
}

#[test]
fn the_time_until_it_is_forgotten_has_bounds() {
    for (interval_us, seconds) in [(0, 3), (250_000, 3), (500_000, 5), (u32::MAX, 30)] {
        let mut stage = Stage::set();
        stage.hear(
            0,
            Report {
                interval_us,
                ..report(pool_element(1))
            },
        );
        assert_eq!(stage.model.foreign().poll_timeout(), Some(seconds * SECOND));
    }
}

#[test]
fn own_components_are_not_foreign() {
    let mut stage = Stage::set();
    let identifier = u32::try_from(stage.component(PE).identifier.unwrap()).unwrap();
    stage.hear(SECOND, report(pool_element(identifier)));
    stage.hear(SECOND, report(pool_element(0)));
    assert!(stage.model.foreign().is_empty());
}

#[test]
fn ends_are_own_foreign_or_unknown() {
    let mut stage = Stage::set();
    let own = u32::try_from(stage.component(PR).identifier.unwrap()).unwrap();
    let registrars =
        [own, 0x151, 0x152].map(|number| ComponentIdentifier::registrar(RegistrarIdentifier(number)));
    let entry = |receiver| AssociationEntry {
        receiver,
        duration_us: Some(7),
        protocol: PROTOCOL_SCTP,
        ppid: Ppid::ASAP,
    };
    stage.hear(
        SECOND,
        Report {
            associations: registrars.map(entry).to_vec(),
            ..report(pool_element(1))
        },
    );
    stage.hear(SECOND, report(registrars[1]));
    let links: Vec<_> = stage.model.foreign_links().collect();
    assert!(
        links
            .iter()
            .all(|link| link.from == pool_element(1) && link.ppid == Ppid::ASAP)
    );
    let ends: Vec<_> = links.iter().map(|link| link.to).collect();
    let expected = [
        ForeignEnd::Own(PR),
        ForeignEnd::Foreign(registrars[1]),
        ForeignEnd::Unknown(registrars[2]),
    ];
    assert_eq!(ends, expected);
    // Two of them at one address: nobody can tell which one it is.
    assert_eq!(stage.model.foreign_at(SOURCE), None);
}

#[test]
fn a_flood_of_components_is_bounded() {
    let mut stage = Stage::set();
    for number in 1..=u32::try_from(Foreign::COMPONENTS).unwrap() + 50 {
        stage.hear(SECOND, report(pool_element(number)));
    }
    assert_eq!(stage.model.foreign().len(), Foreign::COMPONENTS);
    stage.told("More than 1024 foreign components are too many: further ones are not shown");
    // Those that are known go on reporting.
    stage.hear(2 * SECOND, report(pool_element(1)));
    assert_eq!(stage.model.foreign().get(pool_element(1)).unwrap().reports, 2);
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
        let mut stage = Stage::set();
        stage.hear(
            SECOND,
            Report {
                location: location.into(),
                status: "\u{1b}[31mred".into(),
                ..report(pool_element(1))
            },
        );
        let component = stage.model.foreign().iter().next().unwrap();
        assert_eq!(
            (component.name.as_str(), component.addresses.len()),
            (name, addresses),
            "{location}"
        );
        assert_eq!(component.status, "[31mred");
    }
}
