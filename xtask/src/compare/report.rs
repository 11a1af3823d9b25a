//! The table of medians and their ratios.

use crate::median::median;
use crate::side::Measured;

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

/// What models reached, as far as a task has it.
const RESULTS: [&str; 8] = [
    "train_loss",
    "eval_loss",
    "eval_accuracy",
    "eval_precision",
    "eval_recall",
    "eval_f1",
    "eval_exact_match",
    "perplexity",
];

/// Medians of both programs' runs, with the ratio Rust/Python where a ratio says something.
pub(super) fn table(rust: &[Measured], python: &[Measured]) -> String {
    let mut table = format!(
        "{:<30} {:>10} {:>10} {:>12}\n",
        "", "Rust", "Python", "Rust/Python"
    );
    for (name, number, digits) in RATIOS {
        let both = [rust, python].map(|runs| median(runs.iter().filter_map(number).collect()));
        let ratio = both[0].zip(both[1]).map(|(ours, theirs)| ours / theirs);
        table += &line(name, both.map(|value| cell(value, digits)), &cell(ratio, 2));
    }
    for name in RESULTS {
        let number = |run: &Measured| run.result(name);
        let both = [rust, python].map(|runs| median(runs.iter().filter_map(number).collect()));
        if both.iter().any(Option::is_some) {
            table += &line(name, both.map(|value| cell(value, 4)), "");
        }
    }
    table
}

fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}

fn line(name: &str, [ours, theirs]: [String; 2], ratio: &str) -> String {
    let line = format!("{name:<30} {ours:>10} {theirs:>10} {ratio:>12}");
    format!("{}\n", line.trim_end())
}
