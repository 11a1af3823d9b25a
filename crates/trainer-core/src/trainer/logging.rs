use std::path::{Path, PathBuf};

use super::Trainer;
use super::run::Run;
use crate::arguments::TokenCount;
use crate::callbacks::{CallbackContext, Event};
use crate::checkpoint::TRAINER_STATE;
use crate::number::round_to;
use crate::{Logs, Result, durable, report};

impl Trainer {
    /// Tells the callbacks.
    pub(super) fn call(&mut self, event: Event<'_>) -> Result<()> {
        let context = CallbackContext {
            args: &self.args,
            state: &self.state,
        };
        self.callbacks.call(event, &context)
    }

    /// Adds `epoch` (and the token count, when tokens are counted) to `logs`, keeps them in `log_history` with the step
    /// and tells the callbacks.
    ///
    /// # Errors
    /// A callback's.
    pub fn log(&mut self, logs: &mut Logs) -> Result<()> {
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
    pub(super) fn log_training(&mut self, run: &mut Run) -> Result<()> {
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

    /// Prints metrics as a table under the title `***** {split} metrics *****`, run times as `H:MM:SS.cc`.
    pub fn log_metrics(&self, split: &str, metrics: &Logs) {
        report::log_metrics(split, metrics);
    }

    /// Writes `{split}_results.json` into the output folder and adds the metrics to `all_results.json` there, beside what that
    /// holds.
    ///
    /// # Errors
    /// When a file cannot be written, or `all_results.json` is not JSON.
    pub fn save_metrics(&self, split: &str, metrics: &Logs) -> Result<()> {
        report::save_metrics(&self.output_dir(), split, metrics)
    }

    /// Writes `trainer_state.json` into the output folder.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save_state(&self) -> Result<()> {
        let folder = self.output_dir();
        self.write_state(&folder)
    }

    pub(super) fn write_state(&self, folder: &Path) -> Result<()> {
        let text = self.state.to_json()?;
        durable::write(&folder.join(TRAINER_STATE), text.as_bytes())
    }

    pub(super) fn output_dir(&self) -> PathBuf {
        self.args.effective_output_dir()
    }
}
