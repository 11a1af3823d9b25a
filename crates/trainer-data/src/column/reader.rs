use arrow2::array::{Array, BooleanArray, ListArray, PrimitiveArray, StructArray, Utf8Array};

use crate::Value;

/// An array with its type found out once, so that reading a row costs no search.
pub(crate) enum Reader<'a> {
    Null,
    Bool(&'a BooleanArray),
    Int32(&'a PrimitiveArray<i32>),
    Int64(&'a PrimitiveArray<i64>),
    Float32(&'a PrimitiveArray<f32>),
    Float64(&'a PrimitiveArray<f64>),
    Str(&'a Utf8Array<i64>),
    List(&'a ListArray<i64>, Box<Reader<'a>>),
    Struct(&'a StructArray, Vec<(&'a str, Reader<'a>)>),
}

impl<'a> Reader<'a> {
    /// A reader of an array in one of the layouts of [`Feature::data_type`](crate::Feature::data_type); every
    /// [`Column`](crate::Column) is.
    pub(crate) fn new(array: &'a dyn Array) -> Self {
        let any = array.as_any();
        if let Some(array) = any.downcast_ref::<PrimitiveArray<i64>>() {
            Self::Int64(array)
        } else if let Some(array) = any.downcast_ref::<PrimitiveArray<i32>>() {
            Self::Int32(array)
        } else if let Some(array) = any.downcast_ref::<PrimitiveArray<f32>>() {
            Self::Float32(array)
        } else if let Some(array) = any.downcast_ref::<PrimitiveArray<f64>>() {
            Self::Float64(array)
        } else if let Some(array) = any.downcast_ref::<BooleanArray>() {
            Self::Bool(array)
        } else if let Some(array) = any.downcast_ref::<Utf8Array<i64>>() {
            Self::Str(array)
        } else if let Some(array) = any.downcast_ref::<ListArray<i64>>() {
            Self::List(array, Box::new(Self::new(array.values().as_ref())))
        } else if let Some(array) = any.downcast_ref::<StructArray>() {
            let names = array.fields().iter().map(|field| field.name.as_str());
            let values = array
                .values()
                .iter()
                .map(|values| Self::new(values.as_ref()));
            Self::Struct(array, names.zip(values).collect())
        } else {
            Self::Null
        }
    }

    pub(crate) fn is_null(&self, at: usize) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(array) => array.is_null(at),
            Self::Int32(array) => array.is_null(at),
            Self::Int64(array) => array.is_null(at),
            Self::Float32(array) => array.is_null(at),
            Self::Float64(array) => array.is_null(at),
            Self::Str(array) => array.is_null(at),
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
            Self::Float32(array) => Value::Float(array.value(at).into()),
            Self::Float64(array) => Value::Float(array.value(at)),
            Self::Str(array) => Value::Str(array.value(at).to_owned()),
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
