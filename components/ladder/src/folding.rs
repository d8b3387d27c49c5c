//! Rows of routine messages, folded into one arrow.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Arrow, Content, Fate, FoldClass, Target};

/// What is drawn as one thing, by indices of arrows, in the order of their sending.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Folded {
    pub(crate) singles: Vec<usize>,
    pub(crate) groups: Vec<Group>,
}

/// A row of at least two messages of a class between the same two life lines.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// In the order of their sending.
    pub(crate) arrows: Vec<usize>,
    /// The sender of the first message, and its receiver.
    pub(crate) lines: (usize, usize),
    /// Whether messages went in both directions.
    pub(crate) both: bool,
}

/// Which messages may share a group: the class, and the two life lines, the smaller first.
type Row = (FoldClass, usize, usize);

/// Folds rows of messages, except those whose first message is in `unfolded`.
///
/// A row ends where anything else is told on one of its two life lines: a message that does not fold, or an event.
pub(crate) fn fold(content: &Content, unfolded: &BTreeSet<u64>) -> Folded {
    let mut open: BTreeMap<Row, Group> = BTreeMap::new();
    let mut groups = Vec::new();
    let mut singles = Vec::new();
    for (_, told) in in_order(content) {
        match told {
            Told::Row(index, row) => join_row(&mut open, row, index, &content.arrows),
            Told::Single(index) => {
                singles.push(index);
                if let Some(arrow) = content.arrows.get(index) {
                    close(&mut open, &mut groups, |row| {
                        touches(arrow, row.1) || touches(arrow, row.2)
                    });
                }
            }
            Told::At(line) => close(&mut open, &mut groups, |row| row.1 == line || row.2 == line),
        }
    }
    close(&mut open, &mut groups, |_| true);
    let (kept, shown): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(|group| {
        let first = group.arrows.first().and_then(|first| content.arrows.get(*first));
        group.arrows.len() > 1 && first.is_some_and(|first| !unfolded.contains(&first.id))
    });
    singles.extend(shown.into_iter().flat_map(|group| group.arrows));
    singles.sort_by_key(|index| order(content, *index));
    let mut groups = kept;
    groups.sort_by_key(|group| group.arrows.first().map(|first| order(content, *first)));
    Folded { singles, groups }
}

fn join_row(open: &mut BTreeMap<Row, Group>, row: Row, index: usize, arrows: &[Arrow]) {
    let from = arrows.get(index).and_then(|arrow| arrow.from).unwrap_or(row.1);
    let group = open.entry(row).or_insert_with(|| Group {
        arrows: Vec::new(),
        lines: (from, if from == row.1 { row.2 } else { row.1 }),
        both: false,
    });
    group.both |= group.lines.0 != from;
    group.arrows.push(index);
}

/// Something that is told on life lines, in the order of time.
enum Told {
    Row(usize, Row),
    Single(usize),
    At(usize),
}

fn in_order(content: &Content) -> Vec<((u64, u64), Told)> {
    let arrows = content.arrows.iter().enumerate().map(|(index, arrow)| {
        let told =
            row(arrow, content.life_lines.len()).map_or(Told::Single(index), |row| Told::Row(index, row));
        ((arrow.sent.as_micros(), arrow.id), told)
    });
    // The arrival of a message that does not fold is told as well.
    let arrivals = content
        .arrows
        .iter()
        .filter(|arrow| row(arrow, content.life_lines.len()).is_none());
    let arrivals = arrivals.filter_map(|arrow| match (&arrow.to, arrow.arrived) {
        (Target::Line(line), Some(at)) => Some(((at.as_micros(), arrow.id), Told::At(*line))),
        _ => None,
    });
    let events = content
        .events
        .iter()
        .map(|event| ((event.at.as_micros(), 0), Told::At(event.line)));
    let lives = content.life_lines.iter().enumerate().flat_map(|(line, life)| {
        let ends = life.ends.map(|(at, _)| at);
        let ends = [life.begins, ends].into_iter().flatten();
        ends.map(move |at| ((at.as_micros(), 0), Told::At(line)))
    });
    let mut told: Vec<_> = arrows.chain(arrivals).chain(events).chain(lives).collect();
    told.sort_by_key(|(order, _)| *order);
    told
}

fn order(content: &Content, index: usize) -> Option<(u64, u64, usize)> {
    let arrow = content.arrows.get(index)?;
    Some((arrow.sent.as_micros(), arrow.id, index))
}

