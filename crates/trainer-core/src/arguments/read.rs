//! Reading one argument from JSON, with an error that names it.

use serde_json::Value;

use super::error::{ArgumentsError, ArgumentsResult};
use super::value::ArgumentValue;

/// Reads the value of the argument `name` from JSON.
///
/// # Errors
///
/// [`ArgumentsError::Value`] with the name, the kind expected and the value found.
pub fn read_argument<T: ArgumentValue>(name: &str, value: Value) -> ArgumentsResult<T> {
    let found = value.to_string();
    T::from_json(value).ok_or_else(|| ArgumentsError::Value {
        name: name.to_string(),
        expected: T::KIND.describe(),
        found,
    })
}
