//! Results as a table for people.

use crate::{Estimate, Measure, Results};

/// Returns a table of some measures, with confidence intervals, as lines of text.
#[must_use]
pub fn table(results: &Results, measures: &[Measure]) -> Vec<String> {
    aligned(&rows(results, measures))
}

/// Returns the cells of a table of some measures, with confidence intervals: the header, a row for each point, and the
/// theoretical limits.
#[must_use]
pub fn rows(results: &Results, measures: &[Measure]) -> Vec<Vec<String>> {
    let experiment = results.experiment();
    let mut header = vec!["policy".to_owned()];
    header.extend(
        experiment
            .sweep
            .as_ref()
            .map(|sweep| sweep.parameter.label_with_unit()),
    );
    header.extend(measures.iter().map(|measure| measure.label_with_unit()));
    header.push("runs".into());
    let mut rows = vec![header];
    for (index, point) in results.points().iter().enumerate() {
        let mut row = vec![experiment.policies[point.policy].short_name().to_owned()];
        row.extend(point.value.map(|value| value.to_string()));
        let estimates = measures.iter().map(|measure| results.estimate(index, *measure));
        row.extend(estimates.map(|estimate| estimate.map_or_else(|| "-".into(), |it| with_interval(&it))));
        row.push(results.outcomes(index).count().to_string());
        rows.push(row);
    }
    rows.extend(limits_of(results, measures));
    rows
}

/// Formats a mean with its confidence interval, both with the same decimals.
#[must_use]
pub fn with_interval(estimate: &Estimate) -> String {
    let decimals = decimals_for(estimate.mean);
    let mean = rounded(estimate.mean);
    match estimate.half_width {
        Some(half_width) => format!("{mean} ± {half_width:.decimals$}"),
        None => mean,
    }
}

/// Formats a number with as many decimals as a reader wants.
#[must_use]
pub fn rounded(value: f64) -> String {
    let decimals = decimals_for(value);
    format!("{value:.decimals$}")
}

fn decimals_for(value: f64) -> usize {
    match value.abs() {
        0.0 => 0,
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    }
}

fn limits_of(results: &Results, measures: &[Measure]) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    // The points of one policy have all values of the varied parameter.
    for point in results.points().iter().filter(|point| point.policy == 0) {
        for limit in crate::limits::Limit::ALL {
            let of = |measure: &Measure| limit.of(&point.parameters, *measure);
            if measures.iter().all(|measure| of(measure).is_none()) {
                continue;
            }
            let mut row = vec![limit.name().to_owned()];
            row.extend(point.value.map(|value| value.to_string()));
            row.extend(
                measures
                    .iter()
                    .map(|measure| of(measure).map_or_else(String::new, rounded)),
            );
            row.push("theory".into());
            rows.push(row);
        }
    }
    rows
}

fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, &width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::invented;

    #[test]
    fn a_table_has_intervals_limits_and_the_number_of_runs() {
        let table = table(&invented(), &[Measure::HandlingSpeed, Measure::FailoverTime]);
        let words: Vec<Vec<&str>> = table
            .iter()
            .map(|line| {
                line.split("  ")
                    .map(str::trim)
                    .filter(|word| !word.is_empty())
                    .collect()
            })
            .collect();
        assert_eq!(words[1], ["LU", "0.5", "80.5 ± 6.4", "-", "2"]);
        assert_eq!(words[4], ["RAND", "0.8", "50.5 ± 6.4", "-", "2"]);
        assert_eq!(words[7], ["M/M/c, one central queue", "0.8", "83.0", "theory"]);
        assert_eq!(table.len(), 1 + 4 + 4, "{table:#?}");
    }
}
