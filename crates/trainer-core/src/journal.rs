use std::path::{Path, PathBuf};

use crate::arguments::TokenCount;
use crate::callbacks::{CallbackContext, CallbackHandler, Event};
use crate::checkpoint::{TRAINER_STATE, TRAINING_ARGS};
use crate::number::round_to;
use crate::plan::TrainingPlan;
use crate::processing_class::ProcessingClass;
use crate::run::Run;
use crate::{Error, Logs, Result, TrainerState, TrainingArguments, durable};
use trainer_models::Model;

/// What is told and kept: arguments, state, callbacks, the output folder.
pub(crate) struct Journal {
    pub(crate) args: TrainingArguments,
    pub(crate) state: TrainerState,
    pub(crate) callbacks: CallbackHandler,
    /// What is saved beside the model.
    pub(crate) processing_class: Option<Box<dyn ProcessingClass>>,
}

impl Journal {
    /// Tells the callbacks.
    pub(crate) fn call(&mut self, event: Event<'_>) -> Result<()> {
        let context = CallbackContext {
            args: &self.args,
            state: &self.state,
        };
        self.callbacks.call(event, &context)
    }

    pub(crate) fn output_dir(&self) -> PathBuf {
        self.args.effective_output_dir()
    }

    /// The output folder, made if need be, once it is proved that files can be made in it: a training asks before its first
    /// step, whatever is at stake later.
    pub(crate) fn writable_output_dir(&self) -> Result<PathBuf> {
        let folder = self.output_dir();
        std::fs::create_dir_all(&folder).map_err(Error::io("create the output folder", &folder))?;
        tempfile::NamedTempFile::new_in(&folder)
            .map_err(Error::io("write into the output folder", &folder))?;
        Ok(folder)
    }

    /// A fresh state for a run of this plan.
    pub(crate) fn reset_state(&mut self, plan: &TrainingPlan) {
        let args = &self.args;
        let fresh = TrainerState::default();
        self.state = TrainerState {
            max_steps: plan.max_steps,
            num_train_epochs: plan.num_train_epochs,
            train_batch_size: Some(plan.train_batch_size as u64),
            logging_steps: args.logging_interval(plan.max_steps),
            eval_steps: args
                .eval_interval(plan.max_steps)
                .unwrap_or(fresh.eval_steps),
            save_steps: args.save_interval(plan.max_steps),
            stateful_callbacks: self.callbacks.states(),
            ..fresh
        };
    }

    /// Adds `epoch` (and the token count, when tokens are counted) to `logs`, keeps them and tells the callbacks.
    pub(crate) fn log(&mut self, logs: &mut Logs) -> Result<()> {
        logs.insert("epoch", self.state.epoch);
        if self.args.include_num_input_tokens_seen != TokenCount::No {
            logs.insert(
                "num_input_tokens_seen",
                self.state.num_input_tokens_seen.cast_signed(),
            );
        }
        self.record(logs)
    }

    fn record(&mut self, logs: &Logs) -> Result<()> {
        let step = self.state.global_step.cast_signed();
        self.state.log_history.push(logs.clone().with("step", step));
        self.call(Event::Log(logs))
    }

    /// Logs the mean loss since the last log, the last gradient norm and the last learning rate.
    #[expect(clippy::cast_precision_loss, reason = "token counts stay below 2^53")]
    pub(crate) fn log_training(&mut self, run: &mut Run) -> Result<()> {
        let mut logs = Logs::new().with("loss", run.loss.take_mean(self.state.global_step)?);
        if let Some(norm) = &run.grad_norm {
            logs.insert("grad_norm", norm.f_double_value(&[])?);
        }
        logs.insert("learning_rate", run.learning_rate);
        self.state.total_flos += std::mem::take(&mut run.flos);
        if self.args.include_num_input_tokens_seen == TokenCount::No {
            return self.log(&mut logs);
        }
        let seconds = run.start.elapsed().as_secs_f64();
        let tokens = (self.state.num_input_tokens_seen - run.first_tokens) as f64;
        logs.insert("epoch", self.state.epoch);
        logs.insert(
            "num_input_tokens_seen",
            self.state.num_input_tokens_seen.cast_signed(),
        );
        logs.insert("train_runtime", round_to(seconds, 4));
        logs.insert("train_tokens_per_second", round_to(tokens / seconds, 3));
        self.record(&logs)
    }

    /// Writes model, processing class and arguments into `folder`.
    pub(crate) fn write_model(&self, model: &dyn Model, folder: &Path) -> Result<()> {
        model.save_pretrained(folder)?;
        if let Some(processing_class) = &self.processing_class {
            processing_class
                .save_pretrained(folder)
                .map_err(Error::ProcessingClass)?;
        }
        durable::write(
            &folder.join(TRAINING_ARGS),
            self.args.to_repeatable_json().as_bytes(),
        )
    }

    pub(crate) fn write_state(&self, folder: &Path) -> Result<()> {
        let text = self.state.to_json()?;
        durable::write(&folder.join(TRAINER_STATE), text.as_bytes())
    }
}
