use arrow_array::{
    Array as MappedArray, ArrowPrimitiveType, PrimitiveArray as MappedNumbers,
    cast::AsArray,
    types::{
        Date32Type, Date64Type, Decimal128Type, DurationMicrosecondType, DurationMillisecondType,
        DurationNanosecondType, DurationSecondType, Float32Type, Float64Type,
        Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
        TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
        TimestampSecondType,
    },
};
use arrow2::{
    array::{Array, ListArray, PrimitiveArray, StructArray},
    types::NativeType,
};

use super::{
    ints::Ints,
    values::{Blobs, Bools, Ends, Lists, Numbers, Texts, Validity},
};
use crate::{Feature, Quantity, Value};

/// An array with its type found out once, so that reading a row costs no search.
pub(crate) enum Reader<'a> {
    Null,
    Bool(Bools<'a>),
    Int(Ints<'a>),
    Float32(Numbers<'a, f32>),
    Float64(Numbers<'a, f64>),
    Str(Texts<'a>),
    Bytes(Blobs<'a>),
    Quantity(&'a Quantity, Counts<'a>),
    List(Lists<'a>, Box<Reader<'a>>),
    Struct(Validity<'a>, Vec<(&'a str, Reader<'a>)>),
}

/// The numbers of a [`Quantity`], as it stores them.
pub(crate) enum Counts<'a> {
    Of32(Numbers<'a, i32>),
    Of64(Numbers<'a, i64>),
    Of128(Numbers<'a, i128>),
}

impl Counts<'_> {
    fn is_null(&self, at: usize) -> bool {
        match self {
            Self::Of32(numbers) => numbers.is_null(at),
            Self::Of64(numbers) => numbers.is_null(at),
            Self::Of128(numbers) => numbers.is_null(at),
        }
    }

    pub(crate) fn value(&self, at: usize) -> i128 {
        match self {
            Self::Of32(numbers) => numbers.value(at).into(),
            Self::Of64(numbers) => numbers.value(at).into(),
            Self::Of128(numbers) => numbers.value(at),
        }
    }
}

impl<'a> Reader<'a> {
    /// A reader of an array in the layout of `feature`.
    pub(crate) fn new(array: &'a dyn Array, feature: &'a Feature) -> Self {
        let any = array.as_any();
        let read = match feature {
            Feature::Null => None,
            Feature::Bool => any.downcast_ref().map(Bools::InMemory).map(Self::Bool),
            Feature::Float32 => numbers(array).map(Self::Float32),
            Feature::Float64 => numbers(array).map(Self::Float64),
            Feature::String | Feature::Json => {
                any.downcast_ref().map(Texts::InMemory).map(Self::Str)
            }
            Feature::Binary => any.downcast_ref().map(Blobs::InMemory).map(Self::Bytes),
            Feature::Quantity(quantity) => {
                let counts = numbers(array).map(Counts::Of64);
                let counts = counts.or_else(|| numbers(array).map(Counts::Of32));
                let counts = counts.or_else(|| numbers(array).map(Counts::Of128));
                counts.map(|counts| Self::Quantity(quantity, counts))
            }
            Feature::List(element) => any.downcast_ref().map(|array: &ListArray<i64>| {
                let ends = Ends::Of64(array.offsets().buffer());
                let lists = Lists::new(ends, Validity::in_memory(array.validity()));
                let values = Self::new(array.values().as_ref(), element);
                Self::List(lists, Box::new(values))
            }),
            Feature::Struct(fields) => any.downcast_ref().map(|array: &StructArray| {
                let values = fields.iter().zip(array.values());
                let values =
                    values.map(|((name, field), values)| (name, Self::new(values.as_ref(), field)));
                Self::Struct(Validity::in_memory(array.validity()), values.collect())
            }),
            ints => Ints::in_memory(array, ints).map(Self::Int),
        };
        read.unwrap_or(Self::Null)
    }

    /// A reader of an array of a mapped file; nothing where its type is not the one that `feature` is stored as.
    pub(crate) fn mapped(array: &'a dyn MappedArray, feature: &'a Feature) -> Option<Self> {
        Some(match feature {
            Feature::Null => array
                .as_any()
                .is::<arrow_array::NullArray>()
                .then_some(Self::Null)?,
            Feature::Bool => Self::Bool(Bools::Mapped(array.as_boolean_opt()?)),
            Feature::Float32 => Self::Float32(mapped::<Float32Type>(array)?),
            Feature::Float64 => Self::Float64(mapped::<Float64Type>(array)?),
            Feature::String | Feature::Json => Self::Str(match array.as_string_opt() {
                Some(texts) => Texts::Mapped(texts),
                None => Texts::MappedLarge(array.as_string_opt()?),
            }),
            Feature::Binary => Self::Bytes(match array.as_binary_opt() {
                Some(blobs) => Blobs::Mapped(blobs),
                None => Blobs::MappedLarge(array.as_binary_opt()?),
            }),
            Feature::Quantity(quantity) => Self::Quantity(quantity, mapped_counts(array)?),
            Feature::List(element) => {
                let validity = Validity::mapped(array.nulls());
                let (ends, values) = match array.as_list_opt::<i32>() {
                    Some(lists) => (Ends::Of32(lists.value_offsets()), lists.values()),
                    None => {
                        let lists = array.as_list_opt::<i64>()?;
                        (Ends::Of64(lists.value_offsets()), lists.values())
                    }
                };
                let values = Self::mapped(values.as_ref(), element)?;
                Self::List(Lists::new(ends, validity), Box::new(values))
            }
            Feature::Struct(fields) => {
                let structs = array.as_struct_opt()?;
                if fields.is_empty() || structs.num_columns() != fields.len() {
                    return None;
                }
                let values = fields
                    .iter()
                    .zip(structs.columns())
                    .map(|((name, field), values)| {
                        Some((name, Self::mapped(values.as_ref(), field)?))
                    });
                Self::Struct(
                    Validity::mapped(array.nulls()),
                    values.collect::<Option<_>>()?,
                )
            }
            ints => Self::Int(Ints::mapped(array, ints)?),
        })
    }

    pub(crate) fn is_null(&self, at: usize) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(values) => values.is_null(at),
            Self::Int(values) => values.is_null(at),
            Self::Float32(values) => values.is_null(at),
            Self::Float64(values) => values.is_null(at),
            Self::Str(values) => values.is_null(at),
            Self::Bytes(values) => values.is_null(at),
            Self::Quantity(_, counts) => counts.is_null(at),
            Self::List(lists, _) => lists.is_null(at),
            Self::Struct(validity, _) => validity.is_null(at),
        }
    }

    pub(crate) fn value(&self, at: usize) -> Value {
        if self.is_null(at) {
            return Value::Null;
        }
        match self {
            Self::Null => Value::Null,
            Self::Bool(values) => Value::Bool(values.value(at)),
            Self::Int(values) => values.value(at),
            Self::Float32(values) => Value::Float(values.value(at).into()),
            Self::Float64(values) => Value::Float(values.value(at)),
            Self::Str(values) => Value::Str(values.value(at).to_owned()),
            Self::Bytes(values) => Value::Bytes(values.value(at).to_vec()),
            Self::Quantity(quantity, counts) => Value::Quantity {
                quantity: (*quantity).clone(),
                count: counts.value(at),
            },
            Self::List(lists, values) => {
                Value::List(lists.range(at).map(|at| values.value(at)).collect())
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

pub(super) fn numbers<T: NativeType>(array: &dyn Array) -> Option<Numbers<'_, T>> {
    let array: &PrimitiveArray<T> = array.as_any().downcast_ref()?;
    let validity = Validity::in_memory(array.validity());
    Some(Numbers::new(array.values(), validity))
}

pub(super) fn mapped<T: ArrowPrimitiveType>(
    array: &dyn MappedArray,
) -> Option<Numbers<'_, T::Native>> {
    let array: &MappedNumbers<T> = array.as_primitive_opt()?;
    let validity = Validity::mapped(array.nulls());
    Some(Numbers::new(array.values(), validity))
}

fn mapped_counts(array: &dyn MappedArray) -> Option<Counts<'_>> {
    let of_32 = mapped::<Date32Type>(array)
        .or_else(|| mapped::<Time32SecondType>(array))
        .or_else(|| mapped::<Time32MillisecondType>(array));
    let of_64 = mapped::<Date64Type>(array)
        .or_else(|| mapped::<Time64MicrosecondType>(array))
        .or_else(|| mapped::<Time64NanosecondType>(array))
        .or_else(|| mapped::<TimestampSecondType>(array))
        .or_else(|| mapped::<TimestampMillisecondType>(array))
        .or_else(|| mapped::<TimestampMicrosecondType>(array))
        .or_else(|| mapped::<TimestampNanosecondType>(array))
        .or_else(|| mapped::<DurationSecondType>(array))
        .or_else(|| mapped::<DurationMillisecondType>(array))
        .or_else(|| mapped::<DurationMicrosecondType>(array))
        .or_else(|| mapped::<DurationNanosecondType>(array));
    let of_128 = mapped::<Decimal128Type>(array);
    let counts = of_32.map(Counts::Of32).or(of_64.map(Counts::Of64));
    counts.or(of_128.map(Counts::Of128))
}
