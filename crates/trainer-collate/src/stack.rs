//! Columns whose rows are stacked as they are: numbers, truth values, and lists of equal lengths at any depth.

use tch::{Kind, Tensor};
use trainer_data::{ColumnRows, Feature, Rows, Value};

use crate::{Error, Result};

/// What the numbers of a column become.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// As `torch.tensor` does: whole numbers int64, others float32, truth values bool.
    Inferred,
    /// float32 whatever they are.
    Float,
    /// int64; truth values count as 0 and 1.
    Int,
}

/// The rows of a column as one tensor: `[rows]`, `[rows, length]`, …
pub(crate) fn stack(rows: &Rows<'_>, column: &ColumnRows<'_>, numbers: Numbers) -> Result<Tensor> {
    let name = column.name();
    let mut flat = Flat::new(name, column.feature(), numbers)?;
    for k in 0..rows.len() {
        let row = rows.number(k).unwrap_or(k);
        match column.feature() {
            _ if column.is_null(k)? => return Err(flat.null(row)),
            // Those of 2^63 and more are refused below.
            feature if feature.is_int() && *feature != Feature::UInt64 => {
                flat.push_int(column.int(k)?)
            }
            feature if feature.is_float() => flat.push_float(column.float(k)?),
            _ => flat.push(&column.value(k)?, 0, row)?,
        }
    }
    flat.into_tensor(rows.len())
}

/// Whether values are whole numbers, or truth values, which count as such.
fn is_whole(feature: &Feature) -> bool {
    feature.is_int() || *feature == Feature::Bool
}

/// The values of all rows, one after the other, with the lengths of the lists they stood in.
struct Flat<'n> {
    name: &'n str,
    values: Values,
    /// The length at each depth, as the first list there has it.
    lengths: Vec<Option<usize>>,
}

enum Values {
    Ints(Vec<i64>),
    Floats(Vec<f32>),
    Bools(Vec<bool>),
}

impl<'n> Flat<'n> {
    fn new(name: &'n str, feature: &Feature, numbers: Numbers) -> Result<Self> {
        let mut element = feature;
        let mut lengths = Vec::new();
        while let Feature::List(inner) = element {
            lengths.push(None);
            element = inner;
        }
        let values = match (element, numbers) {
            (Feature::Bool, Numbers::Inferred) => Values::Bools(Vec::new()),
            (feature, Numbers::Float) if is_whole(feature) => Values::Floats(Vec::new()),
            (Feature::Float32 | Feature::Float64, _) => Values::Floats(Vec::new()),
            // Lists that are all empty: float32 of `[rows, 0]`, as `torch.tensor` makes of them.
            (Feature::Null, Numbers::Inferred | Numbers::Float) if !lengths.is_empty() => {
                Values::Floats(Vec::new())
            }
            (Feature::Null, Numbers::Int) if !lengths.is_empty() => Values::Ints(Vec::new()),
            (feature, _) if is_whole(feature) => Values::Ints(Vec::new()),
            _ => {
                return Err(Error::NotNumbers {
                    column: name.to_owned(),
                    feature: feature.clone(),
                });
            }
        };
        Ok(Self {
            name,
            values,
            lengths,
        })
    }

    fn null(&self, row: usize) -> Error {
        Error::Null {
            column: self.name.to_owned(),
            row,
        }
    }

    fn push_int(&mut self, value: i64) {
        match &mut self.values {
            Values::Ints(values) => values.push(value),
            Values::Floats(values) => values.push(value as f32),
            Values::Bools(values) => values.push(value != 0),
        }
    }

    fn push_float(&mut self, value: f64) {
        match &mut self.values {
            Values::Floats(values) => values.push(value as f32),
            Values::Ints(values) => values.push(value as i64),
            Values::Bools(values) => values.push(value != 0.0),
        }
    }

    fn push(&mut self, value: &Value, depth: usize, row: usize) -> Result<()> {
        match value {
            Value::Bool(value) => self.push_int(i64::from(*value)),
            Value::Int(value) => self.push_int(*value),
            Value::Float(value) => self.push_float(*value),
            Value::UInt(value) => match &mut self.values {
                Values::Floats(values) => values.push(*value as f32),
                _ => {
                    return Err(Error::TooLarge {
                        column: self.name.to_owned(),
                        row,
                        value: *value,
                    });
                }
            },
            Value::List(values) => {
                let found = values.len();
                let expected = self
                    .lengths
                    .get_mut(depth)
                    .map_or(found, |length| *length.get_or_insert(found));
                if found != expected {
                    return Err(Error::Ragged {
                        column: self.name.to_owned(),
                        row,
                        expected,
                        found,
                        hint: "pad them with DataCollatorWithPadding, or give the trainer the tokenizer as its processing_class; \
                               lists that are no tokens need one length",
                    });
                }
                for value in values {
                    self.push(value, depth + 1, row)?;
                }
            }
            _ => return Err(self.null(row)),
        }
        Ok(())
    }

    fn into_tensor(self, rows: usize) -> Result<Tensor> {
        let mut shape = vec![rows as i64];
        shape.extend(self.lengths.iter().map(|length| length.unwrap_or(0) as i64));
        let flat = match self.values {
            Values::Ints(values) => Tensor::f_from_slice(&values)?,
            Values::Floats(values) => Tensor::f_from_slice(&values)?,
            Values::Bools(values) => Tensor::f_from_slice(&values)?.f_to_kind(Kind::Bool)?,
        };
        Ok(flat.f_view(shape.as_slice())?)
    }
}
