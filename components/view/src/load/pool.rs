//! The charts of a pool, computed from the history of its members.

use std::collections::BTreeSet;
use std::time::Duration;

use egui_plot::PlotPoint;
use feed::{ComponentRole, Timestamp, WorkUnit};

use super::curves::{Chart, ChartMark, Curve, Ink, Piece, PoolCharts};
use super::figures::{Figures, Row};
use super::quantity::{Quantity, Scale};
use crate::snapshot::Snapshot;
use model::{ComponentId, Grid, History, MarkKind, PoolSpan, PoolTotals, Span, Totals, Track};
use wire::PoolHandle;

/// The windows over which figures that jitter are averaged.
const WORK: Duration = Duration::from_secs(3);
pub(super) const REQUESTS: Duration = Duration::from_secs(10);
pub(super) const SPEED: Duration = Duration::from_secs(30);
/// The maximum number of marks in a chart.
const MOST_MARKS: usize = 60;

/// Computes the charts of a pool.
pub(super) fn pool_charts(
    snapshot: &Snapshot<'_>,
    pool: &PoolHandle,
    chosen: &BTreeSet<Quantity>,
    grid: Grid,
) -> PoolCharts {
    let history = &snapshot.model.history;
    // The first values of the charts are means of what was before.
    let lead = window(SPEED, grid);
    let long = Grid {
        begin: grid.begin - grid.step * u32::try_from(lead).unwrap_or(u32::MAX),
        count: grid.count + lead,
        ..grid
    };
    let mut sums = vec![PoolTotals::default(); long.count + 1];
    let mut members: Vec<Member<'_>> = Vec::new();
    for (id, track) in history.tracks() {
        if track.pool.as_ref() == Some(pool) && track.was_there(long.begin) {
            let totals: Vec<Totals> = track.totals(long).collect();
            for (sum, totals) in sums.iter_mut().zip(&totals) {
                sum.add(track.role, totals);
            }
            members.push(Member { id, track, totals });
        }
    }
    let unit = members.iter().find_map(|member| member.track.unit);
    let unit = unit.unwrap_or(WorkUnit::Messages);
    let source = Source {
        now: snapshot.now,
        grid,
        lead,
        unit,
        sums,
    };
    let last = grid.count.saturating_sub(1);
    let charts = chosen
        .iter()
        .map(|quantity| chart(*quantity, &source, &members))
        .collect();
    let rows = members
        .iter()
        .filter(|member| member.track.role == ComponentRole::PoolElement)
        .filter_map(|member| Row::of(snapshot, member.id, &source.span_of(member, last, WORK)))
        .collect();
    PoolCharts {
        name: pool.to_string(),
        charts,
        marks: marks(history, pool, &source),
        figures: Figures::of(
            snapshot,
            pool,
            unit,
            &source.span(last, REQUESTS),
            &source.span(last, SPEED),
        ),
        rows,
    }
}

/// A member of a pool, with what it had done at the edges of the long grid.
struct Member<'a> {
    id: ComponentId,
    track: &'a Track,
    totals: Vec<Totals>,
}

/// What the charts of a pool are computed from.
struct Source {
    now: Timestamp,
    grid: Grid,
    /// The number of spans before the grid.
    lead: usize,
    unit: WorkUnit,
    /// What all had done at the edges of the long grid.
    sums: Vec<PoolTotals>,
}

