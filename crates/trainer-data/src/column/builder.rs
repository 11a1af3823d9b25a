use arrow2::{
    array::{
        Array, ListArray, MutableArray, MutableBinaryArray, MutableBooleanArray,
        MutablePrimitiveArray, MutableUtf8Array, NullArray, StructArray,
    },
    bitmap::MutableBitmap,
    datatypes::DataType,
    offset::Offsets,
};

use super::{
    build::Refused,
    int_builder::{IntBuilder, int_builder},
};
use crate::{ClassLabel, Column, Feature, Value};

/// Builds a column value by value.
pub(crate) struct ColumnBuilder {
    feature: Feature,
    values: Values,
}

enum Values {
    Null(usize),
    Bool(MutableBooleanArray),
    Int(Box<dyn IntBuilder>),
    Float32(MutablePrimitiveArray<f32>),
    Float64(MutablePrimitiveArray<f64>),
    Str(MutableUtf8Array<i64>),
    Bytes(MutableBinaryArray<i64>),
    List(Offsets<i64>, MutableBitmap, Box<ColumnBuilder>),
    Struct(MutableBitmap, Vec<(String, ColumnBuilder)>),
}

impl ColumnBuilder {
    pub(crate) fn new(feature: &Feature) -> Self {
        let values = match feature {
            Feature::Null => Values::Null(0),
            Feature::Struct(fields) if fields.is_empty() => Values::Null(0),
            Feature::Bool => Values::Bool(MutableBooleanArray::new()),
            Feature::Float32 => Values::Float32(MutablePrimitiveArray::new()),
            Feature::Float64 => Values::Float64(MutablePrimitiveArray::new()),
            Feature::String | Feature::Json => Values::Str(MutableUtf8Array::new()),
            Feature::Binary => Values::Bytes(MutableBinaryArray::new()),
            Feature::List(element) => {
                let element = Box::new(Self::new(element));
                Values::List(Offsets::default(), MutableBitmap::new(), element)
            }
            Feature::Struct(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, field)| (name.to_owned(), Self::new(field)));
                Values::Struct(MutableBitmap::new(), fields.collect())
            }
            // Whole numbers, class labels and quantities.
            stored => match int_builder(stored.data_type()) {
                Some(values) => Values::Int(values),
                None => Values::Null(0),
            },
        };
        Self {
            feature: feature.clone(),
            values,
        }
    }

    /// The number of values that were added.
    pub(crate) fn len(&self) -> usize {
        match &self.values {
            Values::Null(len) => *len,
            Values::Bool(values) => values.len(),
            Values::Int(values) => values.len(),
            Values::Float32(values) => values.len(),
            Values::Float64(values) => values.len(),
            Values::Str(values) => values.len(),
            Values::Bytes(values) => values.len(),
            Values::List(_, validity, _) | Values::Struct(validity, _) => validity.len(),
        }
    }

    /// Adds `value`. After a refusal the builder is of no further use.
    pub(crate) fn push(&mut self, value: &Value) -> Result<(), Refused> {
        match (&mut self.values, value) {
            (_, Value::Null) => self.push_null(),
            (_, value) if matches!(self.feature, Feature::Quantity(_)) => {
                return self.push_quantity(value);
            }
            (Values::Bool(values), Value::Bool(value)) => values.push(Some(*value)),
            (Values::Bytes(values), Value::Bytes(value)) => values.push(Some(value)),
            (Values::Int(values), value) => {
                let number = integer(&self.feature, value)?;
                if !values.push(number) {
                    return Err(refused(&self.feature, value.to_string()));
                }
            }
            (Values::Float32(values), Value::Float(value)) => values.push(Some(*value as f32)),
            (Values::Float32(values), Value::Int(value)) => values.push(Some(*value as f32)),
            (Values::Float64(values), Value::Float(value)) => values.push(Some(*value)),
            (Values::Float64(values), Value::Int(value)) => values.push(Some(*value as f64)),
            (Values::Float32(values), Value::UInt(value)) => values.push(Some(*value as f32)),
            (Values::Float64(values), Value::UInt(value)) => values.push(Some(*value as f64)),
            (Values::Str(values), Value::Str(value)) => values.push(Some(value)),
            (Values::List(offsets, validity, element), Value::List(values)) => {
                for value in values {
                    element.push(value)?;
                }
                if offsets.try_push_usize(values.len()).is_err() {
                    return Err(refused(
                        &self.feature,
                        "more elements than a column can hold".to_owned(),
                    ));
                }
                validity.push(true);
            }
            (Values::Struct(validity, fields), Value::Struct(values)) => {
                for (name, field) in fields.iter_mut() {
                    let value = values.iter().find(|(have, _)| have == name);
                    field.push(value.map_or(&Value::Null, |(_, value)| value))?;
                }
                let known = |name: &String| fields.iter().any(|(have, _)| have == name);
                if let Some((name, _)) = values.iter().find(|(name, _)| !known(name)) {
                    return Err(refused(
                        &self.feature,
                        format!("a struct with field {name:?}"),
                    ));
                }
                validity.push(true);
            }
            (_, value) => return Err(refused(&self.feature, found(value))),
        }
        Ok(())
    }

    fn push_quantity(&mut self, value: &Value) -> Result<(), Refused> {
        let refused = || refused(&self.feature, found(value));
        let count = match (value, &self.feature) {
            (Value::Quantity { quantity, count }, Feature::Quantity(own)) if quantity == own => {
                *count
            }
            _ => return Err(refused()),
        };
        let is_stored = match &mut self.values {
            Values::Int(values) => values.push(count),
            _ => false,
        };
        is_stored.then_some(()).ok_or_else(refused)
    }

    fn push_null(&mut self) {
        self.push_nulls(1);
    }

    pub(crate) fn push_nulls(&mut self, count: usize) {
        // Adding none would begin to keep which values are missing.
        if count == 0 {
            return;
        }
        match &mut self.values {
            Values::Null(len) => *len += count,
            Values::Bool(values) => (0..count).for_each(|_| values.push(None)),
            Values::Int(values) => values.push_nulls(count),
            Values::Float32(values) => values.extend_constant(count, None),
            Values::Float64(values) => values.extend_constant(count, None),
            Values::Str(values) => (0..count).for_each(|_| values.push::<&str>(None)),
            Values::Bytes(values) => (0..count).for_each(|_| values.push::<&[u8]>(None)),
            Values::List(offsets, validity, _) => {
                offsets.extend_constant(count);
                validity.extend_constant(count, false);
            }
            Values::Struct(validity, fields) => {
                for (_, field) in fields {
                    field.push_nulls(count);
                }
                validity.extend_constant(count, false);
            }
        }
    }

    pub(crate) fn finish(self) -> Column {
        Column::of(self.feature.clone(), self.finish_array())
    }

    pub(super) fn finish_array(self) -> Box<dyn Array> {
        let data_type = self.feature.data_type();
        match self.values {
            Values::Null(len) => NullArray::new(DataType::Null, len).boxed(),
            Values::Bool(mut values) => values.as_box(),
            Values::Int(mut values) => values.finish(),
            Values::Float32(mut values) => values.as_box(),
            Values::Float64(mut values) => values.as_box(),
            Values::Str(mut values) => values.as_box(),
            Values::Bytes(mut values) => values.as_box(),
            Values::List(offsets, validity, element) => {
                let element = element.finish_array();
                ListArray::new(data_type, offsets.into(), element, validity.into()).boxed()
            }
            Values::Struct(validity, fields) => {
                let fields = fields.into_iter().map(|(_, field)| field.finish_array());
                StructArray::new(data_type, fields.collect(), validity.into()).boxed()
            }
        }
    }
}

