use std::sync::Once;

use tch::{Kind, Tensor};
use trainer_collate::Batch;
use trainer_data::warning;
use trainer_models::Mode;

use super::Trainer;
use super::run::Run;
use crate::arguments::TokenCount;
use crate::callbacks::Event;
use crate::optimizer::clip_grad_norm_;
use crate::{Error, Result};

/// What a batch is of its window: the loss of a step is the mean over all items of its batches.
#[derive(Clone, Copy)]
struct LossShare {
    /// Labels of the batch that count.
    items: i64,
    /// Those of all batches of the window.
    of_window: i64,
    /// Batches of the window.
    batches: usize,
}

impl LossShare {
    fn is_whole(self) -> bool {
        self.batches == 1
    }

    /// Whether the mean of the batch, over nothing, is no number and other batches have labels that count.
    fn is_nothing(self) -> bool {
        self.items == 0 && self.of_window > 0
    }

    #[expect(clippy::cast_precision_loss, reason = "labels stay below 2^53")]
    fn weight(self) -> f64 {
        match self.of_window {
            0 => 1.0 / self.batches as f64,
            of_window => self.items as f64 / of_window as f64,
        }
    }
}

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
        let shares = self.loss_shares(&window)?;
        let last = window.len() - 1;
        for (at, (batch, share)) in window.into_iter().zip(shares).enumerate() {
            self.training_step(run, batch, share)?;
            if at < last {
                self.call(Event::SubstepEnd)?;
                let control = self.callbacks.control;
                if control.should_epoch_stop || control.should_training_stop {
                    return Ok(run.optimizer.zero_grad()?);
                }
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

    /// What each batch adds to the loss of the window. Checks the batches on the way, which still lie in host memory.
    fn loss_shares(&self, window: &[Batch]) -> Result<Vec<LossShare>> {
        let mut items = Vec::with_capacity(window.len());
        for batch in window {
            self.validate_batch(batch)?;
            items.push(self.loss_items(batch)?);
        }
        let of_window = items.iter().sum();
        let batches = window.len();
        Ok(items
            .into_iter()
            .map(|items| LossShare {
                items,
                of_window,
                batches,
            })
            .collect())
    }

    /// Forward and backward of one batch; its share of the loss joins the running loss.
    fn training_step(&mut self, run: &mut Run, batch: Batch, share: LossShare) -> Result<()> {
        self.count_tokens(run, &batch)?;
        let names: Vec<String> = batch.names().map(str::to_owned).collect();
        let output = self.compute_loss(batch, Mode::Train, share.of_window)?;
        let loss = output.loss.ok_or_else(|| {
            Error::Setup(format!(
                "the model gave no loss for a batch of {}: it needs a column \"label\" or \"labels\"",
                names.join(", ")
            ))
        })?;
        let smoothed = self.label_smoothing > 0.0 && self.compute_loss_func.is_none();
        let weighted_already = self.python_losses || smoothed;
        let loss = if weighted_already || share.is_whole() {
            loss
        } else {
            loss.f_mul_scalar(share.weight())?
        };
        loss.f_backward()?;
        if !weighted_already && share.is_nothing() {
            return Ok(());
        }
        run.loss.add(
            &loss,
            self.state.global_step,
            self.args.logging_nan_inf_filter,
        )
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
            TokenCount::NonPadding => self.non_padding(input, batch)?,
        };
        Ok(())
    }

    /// Tokens that are no padding: by the mask, else by the padding token, else all.
    fn non_padding(&self, input: &Tensor, batch: &Batch) -> Result<u64> {
        let pad_token = || self.processing_class.as_ref()?.pad_token_id();
        let counts = match (batch.get("attention_mask"), pad_token()) {
            (Some(mask), _) => mask.shallow_clone(),
            (None, Some(pad_token)) => input.f_ne(pad_token)?,
            (None, None) => {
                static WARNED: Once = Once::new();
                WARNED.call_once(|| {
                    warning!(
                        "include_num_input_tokens_seen=non_padding counts all tokens: batches have no attention_mask, \
                         and no processing_class names the padding token"
                    );
                });
                return Ok(input.numel() as u64);
            }
        };
        Ok(counts
            .f_sum(Kind::Int64)?
            .f_int64_value(&[])?
            .cast_unsigned())
    }
}
