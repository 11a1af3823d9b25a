use serde_json::{Map, Value as Json};
use trainer_torch::pickle::{Dict, Value};

use super::ScheduleError;
use super::error::Result;
use super::greedy::Greedy;
use super::lambda::Lambda;
use super::metric::{integer, list, numbers};
use super::plateau::ReduceLrOnPlateau;
use crate::SchedulerType;
use crate::optimizer::ParamGroup;

#[derive(Clone, Debug)]
enum Form {
    Lambda(Lambda),
    Plateau(ReduceLrOnPlateau),
    Greedy(Greedy),
}

/// Sets the learning rates of an optimizer's groups, step by step or as a metric develops.
///
/// ```
/// use serde_json::Map;
/// use trainer_core::SchedulerType;
/// use trainer_core::optimizer::ParamGroup;
/// use trainer_core::schedule::LrScheduler;
///
/// let mut groups = [ParamGroup::new([], 10.0, 0.0)];
/// let mut scheduler = LrScheduler::new(SchedulerType::Linear, &Map::new(), 2, 10, &mut groups)?;
/// assert_eq!(groups[0].lr, 0.0); // the first step of a warm-up changes nothing
/// scheduler.step(&mut groups)?;
/// assert_eq!(scheduler.get_last_lr(), [5.0]);
/// # Ok::<(), trainer_core::schedule::ScheduleError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LrScheduler {
    form: Form,
    base_lrs: Vec<f64>,
    last_epoch: i64,
    step_count: i64,
    last_lr: Vec<f64>,
}

impl LrScheduler {
    /// A schedule of `num_training_steps` optimizer steps, the first `num_warmup_steps` of them warm-up, and sets the
    /// groups' rates to those of the first step. `kwargs` are Python's `lr_scheduler_kwargs`. What is a share of "the"
    /// learning rate is one of the first group's.
    ///
    /// # Errors
    /// When a keyword argument is unknown, missing, of the wrong kind or out of its range.
    pub fn new(
        kind: SchedulerType,
        kwargs: &Map<String, Json>,
        num_warmup_steps: u64,
        num_training_steps: u64,
        groups: &mut [ParamGroup],
    ) -> Result<Self> {
        let form = match kind {
            SchedulerType::ReduceLrOnPlateau => {
                Form::Plateau(ReduceLrOnPlateau::new(groups.len(), kwargs)?)
            }
            SchedulerType::Greedy => Form::Greedy(Greedy::new(groups, kwargs)?),
            _ => {
                for group in groups.iter_mut() {
                    group.initial_lr.get_or_insert(group.lr);
                }
                let lr = groups.first().map_or(0.0, initial_lr);
                Form::Lambda(Lambda::new(
                    kind,
                    lr,
                    (num_warmup_steps, num_training_steps),
                    kwargs,
                )?)
            }
        };
        let base_lrs: Vec<f64> = groups.iter().map(initial_lr).collect();
        let last_lr = groups.iter().map(|group| group.lr).collect();
        let mut scheduler = Self {
            form,
            base_lrs,
            last_epoch: -1,
            step_count: 0,
            last_lr,
        };
        scheduler.step(groups)?;
        Ok(scheduler)
    }

    /// Whether the schedule follows a metric ([`step_metric`](Self::step_metric)) instead of steps.
    #[must_use]
    pub fn follows_metric(&self) -> bool {
        !matches!(self.form, Form::Lambda(_))
    }

    /// Sets the rates of the next step. To be called after each optimizer step. Does nothing for a schedule that
    /// [follows a metric](Self::follows_metric).
    ///
    /// # Errors
    /// When the number of groups changed.
    pub fn step(&mut self, groups: &mut [ParamGroup]) -> Result<()> {
        self.check_groups(groups)?;
        if let Form::Lambda(lambda) = &self.form {
            self.step_count += 1;
            self.last_epoch += 1;
            let factor = lambda.factor(self.last_epoch);
            for (group, base_lr) in groups.iter_mut().zip(&self.base_lrs) {
                group.lr = base_lr * factor;
            }
            self.remember(groups);
        }
        Ok(())
    }

