//! The table, in Markdown, as it stands in docs/performance.md.

use super::rows::Row;
use crate::median::median;
use crate::side::Measured;
use anyhow::{Context, Result};
use std::fmt::Write;
use trainer_setup::processor::Processor;

/// A row with what was found.
pub(super) struct Line {
    row: &'static Row,
    found: Found,
}

/// Medians of the pairs.
struct Found {
    ours: f64,
    pythons: f64,
    /// Median, smallest and largest of the ratios pair by pair.
    ratio: f64,
    lowest: f64,
    highest: f64,
}

impl Line {
    pub(super) fn new(row: &'static Row, pairs: &[[Measured; 2]]) -> Result<Self> {
        let figure = |run: &Measured| {
            let missing = || format!("{}: a run did not show it", row.name);
            row.figure.of(run).with_context(missing)
        };
        let pairs = pairs
            .iter()
            .map(|[ours, pythons]| Ok((figure(ours)?, figure(pythons)?)))
            .collect::<Result<Vec<_>>>()?;
        let found = Found::new(row, &pairs).context("no pair was run")?;
        Ok(Self { row, found })
    }

    fn is_met(&self, processor: &Processor) -> bool {
        let target = self.row.target.on(processor);
        target.is_some_and(|(_, target)| self.row.figure.is_met(self.found.ratio, target))
    }

    /// The row as it stands in the table.
    pub(super) fn row_of_table(&self, processor: &Processor) -> String {
        let (row, found, unit) = (self.row, &self.found, self.row.figure.unit());
        let target = row.target.on(processor);
        let asked = target.map_or_else(
            || "–".to_owned(),
            |(maker, target)| format!("{target} ({maker})"),
        );
        format!(
            "| {}, {unit} | {} | {} | {:.2} | {:.2}–{:.2} | {asked} | {} |",
            row.title,
            number(found.ours),
            number(found.pythons),
            found.ratio,
            found.lowest,
            found.highest,
            match (target, self.is_met(processor)) {
                (None, _) => "–",
                (Some(_), true) => "met",
                (Some(_), false) => "not met",
            },
        )
    }
}

impl Found {
    /// Of pairs of this program's figure and Python's; none of none.
    fn new(row: &Row, pairs: &[(f64, f64)]) -> Option<Self> {
        let ratios: Vec<f64> = pairs
            .iter()
            .map(|(ours, pythons)| row.figure.ratio(*ours, *pythons))
            .collect();
        Some(Self {
            ours: median(pairs.iter().map(|pair| pair.0).collect())?,
            pythons: median(pairs.iter().map(|pair| pair.1).collect())?,
            lowest: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            highest: ratios.iter().copied().fold(0.0, f64::max),
            ratio: median(ratios)?,
        })
    }
}

/// Processor, threads and pairs, a line a row, and how many targets are met.
pub(super) fn table(processor: &Processor, threads: &str, pairs: u32, lines: &[Line]) -> String {
    let sets: Vec<&str> = processor
        .instruction_sets()
        .filter_map(|(name, has)| has.then_some(name))
        .collect();
    let mut text = format!(
        "{} ({}), {threads} threads, medians of {pairs} pairs, ratios with the smallest and the largest of a pair:\n\n",
        processor.model,
        sets.join(", ")
    );
    text.push_str("| | here | Python Trainer | ratio | of a pair | asked for | |\n");
    text.push_str("|---|---|---|---|---|---|---|\n");
    for line in lines {
        text.push_str(&line.row_of_table(processor));
        text.push('\n');
    }
    let met = lines.iter().filter(|line| line.is_met(processor)).count();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n{met} of {} ratios met", lines.len());
    text
}

/// Three digits or more.
fn number(value: f64) -> String {
    let digits = match value {
        value if value < 10.0 => 2,
        value if value < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::super::rows::ROWS;
    use super::*;

    fn processor(vendor: Option<&str>) -> Processor {
        let mut processor = Processor::find();
        processor.vendor = vendor.map(str::to_owned);
        processor
    }

    fn line(name: &str, pairs: &[(f64, f64)]) -> Line {
        let row = ROWS.iter().find(|row| row.name == name).expect(name);
        let found = Found::new(row, pairs).expect("pairs");
        Line { row, found }
    }

    #[test]
    fn ratios_are_taken_pair_by_pair_and_set_beside_the_processors_column() {
        let lines = [
            line(
                "train-fp32-8",
                &[(100.0, 250.0), (110.0, 220.0), (90.0, 270.0)],
            ),
            line("memory-8", &[(300.0, 1000.0)]),
            line("start", &[(0.5, 4.5)]),
        ];
        let table_on = |vendor| table(&processor(vendor), "2", 3, &lines);
        let intel = table_on(Some("GenuineIntel"));
        for part in [
            "2 threads, medians of 3 pairs",
            "batch 8, ms a step | 100 | 250 | 2.50 | 2.00–3.00 | 2 (Intel) | met |",
            "batch 8, MB | 300 | 1000 | 0.30 | 0.30–0.30 | 0.36 (Intel) | met |",
            "first step, s | 0.50 | 4.50 | 0.11 | 0.11–0.11 | 0.1 (Intel) | not met |",
            "2 of 3 ratios met",
        ] {
            assert!(intel.contains(part), "{part}\n{intel}");
        }
        let amd = table_on(Some("AuthenticAMD"));
        assert!(amd.contains("2.00–3.00 | 4 (AMD) | not met |"), "{amd}");
        assert!(amd.contains("1 of 3 ratios met"), "{amd}");
        let other = table_on(None);
        assert!(other.contains("2.00–3.00 | – | – |"), "{other}");
    }
}
