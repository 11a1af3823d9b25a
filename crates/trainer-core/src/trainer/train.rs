use std::time::Instant;

use trainer_collate::Batch;
use trainer_data::{DataLoader, warning};

use super::run::Run;
use super::{TrainOutput, Trainer};
use crate::best;
use crate::callbacks::Event;
use crate::checkpoint::tidy;
use crate::optimizer::create_optimizer;
use crate::plan::TrainingPlan;
use crate::running_loss::RunningLoss;
use crate::schedule::LrScheduler;
use crate::{Error, IntervalStrategy, Logs, Result, SaveStrategy, report};

impl Trainer {
    /// Trains, and where `resume_from_checkpoint` is set goes on from that checkpoint (`last` for the newest whole one
    /// in the output folder).
    ///
    /// ```text
    /// for each epoch:                                 EpochBegin
    ///     for each window of accumulated batches:     StepBegin
    ///         forward, backward of each batch         SubstepEnd between two
    ///         clip                                    PreOptimizerStep
    ///         step of the optimizer                   OptimizerStep
    ///         step of the schedule, gradients off     StepEnd
    ///         log, evaluate, save where asked for     Log, PredictionStep…, Evaluate, Save
    ///     log, evaluate, save where asked for         EpochEnd first
    /// ```
    ///
    /// # Errors
    /// When there is nothing to train on, the data does not fit the model, a checkpoint cannot be read or written, or a
    /// callback ends the run.
    pub fn train(&mut self) -> Result<TrainOutput> {
        tidy(&self.output_dir())?;
        let checkpoint = self.checkpoint_to_resume()?;
        let loader = self.get_train_dataloader()?;
        self.check_datasets()?;
        let num_trainable = self.model.parameters().num_elements(true);
        let plan = TrainingPlan::new(
            &self.args,
            loader.num_examples(),
            loader.len(),
            num_trainable,
        )?;
        plan.announce(self.device);
        self.reset_state(&plan);
        let mut run = self.new_run(plan)?;
        // A call that failed inside a window has left gradients.
        run.optimizer.zero_grad()?;
        if let Some(checkpoint) = checkpoint {
            self.resume(&mut run, &checkpoint)?;
        }
        let epoch_end_is_due = self.epoch_end_is_due(&run);
        self.call(Event::TrainBegin)?;
        if self.args.eval_on_start {
            self.evaluate()?;
        }
        if epoch_end_is_due {
            run.restore_rng()?;
            self.call(Event::EpochEnd)?;
            self.log_save_evaluate(&mut run)?;
        }
        self.train_epochs(&mut run, &loader)?;
        self.finish(run)
    }

    fn new_run(&self, plan: TrainingPlan) -> Result<Run> {
        let args = &self.args;
        let mut optimizer = create_optimizer(args, self.model.parameters())?;
        let kwargs = args.lr_scheduler_kwargs.clone().unwrap_or_default();
        let warmup = args.get_warmup_steps(plan.max_steps);
        let groups = optimizer.param_groups_mut();
        let scheduler = LrScheduler::new(
            args.lr_scheduler_type,
            &kwargs,
            warmup,
            plan.max_steps,
            groups,
        )?;
        Ok(Run {
            plan,
            optimizer,
            scheduler: Box::new(scheduler),
            loss: RunningLoss::new(self.device, 0)?,
            grad_norm: None,
            learning_rate: 0.0,
            flos: 0.0,
            num_non_embedding: self.model.num_non_embedding_elements(),
            rng_to_restore: None,
            resumed_rng: None,
            start: Instant::now(),
            first_step: 0,
            first_tokens: 0,
        })
    }

    fn train_epochs(&mut self, run: &mut Run, loader: &DataLoader<Batch>) -> Result<()> {
        if self.state.global_step >= run.plan.max_steps
            || self.callbacks.control.should_training_stop
        {
            return Ok(());
        }
        let updates = run.plan.updates_per_epoch;
        let first_epoch = self.state.global_step / updates;
        let mut skip = self.batches_to_skip(&run.plan);
        for epoch in first_epoch..run.plan.num_train_epochs {
            self.call(Event::EpochBegin)?;
            self.train_epoch(run, loader, epoch, std::mem::take(&mut skip))?;
            self.call(Event::EpochEnd)?;
            self.log_save_evaluate(run)?;
            if self.callbacks.control.should_training_stop {
                break;
            }
        }
        Ok(())
    }

