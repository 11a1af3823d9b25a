use std::{fmt, ops::RangeInclusive};

use arrow2::datatypes::{DataType, Field};

use crate::{ClassLabel, Features, Quantity};

/// The type of a column.
///
/// Whole numbers are as wide as a file has them. Large and dictionary-encoded strings are strings, 16-bit floating-point
/// numbers are 32-bit ones, lists of a fixed size and maps are lists.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Feature {
    /// A column in which no row has a value.
    Null,
    /// Truth values.
    Bool,
    /// 8-bit whole numbers.
    Int8,
    /// 16-bit whole numbers.
    Int16,
    /// 32-bit whole numbers.
    Int32,
    /// 64-bit whole numbers.
    Int64,
    /// 8-bit whole numbers that are not negative.
    UInt8,
    /// 16-bit whole numbers that are not negative.
    UInt16,
    /// 32-bit whole numbers that are not negative.
    UInt32,
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
        matches!(self, Self::ClassLabel(_)) || self.int_range().is_some()
    }

    /// From the smallest to the largest value, where values are whole numbers of any meaning.
    pub(crate) fn int_range(&self) -> Option<RangeInclusive<i128>> {
        match self {
            Self::Int8 => Some(i8::MIN.into()..=i8::MAX.into()),
            Self::Int16 => Some(i16::MIN.into()..=i16::MAX.into()),
            Self::Int32 => Some(i32::MIN.into()..=i32::MAX.into()),
            Self::Int64 => Some(i64::MIN.into()..=i64::MAX.into()),
            Self::UInt8 => Some(0..=u8::MAX.into()),
            Self::UInt16 => Some(0..=u16::MAX.into()),
            Self::UInt32 => Some(0..=u32::MAX.into()),
            Self::UInt64 => Some(0..=u64::MAX.into()),
            _ => None,
        }
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
            Self::Int8 => DataType::Int8,
            Self::Int16 => DataType::Int16,
            Self::Int32 => DataType::Int32,
            Self::Int64 | Self::ClassLabel(_) => DataType::Int64,
            Self::UInt8 => DataType::UInt8,
            Self::UInt16 => DataType::UInt16,
            Self::UInt32 => DataType::UInt32,
            Self::UInt64 => DataType::UInt64,
            Self::Float32 => DataType::Float32,
            Self::Float64 => DataType::Float64,
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
            Self::Int8 => f.write_str("int8"),
            Self::Int16 => f.write_str("int16"),
            Self::Int32 => f.write_str("int32"),
            Self::Int64 => f.write_str("int64"),
            Self::UInt8 => f.write_str("uint8"),
            Self::UInt16 => f.write_str("uint16"),
            Self::UInt32 => f.write_str("uint32"),
            Self::UInt64 => f.write_str("uint64"),
            Self::Float32 => f.write_str("float32"),
            Self::Float64 => f.write_str("float64"),
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
