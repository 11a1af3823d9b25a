//! What the schedules that follow a metric share.

use serde::Deserialize;
use trainer_torch::PickleError;
use trainer_torch::pickle::{Dict, Value};

/// Whether smaller or larger is better.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    Min,
    Max,
}

/// Whether the threshold is a share of the best value or a distance from it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum ThresholdMode {
    Rel,
    Abs,
}

impl Mode {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Max => "max",
        }
    }

    /// What any value is better than.
    pub(super) fn worst(self) -> f64 {
        match self {
            Self::Min => f64::INFINITY,
            Self::Max => f64::NEG_INFINITY,
        }
    }
}

impl ThresholdMode {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Rel => "rel",
            Self::Abs => "abs",
        }
    }
}

/// Whether a value is better than the best by more than the threshold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comparison {
    pub(super) mode: Mode,
    pub(super) threshold: f64,
    pub(super) threshold_mode: ThresholdMode,
}

impl Comparison {
    pub(super) fn is_better(&self, value: f64, best: f64) -> bool {
        match (self.mode, self.threshold_mode) {
            (Mode::Min, ThresholdMode::Rel) => value < best * (1.0 - self.threshold),
            (Mode::Min, ThresholdMode::Abs) => value < best - self.threshold,
            (Mode::Max, ThresholdMode::Rel) => value > best * (1.0 + self.threshold),
            (Mode::Max, ThresholdMode::Abs) => value > best + self.threshold,
        }
    }

    /// What a state says, where it says something.
    pub(super) fn updated(self, state: &Dict) -> Result<Self, PickleError> {
        let mode = match text(state, "mode")? {
            None => self.mode,
            Some("min") => Mode::Min,
            Some("max") => Mode::Max,
            Some(other) => {
                return Err(Value::from(other).unexpected("\"min\" or \"max\" as \"mode\""));
            }
        };
        let threshold_mode = match text(state, "threshold_mode")? {
            None => self.threshold_mode,
            Some("rel") => ThresholdMode::Rel,
            Some("abs") => ThresholdMode::Abs,
            Some(other) => {
                return Err(
                    Value::from(other).unexpected("\"rel\" or \"abs\" as \"threshold_mode\"")
                );
            }
        };
        Ok(Self {
            mode,
            threshold: number(state, "threshold", self.threshold)?,
            threshold_mode,
        })
    }
}

fn text<'a>(state: &'a Dict, key: &str) -> Result<Option<&'a str>, PickleError> {
    match state.get(key) {
        None => Ok(None),
        Some(value) => value
            .as_str()
            .map(Some)
            .ok_or_else(|| value.unexpected(format!("text as {key:?}"))),
    }
}

/// A number of a state; `current` where it has none.
pub(super) fn number(state: &Dict, key: &str, current: f64) -> Result<f64, PickleError> {
    match state.get(key) {
        None => Ok(current),
        Some(value) => value
            .as_f64()
            .ok_or_else(|| value.unexpected(format!("a number as {key:?}"))),
    }
}

/// Counts up to here are exact as floats, and far from where a step more would overflow.
const MOST: u64 = 1 << 53;

/// An integer of a state, from -2^53 to 2^53; `current` where it has none.
pub(super) fn integer(state: &Dict, key: &str, current: i64) -> Result<i64, PickleError> {
    let Some(value) = state.get(key) else {
        return Ok(current);
    };
    let int = value
        .as_i64()
        .ok_or_else(|| value.unexpected(format!("an int as {key:?}")))?;
    match int.unsigned_abs() <= MOST {
        true => Ok(int),
        false => Err(PickleError::Unexpected {
            expected: format!("an int of at most 2^53 as {key:?}"),
            found: int.to_string(),
        }),
    }
}

/// Numbers of a state, one a group; `current` where it has none.
pub(super) fn numbers(state: &Dict, key: &str, current: &[f64]) -> Result<Vec<f64>, PickleError> {
    let Some(value) = state.get(key) else {
        return Ok(current.to_vec());
    };
    let expected = || format!("{} numbers as {key:?}", current.len());
    let list = value
        .as_slice()
        .ok_or_else(|| value.unexpected(expected()))?;
    if list.len() != current.len() {
        return Err(PickleError::Unexpected {
            expected: expected(),
            found: list.len().to_string(),
        });
    }
    list.iter()
        .map(|entry| entry.as_f64().ok_or_else(|| entry.unexpected(expected())))
        .collect()
}

/// A list of numbers for a state.
pub(super) fn list(numbers: &[f64]) -> Value {
    numbers.iter().copied().collect()
}
