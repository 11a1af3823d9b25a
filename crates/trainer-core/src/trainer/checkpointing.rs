use std::path::{Path, PathBuf};

use tracing::info;
use trainer_data::warning;
use trainer_torch::pickle;
use trainer_torch::rng_state::RngState;

use super::Trainer;
use super::run::Run;
use crate::checkpoint::{
    OPTIMIZER, RNG_STATE, SCHEDULER, TRAINER_STATE, TRAINING_ARGS, by_age, checkpoint_name,
    checkpoints, last_whole_checkpoint, remove_or_warn, superfluous, verify_weights, write_whole,
};
use crate::plan::TrainingPlan;
use crate::running_loss::RunningLoss;
use crate::{Error, Result, TrainerState, durable};

impl Trainer {
    /// Writes the model, and what prepared its data, into the output folder, so that `from_pretrained` loads them here
    /// and in Python.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save_model(&self) -> Result<()> {
        let folder = self.output_dir();
        self.write_model(&folder)
    }

    fn write_model(&self, folder: &Path) -> Result<()> {
        self.model.save_pretrained(folder)?;
        if let Some(processing_class) = &self.processing_class {
            processing_class
                .save_pretrained(folder)
                .map_err(Error::ProcessingClass)?;
        }
        durable::write(
            &folder.join(TRAINING_ARGS),
            self.args.to_json_string().as_bytes(),
        )
    }

    /// Writes `checkpoint-{step}` whole or not at all, then removes those that `save_total_limit` has no room for.
    pub(super) fn save_checkpoint(&mut self, run: &mut Run) -> Result<()> {
        self.state.total_flos += std::mem::take(&mut run.flos);
        let output_dir = self.output_dir();
        let step = self.state.global_step;
        if let Some(best) = self.state.best_global_step {
            let folder = output_dir.join(checkpoint_name(best));
            if best == step || folder.exists() {
                self.state.best_model_checkpoint = Some(folder.to_string_lossy().into_owned());
            }
        }
        self.state.stateful_callbacks = self.callbacks.states();
        write_whole(&output_dir, &checkpoint_name(step), |folder| {
            self.write_model(folder)?;
            if !self.args.save_only_model {
                pickle::save(&folder.join(OPTIMIZER), &run.optimizer.state_dict()?)?;
                pickle::save(&folder.join(SCHEDULER), &run.scheduler.state_dict())?;
                let generators = RngState::capture(run.resumed_rng.as_ref(), self.args.seed)?;
                generators.save(&folder.join(RNG_STATE))?;
            }
            self.write_state(folder)
        })?;
        let limit = self.args.save_total_limit;
        let oldest_first = by_age(checkpoints(&output_dir)?);
        let best = self.best_of(&oldest_first);
        for folder in superfluous(&oldest_first, limit, step, best) {
            remove_or_warn(&folder);
        }
        Ok(())
    }

    /// The step of the one that `best_model_checkpoint` names, relatively perhaps, or through a link.
    fn best_of(&self, checkpoints: &[(u64, PathBuf)]) -> Option<u64> {
        let best = Path::new(self.state.best_model_checkpoint.as_ref()?);
        let best = best.canonicalize().ok()?;
        let mut checkpoints = checkpoints.iter();
        let found =
            checkpoints.find(|(_, folder)| folder.canonicalize().is_ok_and(|it| it == best));
        found.map(|(step, _)| *step)
    }

    /// The folder to go on from: none, a given one, or the newest whole one in the output folder.
    pub(super) fn checkpoint_to_resume(&self) -> Result<Option<PathBuf>> {
        match self.args.resume_from_checkpoint.as_deref() {
            None | Some("false" | "False") => Ok(None),
            Some("last" | "true" | "True") => last_whole_checkpoint(&self.output_dir()).map(Some),
            Some(path) => {
                let path = PathBuf::from(path);
                if !path.join(TRAINER_STATE).is_file() {
                    let reason =
                        format!("Can't find a valid checkpoint there: it has no {TRAINER_STATE}");
                    return Err(Error::checkpoint(&path, reason));
                }
                verify_weights(&path)?;
                Ok(Some(path))
            }
        }
    }

    /// A fresh state for a run of this plan.
    pub(super) fn reset_state(&mut self, plan: &TrainingPlan) {
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

    /// Takes weights, state, optimizer, schedule and generators back from a checkpoint, written here or by Python.
    pub(super) fn resume(&mut self, run: &mut Run, checkpoint: &Path) -> Result<()> {
        info!("resuming from {}", checkpoint.display());
        self.model.load_weights(checkpoint)?;
        let saved = TrainerState::load_from_json(&checkpoint.join(TRAINER_STATE))?;
        self.adopt_state(saved, &run.plan);
        let optimizer = checkpoint.join(OPTIMIZER);
        let scheduler = checkpoint.join(SCHEDULER);
        if optimizer.is_file() && scheduler.is_file() {
            run.optimizer.load_state_dict(&pickle::load(&optimizer)?)?;
            let state = pickle::load(&scheduler)?;
            run.scheduler
                .load_state_dict(&state, run.optimizer.param_groups_mut())?;
        } else {
            warning!(
                "{} has no optimizer and schedule: they start anew",
                checkpoint.display()
            );
        }
        let rng = checkpoint.join(RNG_STATE);
        if rng.is_file() {
            run.rng_to_restore = Some(RngState::load(&rng)?);
        } else {
            warning!(
                "{} has no {RNG_STATE}: dropout will differ from an uninterrupted run",
                checkpoint.display()
            );
        }
        if self.args.restore_callback_states_from_checkpoint {
            self.callbacks.load_states(&self.state.stateful_callbacks)?;
        }
        run.first_step = self.state.global_step;
        run.first_tokens = self.state.num_input_tokens_seen;
        run.loss = RunningLoss::new(self.device, run.first_step)?;
        Ok(())
    }

    /// The checkpoint's state, with the length of this run; intervals stay the checkpoint's, as in Python.
    fn adopt_state(&mut self, saved: TrainerState, plan: &TrainingPlan) {
        let fresh = std::mem::replace(&mut self.state, saved);
        self.state.max_steps = plan.max_steps;
        self.state.num_train_epochs = plan.num_train_epochs;
        for (name, now, then) in [
            (
                "logging_steps",
                fresh.logging_steps,
                self.state.logging_steps,
            ),
            ("eval_steps", fresh.eval_steps, self.state.eval_steps),
            ("save_steps", fresh.save_steps, self.state.save_steps),
        ] {
            if now != then {
                warning!(
                    "{name}: {now} (from args) != {then} (from {TRAINER_STATE}); the latter is used"
                );
            }
        }
        if fresh.train_batch_size != self.state.train_batch_size {
            let shown =
                |size: Option<u64>| size.map_or("unknown".to_owned(), |size| size.to_string());
            warning!(
                "per_device_train_batch_size: {} (from args) != {} (from {TRAINER_STATE}): the run will not be the \
                 uninterrupted one",
                shown(fresh.train_batch_size),
                shown(self.state.train_batch_size)
            );
            self.state.train_batch_size = fresh.train_batch_size;
        }
        if let Some(best) = &self.state.best_model_checkpoint
            && !Path::new(best).is_dir()
        {
            warning!("the best checkpoint, {best}, is gone");
            self.state.best_model_checkpoint = None;
        }
    }

    /// Batches of the current epoch that were trained on before.
    pub(super) fn batches_to_skip(&self, plan: &TrainingPlan) -> usize {
        if self.args.ignore_data_skip {
            return 0;
        }
        let updates = self.state.global_step % plan.updates_per_epoch;
        usize::try_from(updates).unwrap_or(0) * plan.gradient_accumulation_steps
    }

    pub(super) fn load_best_model(&mut self) -> Result<()> {
        let Some(best) = &self.state.best_model_checkpoint else {
            warning!("there is no best checkpoint to load: the last weights stay");
            return Ok(());
        };
        if !Path::new(best).is_dir() {
            warning!("the best checkpoint, {best}, is gone: the last weights stay");
            return Ok(());
        }
        info!(
            "loading the best model, from {best} (score: {:?})",
            self.state.best_metric
        );
        Ok(self.model.load_weights(Path::new(best))?)
    }

    /// With a limit of one checkpoint, the best one is what stays in the end.
    pub(super) fn remove_all_but_best(&self) -> Result<()> {
        let all = checkpoints(&self.output_dir())?;
        if let Some(best) = self.best_of(&all) {
            for (_, folder) in all.into_iter().filter(|(step, _)| *step != best) {
                remove_or_warn(&folder);
            }
        }
        Ok(())
    }
}
