//! What can be wrong with a set of arguments.

use thiserror::Error;

/// An argument that cannot be used, with its name.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArgumentsError {
    /// No field has this name.
    #[error("there is no argument `{name}`{}", did_you_mean(.nearest.as_deref()))]
    Unknown {
        /// The name that was given.
        name: String,
        /// The field whose name is closest to it, if one is close.
        nearest: Option<String>,
    },
    /// A value of the wrong kind or outside the allowed choices.
    #[error("`{name}` must be {expected}, found {found}")]
    Value {
        /// The field.
        name: String,
        /// The kind of value that the field takes.
        expected: String,
        /// The value that was given.
        found: String,
    },
    /// A value or a combination of values that makes no sense.
    #[error("`{name}`: {problem}")]
    Invalid {
        /// The field that has to change.
        name: &'static str,
        /// What is wrong with it, with the values found.
        problem: String,
    },
    /// A value that the Python Trainer knows and this one does not support yet.
    #[error("`{name}` = {value} is not supported yet: {reason}")]
    Unsupported {
        /// The field.
        name: &'static str,
        /// The value that was given, as JSON.
        value: String,
        /// Why, or what to do instead.
        reason: &'static str,
    },
    /// A text that is not a JSON object of arguments.
    #[error("the arguments are not a JSON object")]
    Json(#[from] serde_json::Error),
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// The result of checking or reading arguments.
pub type ArgumentsResult<T> = std::result::Result<T, ArgumentsError>;
