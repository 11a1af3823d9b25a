//! The one place that checks arguments.

use super::choices::{IntervalStrategy, SaveStrategy};
use super::error::{ArgumentsError, ArgumentsResult};
use super::scheduler_type::SchedulerType;
use super::training_arguments::TrainingArguments;

/// Counts up to here can be multiplied with each other.
const MOST: usize = 1 << 31;
/// Steps up to here are exact as floats.
const MOST_STEPS: f64 = 9_007_199_254_740_992.0;
/// Each is a thread.
const MOST_WORKERS: usize = 1024;

impl TrainingArguments {
    /// Checks every value and every combination of values that Python checks, the range of every number, and that
    /// nothing is asked for that is not supported yet.
    ///
    /// ```
    /// use trainer_core::TrainingArguments;
    ///
    /// let args = TrainingArguments { torch_compile: true, ..TrainingArguments::new("out") };
    /// assert_eq!(
    ///     args.validate().unwrap_err().to_string(),
    ///     "`torch_compile` = true is not supported yet: there is no compiler for models here; operations run as libtorch has them",
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// [`ArgumentsError::Invalid`] and [`ArgumentsError::Unsupported`], for the first field that is wrong.
    pub fn validate(&self) -> ArgumentsResult<()> {
        self.check_numbers()?;
        self.check_counts()?;
        self.check_exclusive()?;
        self.check_intervals()?;
        self.check_schedule()?;
        self.check_best_model()?;
        self.check_metrics()?;
        self.refuse_unsupported()
    }

    fn check_metrics(&self) -> ArgumentsResult<()> {
        for name in &self.include_for_metrics {
            let known = matches!(name.as_str(), "inputs" | "loss");
            require(known, "include_for_metrics", || {
                format!("must be of \"inputs\" and \"loss\", found {name:?}")
            })?;
        }
        let named = self
            .label_names
            .as_ref()
            .is_none_or(|names| !names.is_empty());
        require(named, "label_names", || {
            "must name a column, found none".to_owned()
        })
    }

    fn check_numbers(&self) -> ArgumentsResult<()> {
        let at_least_zero = [
            ("num_train_epochs", self.num_train_epochs),
            ("learning_rate", self.learning_rate),
            ("warmup_steps", self.warmup_steps),
            ("weight_decay", self.weight_decay),
            ("adam_epsilon", self.adam_epsilon),
            ("max_grad_norm", self.max_grad_norm),
            ("logging_steps", self.logging_steps),
            ("eval_steps", self.eval_steps.unwrap_or(0.0)),
            ("eval_delay", self.eval_delay),
            ("save_steps", self.save_steps),
        ];
        for (name, value) in at_least_zero {
            require(value.is_finite() && value >= 0.0, name, || {
                format!("must be a number, zero or greater, found {value}")
            })?;
        }
        for (name, value) in [
            ("num_train_epochs", self.num_train_epochs),
            ("max_steps", self.max_steps as f64),
            ("warmup_steps", self.warmup_steps),
            ("logging_steps", self.logging_steps),
            ("eval_steps", self.eval_steps.unwrap_or(0.0)),
            ("save_steps", self.save_steps),
        ] {
            require(value <= MOST_STEPS, name, || {
                format!("must be at most 2^53, found {value}")
            })?;
        }
        for (name, value) in [
            ("adam_beta1", self.adam_beta1),
            ("adam_beta2", self.adam_beta2),
        ] {
            require((0.0..1.0).contains(&value), name, || {
                format!("must be at least 0 and below 1, found {value}")
            })?;
        }
        let smoothing = self.label_smoothing_factor;
        require(
            (0.0..=1.0).contains(&smoothing),
            "label_smoothing_factor",
            || format!("must be between 0 and 1, found {smoothing}"),
        )
    }

    fn check_counts(&self) -> ArgumentsResult<()> {
        let at_least_one = [
            (
                "per_device_train_batch_size",
                self.per_device_train_batch_size,
            ),
            (
                "per_device_eval_batch_size",
                self.per_device_eval_batch_size,
            ),
            (
                "gradient_accumulation_steps",
                self.gradient_accumulation_steps,
            ),
            (
                "torch_empty_cache_steps",
                self.torch_empty_cache_steps.unwrap_or(1),
            ),
            (
                "eval_accumulation_steps",
                self.eval_accumulation_steps.unwrap_or(1),
            ),
            (
                "dataloader_prefetch_factor",
                self.dataloader_prefetch_factor.unwrap_or(1),
            ),
        ];
        for (name, value) in at_least_one {
            require(value > 0, name, || {
                "must be at least 1, found 0".to_string()
            })?;
            require(value <= MOST, name, || {
                format!("must be at most 2^31, found {value}")
            })?;
        }
        let workers = self.dataloader_num_workers;
        require(workers <= MOST_WORKERS, "dataloader_num_workers", || {
            format!("must be at most {MOST_WORKERS}, found {workers}")
        })?;
        require(
            !self.output_dir.as_os_str().is_empty(),
            "output_dir",
            || "must not be empty".to_string(),
        )?;
        let workers = self.dataloader_num_workers > 0;
        require(
            workers || self.dataloader_prefetch_factor.is_none(),
            "dataloader_prefetch_factor",
            || {
                "can only be set when workers load the data, that is with `dataloader_num_workers` above 0".to_string()
            },
        )?;
        require(
            workers || !self.dataloader_persistent_workers,
            "dataloader_persistent_workers",
            || "needs `dataloader_num_workers` above 0".to_string(),
        )
    }

