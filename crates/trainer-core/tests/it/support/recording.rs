//! What a run leaves for a test to look at: logs by step, the rows of every forward pass, losses that are made up.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tch::{Kind, Tensor};
use trainer_collate::Batch;
use trainer_core::{
    Answer, Callback, CallbackContext, Event, SaveStrategy, Trainer, TrainerBuilder,
    TrainerControl, TrainingArguments,
};
use trainer_data::BoxError;
use trainer_models::ModelOutput;

use crate::support::{arguments, builder};

/// Quiet arguments without checkpoints; [`run`] gives them a folder.
pub fn quick() -> TrainingArguments {
    TrainingArguments {
        save_strategy: SaveStrategy::No,
        ..arguments(Path::new("unused"))
    }
}

/// Trains in a folder of its own, with what `with` adds to the builder.
pub fn run(
    args: &TrainingArguments,
    with: impl FnOnce(TrainerBuilder) -> TrainerBuilder,
) -> Trainer {
    let folder = tempfile::tempdir().unwrap();
    run_in(folder.path(), args, with)
}

/// Trains in `folder`.
pub fn run_in(
    folder: &Path,
    args: &TrainingArguments,
    with: impl FnOnce(TrainerBuilder) -> TrainerBuilder,
) -> Trainer {
    let args = TrainingArguments {
        output_dir: folder.to_owned(),
        ..args.clone()
    };
    let mut trainer = with(builder(args)).build().unwrap();
    trainer.train().unwrap();
    trainer
}

/// The steps at which `name` was logged, and its values.
pub fn logged(trainer: &Trainer, name: &str) -> Vec<(u64, f64)> {
    let history = &trainer.state().log_history;
    history
        .iter()
        .filter_map(|logs| Some((logs.get_f64("step")? as u64, logs.get_f64(name)?)))
        .collect()
}

/// Only the steps at which `name` was logged.
pub fn steps_of(trainer: &Trainer, name: &str) -> Vec<u64> {
    logged(trainer, name)
        .iter()
        .map(|(step, _)| *step)
        .collect()
}

/// A callback that is a closure.
pub struct OnEvent<F>(pub F);

impl<F> Callback for OnEvent<F>
where
    F: FnMut(Event<'_>, &CallbackContext<'_>, TrainerControl) -> Answer + Send,
{
    fn on_event(
        &mut self,
        event: Event<'_>,
        cx: &CallbackContext<'_>,
        control: TrainerControl,
    ) -> Answer {
        (self.0)(event, cx, control)
    }
}

/// The rows of each forward pass, in order.
#[derive(Clone, Default)]
pub struct Rows(Arc<Mutex<Vec<Vec<i64>>>>);

impl Rows {
    /// A loss function that gives what the model's own would and notes the rows.
    pub fn noting(&self) -> impl Fn(&ModelOutput, &Batch) -> Result<Tensor, BoxError> + use<> {
        let rows = self.clone();
        move |output, batch| {
            let first = batch.require("input_ids")?.select(1, 0);
            let first = Vec::<i64>::try_from(first)?;
            // The first token of a row is its number times 31 modulo 37, plus 3, and 31 * 6 is 1 modulo 37.
            let numbers = first.iter().map(|token| (token - 3) * 6 % 37).collect();
            rows.0.lock().unwrap().push(numbers);
            let labels = batch.require("labels")?;
            Ok(output.logits()?.cross_entropy_for_logits(labels))
        }
    }

    /// What was noted so far.
    pub fn seen(&self) -> Vec<Vec<i64>> {
        self.0.lock().unwrap().clone()
    }
}

/// A loss function that gives these values, one a forward pass, whatever the model does.
pub fn losses(
    values: &'static [f32],
) -> impl Fn(&ModelOutput, &Batch) -> Result<Tensor, BoxError> + Send {
    let passes = AtomicUsize::new(0);
    move |output, _| {
        let value = values.get(passes.fetch_add(1, Ordering::Relaxed));
        let value = *value.ok_or("more passes than losses")?;
        let nothing = output.logits()?.sum(Kind::Float) * 0.0;
        Ok(nothing + f64::from(value))
    }
}
