use std::fmt::Display;
use std::path::Path;

use trainer_core::{Logs, PredictionOutput, Trainer};
use trainer_data::{Dataset, durable};

use super::Splits;
use crate::Result;

/// Trains and evaluates, where there are rows for it.
///
/// # Errors
/// As [`train`] and [`evaluate`].
pub fn train_and_evaluate(trainer: &mut Trainer, splits: &Splits) -> Result<()> {
    if let Some(rows) = &splits.train {
        train(trainer, rows)?;
    }
    if let Some(rows) = &splits.validation {
        evaluate(trainer, rows, |_| {})?;
    }
    Ok(())
}

/// Trains on the trainer's own rows, which are `rows`; saves the model, `train_results.json`, `all_results.json` and
/// `trainer_state.json`, and prints the metrics.
///
/// # Errors
/// As [`Trainer::train`], and when a file cannot be written.
pub fn train(trainer: &mut Trainer, rows: &Dataset) -> Result<()> {
    let mut metrics = trainer.train()?.metrics;
    trainer.save_model()?;
    metrics.insert("train_samples", rows.num_rows() as i64);
    trainer.log_metrics("train", &metrics);
    trainer.save_metrics("train", &metrics)?;
    Ok(trainer.save_state()?)
}

/// Evaluates on the trainer's own rows, which are `rows`; saves `eval_results.json` and `all_results.json`, and prints the metrics,
/// to which `add` may add.
///
/// # Errors
/// As [`Trainer::evaluate`], and when a file cannot be written.
pub fn evaluate(trainer: &mut Trainer, rows: &Dataset, add: impl FnOnce(&mut Logs)) -> Result<()> {
    let mut metrics = trainer.evaluate()?;
    metrics.insert("eval_samples", rows.num_rows() as i64);
    add(&mut metrics);
    trainer.log_metrics("eval", &metrics);
    Ok(trainer.save_metrics("eval", &metrics)?)
}

/// Predicts `rows`; saves `predict_results.json` and `all_results.json`, and prints the metrics, as far as there are labels.
///
/// # Errors
/// As [`Trainer::predict`], and when a file cannot be written.
pub fn predict(trainer: &mut Trainer, rows: &Dataset) -> Result<PredictionOutput> {
    let mut output = trainer.predict_on(rows, "predict")?;
    output
        .metrics
        .insert("predict_samples", rows.num_rows() as i64);
    trainer.log_metrics("predict", &output.metrics);
    trainer.save_metrics("predict", &output.metrics)?;
    Ok(output)
}

/// Writes a text file of these lines, which appears whole or not at all.
///
/// # Errors
/// When it cannot be written; the error names it.
pub fn write_lines(path: &Path, lines: impl IntoIterator<Item = impl Display>) -> Result<()> {
    let text: String = lines.into_iter().map(|line| format!("{line}\n")).collect();
    let written = durable::write(path, text.as_bytes());
    written.map_err(|error| format!("{}: {error}", path.display()).into())
}
