//! Short trainings: the CPU's losses without dropout, a loss that falls in every precision, and a run that resumes.

use std::path::Path;

use serde_json::{Value, json};
use tch::{Device, Tensor};
use trainer::core::set_seed;
use trainer::prelude::*;

use crate::report::{Outcome, Report};
use crate::rows::{Pad, Sizes};

/// Ten steps carry the roundings of each into the next.
const LOSSES: f64 = 1e-3;
/// What the mean loss of the last steps may be of that of the first ones.
const FALLEN: f64 = 0.8;
const STEPS: u64 = 100;
const ROWS: usize = 256;
/// Rows of a batch.
const BATCH: usize = 16;

pub(crate) fn check(report: &mut Report, sizes: &Sizes, device: Device) {
    for compute in Compute::ALL {
        report.run(
            &format!("ten steps, {compute}, float32: losses as on the CPU"),
            || same_losses(sizes, (device, compute)),
        );
    }
    for precision in ["float32", "bf16", "fp16"] {
        for compute in Compute::ALL {
            report.run(
                &format!("{STEPS} steps with dropout, {compute}, {precision}: the loss falls"),
                || falls(sizes, (device, compute), precision),
            );
        }
    }
    for compute in Compute::ALL {
        report.run(
            &format!(
                "ten steps with dropout, {compute}: the same losses with gradient_checkpointing"
            ),
            || checkpoints(sizes, (device, compute)),
        );
    }
    for compute in Compute::ALL {
        report.run(
            &format!("{compute}: a run that resumes ends with the same bits"),
            || resumes(sizes, (device, compute)),
        );
    }
}

fn arguments(folder: &Path, (device, compute): (Device, Compute), steps: u64) -> TrainingArguments {
    TrainingArguments {
        max_steps: steps as i64,
        per_device_train_batch_size: BATCH,
        learning_rate: 1e-3,
        logging_steps: 1.0,
        // A loss that is no number would be logged as the mean of those before it.
        logging_nan_inf_filter: false,
        save_strategy: SaveStrategy::No,
        disable_tqdm: Some(true),
        use_cpu: device == Device::Cpu,
        compute,
        ..TrainingArguments::new(folder)
    }
}

/// A trainer of the tiny model with the same weights each time.
fn trainer(sizes: &Sizes, args: TrainingArguments, changed: &Value) -> trainer::Result<Trainer> {
    set_seed(42)?;
    let (size, on_gpu) = (&sizes.tiny, !args.use_cpu);
    let model =
        AutoModelForSequenceClassification::from_config(size.config(changed)?, num_labels(2))?;
    let mut trainer = Trainer::builder(model, args)
        .train_dataset(&sizes.rows(ROWS, size.vocabulary())?)
        .data_collator(Pad(0))
        .build()?;
    trainer.remove_callback("PrinterCallback");
    match trainer.device().is_cuda() == on_gpu {
        true => Ok(trainer),
        false => Err(format!("the trainer took {:?}", trainer.device()).into()),
    }
}

/// The loss of each step.
fn losses(trainer: &mut Trainer) -> trainer::Result<Vec<f64>> {
    trainer.train()?;
    let logs = &trainer.state().log_history;
    let losses: Vec<f64> = logs.iter().filter_map(|log| log.get_f64("loss")).collect();
    match losses.iter().all(|loss| loss.is_finite()) {
        true => Ok(losses),
        false => Err(format!("a loss is no number: {losses:?}").into()),
    }
}

fn same_losses(sizes: &Sizes, place: (Device, Compute)) -> trainer::Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let none = json!({"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0});
    let losses_on = |place| {
        let args = arguments(folder.path(), place, 10);
        losses(&mut trainer(sizes, args, &none)?)
    };
    let expected = losses_on((Device::Cpu, Compute::Reference))?;
    Ok(alike(&losses_on(place)?, &expected))
}

/// What is computed again in the backward pass has to drop the same numbers.
fn checkpoints(sizes: &Sizes, place: (Device, Compute)) -> trainer::Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let losses_with = |recomputing| {
        let args = TrainingArguments {
            gradient_checkpointing: Some(recomputing),
            ..arguments(folder.path(), place, 10)
        };
        losses(&mut trainer(sizes, args, &json!({}))?)
    };
    Ok(alike(&losses_with(true)?, &losses_with(false)?))
}

