//! The types an argument may have and how each is read from JSON.

use std::path::PathBuf;

use serde_json::{Map, Value};

/// What kind of value an argument takes, for the command line and for error messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgumentKind {
    /// `true` or `false`.
    Bool,
    /// A whole number that may be negative.
    Int,
    /// A whole number that is zero or greater.
    Count,
    /// A decimal number.
    Float,
    /// Any text.
    Text,
    /// A file or a folder.
    Path,
    /// One of some names.
    Choice(&'static [&'static str]),
    /// Any number of texts.
    List,
    /// A JSON object.
    Object,
    /// A JSON object, or a text such as a file's name.
    ObjectOrText,
}

impl ArgumentKind {
    /// The kind in words, to stand after "must be".
    pub fn describe(self) -> String {
        match self {
            Self::Bool => "true or false".into(),
            Self::Int => "a whole number".into(),
            Self::Count => "a whole number, zero or greater".into(),
            Self::Float => "a number".into(),
            Self::Text => "text".into(),
            Self::Path => "a path".into(),
            Self::Choice(names) => format!("one of {}", names.join(", ")),
            Self::List => "a list of texts".into(),
            Self::Object => "a JSON object".into(),
            Self::ObjectOrText => "a JSON object or text".into(),
        }
    }
}

/// A type that a field of an argument struct may have.
///
/// Implemented for `bool`, `i64`, `u64`, `usize`, `f64`, `String`, `PathBuf`, `Vec<String>`, JSON objects and values,
/// the enums of this crate, and `Option` of each of them. A program implements it for its own enums.
pub trait ArgumentValue: Sized {
    /// The kind of value on the command line and in error messages.
    const KIND: ArgumentKind;
    /// Whether `null` (and `None` on the command line) is a value.
    const OPTIONAL: bool = false;

    /// Reads the value, or says nothing where the JSON does not fit: the caller knows the name and the kind.
    fn from_json(value: Value) -> Option<Self>;

    /// The value as JSON. Numbers that are not finite become `null`.
    fn to_json(&self) -> Value;
}

impl<T: ArgumentValue> ArgumentValue for Option<T> {
    const KIND: ArgumentKind = T::KIND;
    const OPTIONAL: bool = true;

    fn from_json(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            other => T::from_json(other).map(Some),
        }
    }

    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }
}

impl ArgumentValue for bool {
    const KIND: ArgumentKind = ArgumentKind::Bool;

    fn from_json(value: Value) -> Option<Self> {
        value.as_bool()
    }

    fn to_json(&self) -> Value {
        Value::from(*self)
    }
}

/// Reads whole numbers; `8.0` is one, as Python's JSON writes them where a float was given.
fn whole(value: &Value) -> Option<i128> {
    if let Some(number) = value.as_i64() {
        return Some(number.into());
    }
    if let Some(number) = value.as_u64() {
        return Some(number.into());
    }
    let number = value.as_f64()?;
    (number.fract() == 0.0 && number.abs() < 9.0e15).then_some(number as i128)
}

macro_rules! whole_number {
    ($($ty:ty => $kind:ident),*) => {$(
        impl ArgumentValue for $ty {
            const KIND: ArgumentKind = ArgumentKind::$kind;

            fn from_json(value: Value) -> Option<Self> {
                <$ty>::try_from(whole(&value)?).ok()
            }

            fn to_json(&self) -> Value {
                Value::from(*self)
            }
        }
    )*};
}

whole_number!(i64 => Int, u64 => Count, usize => Count);

impl ArgumentValue for f64 {
    const KIND: ArgumentKind = ArgumentKind::Float;

    fn from_json(value: Value) -> Option<Self> {
        value.as_f64()
    }

    fn to_json(&self) -> Value {
        Value::from(*self)
    }
}

impl ArgumentValue for String {
    const KIND: ArgumentKind = ArgumentKind::Text;

    fn from_json(value: Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    fn to_json(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl ArgumentValue for PathBuf {
    const KIND: ArgumentKind = ArgumentKind::Path;

    fn from_json(value: Value) -> Option<Self> {
        String::from_json(value).map(Self::from)
    }

    fn to_json(&self) -> Value {
        Value::from(self.to_string_lossy())
    }
}

/// One text stands for a list of one, as in Python's `report_to="none"`.
impl ArgumentValue for Vec<String> {
    const KIND: ArgumentKind = ArgumentKind::List;

    fn from_json(value: Value) -> Option<Self> {
        match value {
            Value::String(text) if text.is_empty() => Some(Self::new()),
            Value::String(text) => Some(vec![text]),
            Value::Array(items) => items.into_iter().map(String::from_json).collect(),
            _ => None,
        }
    }

    fn to_json(&self) -> Value {
        Value::from(self.as_slice())
    }
}

impl ArgumentValue for Map<String, Value> {
    const KIND: ArgumentKind = ArgumentKind::Object;

    fn from_json(value: Value) -> Option<Self> {
        match value {
            Value::Object(map) => Some(map),
            _ => None,
        }
    }

    fn to_json(&self) -> Value {
        Value::Object(self.clone())
    }
}

impl ArgumentValue for Value {
    const KIND: ArgumentKind = ArgumentKind::ObjectOrText;

    fn from_json(value: Value) -> Option<Self> {
        Some(value)
    }

    fn to_json(&self) -> Value {
        self.clone()
    }
}