fn integer(feature: &Feature, value: &Value) -> Result<i128, Refused> {
    match (feature, value) {
        (Feature::ClassLabel(label), value) => Ok(class(label, feature, value)?.into()),
        (_, Value::Int(value)) => Ok((*value).into()),
        (_, Value::UInt(value)) => Ok((*value).into()),
        (feature, value) => Err(refused(feature, found(value))),
    }
}

fn class(label: &ClassLabel, feature: &Feature, value: &Value) -> Result<i64, Refused> {
    let known = match value {
        Value::Int(value) => label.admits(*value).then_some(*value),
        // A name, or else a number in text, as in Python's `datasets`.
        Value::Str(name) => {
            let number = || whole(name.trim()).filter(|number| label.admits(*number));
            let trimmed = || label.position(name.trim());
            label.position(name).or_else(trimmed).or_else(number)
        }
        value => return Err(refused(feature, found(value))),
    };
    known.ok_or_else(|| Refused::Label {
        value: value.to_string(),
        names: label.names().to_vec(),
    })
}

/// A whole number, which may be written as a floating-point one.
pub(crate) fn whole(text: &str) -> Option<i64> {
    const EXACT: f64 = 9.0e15;
    let by_float =
        |value: f64| (value.fract() == 0.0 && value.abs() < EXACT).then_some(value as i64);
    text.parse().ok().or_else(|| by_float(text.parse().ok()?))
}

fn refused(feature: &Feature, found: String) -> Refused {
    Refused::Type {
        expected: feature.to_string(),
        found,
    }
}

fn found(value: &Value) -> String {
    format!("{} {}", value.kind(), value.excerpt())
}
