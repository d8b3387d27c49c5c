//! Results as CSV (RFC 4180): one line for each run, so that nothing is lost.

use crate::{Measure, Results};

impl Results {
    /// Returns all runs as CSV: the policy, the varied parameter, the seed, and all that was measured.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let experiment = self.experiment();
        let varied = experiment.sweep.as_ref().map(|sweep| sweep.parameter.name());
        let mut header = vec!["policy".to_owned()];
        header.extend(varied.map(str::to_owned));
        header.push("seed".into());
        header.extend(Measure::ALL.map(|measure| format!("{measure} [{}]", measure.unit())));
        let mut rows = vec![header];
        for (index, point) in self.points().iter().enumerate() {
            for (seed, outcome) in self.outcomes(index) {
                let mut row = vec![experiment.policies[point.policy].to_string()];
                row.extend(point.value.map(|value| value.to_string()));
                row.push(seed.to_string());
                let values = Measure::ALL.map(|measure| outcome.get(measure));
                row.extend(values.map(|value| value.map_or_else(String::new, |value| value.to_string())));
                rows.push(row);
            }
        }
        // Memory takes everything, and all rows are equally long.
        let written = rows.iter().try_for_each(|row| writer.write_record(row));
        let bytes = written
            .ok()
            .and_then(|()| writer.into_inner().ok())
            .unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use crate::results::tests::invented;

    #[test]
    fn there_is_a_line_for_each_run() {
        let text = invented().to_csv();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 1 + 8);
        assert!(
            lines[0].starts_with("policy,utilisation,seed,utilisation [%],handling-speed [% of"),
            "{}",
            lines[0]
        );
        assert!(lines[1].starts_with("least-used,0.5,1,50,80,,"), "{}", lines[1]);
        assert!(lines[8].starts_with("random,0.8,2,50,51,,"), "{}", lines[8]);
    }
}
