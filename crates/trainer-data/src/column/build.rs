use arrow2::{
    array::{Array, BooleanArray, ListArray, PrimitiveArray, Utf8Array, new_null_array},
    offset::OffsetsBuffer,
};

use crate::{ClassLabel, Column, ColumnBuilder, Error, Feature, Result, Value};

/// A Rust number that a column of lists can hold: `f32`, `f64`, or a whole number of any width but `u64`.
pub trait Element: sealed::Sealed + Copy {
    #[doc(hidden)]
    fn column(values: Vec<Self>) -> Column;
    #[doc(hidden)]
    fn lists(lengths: Vec<usize>, values: Vec<Self>) -> Column;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! element {
    ($($rust:ty => $feature:ident),*) => {$(
        impl sealed::Sealed for $rust {}
        impl Element for $rust {
            fn column(values: Vec<Self>) -> Column {
                Column::of(Feature::$feature, PrimitiveArray::from_vec(values).boxed())
            }
            fn lists(lengths: Vec<usize>, values: Vec<Self>) -> Column {
                Column::lists(lengths, &Feature::$feature, PrimitiveArray::from_vec(values).boxed())
            }
        }
    )*};
}
element!(i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64);
element!(u8 => UInt8, u16 => UInt16, u32 => UInt32);
element!(f32 => Float32, f64 => Float64);

impl Column {
    /// A column of [`Feature::Int64`].
    pub fn ints(values: impl IntoIterator<Item = i64>) -> Self {
        i64::column(values.into_iter().collect())
    }

    /// A column of [`Feature::Float64`].
    pub fn floats(values: impl IntoIterator<Item = f64>) -> Self {
        f64::column(values.into_iter().collect())
    }

    /// A column of [`Feature::Bool`].
    pub fn bools(values: impl IntoIterator<Item = bool>) -> Self {
        let values: Vec<bool> = values.into_iter().collect();
        Self::of(Feature::Bool, BooleanArray::from_slice(values).boxed())
    }

    /// A column of [`Feature::String`].
    pub fn strings<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Self {
        let values = Utf8Array::<i64>::from_iter_values(values.into_iter());
        Self::of(Feature::String, values.boxed())
    }

    /// A column of lists of whole numbers, by the type of the elements: of [`Feature::Int8`] for `i8`, of [`Feature::Int64`] for `i64`.
    ///
    /// ```
    /// use trainer_data::{Column, Feature};
    /// let ids = Column::int_lists([[101_i32, 102], [101, 102]]);
    /// assert_eq!(ids.feature(), &Feature::list(Feature::Int32));
    /// ```
    pub fn int_lists<T: Element + Into<i64>, L: AsRef<[T]>>(
        lists: impl IntoIterator<Item = L>,
    ) -> Self {
        number_lists(lists)
    }

    /// A column of lists of numbers: of [`Feature::Float32`] or [`Feature::Float64`] by the type of the elements.
    pub fn float_lists<T: Element + Into<f64>, L: AsRef<[T]>>(
        lists: impl IntoIterator<Item = L>,
    ) -> Self {
        number_lists(lists)
    }

    /// A column of lists of strings.
    pub fn string_lists<S: AsRef<str>, L: AsRef<[S]>>(lists: impl IntoIterator<Item = L>) -> Self {
        let lists: Vec<L> = lists.into_iter().collect();
        let lengths = lists.iter().map(|list| list.as_ref().len());
        let values = lists.iter().flat_map(|list| list.as_ref());
        let values = Utf8Array::<i64>::from_iter_values(values);
        Self::lists(lengths, &Feature::String, values.boxed())
    }

    /// A column of [`Feature::ClassLabel`]: numbers of the classes of `label`, or -1 for "no label".
    ///
    /// # Errors
    /// [`Error::LabelOutOfRange`] names the row of a number that is neither.
    pub fn class_labels(label: ClassLabel, values: impl IntoIterator<Item = i64>) -> Result<Self> {
        Self::ints(values).cast(&Feature::ClassLabel(label))
    }

    /// A column of `feature` from single values.
    ///
    /// Whole numbers may stand for floating-point numbers, and names for class labels.
    ///
    /// # Errors
    /// [`Error::WrongType`] or [`Error::LabelOutOfRange`] name the row (in a column without a name) of a value that is
    /// not of `feature`.
    pub fn values(feature: &Feature, values: impl IntoIterator<Item = Value>) -> Result<Self> {
        let mut builder = ColumnBuilder::new(feature);
        for (row, value) in values.into_iter().enumerate() {
            builder
                .push(&value)
                .map_err(|refused| refused.at("", Some(row)))?;
        }
        Ok(builder.finish())
    }

    /// A column of `feature` without any value.
    pub(crate) fn nulls(feature: &Feature, rows: usize) -> Self {
        let array = new_null_array(feature.data_type(), rows);
        Self::of(feature.clone(), array)
    }

    /// A column of lists of the given lengths over `values` of `element`, of which there are as many as the lengths say in all.
    fn lists(
        lengths: impl IntoIterator<Item = usize>,
        element: &Feature,
        values: Box<dyn Array>,
    ) -> Self {
        let mut offsets = vec![0_i64];
        let mut end = 0;
        for length in lengths {
            end += length as i64;
            offsets.push(end);
        }
        let offsets = OffsetsBuffer::try_from(offsets).unwrap_or_default();
        let feature = Feature::list(element.clone());
        let array = ListArray::<i64>::new(feature.data_type(), offsets, values, None);
        Self::of(feature, array.boxed())
    }
}

fn number_lists<T: Element, L: AsRef<[T]>>(lists: impl IntoIterator<Item = L>) -> Column {
    let mut lengths = Vec::new();
    let mut values = Vec::new();
    for list in lists {
        lengths.push(list.as_ref().len());
        values.extend_from_slice(list.as_ref());
    }
    T::lists(lengths, values)
}

/// Why a value cannot be in a column.
#[derive(Debug)]
pub(crate) enum Refused {
    Type { expected: String, found: String },
    Label { value: String, names: Vec<String> },
}

impl Refused {
    /// The error, once it is known where the value stands.
    pub(crate) fn at(self, column: &str, row: Option<usize>) -> Error {
        let column = column.to_owned();
        match self {
            Self::Type { expected, found } => Error::WrongType {
                column,
                row,
                expected,
                found,
            },
            Self::Label { value, names } => Error::LabelOutOfRange {
                column,
                row,
                value,
                names,
            },
        }
    }
}
