use std::fmt;

use arrow2::datatypes::{DataType, Field};

use crate::{ClassLabel, Features, Quantity};

/// The type of a column.
///
/// Smaller integers of a file are widened to the next of these, large and dictionary-encoded strings are strings,
/// lists of a fixed size and maps are lists.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Feature {
    /// A column in which no row has a value.
    Null,
    /// Truth values.
    Bool,
    /// 32-bit whole numbers.
    Int32,
    /// 64-bit whole numbers.
    Int64,
    /// 64-bit whole numbers that are not negative.
    UInt64,
    /// 32-bit floating-point numbers.
    Float32,
    /// 64-bit floating-point numbers.
    Float64,
    /// Text, UTF-8.
    String,
    /// Texts of JSON, where values of several types stand in one column.
    Json,
    /// Bytes.
    Binary,
    /// Dates, times, spans of time and decimal numbers.
    Quantity(Quantity),
    /// Class numbers (64-bit) with the names of the classes.
    ClassLabel(ClassLabel),
    /// Lists of any length.
    List(Box<Feature>),
    /// Named fields.
    Struct(Features),
}

impl Feature {
    /// A list of `element`.
    #[must_use]
    pub fn list(element: Feature) -> Self {
        Self::List(Box::new(element))
    }

    /// A class label with these names.
    pub fn class_label<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self::ClassLabel(ClassLabel::new(names))
    }

    /// The class label, if the feature is one or a list of one.
    #[must_use]
    pub fn as_class_label(&self) -> Option<&ClassLabel> {
        match self {
            Self::ClassLabel(label) => Some(label),
            Self::List(element) => element.as_class_label(),
            _ => None,
        }
    }

    /// Whether class labels are part of it, at any depth.
    pub(crate) fn has_class_label(&self) -> bool {
        match self {
            Self::ClassLabel(_) => true,
            Self::List(element) => element.has_class_label(),
            Self::Struct(fields) => fields.iter().any(|(_, field)| field.has_class_label()),
            _ => false,
        }
    }

    /// Whether values are whole numbers; class labels are.
    #[must_use]
    pub fn is_int(&self) -> bool {
        matches!(
            self,
            Self::Int32 | Self::Int64 | Self::UInt64 | Self::ClassLabel(_)
        )
    }

    /// Whether values are floating-point numbers.
    #[must_use]
    pub fn is_float(&self) -> bool {
        matches!(self, Self::Float32 | Self::Float64)
    }

    /// How values of the feature are stored.
    pub(crate) fn data_type(&self) -> DataType {
        match self {
            Self::Null => DataType::Null,
            // Arrow has no struct without fields.
            Self::Struct(fields) if fields.is_empty() => DataType::Null,
            Self::Bool => DataType::Boolean,
            Self::Int32 => DataType::Int32,
            Self::Int64 | Self::ClassLabel(_) => DataType::Int64,
            Self::Float32 => DataType::Float32,
            Self::Float64 => DataType::Float64,
            Self::UInt64 => DataType::UInt64,
            Self::String | Self::Json => DataType::LargeUtf8,
            Self::Binary => DataType::LargeBinary,
            Self::Quantity(quantity) => quantity.data_type(),
            Self::List(element) => {
                DataType::LargeList(Box::new(Field::new("item", element.data_type(), true)))
            }
            Self::Struct(fields) => DataType::Struct(
                fields
                    .iter()
                    .map(|(name, feature)| Field::new(name, feature.data_type(), true))
                    .collect(),
            ),
        }
    }
}

/// As a user of the Python library writes it: `int64`, `list<string>`, `class_label(no, yes)`.
impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("bool"),
            Self::Int32 => f.write_str("int32"),
            Self::Int64 => f.write_str("int64"),
            Self::Float32 => f.write_str("float32"),
            Self::Float64 => f.write_str("float64"),
            Self::UInt64 => f.write_str("uint64"),
            Self::String => f.write_str("string"),
            Self::Json => f.write_str("json"),
            Self::Binary => f.write_str("binary"),
            Self::Quantity(quantity) => write!(f, "{quantity}"),
            Self::ClassLabel(label) => write!(f, "class_label({})", label.names().join(", ")),
            Self::List(element) => write!(f, "list<{element}>"),
            Self::Struct(fields) => write!(f, "struct<{fields}>"),
        }
    }
}