fn chart(quantity: Quantity, source: &Source, members: &[Member<'_>]) -> Chart {
    let of_role = |role: ComponentRole| members.iter().filter(move |member| member.track.role == role);
    let each = |role: ComponentRole, length: Duration, value: fn(&Span) -> Option<f64>| -> Vec<Curve> {
        of_role(role)
            .map(|member| member_curve(source, member, length, value))
            .collect()
    };
    let (elements, users) = (ComponentRole::PoolElement, ComponentRole::PoolUser);
    let mut scale = match quantity {
        Quantity::Load | Quantity::Utilisation => Scale::Percent,
        Quantity::Sessions | Quantity::Queue => Scale::Number,
        Quantity::Work | Quantity::Received | Quantity::Speed => Scale::Work(source.unit),
        Quantity::Requests => Scale::Requests,
    };
    let curves = match quantity {
        Quantity::Load => each(elements, Duration::ZERO, Span::load),
        Quantity::Sessions => each(elements, Duration::ZERO, Span::sessions),
        Quantity::Work => each(elements, WORK, Span::work_per_second),
        Quantity::Received => each(users, REQUESTS, Span::work_per_second),
        Quantity::Utilisation => {
            let utilisation = |span: &PoolSpan| Some(span.utilisation()?.share());
            vec![source.curve("utilisation", Ink::Pool, REQUESTS, utilisation)]
        }
        Quantity::Speed => {
            let mut recent = (0..source.grid.count)
                .rev()
                .map(|index| source.span(index, SPEED));
            let known = recent.find_map(|span| span.speed(source.unit));
            if let Some(model::Speed::OfCapacity(_)) = known {
                scale = Scale::Percent;
            }
            let speed = |span: &PoolSpan| Some(span.speed(source.unit)?.value());
            vec![source.curve("handling speed", Ink::Pool, SPEED, speed)]
        }
        Quantity::Queue => vec![
            source.curve("in service", Ink::Muted, Duration::ZERO, |span| {
                span.users.sessions()
            }),
            source.curve("waiting", Ink::Pool, Duration::ZERO, |span| span.users.queued()),
        ],
        Quantity::Requests => vec![
            source.curve("completed", Ink::Good, REQUESTS, |span| {
                span.users.completed_per_second()
            }),
            source.curve("rejected", Ink::Bad, REQUESTS, |span| {
                span.elements.rejected_per_second()
            }),
        ],
    };
    // What has no value at all in this span of time has no curve.
    let curves = curves.into_iter().filter(|curve| !curve.pieces.is_empty());
    Chart {
        quantity,
        scale,
        curves: curves.collect(),
    }
}

fn member_curve(
    source: &Source,
    member: &Member<'_>,
    length: Duration,
    value: fn(&Span) -> Option<f64>,
) -> Curve {
    let values = (0..source.grid.count).map(|index| {
        // The mean of what was before does not outlive its process.
        let is_there = source.span_of(member, index, Duration::ZERO).alive() > 0.0;
        let mean = is_there.then(|| source.span_of(member, index, length));
        value(&mean?)
    });
    let values: Vec<_> = values.collect();
    let doubts: Vec<_> = member.track.doubts().collect();
    let is_doubtful = |index: usize| {
        let (begin, end) = (source.grid.edge(index), source.grid.edge(index + 1));
        doubts
            .iter()
            .any(|doubt| doubt.from < end && doubt.to.is_none_or(|to| to > begin))
    };
    let pieces = source.pieces(&values, is_doubtful);
    let last = pieces.last().and_then(|piece| piece.points.last()).copied();
    Curve {
        owner: Some(member.id),
        name: member.track.name.clone(),
        ink: match member.track.role {
            ComponentRole::PoolElement => Ink::Element(member.track.colour),
            ComponentRole::PoolUser | ComponentRole::Registrar => Ink::User,
        },
        end: last.filter(|_| !member.track.is_alive()),
        values,
        pieces,
    }
}

impl Source {
    /// Returns the edges in the long grid of the window of this length that ends with a span of the grid, and how long
    /// it is.
    fn window(&self, index: usize, length: Duration) -> (usize, usize, Duration) {
        let to = self.lead + index + 1;
        let from = to.saturating_sub(window(length, self.grid));
        (
            from,
            to,
            self.grid.step * u32::try_from(to - from).unwrap_or(u32::MAX),
        )
    }

    /// Returns what the pool did in the window of this length that ends with a span of the grid.
    fn span(&self, index: usize, length: Duration) -> PoolSpan {
        let (from, to, length) = self.window(index, length);
        match (self.sums.get(from), self.sums.get(to)) {
            (Some(from), Some(to)) => to.since(from, length),
            _ => PoolSpan::default(),
        }
    }

    /// The same of a member.
    fn span_of(&self, member: &Member<'_>, index: usize, length: Duration) -> Span {
        let (from, to, length) = self.window(index, length);
        match (member.totals.get(from), member.totals.get(to)) {
            (Some(from), Some(to)) => to.since(from, length),
            _ => Span::default(),
        }
    }

    fn curve(
        &self,
        name: &str,
        ink: Ink,
        length: Duration,
        value: impl Fn(&PoolSpan) -> Option<f64>,
    ) -> Curve {
        let values = (0..self.grid.count).map(|index| value(&self.span(index, length)));
        let values: Vec<_> = values.collect();
        Curve {
            owner: None,
            name: name.to_owned(),
            ink,
            pieces: self.pieces(&values, |_| false),
            values,
            end: None,
        }
    }

    /// Returns the pieces of a curve, each in the middle of its span.
    fn pieces(&self, values: &[Option<f64>], is_doubtful: impl Fn(usize) -> bool) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut before: Option<PlotPoint> = None;
        for (index, value) in values.iter().enumerate() {
            let Some(value) = *value else {
                before = None;
                continue;
            };
            let middle = self.grid.edge(index) + self.grid.step / 2;
            let point = PlotPoint::new(self.seconds(middle), value);
            let doubtful = is_doubtful(index);
            match pieces.last_mut() {
                Some(piece) if before.is_some() && piece.doubtful == doubtful => piece.points.push(point),
                _ => pieces.push(Piece {
                    points: before.into_iter().chain([point]).collect(),
                    doubtful,
                }),
            }
            before = Some(point);
        }
        pieces
    }

    /// Returns a time in seconds from now, negative for the past.
    fn seconds(&self, at: Timestamp) -> f64 {
        (at - self.now).as_secs_f64() - (self.now - at).as_secs_f64()
    }
}