/// Returns the row that a message may belong to. What went wrong is never hidden in a row.
fn row(arrow: &Arrow, lines: usize) -> Option<Row> {
    let class = arrow.folds?;
    let (Some(from), Target::Line(to)) = (arrow.from, &arrow.to) else {
        return None;
    };
    let routine = matches!(arrow.fate, Fate::Arrived | Fate::Unknown) && !arrow.retransmission;
    let shown = from < lines && *to < lines && from != *to;
    (routine && shown).then_some((class, from.min(*to), from.max(*to)))
}

fn touches(arrow: &Arrow, line: usize) -> bool {
    arrow.from == Some(line)
        || match &arrow.to {
            Target::Line(to) => *to == line,
            Target::Outside => false,
            Target::Multicast(receivers) => receivers.iter().any(|receiver| receiver.line == line),
        }
}

fn close(open: &mut BTreeMap<Row, Group>, groups: &mut Vec<Group>, ended: impl Fn(&Row) -> bool) {
    groups.extend(open.extract_if(.., |row, _| ended(row)).map(|(_, group)| group));
}

/// Returns the label of a group: how many messages of which names.
pub(crate) fn group_label(group: &Group, content: &Content) -> String {
    let labels = || {
        let arrows = group.arrows.iter().filter_map(|index| content.arrows.get(*index));
        arrows.map(|arrow| arrow.label.as_str())
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for label in labels() {
        *counts.entry(label).or_default() += 1;
    }
    if counts.len() > 2 {
        // Labels may end in figures of each message: the names before them are what a row has in common.
        counts.clear();
        for label in labels() {
            *counts
                .entry(label.split_whitespace().next().unwrap_or(""))
                .or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    let more = counts.len() > 2;
    let named = counts
        .iter()
        .take(2)
        .map(|(name, count)| format!("{count} × {name}"));
    let mut label = named.collect::<Vec<_>>().join(", ");
    if more {
        label = format!("{} messages: {label}, …", group.arrows.len());
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::tests::{arrow, event, two_lines};

    fn pixels(ids: std::ops::Range<u64>) -> impl Iterator<Item = Arrow> {
        ids.map(|id| Arrow {
            folds: Some(FoldClass::Pixels),
            label: "FGP_DATA".into(),
            ..arrow(id, 1, 0, 100 * id)
        })
    }

    #[test]
    fn a_row_becomes_a_group_until_something_else_is_told() {
        let mut content = two_lines();
        content.arrows.extend(pixels(1..8));
        content.events.push(event(1, 0, 350));
        let folded = fold(&content, &BTreeSet::new());
        let counts: Vec<_> = folded.groups.iter().map(|group| group.arrows.len()).collect();
        assert_eq!((counts, folded.singles.len()), (vec![3, 4], 0));
        assert_eq!(group_label(&folded.groups[1], &content), "4 × FGP_DATA");

        let unfolded = fold(&content, &BTreeSet::from([4]));
        assert_eq!((unfolded.groups.len(), unfolded.singles), (1, vec![3, 4, 5, 6]));
    }

    #[test]
    fn what_went_wrong_is_not_hidden() {
        let mut content = two_lines();
        content.arrows.extend(pixels(1..6));
        content.arrows[2].fate = Fate::Lost;
        let folded = fold(&content, &BTreeSet::new());
        assert_eq!(folded.singles, [2]);
        assert_eq!(folded.groups.len(), 2);
    }

    #[test]
    fn answers_fold_with_what_they_answer() {
        let mut content = two_lines();
        content.arrows.extend(pixels(1..5));
        content.arrows[1].from = Some(0);
        content.arrows[1].to = Target::Line(1);
        content.arrows[1].label = "FGP_KEEP".into();
        let folded = fold(&content, &BTreeSet::new());
        assert!(folded.groups[0].both);
        assert_eq!(
            group_label(&folded.groups[0], &content),
            "3 × FGP_DATA, 1 × FGP_KEEP"
        );
    }

    #[test]
    fn labels_with_figures_are_told_by_their_names() {
        let mut content = two_lines();
        content.arrows.extend(pixels(1..5));
        for (line, arrow) in content.arrows.iter_mut().enumerate() {
            arrow.label = format!("FGP_DATA line {line}");
        }
        let folded = fold(&content, &BTreeSet::new());
        assert_eq!(group_label(&folded.groups[0], &content), "4 × FGP_DATA");
    }
}
