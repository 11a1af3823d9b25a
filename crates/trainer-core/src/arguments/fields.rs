//! A struct of arguments and the table of its fields, defined once.

use serde_json::{Map, Value};

use super::error::{ArgumentsError, ArgumentsResult};
use super::value::ArgumentKind;

/// One field of an argument struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArgumentField {
    /// Its name, as in Python, in JSON and on the command line.
    pub name: &'static str,
    /// The heading under which the help lists it.
    pub group: &'static str,
    /// What it does.
    pub help: &'static str,
    /// The kind of value it takes.
    pub kind: ArgumentKind,
    /// Whether it may be `None`.
    pub optional: bool,
}

/// A struct whose fields can be listed, read and set by name; made by [`argument_fields!`](crate::argument_fields). Two or three of
/// them, as a tuple, are one too; no name may be in more than one.
pub trait ArgumentFields: Default {
    /// All fields, in the order of their definition.
    fn fields() -> Vec<ArgumentField>;

    /// Sets a field from JSON.
    ///
    /// # Errors
    ///
    /// [`ArgumentsError::Unknown`] and [`ArgumentsError::Value`].
    fn set(&mut self, name: &str, value: Value) -> ArgumentsResult<()>;

    /// The value of a field as JSON, `None` where no field has this name.
    fn get(&self, name: &str) -> Option<Value>;

    /// The defaults with the given values on top of them.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set): an unknown name is refused.
    fn from_values(values: Map<String, Value>) -> ArgumentsResult<Self> {
        let mut arguments = Self::default();
        for (name, value) in values {
            arguments.set(&name, value)?;
        }
        Ok(arguments)
    }

    /// Every field and its value, in order.
    fn to_values(&self) -> Map<String, Value> {
        Self::fields()
            .iter()
            .filter_map(|field| Some((field.name.to_string(), self.get(field.name)?)))
            .collect()
    }

    /// The error for a name that no field has.
    fn unknown(name: &str) -> ArgumentsError {
        let nearest = Self::fields()
            .iter()
            .map(|field| (strsim::damerau_levenshtein(field.name, name), field.name))
            .min()
            .filter(|(distance, _)| *distance * 3 <= name.len())
            .map(|(_, nearest)| nearest.to_string());
        ArgumentsError::Unknown {
            name: name.to_string(),
            nearest,
        }
    }
}

impl<A: ArgumentFields, B: ArgumentFields> ArgumentFields for (A, B) {
    fn fields() -> Vec<ArgumentField> {
        [A::fields(), B::fields()].concat()
    }

    fn set(&mut self, name: &str, value: Value) -> ArgumentsResult<()> {
        if self.0.get(name).is_some() {
            self.0.set(name, value)
        } else if self.1.get(name).is_some() {
            self.1.set(name, value)
        } else {
            Err(Self::unknown(name))
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        self.0.get(name).or_else(|| self.1.get(name))
    }
}

impl<A: ArgumentFields, B: ArgumentFields, C: ArgumentFields> ArgumentFields for (A, B, C) {
    fn fields() -> Vec<ArgumentField> {
        [A::fields(), B::fields(), C::fields()].concat()
    }

    fn set(&mut self, name: &str, value: Value) -> ArgumentsResult<()> {
        if self.0.get(name).is_some() {
            self.0.set(name, value)
        } else if self.1.get(name).is_some() {
            self.1.set(name, value)
        } else if self.2.get(name).is_some() {
            self.2.set(name, value)
        } else {
            Err(Self::unknown(name))
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        let first = self.0.get(name).or_else(|| self.1.get(name));
        first.or_else(|| self.2.get(name))
    }
}

/// Defines a struct of arguments: its fields with help and default, `Default`, and [`ArgumentFields`].
///
/// The doc comment of a field is its help on the command line; each group is a heading there.
///
/// ```
/// use trainer_core::{ArgumentFields, argument_fields};
///
/// argument_fields! {
///     /// What this program needs beside the training arguments.
///     #[derive(Debug, Clone)]
///     pub struct ScriptArguments {
///         "Data" {
///             /// The dataset: a name on the hub or a folder.
///             dataset: String = "glue".to_string(),
///             /// Train on this many rows only.
///             max_train_samples: Option<usize> = None,
///         }
///     }
/// }
///
/// let mut script = ScriptArguments::default();
/// script.set("max_train_samples", 100.into())?;
/// assert_eq!(script.max_train_samples, Some(100));
/// assert_eq!(ScriptArguments::fields()[0].help.trim(), "The dataset: a name on the hub or a folder.");
/// # Ok::<(), trainer_core::ArgumentsError>(())
/// ```
#[macro_export]
macro_rules! argument_fields {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($group:literal {
                $($(#[doc = $help:literal])+ $field:ident : $ty:ty = $default:expr),* $(,)?
            })*
        }
    ) => {
        $(#[$meta])*
        $vis struct $name {
            $($($(#[doc = $help])+ pub $field: $ty,)*)*
        }

        impl ::std::default::Default for $name {
            fn default() -> Self {
                Self { $($($field: $default,)*)* }
            }
        }

        impl $crate::ArgumentFields for $name {
            fn fields() -> ::std::vec::Vec<$crate::ArgumentField> {
                ::std::vec![$($($crate::ArgumentField {
                    name: ::std::stringify!($field),
                    group: $group,
                    help: ::std::concat!($($help),+),
                    kind: <$ty as $crate::ArgumentValue>::KIND,
                    optional: <$ty as $crate::ArgumentValue>::OPTIONAL,
                },)*)*]
            }

            fn set(
                &mut self,
                name: &str,
                value: $crate::serde_json::Value,
            ) -> ::std::result::Result<(), $crate::ArgumentsError> {
                match name {
                    $($(::std::stringify!($field) => {
                        self.$field = $crate::read_argument(name, value)?;
                    })*)*
                    _ => return Err(<Self as $crate::ArgumentFields>::unknown(name)),
                }
                Ok(())
            }

            fn get(&self, name: &str) -> ::std::option::Option<$crate::serde_json::Value> {
                match name {
                    $($(::std::stringify!($field) => Some($crate::ArgumentValue::to_json(&self.$field)),)*)*
                    _ => None,
                }
            }
        }
    };
}
