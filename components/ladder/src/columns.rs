//! Which way arrows go between life lines, and how far apart these therefore stand.

use std::ops::Range;

use crate::text::Texts;
use crate::{Arrow, Content, Target, TextStyle};

/// The way of an arrow, by indices of life lines that exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Between(usize, usize),
    /// To its sender.
    Own(usize),
    /// To somebody not shown, beyond the margin at this side.
    Leaves(usize, Side),
    /// From somebody not shown.
    Comes(Side, usize),
    /// To a multicast group: life lines, and the indices of the receivers.
    Spread(Option<usize>, Vec<(usize, usize)>),
    /// Neither its sender nor a receiver is shown.
    Nowhere,
}

/// A margin of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

impl Side {
    const fn nearest(line: usize, lines: usize) -> Self {
        if 2 * line < lines.saturating_sub(1) || line == 0 {
            Self::Left
        } else {
            Self::Right
        }
    }
}

impl Route {
    pub(crate) fn of(arrow: &Arrow, lines: usize) -> Self {
        let from = arrow.from.filter(|line| *line < lines);
        match (&arrow.to, from) {
            (Target::Line(to), Some(from)) if *to < lines => {
                if from == *to {
                    Self::Own(from)
                } else {
                    Self::Between(from, *to)
                }
            }
            (Target::Line(to), None) if *to < lines => Self::Comes(Side::nearest(*to, lines), *to),
            (Target::Multicast(receivers), from) => {
                let lines = receivers
                    .iter()
                    .enumerate()
                    .map(|(index, receiver)| (receiver.line, index))
                    .filter(|(line, _)| *line < lines && Some(*line) != from);
                let receivers: Vec<_> = lines.collect();
                if receivers.is_empty() && from.is_none() {
                    Self::Nowhere
                } else {
                    Self::Spread(from, receivers)
                }
            }
            (_, Some(from)) => Self::Leaves(from, Side::nearest(from, lines)),
            (_, None) => Self::Nowhere,
        }
    }

    /// Returns the columns that the arrow passes: column 0 lies left of the first life line, column n right of the
    /// last of n.
    pub(crate) fn columns(&self, lines: usize) -> Range<usize> {
        let beyond = |side: Side, line: usize| match side {
            Side::Left => 0..line + 1,
            Side::Right => line + 1..lines + 1,
        };
        match self {
            Self::Between(from, to) => *from.min(to) + 1..*from.max(to) + 1,
            Self::Own(line) => line + 1..line + 2,
            Self::Leaves(line, side) | Self::Comes(side, line) => beyond(*side, *line),
            Self::Spread(Some(_), receivers) if receivers.is_empty() => 0..lines + 1,
            Self::Spread(from, receivers) => {
                let ends = || receivers.iter().map(|(line, _)| *line).chain(*from);
                let first = if from.is_some() {
                    ends().min().map_or(0, |line| line + 1)
                } else {
                    0
                };
                first..ends().max().map_or(0, |line| line + 1)
            }
            Self::Nowhere => 0..0,
        }
    }

    /// Returns the life line that it leaves.
    pub(crate) const fn sender(&self) -> Option<usize> {
        match self {
            Self::Between(from, _) | Self::Own(from) | Self::Leaves(from, _) => Some(*from),
            Self::Spread(from, _) => *from,
            Self::Comes(..) | Self::Nowhere => None,
        }
    }
}

/// The width of the axis with its times, at the left.
pub(crate) const AXIS_WIDTH: f32 = 96.0;
const NARROWEST: f32 = 104.0;
const WIDEST: f32 = 230.0;
/// The margins beside the outermost life lines: without and with arrows that lead there.
const MARGIN: f32 = 34.0;
const USED_MARGIN: f32 = 92.0;
/// What a label needs at both sides together.
const BESIDE_LABEL: f32 = 34.0;
/// The width of a header.
pub(crate) const WIDEST_HEADER: f32 = 150.0;
const NARROWEST_HEADER: f32 = 76.0;
const BETWEEN_HEADERS: f32 = 14.0;

/// Where the life lines stand, in points.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Columns {
    pub(crate) lines: Vec<f32>,
    pub(crate) header_widths: Vec<f32>,
    pub(crate) left: f32,
    pub(crate) right: f32,
}

impl Columns {
    pub(crate) fn x(&self, line: usize) -> f32 {
        self.lines.get(line).copied().unwrap_or(self.right)
    }

    pub(crate) const fn edge(&self, side: Side) -> f32 {
        match side {
            Side::Left => self.left,
            Side::Right => self.right,
        }
    }
}

/// Sets the life lines apart as far as the labels between them need, within bounds.
pub(crate) fn columns(
    content: &Content,
    lines: usize,
    labels: &[(Range<usize>, String)],
    texts: &mut Texts<'_>,
) -> Columns {
    let mut needs = vec![NARROWEST; lines + 1];
    if let [first, .., last] = needs.as_mut_slice() {
        (*first, *last) = (MARGIN, MARGIN);
    }
    for (passed, label) in labels {
        let width = (texts.width(label, TextStyle::Label) + BESIDE_LABEL) / passed.len().max(1) as f32;
        for column in passed.clone() {
            let at_margin = column == 0 || column == lines;
            let least = if at_margin { USED_MARGIN } else { NARROWEST };
            if let Some(need) = needs.get_mut(column) {
                *need = need.max(width.clamp(least, WIDEST));
            }
        }
    }
    let mut header_width = |line: usize| {
        let life = content.life_lines.get(line)?;
        let name = texts.width(&life.name, TextStyle::Name);
        let role = texts.width(&life.role.to_string(), TextStyle::Small);
        Some((name.max(role) + 22.0).clamp(NARROWEST_HEADER, WIDEST_HEADER))
    };
    let header_widths: Vec<f32> = (0..lines).filter_map(&mut header_width).collect();
    set(&needs, header_widths)
}

fn set(needs: &[f32], header_widths: Vec<f32>) -> Columns {
    let mut x = AXIS_WIDTH;
    let mut lines = Vec::new();
    let mut before = 0.0;
    for (width, need) in header_widths.iter().zip(needs) {
        let headers = f32::midpoint(before, *width) + BETWEEN_HEADERS;
        x += need.max(if before == 0.0 { width / 2.0 + 4.0 } else { headers });
        lines.push(x);
        before = *width;
    }
    let last = needs.last().copied().unwrap_or(MARGIN);
    Columns {
        lines,
        header_widths,
        left: AXIS_WIDTH,
        right: x + last.max(before / 2.0 + 4.0),
    }
}