fn alike(found: &[f64], expected: &[f64]) -> Outcome {
    if found.len() != expected.len() {
        return Outcome::Failed(format!("{} losses, not {}", found.len(), expected.len()));
    }
    let apart = |(found, expected): (&f64, &f64)| (found - expected).abs() / expected;
    let farthest = found.iter().zip(expected).map(apart).fold(0.0, f64::max);
    Outcome::within(farthest, LOSSES, "relative difference")
}

fn falls(sizes: &Sizes, place: (Device, Compute), precision: &str) -> trainer::Result<Outcome> {
    let folder = tempfile::tempdir()?;
    if precision == "fp16" && place.0 == Device::Cpu {
        return Ok(Outcome::Skipped("fp16 needs a GPU".to_owned()));
    }
    let args = TrainingArguments {
        bf16: precision == "bf16",
        fp16: precision == "fp16",
        ..arguments(folder.path(), place, STEPS)
    };
    let losses = losses(&mut trainer(sizes, args, &json!({}))?)?;
    let mean = |some: &[f64]| some.iter().sum::<f64>() / some.len() as f64;
    let (first, last) = (mean(&losses[..10]), mean(&losses[losses.len() - 10..]));
    let seen = format!("from {first:.3} to {last:.3}");
    Ok(match last <= FALLEN * first {
        true => Outcome::Held(seen),
        false => Outcome::Failed(format!("{seen}, not to {FALLEN} of it")),
    })
}

/// The weights after all steps, with a checkpoint half-way, or from that checkpoint on.
fn weights(
    sizes: &Sizes,
    place: (Device, Compute),
    folder: &Path,
    resume: bool,
) -> trainer::Result<Vec<Tensor>> {
    let args = TrainingArguments {
        save_strategy: SaveStrategy::Steps,
        save_steps: 10.0,
        resume_from_checkpoint: resume.then(|| folder.join("checkpoint-10").display().to_string()),
        ..arguments(folder, place, 20)
    };
    let mut trainer = trainer(sizes, args, &json!({}))?;
    trainer.train()?;
    let weights = trainer.model().parameters();
    weights
        .iter()
        .map(|entry| Ok(entry.tensor.f_detach()?.f_to_device(Device::Cpu)?))
        .collect()
}

fn resumes(sizes: &Sizes, place: (Device, Compute)) -> trainer::Result<Outcome> {
    let (folder, other) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let whole = weights(sizes, place, folder.path(), false)?;
    let resumed = weights(sizes, place, folder.path(), true)?;
    if apart(&whole, &resumed)? == 0.0 {
        return Ok(Outcome::Held("every bit".to_owned()));
    }
    // Some of a GPU's kernels add up in no fixed order: then a run that was not interrupted does not repeat its bits either.
    let again = weights(sizes, place, other.path(), false)?;
    let (by_resuming, by_itself) = (apart(&whole, &resumed)?, apart(&whole, &again)?);
    let seen = format!("{by_resuming:.1e} apart, two whole runs {by_itself:.1e}");
    Ok(match by_resuming <= 4.0 * by_itself {
        true => Outcome::Held(format!("no bits repeat on this device: {seen}")),
        false => Outcome::Failed(seen),
    })
}

/// The largest difference of two lists of weights.
fn apart(one: &[Tensor], other: &[Tensor]) -> trainer::Result<f64> {
    let mut farthest: f64 = 0.0;
    for (one, other) in one.iter().zip(other) {
        let difference = one.f_sub(other)?.f_abs()?.f_max()?.f_double_value(&[])?;
        farthest = farthest.max(if difference.is_nan() {
            f64::INFINITY
        } else {
            difference
        });
    }
    Ok(farthest)
}
