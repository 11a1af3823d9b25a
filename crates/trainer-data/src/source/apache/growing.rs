use arrow_array::{Array, cast::AsArray};
use arrow_schema::DataType;
use arrow2::{
    array::{
        BinaryArray, BooleanArray, ListArray, NullArray, PrimitiveArray, StructArray, Utf8Array,
    },
    bitmap::{Bitmap, MutableBitmap},
    datatypes::PhysicalType,
    error::Error as ArrowError,
    offset::OffsetsBuffer,
    types::PrimitiveType,
};
use half::f16;

use super::{
    Budget,
    elements::{bytes, lists, numbers, other_type, ranges},
    growing_numbers::{GrowingNumbers, growing_numbers},
    picked::Picked,
};
use crate::{Column, Feature};

/// A column that grows by the arrays of a file.
pub(crate) struct Growing {
    feature: Feature,
    len: usize,
    /// Which values are there; nothing as long as all are.
    validity: Option<MutableBitmap>,
    values: Values,
}

enum Values {
    Null,
    Bool(MutableBitmap),
    /// Numbers that are stored as in the file.
    Numbers(Box<dyn GrowingNumbers>),
    Decimal(Vec<i128>),
    Float32(Vec<f32>),
    /// Texts or bytes: where each ends, and all of them.
    Bytes(Vec<i64>, Vec<u8>),
    /// Where each list ends, and the elements of all.
    List(Vec<i64>, Box<Growing>),
    Struct(Vec<Growing>),
}

