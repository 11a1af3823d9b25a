use std::fmt;

use tch::Device;
use tracing::info;
use trainer_models::Compute;
use trainer_torch::fast;

use crate::{Error, Result, TrainingArguments};

/// Steps up to here are exact as floats.
const MOST_STEPS: u64 = 1 << 53;

/// The arithmetic of a run, resolved once from the arguments and the length of the data; printed before training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingPlan {
    /// Rows of the training set.
    pub num_examples: usize,
    /// Batches an epoch.
    pub batches_per_epoch: usize,
    /// Batches an optimizer step, the last step of an epoch aside.
    pub gradient_accumulation_steps: usize,
    /// Optimizer steps an epoch; the last window of an epoch counts even when it is not full.
    pub updates_per_epoch: u64,
    /// Epochs, rounded up.
    pub num_train_epochs: u64,
    /// Optimizer steps of the whole run.
    pub max_steps: u64,
    /// Examples a batch.
    pub train_batch_size: usize,
    /// Elements of the weights that are trained.
    pub num_trainable: usize,
}

impl TrainingPlan {
    /// Resolves the plan.
    ///
    /// # Errors
    /// When there is nothing to train on.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "validated epochs times steps stay far below 2^53"
    )]
    pub(crate) fn new(
        args: &TrainingArguments,
        num_examples: usize,
        batches_per_epoch: usize,
        num_trainable: usize,
    ) -> Result<Self> {
        if batches_per_epoch == 0 {
            return Err(Error::NothingToTrain {
                rows: num_examples,
                batch_size: args.per_device_train_batch_size,
                drop_last: args.dataloader_drop_last,
            });
        }
        let window = args.gradient_accumulation_steps;
        let updates = batches_per_epoch.div_ceil(window) as u64;
        let (max_steps, num_train_epochs) = match u64::try_from(args.max_steps) {
            Ok(steps) if steps > 0 => (steps, steps.div_ceil(updates)),
            _ => (
                ((args.num_train_epochs * updates as f64).ceil() as u64).min(MOST_STEPS),
                args.num_train_epochs.ceil() as u64,
            ),
        };
        Ok(Self {
            num_examples,
            batches_per_epoch,
            gradient_accumulation_steps: window,
            updates_per_epoch: updates,
            num_train_epochs,
            max_steps,
            train_batch_size: args.per_device_train_batch_size,
            num_trainable,
        })
    }

    /// The plan for a stream: as Python's, with as many epochs as are needed.
    pub(crate) fn of_stream(args: &TrainingArguments, num_trainable: usize) -> Result<Self> {
        let steps = u64::try_from(args.max_steps).ok();
        let max_steps = steps.filter(|steps| *steps > 0);
        let max_steps = max_steps.ok_or(Error::StreamWithoutMaxSteps)?;
        let window = args.gradient_accumulation_steps;
        let batches = usize::try_from(max_steps)
            .unwrap_or(usize::MAX)
            .saturating_mul(window);
        Ok(Self {
            num_examples: batches.saturating_mul(args.train_batch_size()),
            batches_per_epoch: batches,
            gradient_accumulation_steps: window,
            updates_per_epoch: max_steps,
            num_train_epochs: i64::MAX.cast_unsigned(),
            max_steps,
            train_batch_size: args.per_device_train_batch_size,
            num_trainable,
        })
    }

    /// Shows the plan, for programs that show this module's messages, as those that call `trainer::log_to_stderr` do.
    pub(crate) fn announce(&self, device: Device, compute: Compute) {
        let kernels = match (compute, device) {
            (Compute::Fast, Device::Cpu) => fast::kernels().ok(),
            _ => None,
        };
        let kernels = kernels.map_or_else(String::new, |name| format!(" (kernels for {name})"));
        info!("{self}\n  Device = {device:?}\n  Compute = {compute}{kernels}");
    }

    /// Examples that `train_samples_per_second` counts for the whole run, as Python's `num_train_samples`.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    pub(crate) fn num_train_samples(&self, args: &TrainingArguments) -> f64 {
        if args.max_steps > 0 {
            self.max_steps as f64
                * (self.train_batch_size as f64 * self.gradient_accumulation_steps as f64)
        } else {
            self.num_examples as f64 * args.num_train_epochs
        }
    }
}

impl fmt::Display for TrainingPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self
            .train_batch_size
            .saturating_mul(self.gradient_accumulation_steps);
        writeln!(f, "***** Running training *****")?;
        writeln!(f, "  Num examples = {}", self.num_examples)?;
        writeln!(f, "  Num Epochs = {}", self.num_train_epochs)?;
        writeln!(f, "  Batch size = {}", self.train_batch_size)?;
        writeln!(
            f,
            "  Gradient Accumulation steps = {}",
            self.gradient_accumulation_steps
        )?;
        writeln!(f, "  Examples an optimizer step = {total}")?;
        writeln!(f, "  Total optimization steps = {}", self.max_steps)?;
        write!(
            f,
            "  Number of trainable parameters = {}",
            self.num_trainable
        )
    }
}
