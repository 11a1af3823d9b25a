use trainer_collate::Batch;
use trainer_models::Mode;

use super::Trainer;
use super::run::Run;
use crate::arguments::TokenCount;
use crate::callbacks::Event;
use crate::optimizer::clip_grad_norm_;
use crate::{Error, Result};

impl Trainer {
    /// One optimizer step over a window of batches, from `StepBegin` to `StepEnd`. `batches_done` counts those of the
    /// epoch, this window included.
    pub(super) fn optimizer_step(
        &mut self,
        run: &mut Run,
        epoch: u64,
        window: Vec<Batch>,
        batches_done: usize,
    ) -> Result<()> {
        self.call(Event::StepBegin)?;
        let weights = self.loss_weights(&window)?;
        let last = window.len() - 1;
        for (at, (batch, weight)) in window.into_iter().zip(weights).enumerate() {
            self.training_step(run, batch, weight)?;
            if at < last {
                self.call(Event::SubstepEnd)?;
            }
        }
        let limit = self.args.max_grad_norm;
        let limit = if limit > 0.0 { limit } else { f64::INFINITY };
        // In the order of the model, as in Python: it decides the last bits of the norm.
        let weights = self.model.parameters().iter().map(|entry| &entry.tensor);
        run.grad_norm = Some(clip_grad_norm_(weights, limit)?);
        self.call(Event::PreOptimizerStep)?;
        run.optimizer.step()?;
        self.call(Event::OptimizerStep)?;
        run.learning_rate = run
            .optimizer
            .param_groups()
            .first()
            .map_or(0.0, |group| group.lr);
        if !run.scheduler.follows_metric() {
            run.scheduler.step(run.optimizer.param_groups_mut())?;
        }
        run.optimizer.zero_grad()?;
        self.state.global_step += 1;
        #[expect(clippy::cast_precision_loss, reason = "batches stay below 2^53")]
        let fraction = batches_done as f64 / run.plan.batches_per_epoch as f64;
        #[expect(clippy::cast_precision_loss, reason = "epochs stay below 2^53")]
        let done = epoch as f64 + fraction;
        self.state.epoch = done;
        self.call(Event::StepEnd)
    }

    /// The share of each batch in the loss of the window: its labels over all labels of the window, so that the step's
    /// loss is the mean over all of them; 1 for each where losses are counted as in Python. Checks the batches on the way, which still lie in host memory.
    #[expect(
        clippy::cast_precision_loss,
        reason = "labels of a window stay below 2^53"
    )]
    fn loss_weights(&self, window: &[Batch]) -> Result<Vec<f64>> {
        let mut items = Vec::with_capacity(window.len());
        for batch in window {
            self.model.validate_batch(batch)?;
            items.push(self.model.loss_items(batch)?);
        }
        // Python's smoothed loss is right: it divides by the labels of the window.
        if self.python_losses && self.args.label_smoothing_factor == 0.0 {
            return Ok(vec![1.0; window.len()]);
        }
        let total: i64 = items.iter().sum();
        Ok(items
            .into_iter()
            .map(|items| match total {
                0 => 1.0 / window.len() as f64,
                total => items as f64 / total as f64,
            })
            .collect())
    }

    /// Forward and backward of one batch; its weighted loss joins the running loss.
    fn training_step(&mut self, run: &mut Run, batch: Batch, weight: f64) -> Result<()> {
        self.count_tokens(run, &batch)?;
        let names: Vec<String> = batch.names().map(str::to_owned).collect();
        let output = self.compute_loss(self.to_device(batch)?, Mode::Train)?;
        let loss = output.loss.ok_or_else(|| {
            Error::Setup(format!(
                "the model gave no loss for a batch of {}",
                names.join(", ")
            ))
        })?;
        #[expect(clippy::float_cmp, reason = "a single batch has a weight of exactly 1")]
        let loss = if weight == 1.0 {
            loss
        } else {
            loss.f_mul_scalar(weight)?
        };
        loss.f_backward()?;
        run.loss.add(
            &loss,
            self.state.global_step,
            self.args.logging_nan_inf_filter,
        )
    }

    /// The batch as the model wants it, on the device.
    pub(super) fn to_device(&self, batch: Batch) -> Result<Batch> {
        Ok(self.model.prepare_batch(batch)?.to_device(self.device)?)
    }

    /// Counts tokens and floating point operations, on the host.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn count_tokens(&mut self, run: &mut Run, batch: &Batch) -> Result<()> {
        let Some(input) = batch.get(self.model.main_input_name()) else {
            return Ok(());
        };
        let numel = input.numel() as u64;
        run.flos += 6.0 * numel as f64 * run.num_non_embedding as f64;
        self.state.num_input_tokens_seen += match self.args.include_num_input_tokens_seen {
            TokenCount::No => 0,
            TokenCount::All => numel,
            TokenCount::NonPadding => match batch.get("attention_mask") {
                Some(mask) => mask
                    .f_sum(tch::Kind::Int64)?
                    .f_int64_value(&[])?
                    .cast_unsigned(),
                None => numel,
            },
        };
        Ok(())
    }
}
