//! Training and prediction with random weights, timed as `parity/gpu.py` times Python's: a line of JSON each.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use clap::ValueEnum;
use serde_json::json;
use tch::Device;
use trainer::core::set_seed;
use trainer::prelude::*;
use trainer::torch::cuda;

use crate::rows::{Pad, Size, Sizes};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Precision {
    Fp32,
    Bf16,
}

/// Notes when every so many steps have ended, from a first one on.
struct Clock {
    first: u64,
    every: u64,
    waits: bool,
    times: Arc<Mutex<Vec<Instant>>>,
}

impl Callback for Clock {
    fn on_event(
        &mut self,
        event: Event<'_>,
        context: &CallbackContext<'_>,
        control: TrainerControl,
    ) -> Answer {
        let since = context.state.global_step.checked_sub(self.first);
        if matches!(event, Event::StepEnd)
            && since.is_some_and(|steps| steps.is_multiple_of(self.every))
        {
            if self.waits {
                tch::Cuda::synchronize(0);
            }
            let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
            times.push(Instant::now());
        }
        Ok(control)
    }
}

pub(crate) fn time(
    sizes: &Sizes,
    size: &Size,
    device: Device,
    (precision, batch): (Precision, usize),
) -> trainer::Result<()> {
    let name = match precision {
        Precision::Fp32 => "fp32",
        Precision::Bf16 => "bf16",
    };
    let tell = |work: &str, rows_per_second: f64, memory: Option<u64>| {
        println!(
            "{}",
            json!({
                "side": "here",
                "work": work,
                "precision": name,
                "batch": batch,
                "rows_per_second": rows_per_second,
                "ms_a_batch": 1e3 * batch as f64 / rows_per_second,
                "memory_mb": memory.map(|bytes| bytes / 1_000_000),
            })
        );
    };
    let (rows_per_second, memory) = training(sizes, size, device, (precision, batch))?;
    tell("training", rows_per_second, memory);
    tell(
        "prediction",
        prediction(sizes, size, device, (precision, batch))?,
        None,
    );
    Ok(())
}

fn arguments(folder: &std::path::Path, device: Device, batch: usize) -> TrainingArguments {
    TrainingArguments {
        per_device_train_batch_size: batch,
        per_device_eval_batch_size: batch,
        save_strategy: SaveStrategy::No,
        disable_tqdm: Some(true),
        use_cpu: device == Device::Cpu,
        ..TrainingArguments::new(folder)
    }
}

fn builder(size: &Size, args: TrainingArguments) -> trainer::Result<trainer::core::TrainerBuilder> {
    set_seed(args.seed)?;
    let config = size.config(&json!({}))?;
    let model = AutoModelForSequenceClassification::from_config(config, num_labels(2))?;
    Ok(Trainer::builder(model, args).data_collator(Pad(0)))
}

/// Rows a second, in the median of blocks of steps, and the memory of the device that is in use afterwards, of which libtorch gives
/// nothing back. A GPU loads each kernel when it is first asked for: shapes that come late in a run cost some steps much.
fn training(
    sizes: &Sizes,
    size: &Size,
    device: Device,
    (precision, batch): (Precision, usize),
) -> trainer::Result<(f64, Option<u64>)> {
    let folder = tempfile::tempdir()?;
    let steps = size.warm_up + size.steps;
    let args = TrainingArguments {
        max_steps: steps as i64,
        bf16: precision == Precision::Bf16,
        ..arguments(folder.path(), device, batch)
    };
    let clock = Clock {
        first: size.warm_up,
        every: size.block,
        waits: device.is_cuda(),
        times: Arc::default(),
    };
    let times = Arc::clone(&clock.times);
    let rows = sizes.rows(steps as usize * batch, size.vocabulary())?;
    let mut trainer = builder(size, args)?
        .train_dataset(&rows)
        .callback(clock)
        .build()?;
    trainer.remove_callback("PrinterCallback");
    trainer.train()?;
    let times = times.lock().unwrap_or_else(PoisonError::into_inner);
    let mut blocks: Vec<f64> = times
        .windows(2)
        .map(|ends| ends[1].duration_since(ends[0]).as_secs_f64())
        .collect();
    blocks.sort_by(f64::total_cmp);
    let seconds = blocks.get(blocks.len() / 2);
    let seconds = seconds.ok_or("the steps to be timed did not end")?;
    let memory = device.is_cuda().then(cuda::memory_in_use).transpose()?;
    Ok(((size.block as usize * batch) as f64 / seconds, memory))
}

/// Rows a second.
fn prediction(
    sizes: &Sizes,
    size: &Size,
    device: Device,
    (precision, batch): (Precision, usize),
) -> trainer::Result<f64> {
    let folder = tempfile::tempdir()?;
    let args = TrainingArguments {
        bf16_full_eval: precision == Precision::Bf16,
        ..arguments(folder.path(), device, batch)
    };
    let mut trainer = builder(size, args)?.build()?;
    trainer.remove_callback("PrinterCallback");
    let rows = sizes.rows(size.predicted, size.vocabulary())?;
    // Once for the kernels, which a GPU loads when they are first asked for.
    trainer.predict(&rows)?;
    let output = trainer.predict(&rows)?;
    let speed = output.metrics.get_f64("test_samples_per_second");
    Ok(speed.ok_or("the prediction was not timed")?)
}
