//! Records of models that somebody has changed: they are refused, or what is read from them goes on without a panic.

use proptest::prelude::*;
use wire::csp::ComponentIdentifier;

use super::damage::{damage, values};
use super::*;
use crate::{Grid, Span, bounded};

/// Asks a model for everything that a window shows.
fn look_at(model: &Model, now: Timestamp) {
    let _ = model.start_failure();
    let _ = model.timeline.headline();
    let _: Vec<_> = model.external_links().collect();
    let _ = model.external_at(IpAddr::from([192, 0, 2, 1]));
    let _ = model.external().get(ComponentIdentifier::from_number(1));
    let _ = model.external().poll_timeout();
    for component in model.external().iter() {
        let _ = (
            component.is_stale(now),
            component.silence(now),
            component.short_name(),
        );
    }
    for component in model.components.values() {
        let _ = (
            component.trouble(),
            component.fails_after(),
            component.held_canvas(),
        );
        let _ = component.silence.map(|silence| silence.sentence(now));
        let _ = component
            .picture_to_compare()
            .map(|canvas| crate::Comparison::of(canvas, &[]));
        let comparison = component.held.as_ref().and_then(|held| held.comparison());
        let _ = comparison.map(crate::Comparison::in_words);
        for peer in &component.registrar.peers {
            let _ = model.agreement(component, peer, now);
        }
        for failover in &component.failovers {
            let _ = (failover.gap(), component.failover(failover.key));
        }
    }
    for takeover in &model.takeovers {
        let _ = (takeover.initiator(), takeover.duration(), takeover.sign(model));
        for view in takeover.views.values() {
            let _ = (view.adopted(), view.pool_elements());
        }
    }
    for record in &model.messages.records {
        let _ = (model.protocol_of(record), model.messages.get(record.number));
    }
    let grid = Grid::until(now, ms(500), 20);
    for pool in model.history.pools(Timestamp::default()) {
        let _ = model.history.pool_totals(pool, grid);
        let span = model.history.pool_span(pool, Timestamp::default(), now);
        let _ = (
            span.utilisation(),
            span.speed(feed::WorkUnit::Pixels),
            span.mean_capacity(),
        );
    }
    for (_, track) in model.history.tracks() {
        let sound =
            |span: &Span| span.load().is_none_or(f64::is_finite) && span.queued().is_none_or(f64::is_finite);
        assert!(track.spans(grid).all(|span| sound(&span)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_from_a_damaged_record_goes_on(
        updates in anything::updates(),
        damages in prop::collection::vec(damage(), 100),
    ) {
        let (before, after) = updates.split_at(updates.len() * 2 / 3);
        let mut model = Model::default();
        before.iter().for_each(|update| model.apply(update.clone()));
        let record = rmp_serde::to_vec_named(&model).unwrap();
        let places = values(&record);
        let mut read = 0;
        for damage in damages {
            let Ok(mut model) = rmp_serde::from_slice::<Model>(&damage.done_to(&record, &places)) else {
                continue;
            };
            read += 1;
            look_at(&model, moment(1_000_000));
            after.iter().for_each(|update| model.apply(update.clone()));
            look_at(&model, moment(2_000_000));
            let again = rmp_serde::to_vec_named(&model).unwrap();
            match rmp_serde::from_slice::<Model>(&again) {
                Ok(again) => prop_assert_eq!(again.digest(), model.digest()),
                // It was damaged to be just below that, and has gone on from there.
                Err(error) => prop_assert!(error.to_string().contains(bounded::UNREACHABLE), "{error}"),
            }
        }
        prop_assert!(read > 0, "everything was refused");
    }
}
