//! What is written for anything that there is to show.

use feed::{ComponentRole, Timestamp};
use ladder::{Arrow, Content, Fate, Kind, LifeLine, Target};

use crate::{
    Band, BandKind, Curves, Expectation, File, Line, Mark, Page, Panel, Phase, Recoveries, Recovery, Table,
    Verdict,
};

/// A name that is not to become anything but a text.
const NASTY: &str = r#"<script>alert("1")</script> & 'PE' ]]> <!-- "#;

fn chart(name: &str) -> Content {
    let life_line = |key, role| LifeLine {
        key,
        name: name.to_owned(),
        role,
        begins: None,
        ends: None,
    };
    Content {
        title: format!("Failover of {name}"),
        life_lines: vec![
            life_line(1, ComponentRole::PoolUser),
            life_line(2, ComponentRole::Registrar),
        ],
        arrows: vec![Arrow {
            id: 1,
            from: Some(0),
            to: Target::Line(1),
            sent: Timestamp::from_micros(100),
            arrived: Some(Timestamp::from_micros(250)),
            fate: Fate::Arrived,
            kind: Kind::Asap,
            label: "ASAP_ENDPOINT_UNREACHABLE".to_owned(),
            folds: None,
            retransmission: false,
            selected: false,
        }],
        ..Content::default()
    }
}

fn recovery(name: &str) -> Recovery {
    let phase = |name: &str, ms| Phase {
        name: name.to_owned(),
        ms,
        took: format!("{ms} ms"),
    };
    Recovery {
        title: format!("{name} failed over"),
        which: format!("the slowest of {name}"),
        phases: vec![phase("detection", 3.0), phase(name, 1.0)],
        whole: "4 ms".to_owned(),
        chart: Some(chart(name)),
        note: name.to_owned(),
    }
}

/// A page with one of everything, and this name wherever there can be one.
fn page(name: &str) -> Page {
    let text = name.to_owned();
    let line = |look, values: &[Option<f64>]| Line {
        name: text.clone(),
        look: Some(look),
        points: (0_u8..).map(f64::from).zip(values.iter().copied()).collect(),
    };
    Page {
        scenario: text.clone(),
        description: text.clone(),
        verdict: Verdict {
            met: false,
            words: text.clone(),
            details: text.clone(),
        },
        circumstances: vec![(text.clone(), text.clone())],
        expectations: vec![
            Expectation {
                step: text.clone(),
                expected: text.clone(),
                measured: text.clone(),
                met: 1,
                of: 1,
                missing: Vec::new(),
            },
            Expectation {
                step: text.clone(),
                expected: text.clone(),
                measured: text.clone(),
                met: 3,
                of: 20,
                missing: vec![text.clone()],
            },
        ],
        problems: vec![text.clone()],
        recoveries: vec![Recoveries {
            heading: text.clone(),
            note: text.clone(),
            shown: vec![recovery(name), recovery(name)],
        }],
        curves: vec![Curves {
            title: text.clone(),
            seconds: 3.0,
            panels: vec![Panel {
                title: text.clone(),
                lines: vec![
                    line(0, &[Some(1.0), Some(2.0), None, Some(f64::NAN)]),
                    line(1, &[]),
                ],
                most: None,
            }],
            bands: BandKind::ALL
                .map(|kind| Band {
                    from: 1.0,
                    to: 1.5,
                    kind,
                    text: text.clone(),
                })
                .to_vec(),
            marks: vec![Mark {
                at: 1.0,
                when: text.clone(),
                is_fault: true,
                text: text.clone(),
            }],
        }],
        curves_note: text.clone(),
        tables: vec![Table {
            caption: text.clone(),
            head: vec![text.clone(); 2],
            rows: vec![vec![text.clone(); 2]],
            ends_with_text: true,
            note: text.clone(),
        }],
        files: vec![File {
            name: "recording.pcapng.zst".to_owned(),
            what: text,
        }],
    }
}

/// Returns what follows the head of a document, which has no tags without an end and hence can be read as XML.
fn body(html: &str) -> &str {
    let begin = html.find("<body>").unwrap();
    let end = html.find("</html>").unwrap();
    &html[begin..end]
}