/// Returns the number of spans that a window of this length has.
fn window(length: Duration, grid: Grid) -> usize {
    let spans = length.as_secs_f64() / grid.step.as_secs_f64();
    (spans.ceil() as usize).max(1)
}

/// Returns the marks of a pool's members, and those of registrars, in the span of the charts.
fn marks(history: &History, pool: &PoolHandle, source: &Source) -> Vec<ChartMark> {
    let concerns = |mark: &model::HistoryMark| {
        let Some(track) = history.track(mark.component) else {
            return false;
        };
        let is_shown = match track.role {
            ComponentRole::PoolElement => mark.kind != MarkKind::Start && mark.kind != MarkKind::Stop,
            // Their coming and going is no event of the pool.
            ComponentRole::PoolUser | ComponentRole::Registrar => mark.kind.is_fault(),
        };
        is_shown && (track.role == ComponentRole::Registrar || track.pool.as_ref() == Some(pool))
    };
    let ended = |mark: &model::HistoryMark| match mark.kind.lasts() {
        true => mark.until.unwrap_or(source.now),
        false => mark.at,
    };
    let mut marks: Vec<ChartMark> = history
        .marks()
        .rev()
        .filter(|mark| ended(mark) >= source.grid.begin && concerns(mark))
        .take(MOST_MARKS)
        .map(|mark| ChartMark {
            kind: mark.kind,
            from: source.seconds(mark.at),
            to: mark.kind.lasts().then(|| source.seconds(ended(mark))),
            text: mark.text.clone(),
        })
        .collect();
    marks.reverse();
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        let now = Timestamp::from_micros(100_000_000);
        Source {
            now,
            grid: Grid::until(now, Duration::from_secs(2), 5),
            lead: 0,
            unit: WorkUnit::Pixels,
            sums: Vec::new(),
        }
    }

    #[test]
    fn gaps_are_gaps_and_doubt_begins_where_knowledge_ends() {
        let values = [Some(1.0), Some(2.0), None, Some(3.0), Some(4.0)];
        let pieces = source().pieces(&values, |index| index == 4);
        let drawn: Vec<_> = pieces
            .iter()
            .map(|piece| {
                let points = piece.points.iter().map(|point| (point.x, point.y));
                (piece.doubtful, points.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(
            drawn,
            [
                (false, vec![(-9.0, 1.0), (-7.0, 2.0)]),
                (false, vec![(-3.0, 3.0)]),
                (true, vec![(-3.0, 3.0), (-1.0, 4.0)]),
            ]
        );
    }
}
