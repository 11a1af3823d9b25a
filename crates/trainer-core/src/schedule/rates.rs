//! The learning rates of groups.

use trainer_torch::pickle::Dict;

use super::ScheduleError;
use super::error::Result;
use super::metric::numbers;
use crate::optimizer::ParamGroup;

/// The rates that a schedule last set, one a group.
#[derive(Clone, Debug)]
pub(super) struct LastLr(Vec<f64>);

impl LastLr {
    pub(super) fn of(groups: &[ParamGroup]) -> Self {
        Self(groups.iter().map(|group| group.lr).collect())
    }

    pub(super) fn as_slice(&self) -> &[f64] {
        &self.0
    }

    /// Refuses another number of groups than the schedule was made for.
    pub(super) fn check(&self, groups: &[ParamGroup]) -> Result<()> {
        let (found, expected) = (groups.len(), self.0.len());
        if found == expected {
            Ok(())
        } else {
            Err(ScheduleError::Groups { found, expected })
        }
    }

    /// The rates of a state, as many.
    pub(super) fn read(&self, state: &Dict) -> Result<Self> {
        state.require("_last_lr")?;
        Ok(Self(numbers(state, "_last_lr", &self.0)?))
    }

    pub(super) fn set(&self, groups: &mut [ParamGroup]) {
        for (group, lr) in groups.iter_mut().zip(&self.0) {
            group.lr = *lr;
        }
    }
}
