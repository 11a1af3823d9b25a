//! What follows from the fields: the values that Python's `__post_init__` writes back into them.

use std::path::{Path, PathBuf};

use super::choices::IntervalStrategy;
use super::scheduler_type::SchedulerType;
use super::training_arguments::TrainingArguments;

impl TrainingArguments {
    /// The defaults, with the folder for checkpoints and results.
    pub fn new(output_dir: impl Into<PathBuf>) -> Self {
        Self {
            output_dir: output_dir.into(),
            ..Self::default()
        }
    }

    /// `output_dir` with a leading `~` replaced by the home folder, where there is one.
    pub fn effective_output_dir(&self) -> PathBuf {
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
        expand_home(&self.output_dir, home.as_deref())
    }

    /// Rows in a training batch: the batch size of a device, since a process has one device.
    pub const fn train_batch_size(&self) -> usize {
        self.per_device_train_batch_size
    }

    /// Rows in an evaluation batch.
    pub const fn eval_batch_size(&self) -> usize {
        self.per_device_eval_batch_size
    }

    /// Rows that one optimizer step sees, its last one of an epoch aside.
    pub const fn total_train_batch_size(&self) -> usize {
        self.per_device_train_batch_size
            .saturating_mul(self.gradient_accumulation_steps)
    }

    /// Whether layers are computed again in the backward pass: `activation_checkpointing`, or where it is not given its older name.
    pub fn effective_activation_checkpointing(&self) -> bool {
        let asked = self
            .activation_checkpointing
            .or(self.gradient_checkpointing);
        asked.unwrap_or(false)
    }

    /// Whether to evaluate: asked for, or implied by an evaluation strategy.
    pub fn effective_do_eval(&self) -> bool {
        self.do_eval || self.eval_strategy != IntervalStrategy::No
    }

    /// `eval_steps`, or where it is not given or 0 `logging_steps`. Below 1 it is a ratio of all steps.
    pub fn effective_eval_steps(&self) -> f64 {
        self.eval_steps
            .filter(|steps| *steps != 0.0)
            .unwrap_or(self.logging_steps)
    }

    /// The metric by which models are compared: as given, or `loss` where something needs one.
    pub fn effective_metric_for_best_model(&self) -> Option<&str> {
        let needed = self.load_best_model_at_end
            || matches!(
                self.lr_scheduler_type,
                SchedulerType::ReduceLrOnPlateau | SchedulerType::Greedy
            );
        self.metric_for_best_model
            .as_deref()
            .or(needed.then_some("loss"))
    }

    /// Whether higher values of that metric are better: as given, or unless its name ends in `loss`.
    pub fn effective_greater_is_better(&self) -> Option<bool> {
        self.greater_is_better.or_else(|| {
            self.effective_metric_for_best_model()
                .map(|metric| !metric.ends_with("loss"))
        })
    }

    /// Where to report: the names in `report_to` without `none`.
    pub fn effective_report_to(&self) -> Vec<&str> {
        self.report_to
            .iter()
            .map(String::as_str)
            .filter(|name| *name != "none")
            .collect()
    }

    /// Whether the progress bars are off.
    pub fn effective_disable_tqdm(&self) -> bool {
        self.disable_tqdm.unwrap_or(false)
    }

    /// Whether batches are pinned in memory: as asked, but never for the CPU.
    pub const fn effective_pin_memory(&self) -> bool {
        self.dataloader_pin_memory && !self.use_cpu
    }

    /// The seed of the samplers: `data_seed`, or `seed`.
    pub fn effective_data_seed(&self) -> u64 {
        self.data_seed.unwrap_or(self.seed)
    }

    /// Steps between two logs in a run of `max_steps`, if logging goes by steps.
    pub fn logging_interval(&self, max_steps: u64) -> u64 {
        interval(self.logging_steps, max_steps)
    }

    /// Steps between two evaluations in a run of `max_steps`, if evaluation goes by steps; `None` where it does not and no
    /// `eval_steps` are given.
    pub fn eval_interval(&self, max_steps: u64) -> Option<u64> {
        let steps = match self.eval_strategy {
            IntervalStrategy::Steps => Some(self.effective_eval_steps()),
            _ => self.eval_steps,
        };
        steps.map(|steps| interval(steps, max_steps))
    }

    /// Steps between two checkpoints in a run of `max_steps`, if saving goes by steps.
    pub fn save_interval(&self, max_steps: u64) -> u64 {
        interval(self.save_steps, max_steps)
    }

    /// Warm-up steps in a run of `num_training_steps`: `warmup_steps` without its fraction from 1 on, below 1 that
    /// ratio of all steps, rounded up.
    pub fn get_warmup_steps(&self, num_training_steps: u64) -> u64 {
        if self.warmup_steps >= 1.0 {
            self.warmup_steps as u64
        } else {
            (num_training_steps as f64 * self.warmup_steps).ceil() as u64
        }
    }
}

/// Steps of an interval: `steps` itself, or below 1 that ratio of `max_steps`, rounded up. At least 1.
fn interval(steps: f64, max_steps: u64) -> u64 {
    let absolute = if steps < 1.0 {
        (max_steps as f64 * steps).ceil()
    } else {
        steps
    };
    (absolute as u64).max(1)
}

fn expand_home(path: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::expand_home;

    #[test]
    fn only_a_leading_tilde_is_the_home_folder() {
        let home = Some(Path::new("/home/ada"));
        assert_eq!(
            expand_home(Path::new("~/out"), home),
            Path::new("/home/ada/out")
        );
        assert_eq!(expand_home(Path::new("~"), home), Path::new("/home/ada"));
        assert_eq!(expand_home(Path::new("a/~/b"), home), Path::new("a/~/b"));
        assert_eq!(
            expand_home(Path::new("~bob/out"), home),
            Path::new("~bob/out")
        );
        assert_eq!(expand_home(Path::new("~/out"), None), Path::new("~/out"));
    }
}
