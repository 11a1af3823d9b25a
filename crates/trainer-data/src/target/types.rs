use std::{collections::HashMap, sync::Arc};

use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit as ArrowUnit};

use super::declared;
use crate::{Feature, Features, Quantity, TimeUnit};

/// The schema of a file with these columns, as Python's `datasets` writes it: in the layouts of its features, which are in the
/// metadata.
pub(super) fn schema(features: &Features) -> SchemaRef {
    let metadata = [("huggingface".to_owned(), declared::metadata(features))];
    let fields = fields(features);
    Arc::new(Schema::new_with_metadata(fields, HashMap::from(metadata)))
}

pub(super) fn fields(features: &Features) -> Fields {
    features
        .iter()
        .map(|(name, feature)| field(name, feature))
        .collect()
}

pub(super) fn field(name: &str, feature: &Feature) -> Field {
    let field = Field::new(name, data_type(feature), true);
    if *feature != Feature::Json {
        return field;
    }
    field.with_metadata(HashMap::from([
        ("ARROW:extension:name".to_owned(), "arrow.json".to_owned()),
        ("ARROW:extension:metadata".to_owned(), String::new()),
    ]))
}

pub(super) fn data_type(feature: &Feature) -> DataType {
    match feature {
        Feature::Null => DataType::Null,
        Feature::Bool => DataType::Boolean,
        Feature::Int8 => DataType::Int8,
        Feature::Int16 => DataType::Int16,
        Feature::Int32 => DataType::Int32,
        Feature::Int64 | Feature::ClassLabel(_) => DataType::Int64,
        Feature::UInt8 => DataType::UInt8,
        Feature::UInt16 => DataType::UInt16,
        Feature::UInt32 => DataType::UInt32,
        Feature::UInt64 => DataType::UInt64,
        Feature::Float32 => DataType::Float32,
        Feature::Float64 => DataType::Float64,
        Feature::String | Feature::Json => DataType::Utf8,
        Feature::Binary => DataType::Binary,
        Feature::Quantity(quantity) => of_quantity(quantity),
        Feature::List(element) => DataType::List(Arc::new(field("item", element))),
        Feature::Struct(features) => DataType::Struct(fields(features)),
    }
}

fn of_quantity(quantity: &Quantity) -> DataType {
    match quantity {
        Quantity::Date32 => DataType::Date32,
        Quantity::Date64 => DataType::Date64,
        Quantity::Time32(of) => DataType::Time32(unit(*of)),
        Quantity::Time64(of) => DataType::Time64(unit(*of)),
        Quantity::Timestamp(of, zone) => {
            DataType::Timestamp(unit(*of), zone.as_deref().map(Arc::from))
        }
        Quantity::Duration(of) => DataType::Duration(unit(*of)),
        // Both are at most 38.
        Quantity::Decimal { precision, scale } => {
            DataType::Decimal128(*precision as u8, *scale as i8)
        }
    }
}

fn unit(unit: TimeUnit) -> ArrowUnit {
    match unit {
        TimeUnit::Second => ArrowUnit::Second,
        TimeUnit::Millisecond => ArrowUnit::Millisecond,
        TimeUnit::Microsecond => ArrowUnit::Microsecond,
        TimeUnit::Nanosecond => ArrowUnit::Nanosecond,
    }
}