impl Growing {
    /// A column without rows.
    pub(crate) fn new(feature: &Feature) -> Self {
        let values = match feature {
            Feature::List(element) => Values::List(vec![0], Box::new(Self::new(element))),
            Feature::Struct(fields) if !fields.is_empty() => {
                Values::Struct(fields.iter().map(|(_, field)| Self::new(field)).collect())
            }
            feature => match feature.data_type().to_physical_type() {
                PhysicalType::Boolean => Values::Bool(MutableBitmap::new()),
                PhysicalType::Primitive(PrimitiveType::Int128) => Values::Decimal(Vec::new()),
                PhysicalType::Primitive(PrimitiveType::Float32) => Values::Float32(Vec::new()),
                PhysicalType::Primitive(primitive) => {
                    growing_numbers(primitive).map_or(Values::Null, Values::Numbers)
                }
                PhysicalType::LargeUtf8 | PhysicalType::LargeBinary => {
                    Values::Bytes(vec![0], Vec::new())
                }
                _ => Values::Null,
            },
        };
        Self {
            feature: feature.clone(),
            len: 0,
            validity: None,
            values,
        }
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Adds the rows of `array`, whose type is the one that [`super::feature`] made the column's feature of.
    ///
    /// # Errors
    /// Says what cannot be, or that it would be more than `budget` has.
    pub(crate) fn append(&mut self, array: &dyn Array, budget: &mut Budget) -> Result<(), String> {
        self.extend(array, &Picked::All(array.len()), budget)
    }

    /// Adds the rows of `array` that are `picked`.
    pub(crate) fn extend(
        &mut self,
        array: &dyn Array,
        picked: &Picked,
        budget: &mut Budget,
    ) -> Result<(), String> {
        if let Some(dictionary) = array.as_any_dictionary_opt() {
            budget.take(dictionary.len().saturating_add(picked.len()), 16)?;
            let values = dictionary.values();
            let keys = match values.is_empty() {
                true => vec![0; dictionary.len()],
                false => dictionary.normalized_keys(),
            };
            let rows = picked.rows(dictionary.keys().nulls());
            let rows = rows.map(|row| row.filter(|_| !values.is_empty()).map(|row| keys[row]));
            return self.extend(values, &Picked::Some(rows.collect()), budget);
        }
        budget.take(picked.len(), 8)?;
        self.extend_validity(array, picked);
        self.len += picked.len();
        match &mut self.values {
            Values::Null => {}
            Values::Bool(values) => {
                let bools = array.as_boolean_opt().ok_or_else(|| other_type(array))?;
                for row in picked.rows(array.nulls()) {
                    values.push(row.is_some_and(|row| bools.value(row)));
                }
            }
            Values::Numbers(values) => values.extend(array, picked)?,
            Values::Decimal(values) => match array.data_type() {
                DataType::Decimal32(..) => {
                    numbers(array, picked, values, |value: i32| Some(value.into()))
                }
                DataType::Decimal64(..) => {
                    numbers(array, picked, values, |value: i64| Some(value.into()))
                }
                _ => numbers(array, picked, values, Some),
            }?,
            Values::Float32(values) => match array.data_type() {
                DataType::Float16 => {
                    numbers(array, picked, values, |value: f16| Some(value.to_f32()))
                }
                _ => numbers(array, picked, values, Some),
            }?,
            Values::Bytes(ends, all) => bytes(array, picked, ends, all, budget)?,
            Values::List(ends, elements) => {
                let rows = picked.rows(array.nulls());
                lists(ranges(array)?, rows, ends, elements, budget)?;
            }
            Values::Struct(fields) => {
                let structs = array.as_struct_opt().ok_or_else(|| other_type(array))?;
                if structs.num_columns() != fields.len() {
                    return Err(other_type(array));
                }
                for (field, values) in fields.iter_mut().zip(structs.columns()) {
                    field.extend(values, picked, budget)?;
                }
            }
        }
        Ok(())
    }

    fn extend_validity(&mut self, array: &dyn Array, picked: &Picked) {
        let is_whole = array.null_count() == 0 && matches!(picked, Picked::All(_));
        if is_whole && self.validity.is_none() {
            return;
        }
        let validity = self
            .validity
            .get_or_insert_with(|| MutableBitmap::from_len_set(self.len));
        for row in picked.rows(array.nulls()) {
            validity.push(row.is_some());
        }
    }

    /// The column.
    ///
    /// # Errors
    /// Says what is wrong with texts or ends of lists, which the readers of files have looked at before.
    pub(crate) fn finish(self) -> Result<Column, String> {
        let feature = self.feature.clone();
        let array = self.array().map_err(|error| error.to_string())?;
        Ok(Column::of(feature, array))
    }

    /// The column's array.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub(crate) fn array(self) -> Result<Box<dyn arrow2::array::Array>, ArrowError> {
        let data_type = self.feature.data_type();
        let validity: Option<Bitmap> = self.validity.and_then(Into::into);
        Ok(match self.values {
            Values::Null => NullArray::try_new(data_type, self.len)?.boxed(),
            Values::Bool(values) => {
                BooleanArray::try_new(data_type, values.into(), validity)?.boxed()
            }
            Values::Numbers(values) => values.array(data_type, validity)?,
            Values::Decimal(values) => {
                PrimitiveArray::try_new(data_type, values.into(), validity)?.boxed()
            }
            Values::Float32(values) => {
                PrimitiveArray::try_new(data_type, values.into(), validity)?.boxed()
            }
            Values::Bytes(ends, all) => {
                let (ends, all) = (OffsetsBuffer::try_from(ends)?, all.into());
                match data_type.to_physical_type() {
                    PhysicalType::LargeUtf8 => {
                        Utf8Array::<i64>::try_new(data_type, ends, all, validity)?.boxed()
                    }
                    _ => BinaryArray::<i64>::try_new(data_type, ends, all, validity)?.boxed(),
                }
            }
            Values::List(ends, elements) => {
                let ends = OffsetsBuffer::try_from(ends)?;
                ListArray::try_new(data_type, ends, elements.array()?, validity)?.boxed()
            }
            Values::Struct(fields) => {
                let fields = fields.into_iter().map(Self::array);
                let fields = fields.collect::<Result<_, _>>()?;
                StructArray::try_new(data_type, fields, validity)?.boxed()
            }
        })
    }
}
