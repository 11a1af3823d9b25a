use arrow2::{
    array::{
        Array, BooleanArray, DictionaryArray, DictionaryKey, FixedSizeListArray, ListArray,
        NullArray, PrimitiveArray, StructArray, Utf8Array, growable::make_growable,
    },
    datatypes::{DataType, IntegerType},
    offset::{Offset, OffsetsBuffer},
    types::{NativeType, f16},
};

use crate::{Column, Feature, Features};

/// An array of a file as a column: integers widened, strings and lists with 64-bit offsets, dictionaries resolved.
///
/// What cannot be a column is named in the error.
pub(crate) fn column(array: &dyn Array) -> Result<Column, String> {
    match array.data_type() {
        DataType::Null => Ok(Column::of(
            Feature::Null,
            NullArray::new(DataType::Null, array.len()).boxed(),
        )),
        DataType::Boolean => as_is::<BooleanArray>(array, Feature::Bool),
        DataType::Int8 => widened::<i8, i32>(array, Feature::Int32, |value| Some(value.into())),
        DataType::Int16 => widened::<i16, i32>(array, Feature::Int32, |value| Some(value.into())),
        DataType::UInt8 => widened::<u8, i32>(array, Feature::Int32, |value| Some(value.into())),
        DataType::UInt16 => widened::<u16, i32>(array, Feature::Int32, |value| Some(value.into())),
        DataType::UInt32 => widened::<u32, i64>(array, Feature::Int64, |value| Some(value.into())),
        DataType::UInt64 => {
            widened::<u64, i64>(array, Feature::Int64, |value| value.try_into().ok())
        }
        DataType::Int32 => as_is::<PrimitiveArray<i32>>(array, Feature::Int32),
        DataType::Int64 => as_is::<PrimitiveArray<i64>>(array, Feature::Int64),
        DataType::Float16 => {
            widened::<f16, f32>(array, Feature::Float32, |value| Some(value.to_f32()))
        }
        DataType::Float32 => as_is::<PrimitiveArray<f32>>(array, Feature::Float32),
        DataType::Float64 => as_is::<PrimitiveArray<f64>>(array, Feature::Float64),
        DataType::Utf8 => strings::<i32>(array),
        DataType::LargeUtf8 => as_is::<Utf8Array<i64>>(array, Feature::String),
        DataType::List(_) => lists::<i32>(array),
        DataType::LargeList(_) => lists::<i64>(array),
        DataType::FixedSizeList(_, size) => fixed_lists(array, *size),
        DataType::Struct(_) => structs(array),
        DataType::Dictionary(key, values, _)
            if matches!(values.as_ref(), DataType::Utf8 | DataType::LargeUtf8) =>
        {
            dictionary(array, *key)
        }
        other => Err(format!("{other:?}")),
    }
}

fn of<T: 'static>(array: &dyn Array) -> Result<&T, String> {
    let type_name = || format!("{:?}", array.data_type());
    array.as_any().downcast_ref().ok_or_else(type_name)
}

fn as_is<T: Array + Clone + 'static>(
    array: &dyn Array,
    feature: Feature,
) -> Result<Column, String> {
    of::<T>(array)?;
    Ok(Column::of(feature, array.to_boxed()))
}

fn widened<A: NativeType, B: NativeType>(
    array: &dyn Array,
    feature: Feature,
    widen: impl Fn(A) -> Option<B>,
) -> Result<Column, String> {
    let array = of::<PrimitiveArray<A>>(array)?;
    let value = |at: usize| match array.is_null(at) {
        true => Ok(B::default()),
        false => widen(array.value(at))
            .ok_or_else(|| format!("{:?} with {}", array.data_type(), array.value(at))),
    };
    let values: Vec<B> = (0..array.len()).map(value).collect::<Result<_, _>>()?;
    let values = PrimitiveArray::new(
        feature.data_type(),
        values.into(),
        array.validity().cloned(),
    );
    Ok(Column::of(feature, values.boxed()))
}