    fn check_exclusive(&self) -> ArgumentsResult<()> {
        require(!(self.fp16 && self.bf16), "fp16", || {
            "at most one of `fp16` and `bf16` can be true".to_string()
        })?;
        require(
            !(self.fp16_full_eval && self.bf16_full_eval),
            "fp16_full_eval",
            || "at most one of `fp16_full_eval` and `bf16_full_eval` can be true".to_string(),
        )
    }

    fn check_intervals(&self) -> ArgumentsResult<()> {
        let logging = self.logging_strategy == IntervalStrategy::Steps;
        require(
            !logging || self.logging_steps != 0.0,
            "logging_steps",
            || "must not be 0 when `logging_strategy` is steps".to_string(),
        )?;
        let evaluating = self.eval_strategy == IntervalStrategy::Steps;
        require(
            !evaluating || self.effective_eval_steps() != 0.0,
            "eval_steps",
            || "it or `logging_steps` must not be 0 when `eval_strategy` is steps".to_string(),
        )?;
        let saving = self.save_strategy == SaveStrategy::Steps;
        require(!saving || self.save_steps != 0.0, "save_steps", || {
            "must not be 0 when `save_strategy` is steps".to_string()
        })?;
        let intervals = [
            ("logging_steps", logging, self.logging_steps),
            ("eval_steps", evaluating, self.effective_eval_steps()),
            ("save_steps", saving, self.save_steps),
        ];
        for (name, used, steps) in intervals {
            require(!used || steps <= 1.0 || steps.fract() == 0.0, name, || {
                format!("must be a whole number if it is above 1, found {steps}")
            })?;
        }
        Ok(())
    }

    fn check_schedule(&self) -> ArgumentsResult<()> {
        let by_metric = matches!(
            self.lr_scheduler_type,
            SchedulerType::ReduceLrOnPlateau | SchedulerType::Greedy
        );
        require(
            !by_metric || self.eval_strategy != IntervalStrategy::No,
            "lr_scheduler_type",
            || {
                format!(
                    "{} needs an `eval_strategy` other than no",
                    self.lr_scheduler_type
                )
            },
        )
    }

    fn check_best_model(&self) -> ArgumentsResult<()> {
        let name = "load_best_model_at_end";
        let best = self.save_strategy == SaveStrategy::Best;
        let evaluating = self.eval_strategy != IntervalStrategy::No;
        require(!best || evaluating, "save_strategy", || {
            "best needs an `eval_strategy` other than no".to_string()
        })?;
        require(
            !best || self.effective_metric_for_best_model().is_some(),
            "save_strategy",
            || "best needs `metric_for_best_model`".to_string(),
        )?;
        if !self.load_best_model_at_end || best {
            return Ok(());
        }
        require(
            self.eval_strategy.as_str() == self.save_strategy.as_str(),
            name,
            || {
                format!(
                    "needs the same strategy for evaluating and for saving, or `save_strategy` best; found `eval_strategy` \
                 {} and `save_strategy` {}",
                    self.eval_strategy, self.save_strategy
                )
            },
        )?;
        let (save, eval) = (self.save_steps, self.effective_eval_steps());
        if self.eval_strategy != IntervalStrategy::Steps || save % eval == 0.0 {
            return Ok(());
        }
        require((save < 1.0) == (eval < 1.0), name, || {
            format!(
                "needs `save_steps` to be a multiple of `eval_steps`, which is not certain when one is a ratio and the \
                 other a number of steps; found {save} and {eval}"
            )
        })?;
        // As in Python: ratios are compared as millionths, since 0.3 is no multiple of 0.1 in binary fractions.
        let millionths = 1.0e6;
        require(
            save < 1.0 && (save * millionths) % (eval * millionths) == 0.0,
            name,
            || {
                format!(
                    "needs `save_steps` to be a multiple of `eval_steps`; found {save} and {eval}"
                )
            },
        )
    }
}

fn require(
    holds: bool,
    name: &'static str,
    problem: impl FnOnce() -> String,
) -> ArgumentsResult<()> {
    if holds {
        return Ok(());
    }
    Err(ArgumentsError::Invalid {
        name,
        problem: problem(),
    })
}
