//! The table of medians and their ratios.

use crate::median::median;
use crate::side::Measured;
use std::fmt::Write;

/// A line of the table: its name, how a run gives the number, the digits after the point.
type Row = (&'static str, fn(&Measured) -> Option<f64>, usize);

const RATIOS: [Row; 4] = [
    (
        "training, samples/s",
        |run| run.result("train_samples_per_second"),
        2,
    ),
    (
        "evaluation, samples/s",
        |run| run.result("eval_samples_per_second"),
        2,
    ),
    (
        "start-up to the first step, s",
        |run| run.first_step().map(|time| time.as_secs_f64()),
        2,
    ),
    (
        "peak memory, MB",
        |run| run.peak_memory.map(|bytes| bytes as f64 / 1e6),
        0,
    ),
];

const RESULTS: [Row; 4] = [
    ("train_loss", |run| run.result("train_loss"), 4),
    ("eval_loss", |run| run.result("eval_loss"), 4),
    ("eval_accuracy", |run| run.result("eval_accuracy"), 4),
    ("eval_f1", |run| run.result("eval_f1"), 4),
];

/// Medians of both programs' runs, with the ratio Rust/Python where a ratio says something.
pub(super) fn table(rust: &[Measured], python: &[Measured]) -> String {
    let mut table = format!(
        "{:<30} {:>10} {:>10} {:>12}\n",
        "", "Rust", "Python", "Rust/Python"
    );
    let cell = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
    };
    for (rows, with_ratio) in [(RATIOS, true), (RESULTS, false)] {
        for (name, number, digits) in rows {
            let ours = median(rust.iter().filter_map(number).collect());
            let theirs = median(python.iter().filter_map(number).collect());
            let ratio = ours
                .zip(theirs)
                .filter(|_| with_ratio)
                .map(|(ours, theirs)| ours / theirs);
            let ratio = if with_ratio {
                cell(ratio, 2)
            } else {
                String::new()
            };
            let line = format!(
                "{name:<30} {:>10} {:>10} {ratio:>12}",
                cell(ours, digits),
                cell(theirs, digits)
            );
            // Writing to a string cannot fail.
            let _ = writeln!(table, "{}", line.trim_end());
        }
    }
    table
}
