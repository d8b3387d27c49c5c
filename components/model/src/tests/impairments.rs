//! What is told of impaired links.

use feed::{Impairment, LinkTarget};

use super::*;

#[test]
fn faults_of_links_say_which_and_what_and_a_dragged_slider_is_one_event() {
    let mut fixture = Fixture::set();
    fixture.now += Duration::from_secs(100);
    let fault = |target, impairment: Impairment| Change::LinkFault {
        fault: if impairment.cut {
            Fault::CutLink
        } else {
            Fault::Impair
        },
        target,
        impairment,
    };
    let loss = |percent: u32| Impairment {
        loss: f64::from(percent) / 100.0,
        ..Impairment::default()
    };
    let entries = |fixture: &Fixture| fixture.model.timeline.entries.len();
    let before = entries(&fixture);
    for percent in 1..=30 {
        fixture.now += Duration::from_millis(30);
        fixture.change(PE, fault(LinkTarget::All, loss(percent)));
    }
    fixture.told("All links of PE 1 are bad: 30 % loss");
    assert_eq!(entries(&fixture), before + 1);
    fixture.now += Duration::from_secs(5);
    fixture.change(PE, fault(LinkTarget::All, loss(40)));
    assert_eq!(entries(&fixture), before + 2, "that is another one");

    let (pe, pr) = (LinkTarget::Peer(ip(PE)), LinkTarget::Peer(ip(PR)));
    fixture.change(PE, fault(pr, Impairment::UNPLUGGED));
    fixture.told("PE 1 was cut off from PR 1");
    let before = entries(&fixture);
    fixture.change(PR, fault(pe, Impairment::UNPLUGGED));
    assert_eq!(entries(&fixture), before, "the other end of the same link");
    let one_way = Impairment {
        direction: feed::Affected::Sent,
        burst: 5.0,
        ..loss(20)
    };
    fixture.change(PE, fault(pr, one_way));
    let told = "The link between PE 1 and PR 1 is bad: 20 % loss in bursts of 5, only what PE 1 sends";
    fixture.told(told);
    fixture.feed(
        PE,
        Event::Impairments {
            links: vec![(pr, one_way)],
        },
    );
    fixture.feed(PE, Event::Impairments { links: vec![] });
    fixture.told("The link between PE 1 and PR 1 is good again");
}

#[test]
fn undone_impairments_are_told() {
    let mut fixture = Fixture::set();
    let lossy = Impairment {
        loss: 0.1,
        ..Impairment::default()
    };
    let peer = LinkTarget::Peer(ip(PU));
    let mut links = vec![(LinkTarget::All, Impairment::UNPLUGGED), (peer, lossy)];
    fixture.feed(PE, Event::Impairments { links: links.clone() });
    assert!(fixture.component(PE).is_unplugged());
    links[0].1 = Impairment::default();
    fixture.feed(PE, Event::Impairments { links });
    fixture.told("PE 1 was plugged in again");
    assert_eq!(fixture.component(PE).impairments.len(), 1);
    fixture.feed(PE, Event::Impairments { links: Vec::new() });
    fixture.told("The link between PE 1 and PU 1 is good again");
}
