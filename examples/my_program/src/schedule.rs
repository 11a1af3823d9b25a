use trainer::core::schedule::ScheduleError;
use trainer::prelude::*;
use trainer::torch::pickle::{Dict, Value};

type Result<T> = std::result::Result<T, ScheduleError>;

/// Half the rate after each so many steps.
#[derive(Debug)]
pub struct Halving {
    every: i64,
    done: i64,
    rates: Vec<f64>,
}

impl Halving {
    /// Starts with the rates of the groups.
    pub fn new(every: i64, groups: &[ParamGroup]) -> Self {
        Self {
            every,
            done: 0,
            rates: rates(groups),
        }
    }
}

fn rates(groups: &[ParamGroup]) -> Vec<f64> {
    groups.iter().map(|group| group.lr).collect()
}

impl Schedule for Halving {
    fn step(&mut self, groups: &mut [ParamGroup]) -> Result<()> {
        self.done += 1;
        if self.done % self.every == 0 {
            groups.iter_mut().for_each(|group| group.lr /= 2.0);
        }
        self.rates = rates(groups);
        Ok(())
    }

    fn get_last_lr(&self) -> &[f64] {
        &self.rates
    }

    fn state_dict(&self) -> Value {
        Dict::new().with("last_epoch", self.done).into()
    }

    fn load_state_dict(&mut self, state: &Value, groups: &mut [ParamGroup]) -> Result<()> {
        let state = state.as_dict().ok_or_else(|| state.unexpected("a dict"))?;
        let done = state.require("last_epoch")?;
        self.done = done.as_i64().ok_or_else(|| done.unexpected("an int"))?;
        self.rates = rates(groups); // the optimizer's state has them
        Ok(())
    }
}
