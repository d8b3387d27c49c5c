//! Associations that two ends report.

use super::*;

#[test]
fn both_ends_tell_of_one_association() {
    let mut fixture = Fixture::set();
    fixture.up(PU, PE, 7);
    let generation = fixture.model.generation;
    fixture.up(PE, PU, 9);
    assert_eq!(fixture.model.associations.len(), 1);
    assert_eq!(fixture.model.generation, generation, "the layout did not change");
    let association = fixture.model.associations.values().next().unwrap();
    assert_eq!(association.ends, [Some(PU), Some(PE)]);
    assert_eq!(association.views[&PU].number, 7.into());
    assert!(association.views[&PE].inbound && !association.views[&PU].inbound);
}

#[test]
fn an_end_with_several_addresses_is_recognized_by_any_of_them() {
    let mut fixture = Fixture::set();
    let mut two = end(PE);
    two.addresses.insert(0, IpAddr::from([10, 0, 0, 9]));
    fixture.feed(
        PE,
        Event::AssociationUp {
            association: 1.into(),
            protocol: Protocol::Asap,
            local: two,
            remote: end(PU),
            inbound: true,
            peer: None,
        },
    );
    fixture.up(PU, PE, 1);
    assert_eq!(fixture.model.associations.len(), 1);
    assert_eq!(fixture.model.associations.values().next().unwrap().views.len(), 2);
}

#[test]
fn an_association_goes_when_both_ends_say_so() {
    let mut fixture = Fixture::set();
    fixture.up(PU, PE, 1);
    fixture.up(PE, PU, 1);
    fixture.down(PE, PU, 1);
    assert_eq!(fixture.model.associations.values().next().unwrap().views.len(), 1);
    fixture.down(PU, PE, 1);
    assert!(fixture.model.associations.is_empty());
    assert!(fixture.model.index.pairs.is_empty() && fixture.model.index.ends.is_empty());
}

#[test]
fn the_dead_see_nothing_and_the_living_still_believe() {
    let mut fixture = Fixture::set();
    fixture.up(PU, PE, 1);
    fixture.up(PE, PU, 1);
    fixture.up(PE, PR, 2);
    fixture.kill(PE);
    // The registrar had not reported its end: nothing is left of that association.
    assert_eq!(fixture.model.associations.len(), 1);
    let association = fixture.model.associations.values().next().unwrap();
    assert_eq!(association.views.keys().collect::<Vec<_>>(), [&PU]);
    assert_eq!(association.ends, [Some(PU), Some(PE)], "it can still be drawn");
    fixture.down(PU, PE, 1);
    fixture.told("PU 1 noticed that PE 1 is gone");
    assert!(fixture.model.associations.is_empty());
}

#[test]
fn ports_that_are_used_again_belong_to_a_new_association() {
    let mut fixture = Fixture::set();
    fixture.up(PU, PE, 1);
    fixture.up(PE, PU, 1);
    fixture.up(PU, PE, 2);
    fixture.down(PU, PE, 1);
    assert_eq!(
        fixture.model.associations.values().next().unwrap().views[&PU].number,
        2.into()
    );
    fixture.down(PU, PE, 2);
    fixture.down(PE, PU, 1);
    assert!(fixture.model.associations.is_empty());
}

#[test]
fn an_end_that_says_hello_late_is_named() {
    let mut fixture = Fixture::set();
    let late = ComponentId(9);
    fixture.up(PU, late, 1);
    let ends = |fixture: &Fixture| fixture.model.associations.values().next().unwrap().ends;
    assert_eq!(ends(&fixture), [Some(PU), None]);
    fixture.add(late, ComponentRole::PoolElement, "PE 9");
    fixture.hello(late);
    assert_eq!(ends(&fixture), [Some(PU), Some(late)]);
}

#[test]
fn an_association_without_addresses_is_not_believed() {
    let mut fixture = Fixture::set();
    let nowhere = TransportAddress {
        addresses: Vec::new(),
        port: 1,
    };
    fixture.feed(
        PU,
        Event::AssociationUp {
            association: 1.into(),
            protocol: Protocol::Asap,
            local: nowhere,
            remote: end(PE),
            inbound: false,
            peer: None,
        },
    );
    assert!(fixture.model.associations.is_empty());
    assert_eq!(fixture.component(PU).ignored_events, 1);
}

#[test]
fn a_feed_cannot_tell_of_associations_without_end() {
    let mut fixture = Fixture::set();
    for number in 0..5_000_u64 {
        fixture.feed(
            PU,
            Event::AssociationUp {
                association: number.into(),
                protocol: Protocol::Asap,
                local: end(PU),
                remote: TransportAddress {
                    addresses: vec![ip(PE)],
                    port: number as u16,
                },
                inbound: false,
                peer: None,
            },
        );
    }
    assert!(fixture.model.associations.len() < 5_000);
    assert!(fixture.component(PU).ignored_events > 0);
    fixture.end(PU, Ending::Clean);
    assert!(fixture.model.associations.is_empty());
}
