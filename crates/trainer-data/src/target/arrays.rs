//! Columns, which are arrow2's, as arrays of Apache's crates, which write files.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, ListArray, NullArray,
    PrimitiveArray, StringArray, StructArray, make_array,
    types::{Decimal128Type, Float32Type, Float64Type, Int32Type, Int64Type},
};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType};

use super::types;
use crate::{
    Feature,
    column::{Counts, Reader},
};

/// The values of `rows`, in that order, in the layout of [`types::data_type`].
///
/// # Errors
/// [`ArrowError::OffsetOverflowError`] where texts or lists are more than 2^31: fewer rows may do.
pub(super) fn array(
    reader: &Reader<'_>,
    feature: &Feature,
    rows: &[usize],
) -> Result<ArrayRef, ArrowError> {
    let array: ArrayRef = match (reader, feature) {
        (Reader::Null, Feature::Struct(_)) => {
            let nulls = NullBuffer::new_null(rows.len());
            Arc::new(StructArray::new_empty_fields(rows.len(), Some(nulls)))
        }
        (Reader::Null, _) => Arc::new(NullArray::new(rows.len())),
        (Reader::Bool(values), _) => {
            let values = rows.iter().map(|row| values.get(*row));
            Arc::new(values.collect::<BooleanArray>())
        }
        (Reader::Int(values), _) => values.array(rows),
        (Reader::Float32(values), _) => numbers::<Float32Type>(rows, |row| values.get(row)),
        (Reader::Float64(values), _) => numbers::<Float64Type>(rows, |row| values.get(row)),
        (Reader::Str(values), _) => {
            let (ends, bytes) = joined(rows, |row| values.get(row).unwrap_or_default().as_bytes())?;
            Arc::new(StringArray::try_new(ends, bytes, nulls(reader, rows))?)
        }
        (Reader::Bytes(values), _) => {
            let (ends, bytes) = joined(rows, |row| values.get(row).unwrap_or_default())?;
            Arc::new(BinaryArray::try_new(ends, bytes, nulls(reader, rows))?)
        }
        (Reader::Quantity(_, counts), feature) => {
            let counts = match counts {
                Counts::Of32(values) => numbers::<Int32Type>(rows, |row| values.get(row)),
                Counts::Of64(values) => numbers::<Int64Type>(rows, |row| values.get(row)),
                Counts::Of128(values) => numbers::<Decimal128Type>(rows, |row| values.get(row)),
            };
            retyped(&counts, types::data_type(feature))?
        }
        (Reader::List(lists, values), Feature::List(element)) => {
            let mut ends = vec![0];
            let mut chosen = Vec::new();
            for row in rows {
                if !reader.is_null(*row) {
                    chosen.extend(lists.range(*row));
                }
                ends.push(end_of(chosen.len())?);
            }
            let values = array(values, element, &chosen)?;
            let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
            let field = Arc::new(types::field("item", element));
            Arc::new(ListArray::try_new(
                field,
                ends,
                values,
                nulls(reader, rows),
            )?)
        }
        (Reader::Struct(_, values), Feature::Struct(features)) => {
            let values = values.iter().zip(features.iter());
            let values = values.map(|((_, values), (_, feature))| array(values, feature, rows));
            let values = values.collect::<Result<_, _>>()?;
            let fields = types::fields(features);
            Arc::new(StructArray::try_new(fields, values, nulls(reader, rows))?)
        }
        (Reader::List(..) | Reader::Struct(..), feature) => {
            let message = format!("a column of {feature} is of another layout");
            return Err(ArrowError::SchemaError(message));
        }
    };
    Ok(array)
}

fn numbers<T: ArrowPrimitiveType>(
    rows: &[usize],
    value: impl Fn(usize) -> Option<T::Native>,
) -> ArrayRef {
    let values = rows.iter().map(|row| value(*row));
    Arc::new(values.collect::<PrimitiveArray<T>>())
}

/// The same numbers, as of `data_type`, which stores its values as such.
fn retyped(numbers: &dyn Array, data_type: DataType) -> Result<ArrayRef, ArrowError> {
    let retyped = numbers.to_data().into_builder().data_type(data_type);
    Ok(make_array(retyped.build()?))
}

fn nulls(reader: &Reader<'_>, rows: &[usize]) -> Option<NullBuffer> {
    let is_valid = rows.iter().map(|row| !reader.is_null(*row));
    Some(is_valid.collect::<NullBuffer>()).filter(|nulls| nulls.null_count() > 0)
}

/// All values, one behind the other, and where each ends.
fn joined<'a>(
    rows: &[usize],
    value: impl Fn(usize) -> &'a [u8],
) -> Result<(OffsetBuffer<i32>, Buffer), ArrowError> {
    let mut ends = vec![0];
    let mut all = Vec::new();
    for row in rows {
        all.extend_from_slice(value(*row));
        ends.push(end_of(all.len())?);
    }
    let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
    Ok((ends, Buffer::from_vec(all)))
}

fn end_of(length: usize) -> Result<i32, ArrowError> {
    i32::try_from(length).map_err(|_| ArrowError::OffsetOverflowError(length))
}
