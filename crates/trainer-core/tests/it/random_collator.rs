//! Collators that draw: a run that is interrupted draws the same as one that is not.

use std::sync::Mutex;

use crate::support::{alone, arguments, dataset, model, weights};
use tch::{Device, Kind, Tensor};
use trainer_collate::{Batch, DefaultDataCollator};
use trainer_core::{IntervalStrategy, Trainer, TrainingArguments, set_seed};
use trainer_data::{BoxError, Collate, DrawBatch, Rows};
use trainer_torch::rng;

/// Puts 1 in the place of every third token, with libtorch's generator or one of its own.
struct Noise {
    own: Option<Mutex<Vec<u8>>>,
}

impl Noise {
    fn new(own: bool) -> Self {
        let state = || Mutex::new(rng::state_of_seed(9).unwrap());
        Self {
            own: own.then(state),
        }
    }
}

impl Collate for Noise {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        DefaultDataCollator.collate(rows)
    }

    fn random(&self) -> Option<&dyn DrawBatch<Batch>> {
        Some(self)
    }
}

impl DrawBatch<Batch> for Noise {
    fn draw(&self, mut batch: Batch) -> Result<Batch, BoxError> {
        let ids = batch.require("input_ids")?.shallow_clone();
        let draw = || Tensor::full(ids.size(), 1.0 / 3.0, (Kind::Float, Device::Cpu)).f_bernoulli();
        let noise = match &self.own {
            Some(state) => rng::with_state(&mut state.lock().unwrap(), draw)?,
            None => draw(),
        }?;
        batch.insert(
            "input_ids",
            ids.f_masked_fill(&noise.f_to_kind(Kind::Bool)?, 1)?,
        );
        Ok(batch)
    }

    fn generator_state(&self) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(self.own.as_ref().map(|state| state.lock().unwrap().clone()))
    }

    fn set_generator_state(&self, state: &[u8]) -> Result<(), BoxError> {
        let own = self.own.as_ref().ok_or("there is no generator")?;
        *own.lock().unwrap() = state.to_vec();
        Ok(())
    }
}

fn trained(args: TrainingArguments, own: bool) -> Trainer {
    set_seed(args.seed).unwrap();
    let mut trainer = Trainer::builder(model(), args)
        .train_dataset(dataset(30))
        .eval_dataset(dataset(11))
        .data_collator(Noise::new(own))
        .build()
        .unwrap();
    trainer.train().unwrap();
    trainer
}

/// What an interrupted run must end with too.
fn end(trainer: &Trainer) -> (Vec<(String, u64)>, Vec<f64>) {
    let state = trainer.state();
    let history = state
        .log_history
        .iter()
        .filter(|logs| logs.get_f64("step") == Some(state.max_steps as f64));
    let values = ["loss", "eval_loss"];
    let values = history.flat_map(|logs| values.into_iter().filter_map(|name| logs.get_f64(name)));
    (weights(trainer), values.collect())
}

fn resumes_exactly(own: bool, accumulation: u64, workers: usize) {
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        per_device_train_batch_size: 4,
        gradient_accumulation_steps: accumulation as _,
        dataloader_num_workers: workers,
        save_steps: 1.0,
        logging_steps: 1.0,
        eval_strategy: IntervalStrategy::Steps,
        eval_steps: Some(2.0),
        ..arguments(folder.path())
    };
    let whole = trained(args.clone(), own);
    let expected = end(&whole);
    for step in 1..whole.state().max_steps {
        let other = tempfile::tempdir().unwrap();
        let checkpoint = folder.path().join(format!("checkpoint-{step}"));
        let resumed = TrainingArguments {
            output_dir: other.path().to_owned(),
            resume_from_checkpoint: Some(checkpoint.to_str().unwrap().to_owned()),
            ..args.clone()
        };
        let what = format!("own generator: {own}, windows of {accumulation}, from step {step}");
        assert!(end(&trained(resumed, own)) == expected, "{what}");
    }
}

#[test]
fn what_libtorchs_generator_draws_survives_a_resume() {
    let _alone = alone();
    resumes_exactly(false, 1, 0);
    resumes_exactly(false, 3, 2);
}

#[test]
fn what_a_generator_of_its_own_draws_survives_a_resume() {
    let _alone = alone();
    resumes_exactly(true, 1, 2);
    resumes_exactly(true, 3, 0);
}

#[test]
fn other_draws_end_elsewhere() {
    let _alone = alone();
    let run = |own| {
        let folder = tempfile::tempdir().unwrap();
        weights(&trained(arguments(folder.path()), own))
    };
    assert!(run(true) != run(false));
}