/// Calls `check` with the elements of the body.
fn elements(html: &str, check: impl FnOnce(&roxmltree::Document<'_>)) {
    let parsed = roxmltree::Document::parse(body(html)).unwrap_or_else(|error| panic!("{error}\n{html}"));
    check(&parsed);
}

#[test]
fn a_page_is_well_formed_whatever_it_shows() {
    for page in [Page::default(), page("PE 1"), page(NASTY), page("")] {
        elements(&page.to_html(), |document| {
            assert!(document.descendants().any(|node| node.has_tag_name("h1")));
        });
    }
}

#[test]
fn what_looks_like_markup_stays_a_text() {
    let html = page(NASTY).to_html();
    assert!(!html.contains("<script") && !html.contains("<!--"), "{html}");
    elements(&html, |document| {
        let h1 = document
            .descendants()
            .find(|node| node.has_tag_name("h1"))
            .unwrap();
        assert_eq!(h1.text(), Some(NASTY));
    });
}

#[test]
fn nothing_is_fetched_from_anywhere() {
    let html = page("http://example.org/").to_html();
    elements(&html, |document| {
        for attribute in document.descendants().flat_map(|node| node.attributes()) {
            let (name, value) = (attribute.name(), attribute.value());
            let fetches = ["src", "href", "action", "data", "poster", "srcset"].contains(&name);
            assert!(
                !fetches || value.starts_with("./") || value.starts_with('#'),
                "{name}={value}"
            );
            assert!(!name.starts_with("on"), "{name}={value}");
        }
    });
    let head = &html[..html.find("<body>").unwrap()];
    assert!(
        !head.contains("url(") && !head.contains("@import") && !head.contains("<link"),
        "{head}"
    );
}

#[test]
fn every_picture_and_table_says_what_it_is_and_every_id_is_there_once() {
    elements(&page("PE 1").to_html(), |document| {
        let mut ids = std::collections::BTreeSet::new();
        for id in document.descendants().filter_map(|node| node.attribute("id")) {
            assert!(ids.insert(id), "{id} is there twice");
        }
        for node in document.descendants() {
            match node.tag_name().name() {
                "table" => assert!(node.children().any(|child| child.has_tag_name("caption"))),
                "th" => assert!(node.has_attribute("scope"), "{node:?}"),
                "svg" if !node.has_attribute("aria-hidden") => {
                    let named = node.attribute("aria-labelledby").unwrap().split(' ');
                    assert!(named.clone().count() == 2 && named.into_iter().all(|id| ids.contains(id)));
                    let named = |name: &str| node.children().any(|child| child.tag_name().name() == name);
                    assert!(named("title") && named("desc"));
                }
                _ => {}
            }
        }
        let charts = document
            .descendants()
            .filter(|node| node.attribute("class") == Some("ladder"));
        let charts: Vec<String> = charts
            .map(|chart| chart.descendants().filter_map(|node| node.text()).collect())
            .collect();
        assert_eq!(charts.len(), 2);
        assert!(
            charts.iter().all(|chart| chart.contains("ENDPOINT_UNREACHABLE")),
            "{charts:?}"
        );
    });
}

#[test]
fn an_expectation_that_was_not_met_every_time_is_told() {
    elements(&page("PE 1").to_html(), |document| {
        let rows = document.descendants().filter(|node| node.has_tag_name("tr"));
        let class = |class: &str| {
            let rows = rows.clone().filter(|row| row.attribute("class") == Some(class));
            rows.map(|row| {
                row.descendants()
                    .filter_map(|node| node.text())
                    .collect::<String>()
            })
            .collect::<Vec<_>>()
        };
        assert_eq!(class("met").len(), 1);
        assert!(
            class("unmet").concat().contains("3 of 20"),
            "{:?}",
            class("unmet")
        );
    });
}

#[test]
fn curves_of_a_long_run_with_many_components_are_bounded() {
    let mut page = page("PE 1");
    let curves = &mut page.curves[0];
    let text = "x".repeat(10_000);
    curves.panels[0].lines = (0..1_000)
        .map(|look| Line {
            name: text.clone(),
            look: Some(look),
            points: vec![(0.0, Some(f64::MAX)), (1e9, Some(-1.0))],
        })
        .collect();
    curves.marks = (0..100_000)
        .map(|number| Mark {
            at: f64::from(number),
            when: String::new(),
            is_fault: false,
            text: String::new(),
        })
        .collect();
    let html = page.to_html();
    assert!(html.contains("and 992 more") && html.contains("And 99980 more marks"));
    elements(&html, |document| {
        let class = |class: &str| {
            document
                .descendants()
                .filter(|node| node.attribute("class") == Some(class))
                .count()
        };
        assert_eq!((class("mark"), class("name")), (1_000, Curves::LINES));
    });
}

#[test]
fn lines_differ_in_their_dashes_as_well_as_in_their_colours() {
    let mut page = page("PE 1");
    page.curves[0].panels[0].lines = (0..Curves::LINES)
        .map(|look| Line {
            name: look.to_string(),
            look: Some(look),
            points: Vec::new(),
        })
        .collect();
    elements(&page.to_html(), |document| {
        let paths = document
            .descendants()
            .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "path")));
        let looks: Vec<_> = paths
            .map(|path| (path.attribute("stroke-dasharray"), path.attribute("class")))
            .collect();
        let distinct = |looks: &[_]| looks.iter().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(distinct(&looks), Curves::LINES);
        let dashes: Vec<_> = looks.iter().take(6).map(|(dashes, _)| (*dashes, None)).collect();
        assert_eq!(distinct(&dashes), 6);
    });
}