fn strings<O: Offset>(array: &dyn Array) -> Result<Column, String>
where
    OffsetsBuffer<i64>: for<'a> From<&'a OffsetsBuffer<O>>,
{
    let array = of::<Utf8Array<O>>(array)?;
    let values = Utf8Array::<i64>::try_new(
        DataType::LargeUtf8,
        array.offsets().into(),
        array.values().clone(),
        array.validity().cloned(),
    );
    Ok(Column::of(
        Feature::String,
        values.map_err(|error| error.to_string())?.boxed(),
    ))
}

fn lists<O: Offset>(array: &dyn Array) -> Result<Column, String> {
    let array = of::<ListArray<O>>(array)?;
    let offsets: Vec<i64> = array
        .offsets()
        .iter()
        .map(|offset| offset.to_usize() as i64)
        .collect();
    let offsets = OffsetsBuffer::try_from(offsets).map_err(|error| error.to_string())?;
    list(offsets, array.values().as_ref(), array)
}

fn fixed_lists(array: &dyn Array, size: usize) -> Result<Column, String> {
    let array = of::<FixedSizeListArray>(array)?;
    let offsets: Vec<i64> = (0..=array.len()).map(|at| (at * size) as i64).collect();
    let offsets = OffsetsBuffer::try_from(offsets).map_err(|error| error.to_string())?;
    list(offsets, array.values().as_ref(), array)
}

fn list(
    offsets: OffsetsBuffer<i64>,
    values: &dyn Array,
    array: &dyn Array,
) -> Result<Column, String> {
    let values = column(values)?;
    let feature = Feature::list(values.feature().clone());
    let validity = array.validity().cloned();
    let lists = ListArray::try_new(
        feature.data_type(),
        offsets,
        values.array().to_boxed(),
        validity,
    );
    Ok(Column::of(
        feature,
        lists.map_err(|error| error.to_string())?.boxed(),
    ))
}

fn structs(array: &dyn Array) -> Result<Column, String> {
    let array = of::<StructArray>(array)?;
    let mut features = Features::new();
    let mut values = Vec::new();
    for (field, field_values) in array.fields().iter().zip(array.values()) {
        let field_column = column(field_values.as_ref())?;
        if features.get(&field.name).is_some() {
            return Err(format!("a struct with two fields {:?}", field.name));
        }
        features.insert(&field.name, field_column.feature().clone());
        values.push(field_column.array().to_boxed());
    }
    let feature = Feature::Struct(features);
    let structs = StructArray::try_new(feature.data_type(), values, array.validity().cloned());
    Ok(Column::of(
        feature,
        structs.map_err(|error| error.to_string())?.boxed(),
    ))
}

fn dictionary(array: &dyn Array, key: IntegerType) -> Result<Column, String> {
    match key {
        IntegerType::Int8 => resolved::<i8>(array),
        IntegerType::Int16 => resolved::<i16>(array),
        IntegerType::Int32 => resolved::<i32>(array),
        IntegerType::Int64 => resolved::<i64>(array),
        IntegerType::UInt8 => resolved::<u8>(array),
        IntegerType::UInt16 => resolved::<u16>(array),
        IntegerType::UInt32 => resolved::<u32>(array),
        IntegerType::UInt64 => resolved::<u64>(array),
    }
}

fn resolved<K: DictionaryKey>(array: &dyn Array) -> Result<Column, String> {
    let array = of::<DictionaryArray<K>>(array)?;
    let values = column(array.values().as_ref())?;
    let mut strings = make_growable(&[values.array()], true, array.len());
    for row in 0..array.len() {
        match array.is_null(row) {
            true => strings.extend_validity(1),
            false => strings.extend(0, array.key_value(row), 1),
        }
    }
    Ok(Column::of(values.feature().clone(), strings.as_box()))
}
