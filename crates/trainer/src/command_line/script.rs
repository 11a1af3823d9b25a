//! A program's own arguments.

use serde_json::Value;
use trainer_core::{ArgumentField, ArgumentFields, ArgumentsResult};

/// Defines the arguments of a program beside [`TrainingArguments`](trainer_core::TrainingArguments): a struct whose
/// fields are flags, with their help and default.
///
/// A field is a `bool`, `i64`, `u64`, `usize`, `f64`, `String`, `PathBuf`, `Vec<String>`, a JSON object, or an `Option`
/// of one of them.
///
/// ```
/// use trainer::script_arguments;
///
/// script_arguments! {
///     /// What this program needs.
///     #[derive(Debug)]
///     pub struct ScriptArguments {
///         /// The dataset: a name on the hub or a folder.
///         dataset: String = "glue".to_string(),
///         /// Train on the first so many rows only.
///         max_train_samples: Option<usize> = None,
///     }
/// }
///
/// assert_eq!(ScriptArguments::default().dataset, "glue");
/// ```
#[macro_export]
macro_rules! script_arguments {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident { $($fields:tt)* }
    ) => {
        $crate::argument_fields! {
            $(#[$meta])*
            $vis struct $name {
                "Program" { $($fields)* }
            }
        }
    };
}

/// A program without arguments of its own.
#[derive(Default)]
pub(super) struct NoArguments;

impl ArgumentFields for NoArguments {
    fn fields() -> Vec<ArgumentField> {
        Vec::new()
    }

    fn set(&mut self, name: &str, _value: Value) -> ArgumentsResult<()> {
        Err(Self::unknown(name))
    }

    fn get(&self, _name: &str) -> Option<Value> {
        None
    }
}