    /// Sets the rates by a metric. To be called after each evaluation. Does nothing for a schedule that follows steps.
    ///
    /// # Errors
    /// When the number of groups changed.
    pub fn step_metric(&mut self, groups: &mut [ParamGroup], metric: f64) -> Result<()> {
        self.check_groups(groups)?;
        match &mut self.form {
            Form::Lambda(_) => return Ok(()),
            Form::Plateau(plateau) => plateau.step(groups, metric),
            Form::Greedy(greedy) => greedy.step(groups, metric),
        }
        self.remember(groups);
        Ok(())
    }

    /// The rates that were last set, one a group.
    #[must_use]
    pub fn get_last_lr(&self) -> &[f64] {
        &self.last_lr
    }

    /// All that a resumed run needs, in the form of PyTorch's schedule: `torch.save` of it, through
    /// [`trainer_torch::pickle::save`], is Python's `scheduler.pt`.
    #[must_use]
    pub fn state_dict(&self) -> Value {
        match &self.form {
            Form::Plateau(plateau) => plateau.state_dict(&self.last_lr).into(),
            Form::Greedy(greedy) => greedy.state_dict(&self.last_lr).into(),
            Form::Lambda(lambda) => {
                let function = || {
                    if lambda.is_plain_function() {
                        Value::None
                    } else {
                        Dict::new().into()
                    }
                };
                Dict::new()
                    .with("base_lrs", list(&self.base_lrs))
                    .with("last_epoch", self.last_epoch)
                    .with("_step_count", self.step_count)
                    .with("_is_initial", false)
                    .with("_get_lr_called_within_step", false)
                    .with("_last_lr", list(&self.last_lr))
                    .with(
                        "lr_lambdas",
                        Value::List(self.base_lrs.iter().map(|_| function()).collect()),
                    )
                    .into()
            }
        }
    }

    /// Takes over a state that [`state_dict`](Self::state_dict) or Python gave, and sets the groups' rates to it.
    ///
    /// # Errors
    /// When the state has not the form of this schedule's, or another number of groups; nothing is changed then.
    pub fn load_state_dict(&mut self, state: &Value, groups: &mut [ParamGroup]) -> Result<()> {
        self.check_groups(groups)?;
        let state = state.as_dict().ok_or_else(|| state.unexpected("a dict"))?;
        let mut loaded = self.clone();
        state.require("_last_lr")?;
        loaded.last_lr = numbers(state, "_last_lr", &self.last_lr)?;
        match &mut loaded.form {
            Form::Plateau(plateau) => plateau.load_state_dict(state)?,
            Form::Greedy(greedy) => greedy.load_state_dict(state)?,
            Form::Lambda(_) => {
                state.require("last_epoch")?;
                loaded.base_lrs = numbers(state, "base_lrs", &self.base_lrs)?;
                loaded.last_epoch = integer(state, "last_epoch", self.last_epoch)?;
                loaded.step_count = integer(state, "_step_count", loaded.last_epoch + 1)?;
            }
        }
        *self = loaded;
        for (group, lr) in groups.iter_mut().zip(&self.last_lr) {
            group.lr = *lr;
        }
        Ok(())
    }

    fn check_groups(&self, groups: &[ParamGroup]) -> Result<()> {
        let (found, expected) = (groups.len(), self.base_lrs.len());
        if found == expected {
            Ok(())
        } else {
            Err(ScheduleError::Groups { found, expected })
        }
    }

    fn remember(&mut self, groups: &[ParamGroup]) {
        self.last_lr = groups.iter().map(|group| group.lr).collect();
    }
}

fn initial_lr(group: &ParamGroup) -> f64 {
    group.initial_lr.unwrap_or(group.lr)
}
