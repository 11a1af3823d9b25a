use std::sync::Arc;

use super::{Chunk, Reader, build::Refused};
use crate::{Column, ColumnBuilder, Feature, Result, Value, python_text};

impl Column {
    /// The same values as `feature`.
    ///
    /// Numbers become other numbers where nothing is lost but floating-point precision, 0 and 1 truth values and the other way
    /// round. Numbers and truth values become text, floating-point numbers as Python's `str` writes them, and text that is
    /// a number, `true`, `false`, a date, a time or a decimal number becomes one. Names, or else numbers in text, become
    /// class labels, with blanks around them or not, and class labels become their names. Bytes become text and the other
    /// way round, timestamps those of another unit. Columns of a null type become anything.
    ///
    /// # Errors
    /// [`Error::WrongType`](crate::Error::WrongType) or [`Error::LabelOutOfRange`](crate::Error::LabelOutOfRange) name
    /// the row of a value that cannot be converted.
    pub fn cast(&self, feature: &Feature) -> Result<Self> {
        self.cast_named(feature, "")
    }

    /// [`Self::cast`] of the column called `name`.
    pub(crate) fn cast_named(&self, feature: &Feature, name: &str) -> Result<Self> {
        if self.feature() == feature {
            return Ok(self.clone());
        }
        if self.feature().data_type() == feature.data_type() {
            return self.retyped(feature, name);
        }
        let reader = self.reader();
        let mut builder = ColumnBuilder::new(feature);
        for row in 0..self.len() {
            let value = convert(reader.value(row)?, self.feature(), feature);
            builder
                .push(&value)
                .map_err(|refused| refused.at(name, Some(row)))?;
        }
        Ok(builder.finish())
    }

    /// The same values as `feature`, which is stored in the same way. What is mapped is looked at when it is read.
    fn retyped(&self, feature: &Feature, name: &str) -> Result<Self> {
        let mut chunks = Vec::with_capacity(self.chunks().iter().len());
        let mut start = 0;
        for chunk in self.chunks().iter() {
            chunks.push(match chunk {
                Chunk::InMemory(array) => {
                    if feature.has_class_label() {
                        let reader = Reader::new(array.as_ref(), feature);
                        for row in 0..array.len() {
                            check_labels(&reader, feature, row)
                                .map_err(|refused| refused.at(name, Some(start + row)))?;
                        }
                    }
                    chunk.clone()
                }
                Chunk::Mapped(chunk) => Chunk::Mapped(Arc::new(chunk.retyped())),
            });
            start += chunk.len();
        }
        Ok(Self::of_chunks(feature.clone(), chunks))
    }
}

/// Whether every class label at `at` is one of `feature`.
pub(super) fn check_labels(
    reader: &Reader<'_>,
    feature: &Feature,
    at: usize,
) -> Result<(), Refused> {
    if reader.is_null(at) {
        return Ok(());
    }
    match (reader, feature) {
        (Reader::Int(values), Feature::ClassLabel(label)) => match values.int(at) {
            Some(class) if label.admits(class) => Ok(()),
            _ => Err(Refused::Label {
                value: values.value(at).to_string(),
                names: label.names().to_vec(),
            }),
        },
        (Reader::List(list, values), Feature::List(element)) => {
            let mut range = list.range(at);
            range.try_for_each(|at| check_labels(values, element, at))
        }
        (Reader::Struct(_, fields), Feature::Struct(features)) => fields
            .iter()
            .zip(features.iter())
            .try_for_each(|((_, values), (_, feature))| check_labels(values, feature, at)),
        _ => Ok(()),
    }
}

/// `value` as `to`, or as it is where there is no conversion.
pub(crate) fn convert(value: Value, from: &Feature, to: &Feature) -> Value {
    match (value, to) {
        (Value::Float(value), to)
            if to.is_int() && value.fract() == 0.0 && value.abs() < 9.0e15 =>
        {
            Value::Int(value as i64)
        }
        (Value::Str(text), Feature::UInt64) => {
            let number = text.trim().parse();
            number.map_or(Value::Str(text), Value::unsigned)
        }
        (Value::Str(text), to) if to.int_range().is_some() => {
            text.trim().parse().map_or(Value::Str(text), Value::Int)
        }
        (Value::Str(text), to) if to.is_float() => {
            text.trim().parse().map_or(Value::Str(text), Value::Float)
        }
        (Value::Str(text), Feature::Bool) => match text.trim().to_lowercase().as_str() {
            "true" | "1" => Value::Bool(true),
            "false" | "0" => Value::Bool(false),
            _ => Value::Str(text),
        },
        (Value::Int(bit @ (0 | 1)), Feature::Bool) => Value::Bool(bit == 1),
        (Value::Float(bit), Feature::Bool) if bit == 0.0 || bit == 1.0 => Value::Bool(bit == 1.0),
        (Value::Bool(value), to) if to.is_int() => Value::Int(value.into()),
        (Value::Bool(value), to) if to.is_float() => Value::Float(f64::from(value)),
        (Value::Str(text), Feature::Binary) => Value::Bytes(text.into_bytes()),
        (Value::Bytes(bytes), Feature::String) => match String::from_utf8(bytes) {
            Ok(text) => Value::Str(text),
            Err(not_text) => Value::Bytes(not_text.into_bytes()),
        },
        (Value::Str(text), Feature::Quantity(quantity)) => match quantity.read(text.trim()) {
            Some(count) => Value::Quantity {
                quantity: quantity.clone(),
                count,
            },
            None => Value::Str(text),
        },
        (Value::Quantity { quantity, count }, Feature::Quantity(to)) => {
            let (quantity, count) = match quantity.count_as(to, count) {
                Some(count) => (to.clone(), count),
                None => (quantity, count),
            };
            Value::Quantity { quantity, count }
        }
        (Value::Quantity { quantity, count }, Feature::String) => {
            Value::Str(quantity.written(count))
        }
        (Value::Int(value), Feature::String) => match from {
            Feature::ClassLabel(label) => label.int2str(value).map_or(Value::Null, Value::from),
            _ => Value::Str(value.to_string()),
        },
        (value @ (Value::Bool(_) | Value::UInt(_)), Feature::String) => {
            Value::Str(value.to_string())
        }
        (Value::Float(value), Feature::String) => Value::Str(match from {
            Feature::Float32 => python_text::float32(value as f32),
            _ => python_text::float(value),
        }),
        (Value::List(values), Feature::List(to)) => {
            let from = match from {
                Feature::List(from) => from,
                from => from,
            };
            Value::List(
                values
                    .into_iter()
                    .map(|value| convert(value, from, to))
                    .collect(),
            )
        }
        (Value::Struct(fields), Feature::Struct(to)) => {
            let fields = fields.into_iter().map(|(name, value)| {
                let from = match from {
                    Feature::Struct(from) => from.get(&name).unwrap_or(&Feature::Null),
                    from => from,
                };
                let value = to
                    .get(&name)
                    .map_or(Value::Null, |to| convert(value, from, to));
                (name, value)
            });
            Value::Struct(fields.collect())
        }
        (value, _) => value,
    }
}
