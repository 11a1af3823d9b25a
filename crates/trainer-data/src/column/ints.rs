//! Whole numbers of every width, where they lie.

use std::{borrow::Cow, cmp::Ordering, ops::Range, sync::Arc};

use arrow_array::{
    Array as MappedArray, ArrayRef, PrimitiveArray as MappedNumbers,
    types::{
        Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow2::array::Array;

use super::{
    reader::{mapped, numbers},
    values::Numbers,
};
use crate::{Feature, Value};

macro_rules! ints {
    ($($width:ident: $rust:ty, $mapped:ty;)*) => {
        /// The values of a column of whole numbers, by their width.
        pub(crate) enum Ints<'a> {
            $($width(Numbers<'a, $rust>),)*
        }

        impl<'a> Ints<'a> {
            /// Those of an array in the layout of `feature`; nothing for one that is not of whole numbers.
            pub(super) fn in_memory(array: &'a dyn Array, feature: &Feature) -> Option<Self> {
                match feature {
                    Feature::ClassLabel(_) => numbers(array).map(Self::Int64),
                    $(Feature::$width => numbers(array).map(Self::$width),)*
                    _ => None,
                }
            }

            /// Those of an array of a mapped file, as [`Self::in_memory`].
            pub(super) fn mapped(array: &'a dyn MappedArray, feature: &Feature) -> Option<Self> {
                match feature {
                    Feature::ClassLabel(_) => mapped::<Int64Type>(array).map(Self::Int64),
                    $(Feature::$width => mapped::<$mapped>(array).map(Self::$width),)*
                    _ => None,
                }
            }

            pub(crate) fn is_null(&self, at: usize) -> bool {
                match self {
                    $(Self::$width(values) => values.is_null(at),)*
                }
            }

            /// The number at `at`, any one where it is missing; nothing for one of 2^63 or more.
            pub(crate) fn int(&self, at: usize) -> Option<i64> {
                match self {
                    $(Self::$width(values) => int(values.value(at)),)*
                }
            }

            /// The number at `at`, any one where it is missing.
            pub(crate) fn float(&self, at: usize) -> f64 {
                match self {
                    $(Self::$width(values) => values.value(at) as f64,)*
                }
            }

            /// How the numbers at two places stand to one another.
            pub(crate) fn compare(&self, one: usize, other: usize) -> Ordering {
                match self {
                    $(Self::$width(values) => values.value(one).cmp(&values.value(other)),)*
                }
            }

            /// The numbers of `rows`, in that order, in an array of the same width.
            pub(crate) fn array(&self, rows: &[usize]) -> ArrayRef {
                match self {
                    $(Self::$width(values) => {
                        let values = rows.iter().map(|row| values.get(*row));
                        Arc::new(values.collect::<MappedNumbers<$mapped>>())
                    })*
                }
            }
        }
    };
}
ints! {
    Int8: i8, Int8Type;
    Int16: i16, Int16Type;
    Int32: i32, Int32Type;
    Int64: i64, Int64Type;
    UInt8: u8, UInt8Type;
    UInt16: u16, UInt16Type;
    UInt32: u32, UInt32Type;
    UInt64: u64, UInt64Type;
}

impl<'a> Ints<'a> {
    /// The number at `at`, any one where it is missing.
    pub(crate) fn value(&self, at: usize) -> Value {
        match (self.int(at), self) {
            (Some(value), _) => Value::Int(value),
            (None, Self::UInt64(values)) => Value::UInt(values.value(at)),
            (None, _) => Value::Null,
        }
    }

    /// The numbers of `range`, unless one of them is missing, or is 2^63 or more.
    pub(crate) fn whole(&self, range: Range<usize>) -> Option<Cow<'a, [i64]>> {
        match self {
            Self::Int8(values) => widened(values, range),
            Self::Int16(values) => widened(values, range),
            Self::Int32(values) => widened(values, range),
            Self::Int64(values) => values.whole(range).map(Cow::Borrowed),
            Self::UInt8(values) => widened(values, range),
            Self::UInt16(values) => widened(values, range),
            Self::UInt32(values) => widened(values, range),
            Self::UInt64(values) => {
                let values = values.whole(range)?;
                values.iter().map(|value| int(*value)).collect()
            }
        }
    }
}

fn int(value: impl TryInto<i64>) -> Option<i64> {
    value.try_into().ok()
}

fn widened<'a, T: Copy + Into<i64>>(
    values: &Numbers<'a, T>,
    range: Range<usize>,
) -> Option<Cow<'a, [i64]>> {
    let values = values.whole(range)?;
    Some(values.iter().map(|value| (*value).into()).collect())
}