    /// Whether the run resumed from a checkpoint that was written after the last step of an epoch, or of all, but before the
    /// evaluation that follows there: it is made up for, so that the run goes on as if it had not been interrupted.
    #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
    fn epoch_end_is_due(&self, run: &Run) -> bool {
        let step = self.state.global_step;
        let at_an_end =
            step.is_multiple_of(run.plan.updates_per_epoch) || step >= run.plan.max_steps;
        let evaluated = |logs: &Logs| {
            logs.get_f64("step") == Some(step as f64)
                && logs.names().any(|name| name.starts_with("eval_"))
        };
        run.first_step > 0
            && at_an_end
            && self.args.eval_strategy == IntervalStrategy::Epoch
            && self.args.eval_delay <= self.state.epoch
            && !self.state.log_history.iter().any(evaluated)
    }

    /// One epoch, from the batch after the first `skip` ones, until its end or until a callback stops it.
    fn train_epoch(
        &mut self,
        run: &mut Run,
        loader: &DataLoader<Batch>,
        epoch: u64,
        skip: usize,
    ) -> Result<()> {
        // The generators of a run that resumes at an epoch's start are restored before its loader draws a seed, those of
        // one that resumes inside an epoch after: the seed was drawn before the checkpoint was written.
        if skip == 0 {
            run.restore_rng()?;
        }
        trainer_torch::rng::draw_base_seed()?;
        let mut batches = loader.iter_from(epoch, skip);
        let mut done = skip;
        loop {
            let window: Vec<Batch> = batches
                .by_ref()
                .take(run.plan.gradient_accumulation_steps)
                .collect::<Result<_, _>>()?;
            if window.is_empty() {
                return Ok(());
            }
            run.restore_rng()?;
            done += window.len();
            self.optimizer_step(run, epoch, window, done)?;
            self.log_save_evaluate(run)?;
            let control = self.callbacks.control;
            if control.should_epoch_stop || control.should_training_stop {
                return Ok(());
            }
        }
    }

    /// Performs what the callbacks asked for.
    fn log_save_evaluate(&mut self, run: &mut Run) -> Result<()> {
        if self.callbacks.control.should_log && run.loss.has_news(self.state.global_step) {
            self.log_training(run)?;
        }
        if self.callbacks.control.should_evaluate {
            let metrics = self.evaluate()?;
            self.after_evaluation(run, &metrics)?;
        }
        if self.callbacks.control.should_save {
            self.save_checkpoint(run)?;
            self.call(Event::Save)?;
        }
        Ok(())
    }

    /// Compares with the best so far and tells schedules that follow a metric.
    fn after_evaluation(&mut self, run: &mut Run, metrics: &Logs) -> Result<()> {
        let improved = best::improved(&self.args, metrics, &mut self.state.best_metric)?;
        if improved && self.args.save_strategy != SaveStrategy::No {
            self.state.best_global_step = Some(self.state.global_step);
        }
        if self.args.save_strategy == SaveStrategy::Best {
            self.callbacks.control.should_save = improved;
        }
        if run.scheduler.follows_metric()
            && let Some(metric) = self.args.effective_metric_for_best_model()
        {
            let name = best::eval_name(metric);
            let value = metrics.get_f64(&name).ok_or_else(|| {
                Error::Setup(format!(
                    "the schedule follows {name:?}, which the evaluation has not"
                ))
            })?;
            run.scheduler
                .step_metric(run.optimizer.param_groups_mut(), value)?;
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
    fn finish(&mut self, mut run: Run) -> Result<TrainOutput> {
        let steps = self.state.global_step - run.first_step;
        let training_loss = run.loss.total()? / (steps as f64).max(0.001);
        let samples = run.plan.num_train_samples(&self.args) * steps as f64
            / run.plan.max_steps.max(1) as f64;
        let seconds = run.start.elapsed().as_secs_f64();
        let mut metrics =
            report::speed_metrics("train", seconds, Some(samples), Some(steps as f64));
        self.state.total_flos += std::mem::take(&mut run.flos);
        metrics.insert("total_flos", self.state.total_flos);
        metrics.insert("train_loss", training_loss);
        self.log(&mut metrics)?;
        if self.args.load_best_model_at_end {
            self.load_best_model()?;
        }
        if self.args.save_total_limit == Some(1) {
            self.remove_all_but_best()?;
        }
        self.call(Event::TrainEnd)?;
        if steps == 0 && self.state.global_step >= run.plan.max_steps {
            warning!("no step was left to train: the run was complete");
        }
        Ok(TrainOutput {
            global_step: self.state.global_step,
            training_loss,
            metrics,
        })
    }
}
