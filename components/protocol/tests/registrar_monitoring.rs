//! The registrar on its own: monitoring of pool elements.

mod support;

use protocol::registrar::RemovalReason;
use protocol::{AssociationId, Config, DownCause, Endpoint};
use support::registrar::{
    ONE, TWO, USER, acknowledgement, milliseconds, register, registrar, removals, report,
};
use support::{element, handle, registration};
use wire::asap::{Message, Registration};
use wire::parameter::RegistrationLife;

#[test]
fn a_silent_pool_element_is_probed_removed_and_cut_off() {
    let mut stand = registrar();
    register(&mut stand, ONE, &registration(1, "10.0.0.1"));
    let probed = stand.pass(milliseconds(1500));
    assert!(
        matches!(&probed.sent[..], [(ONE, Message::EndpointKeepAlive(probe))] if !probe.home && probe.pe_identifier.is_none())
    );
    let removed = stand.pass(Config::demo().keep_alive_timeout);
    assert_eq!(removals(&removed.events), [RemovalReason::KeepAliveTimeout]);
    assert_eq!(removed.aborts, [ONE]);
}

#[test]
fn a_pool_element_that_acknowledges_stays() {
    let mut stand = registrar();
    register(&mut stand, ONE, &registration(1, "10.0.0.1"));
    for _ in 0..200 {
        for (to, message) in stand.pass(milliseconds(100)).sent {
            assert!(matches!(message, Message::EndpointKeepAlive(_)));
            stand.receive(to, &acknowledgement(1));
        }
    }
    assert_eq!(stand.core.handlespace().len(), 1);
}

#[test]
fn probes_do_not_come_in_bursts() {
    let mut stand = registrar();
    for number in 1..=20 {
        let association = AssociationId::incoming(100 + u64::from(number));
        let address = format!("10.0.2.{number}");
        stand.up(association, Endpoint::Asap, &address);
        register(&mut stand, association, &registration(number, &address));
    }
    let mut probed = Vec::new();
    for _ in 0..10 {
        stand.pass(milliseconds(50));
        probed.push(stand.pass(milliseconds(50)).sent.len());
    }
    let most = probed.iter().copied().max();
    assert!(most > Some(0) && most <= Some(8), "{probed:?}");
}

#[test]
fn an_expired_registration_is_removed_and_its_pool_element_told() {
    let mut stand = registrar();
    let mut brief = Registration {
        pool_handle: handle(),
        pool_element: element(1, "10.0.0.1"),
    };
    brief.pool_element.registration_life = RegistrationLife(300);
    register(&mut stand, ONE, &Message::Registration(brief));
    let expired = stand.pass(milliseconds(300));
    assert_eq!(removals(&expired.events), [RemovalReason::Expired]);
    assert!(matches!(&expired.sent[..], [(ONE, Message::DeregistrationResponse(r))] if r.causes.is_empty()));
}

#[test]
fn a_lost_association_removes_what_registered_over_it() {
    let mut stand = registrar();
    register(&mut stand, ONE, &registration(1, "10.0.0.1"));
    register(&mut stand, TWO, &registration(2, "10.0.0.2"));
    let lost = stand.down(ONE, DownCause::Timeout);
    assert_eq!(
        removals(&lost.events),
        [RemovalReason::AssociationLost(DownCause::Timeout)]
    );
    let restarted = stand.restarted(TWO);
    assert_eq!(removals(&restarted.events), [RemovalReason::Restarted]);
    assert!(stand.core.handlespace().is_empty());
}

#[test]
fn a_reported_pool_element_is_probed_at_once_and_removed_if_it_is_dead() {
    let mut stand = registrar();
    register(&mut stand, ONE, &registration(1, "10.0.0.1"));
    let outcome = stand.receive(USER, &report(1));
    assert!(matches!(
        &outcome.sent[..],
        [(ONE, Message::EndpointKeepAlive(_))]
    ));
    assert!(
        stand.receive(USER, &report(1)).sent.is_empty(),
        "one probe at a time"
    );
    let removed = stand.pass(Config::demo().keep_alive_timeout);
    assert_eq!(removals(&removed.events), [RemovalReason::KeepAliveTimeout]);
}

#[test]
fn a_pool_element_that_answers_is_removed_only_after_too_many_reports() {
    let mut stand = registrar();
    register(&mut stand, ONE, &registration(1, "10.0.0.1"));
    for reports in 1..=4 {
        assert_eq!(stand.core.handlespace().len(), 1, "after {reports} reports");
        stand.pass(milliseconds(600));
        stand.receive(ONE, &acknowledgement(1));
        stand.receive(USER, &report(1));
        stand.receive(ONE, &acknowledgement(1));
    }
    assert!(stand.core.handlespace().is_empty());
}

#[test]
fn a_registration_forgets_earlier_reports() {
    let mut stand = registrar();
    for _ in 0..3 {
        register(&mut stand, ONE, &registration(1, "10.0.0.1"));
        for _ in 0..3 {
            stand.pass(milliseconds(600));
            stand.receive(USER, &report(1));
            stand.receive(ONE, &acknowledgement(1));
        }
    }
    assert_eq!(stand.core.handlespace().len(), 1);
}

#[test]
fn acknowledgements_for_others_do_not_count() {
    let mut stand = registrar();
    register(&mut stand, ONE, &registration(1, "10.0.0.1"));
    stand.receive(USER, &report(1));
    stand.receive(TWO, &acknowledgement(1));
    let removed = stand.pass(Config::demo().keep_alive_timeout);
    assert_eq!(removals(&removed.events), [RemovalReason::KeepAliveTimeout]);
}
