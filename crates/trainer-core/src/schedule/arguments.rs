use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::ScheduleError;
use super::error::Result;
use crate::SchedulerType;

/// Reads keyword arguments into a struct of known ones; an unknown one is refused by name.
pub(super) fn read<T: DeserializeOwned>(
    kind: SchedulerType,
    arguments: &Map<String, Value>,
) -> Result<T> {
    serde_json::from_value(Value::Object(arguments.clone()))
        .map_err(|error| refused(kind, error.to_string()))
}

/// The error about a schedule's arguments.
pub(super) fn refused(kind: SchedulerType, reason: impl Into<String>) -> ScheduleError {
    ScheduleError::Argument {
        schedule: kind.as_str(),
        reason: reason.into(),
    }
}

/// A number for all groups, or one for each.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrEach {
    One(f64),
    Each(Vec<f64>),
}

impl OneOrEach {
    /// A number for each of `groups` groups.
    pub(super) fn for_groups(
        &self,
        kind: SchedulerType,
        name: &str,
        groups: usize,
    ) -> Result<Vec<f64>> {
        match self {
            Self::One(number) => Ok(vec![*number; groups]),
            Self::Each(numbers) if numbers.len() == groups => Ok(numbers.clone()),
            Self::Each(numbers) => Err(refused(
                kind,
                format!(
                    "{name} has {} numbers, expected {groups}, one a group",
                    numbers.len()
                ),
            )),
        }
    }
}
