//! Schedules that this crate does not have: by a function, and by a type of one's own.

use serde_json::Map;
use trainer_core::SchedulerType;
use trainer_core::optimizer::ParamGroup;
use trainer_core::schedule::{LambdaLr, LrScheduler, Schedule, ScheduleError};
use trainer_torch::pickle::{self, Dict, Value};

fn groups() -> Vec<ParamGroup> {
    vec![
        ParamGroup::new([], 0.5, 0.01),
        ParamGroup::new([], 0.25, 0.0),
    ]
}

fn rates(groups: &[ParamGroup]) -> Vec<f64> {
    groups.iter().map(|group| group.lr).collect()
}

/// Down by a half whenever a metric falls, and never back.
#[derive(Debug)]
struct HalveOnFall {
    last: f64,
    last_lr: Vec<f64>,
}

impl HalveOnFall {
    fn new(groups: &[ParamGroup]) -> Self {
        Self {
            last: f64::NEG_INFINITY,
            last_lr: rates(groups),
        }
    }
}

impl Schedule for HalveOnFall {
    fn step(&mut self, _: &mut [ParamGroup]) -> Result<(), ScheduleError> {
        Ok(())
    }

    fn follows_metric(&self) -> bool {
        true
    }

    fn step_metric(&mut self, groups: &mut [ParamGroup], metric: f64) -> Result<(), ScheduleError> {
        if metric.is_nan() {
            return Err(ScheduleError::Other("the metric is no number".into()));
        }
        if metric < self.last {
            groups.iter_mut().for_each(|group| group.lr /= 2.0);
        }
        (self.last, self.last_lr) = (metric, rates(groups));
        Ok(())
    }

    fn get_last_lr(&self) -> &[f64] {
        &self.last_lr
    }

    fn state_dict(&self) -> Value {
        let rates: Value = self.last_lr.iter().copied().collect();
        Dict::new()
            .with("last", self.last)
            .with("_last_lr", rates)
            .into()
    }

    fn load_state_dict(
        &mut self,
        state: &Value,
        groups: &mut [ParamGroup],
    ) -> Result<(), ScheduleError> {
        let state = state.as_dict().ok_or_else(|| state.unexpected("a dict"))?;
        let last = state.require("last")?;
        let last = last.as_f64().ok_or_else(|| last.unexpected("a number"))?;
        let rates = state.require("_last_lr")?.as_slice().unwrap_or_default();
        for (group, rate) in groups.iter_mut().zip(rates) {
            group.lr = rate.as_f64().ok_or_else(|| rate.unexpected("a number"))?;
        }
        *self = Self {
            last,
            ..Self::new(groups)
        };
        Ok(())
    }
}

/// Saves the schedule after each of `steps` steps, loads it into another one and compares what both do then.
fn resumes(make: impl Fn(&mut [ParamGroup]) -> Box<dyn Schedule>, steps: u32) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scheduler.pt");
    let advance = |schedule: &mut dyn Schedule, groups: &mut [ParamGroup], step: u32| {
        schedule.step(groups).unwrap();
        schedule.step_metric(groups, f64::from(step % 3)).unwrap();
        rates(groups)
    };
    for saved_at in 0..steps {
        let mut through = groups();
        let mut schedule = make(&mut through);
        for step in 0..saved_at {
            advance(&mut *schedule, &mut through, step);
        }
        pickle::save(&file, &schedule.state_dict()).unwrap();
        let mut resumed = groups();
        let mut other = make(&mut resumed);
        other
            .load_state_dict(&pickle::load(&file).unwrap(), &mut resumed)
            .unwrap();
        assert_eq!(rates(&resumed), rates(&through));
        assert_eq!(other.get_last_lr(), rates(&through));
        for step in saved_at..steps {
            let expected = advance(&mut *schedule, &mut through, step);
            assert_eq!(advance(&mut *other, &mut resumed, step), expected);
        }
    }
}

#[test]
fn schedules_of_ones_own_resume() {
    resumes(
        |groups| Box::new(LambdaLr::new(|step| 0.5_f64.powf(step), groups)),
        5,
    );
    resumes(|groups| Box::new(HalveOnFall::new(groups)), 9);
}

#[test]
fn a_function_scales_the_first_rates() {
    let mut groups = groups();
    groups[1].initial_lr = Some(1.0);
    let mut schedule = LambdaLr::new(|step| 1.0 / (1.0 + step), &mut groups);
    assert!(!schedule.follows_metric());
    assert_eq!(rates(&groups), [0.5, 1.0]);
    schedule.step(&mut groups).unwrap();
    assert_eq!(rates(&groups), [0.25, 0.5]);
    schedule.step_metric(&mut groups, 1.0).unwrap();
    assert_eq!(schedule.get_last_lr(), [0.25, 0.5]);
    let error = schedule.step(&mut groups[..1]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the schedule is for 2 parameter groups, found 1"
    );
}

#[test]
fn a_function_has_the_state_of_pythons() {
    // `LambdaLR(SGD(…, lr=0.5), lambda step: 0.5**step)` after one step, by torch 2.11.0.
    let mut groups = groups();
    let mut schedule = LambdaLr::new(|step| 0.5_f64.powf(step), &mut groups);
    schedule.step(&mut groups).unwrap();
    let list = |rates: [f64; 2]| -> Value { rates.into_iter().collect() };
    let expected: Value = Dict::new()
        .with("base_lrs", list([0.5, 0.25]))
        .with("last_epoch", 1)
        .with("_step_count", 2)
        .with("_is_initial", false)
        .with("_get_lr_called_within_step", false)
        .with("_last_lr", list([0.25, 0.125]))
        .with("lr_lambdas", Value::List(vec![Value::None, Value::None]))
        .into();
    assert_eq!(
        format!("{:?}", schedule.state_dict()),
        format!("{expected:?}")
    );
}

#[test]
fn a_function_that_is_linear_gives_the_rates_of_linear() {
    let (mut of_name, mut of_function) = (groups(), groups());
    let kwargs = Map::new();
    let mut named = LrScheduler::new(SchedulerType::Linear, &kwargs, 0, 8, &mut of_name).unwrap();
    let mut function = LambdaLr::new(|step| (8.0 - step) / 8.0, &mut of_function);
    for _ in 0..8 {
        assert_eq!(rates(&of_name), rates(&of_function));
        named.step(&mut of_name).unwrap();
        function.step(&mut of_function).unwrap();
    }
    assert_eq!(rates(&of_function), [0.0, 0.0]);
}

#[test]
fn an_error_of_ones_own_is_shown_as_it_is() {
    let mut groups = groups();
    let mut schedule = HalveOnFall::new(&groups);
    let error = schedule.step_metric(&mut groups, f64::NAN).unwrap_err();
    assert_eq!(error.to_string(), "the metric is no number");
}
