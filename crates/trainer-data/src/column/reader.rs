use arrow2::array::{
    Array, BinaryArray, BooleanArray, ListArray, PrimitiveArray, StructArray, Utf8Array,
};

use crate::{Feature, Quantity, Value};

/// An array with its type found out once, so that reading a row costs no search.
pub(crate) enum Reader<'a> {
    Null,
    Bool(&'a BooleanArray),
    Int32(&'a PrimitiveArray<i32>),
    Int64(&'a PrimitiveArray<i64>),
    UInt64(&'a PrimitiveArray<u64>),
    Float32(&'a PrimitiveArray<f32>),
    Float64(&'a PrimitiveArray<f64>),
    Str(&'a Utf8Array<i64>),
    Bytes(&'a BinaryArray<i64>),
    Quantity(&'a Quantity, Counts<'a>),
    List(&'a ListArray<i64>, Box<Reader<'a>>),
    Struct(&'a StructArray, Vec<(&'a str, Reader<'a>)>),
}

/// The numbers of a [`Quantity`], as it stores them.
pub(crate) enum Counts<'a> {
    Of32(&'a PrimitiveArray<i32>),
    Of64(&'a PrimitiveArray<i64>),
    Of128(&'a PrimitiveArray<i128>),
}

impl Counts<'_> {
    fn array(&self) -> &dyn Array {
        match self {
            Self::Of32(array) => *array,
            Self::Of64(array) => *array,
            Self::Of128(array) => *array,
        }
    }

    pub(crate) fn value(&self, at: usize) -> i128 {
        match self {
            Self::Of32(array) => array.value(at).into(),
            Self::Of64(array) => array.value(at).into(),
            Self::Of128(array) => array.value(at),
        }
    }
}

impl<'a> Reader<'a> {
    /// A reader of an array in the layout of `feature`; every [`Column`](crate::Column) has it.
    pub(crate) fn new(array: &'a dyn Array, feature: &'a Feature) -> Self {
        let any = array.as_any();
        let read = match feature {
            Feature::Null => None,
            Feature::Bool => any.downcast_ref().map(Self::Bool),
            Feature::Int32 => any.downcast_ref().map(Self::Int32),
            Feature::Int64 | Feature::ClassLabel(_) => any.downcast_ref().map(Self::Int64),
            Feature::UInt64 => any.downcast_ref().map(Self::UInt64),
            Feature::Float32 => any.downcast_ref().map(Self::Float32),
            Feature::Float64 => any.downcast_ref().map(Self::Float64),
            Feature::String | Feature::Json => any.downcast_ref().map(Self::Str),
            Feature::Binary => any.downcast_ref().map(Self::Bytes),
            Feature::Quantity(quantity) => {
                let counts = any.downcast_ref().map(Counts::Of64);
                let counts = counts.or_else(|| any.downcast_ref().map(Counts::Of32));
                let counts = counts.or_else(|| any.downcast_ref().map(Counts::Of128));
                counts.map(|counts| Self::Quantity(quantity, counts))
            }
            Feature::List(element) => any.downcast_ref().map(|array: &ListArray<i64>| {
                let values = Self::new(array.values().as_ref(), element);
                Self::List(array, Box::new(values))
            }),
            Feature::Struct(fields) => any.downcast_ref().map(|array: &StructArray| {
                let values = fields.iter().zip(array.values());
                let values =
                    values.map(|((name, field), values)| (name, Self::new(values.as_ref(), field)));
                Self::Struct(array, values.collect())
            }),
        };
        read.unwrap_or(Self::Null)
    }

    pub(crate) fn is_null(&self, at: usize) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(array) => array.is_null(at),
            Self::Int32(array) => array.is_null(at),
            Self::Int64(array) => array.is_null(at),
            Self::UInt64(array) => array.is_null(at),
            Self::Float32(array) => array.is_null(at),
            Self::Float64(array) => array.is_null(at),
            Self::Str(array) => array.is_null(at),
            Self::Bytes(array) => array.is_null(at),
            Self::Quantity(_, counts) => counts.array().is_null(at),
            Self::List(array, _) => array.is_null(at),
            Self::Struct(array, _) => array.is_null(at),
        }
    }

    pub(crate) fn value(&self, at: usize) -> Value {
        if self.is_null(at) {
            return Value::Null;
        }
        match self {
            Self::Null => Value::Null,
            Self::Bool(array) => Value::Bool(array.value(at)),
            Self::Int32(array) => Value::Int(array.value(at).into()),
            Self::Int64(array) => Value::Int(array.value(at)),
            Self::UInt64(array) => Value::unsigned(array.value(at)),
            Self::Float32(array) => Value::Float(array.value(at).into()),
            Self::Float64(array) => Value::Float(array.value(at)),
            Self::Str(array) => Value::Str(array.value(at).to_owned()),
            Self::Bytes(array) => Value::Bytes(array.value(at).to_vec()),
            Self::Quantity(quantity, counts) => Value::Quantity {
                quantity: (*quantity).clone(),
                count: counts.value(at),
            },
            Self::List(array, values) => {
                let (start, end) = array.offsets().start_end(at);
                Value::List((start..end).map(|at| values.value(at)).collect())
            }
            Self::Struct(_, fields) => Value::Struct(
                fields
                    .iter()
                    .map(|(name, values)| ((*name).to_owned(), values.value(at)))
                    .collect(),
            ),
        }
    }
}
