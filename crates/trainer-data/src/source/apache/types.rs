use arrow_schema::{DataType, Field, Schema, TimeUnit as ArrowUnit};

use crate::{Feature, Features, Quantity, TimeUnit};

/// How many fields a file's columns may have, those of structs and elements of lists included.
pub(crate) const MOST_FIELDS: usize = 100_000;

/// How deep in structs and lists columns may be.
const DEEPEST: usize = 64;

/// What Arrow calls texts of JSON.
const JSON: &str = "arrow.json";

/// Looks at how many fields there are and how deep they go.
///
/// # Errors
/// That they are more, or deeper, than those of any table.
pub(crate) fn check_size(schema: &Schema) -> Result<(), String> {
    let mut count = 0;
    let mut open: Vec<(&DataType, usize)> = Vec::new();
    open.extend(schema.fields().iter().map(|field| (field.data_type(), 0)));
    while let Some((data_type, depth)) = open.pop() {
        count += 1;
        if count > MOST_FIELDS || depth > DEEPEST {
            return Err(format!(
                "its columns have more than {MOST_FIELDS} fields or {DEEPEST} levels"
            ));
        }
        match data_type {
            DataType::Struct(fields) => {
                open.extend(fields.iter().map(|field| (field.data_type(), depth + 1)));
            }
            DataType::List(element)
            | DataType::LargeList(element)
            | DataType::ListView(element)
            | DataType::LargeListView(element)
            | DataType::FixedSizeList(element, _)
            | DataType::Map(element, _) => open.push((element.data_type(), depth + 1)),
            DataType::Dictionary(_, values) => open.push((values, depth + 1)),
            _ => {}
        }
    }
    Ok(())
}

/// The feature of a file's column, once [`check_size`] has looked at it.
///
/// # Errors
/// Names a type that has none.
pub(crate) fn feature(field: &Field) -> Result<Feature, String> {
    let of = of_type(field.data_type())?;
    match (of, field.extension_type_name()) {
        (Feature::String, Some(JSON)) => Ok(Feature::Json),
        (of, _) => Ok(of),
    }
}

fn of_type(data_type: &DataType) -> Result<Feature, String> {
    let refused = || Err(data_type.to_string());
    Ok(match data_type {
        DataType::Null => Feature::Null,
        DataType::Boolean => Feature::Bool,
        DataType::Int8 => Feature::Int8,
        DataType::Int16 => Feature::Int16,
        DataType::Int32 => Feature::Int32,
        DataType::Int64 => Feature::Int64,
        DataType::UInt8 => Feature::UInt8,
        DataType::UInt16 => Feature::UInt16,
        DataType::UInt32 => Feature::UInt32,
        DataType::UInt64 => Feature::UInt64,
        DataType::Float16 | DataType::Float32 => Feature::Float32,
        DataType::Float64 => Feature::Float64,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Feature::String,
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => Feature::Binary,
        DataType::Date32 => Feature::Quantity(Quantity::Date32),
        DataType::Date64 => Feature::Quantity(Quantity::Date64),
        DataType::Time32(of) => Feature::Quantity(Quantity::Time32(unit(*of))),
        DataType::Time64(of) => Feature::Quantity(Quantity::Time64(unit(*of))),
        DataType::Duration(of) => Feature::Quantity(Quantity::Duration(unit(*of))),
        DataType::Timestamp(of, zone) => {
            let zone = zone.as_deref().map(str::to_owned);
            Feature::Quantity(Quantity::Timestamp(unit(*of), zone))
        }
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale) => {
            let scale = usize::try_from(*scale).ok();
            match scale.and_then(|scale| Quantity::decimal((*precision).into(), scale)) {
                Some(decimal) => Feature::Quantity(decimal),
                None => return refused(),
            }
        }
        DataType::List(element)
        | DataType::LargeList(element)
        | DataType::ListView(element)
        | DataType::LargeListView(element)
        | DataType::FixedSizeList(element, _)
        | DataType::Map(element, _) => Feature::list(feature(element)?),
        DataType::Struct(fields) => {
            let mut features = Features::new();
            for field in fields {
                if features.get(field.name()).is_some() {
                    return Err(format!("a struct with two fields {:?}", field.name()));
                }
                features.insert(field.name(), feature(field)?);
            }
            Feature::Struct(features)
        }
        DataType::Dictionary(_, values) => of_type(values)?,
        _ => return refused(),
    })
}

fn unit(unit: ArrowUnit) -> TimeUnit {
    match unit {
        ArrowUnit::Second => TimeUnit::Second,
        ArrowUnit::Millisecond => TimeUnit::Millisecond,
        ArrowUnit::Microsecond => TimeUnit::Microsecond,
        ArrowUnit::Nanosecond => TimeUnit::Nanosecond,
    }
}
