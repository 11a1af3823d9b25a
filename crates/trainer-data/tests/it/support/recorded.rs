use serde_json::{Map, Value as Json};
use trainer_data::{DatasetDict, Feature, Quantity, TimeUnit, Value};

/// A data set in the form in which Python's is recorded: `{split: {"features": …, "n": …, "rows": …}}`.
pub fn described(data: &DatasetDict) -> Json {
    let splits = data.iter().map(|(split, data)| {
        let features = data.features();
        let types: Map<String, Json> = features
            .iter()
            .map(|(name, feature)| (name.to_owned(), feature.to_string().into()))
            .collect();
        let row = |row: trainer_data::Row<'_>| -> Json {
            let names = data.column_names();
            let fields = names.map(|name| {
                let value = decoded(&row.get(name).unwrap(), features.get(name).unwrap());
                (name.to_owned(), value)
            });
            Json::Object(fields.collect())
        };
        let rows: Vec<Json> = data.iter().map(row).collect();
        let split_of = serde_json::json!({"features": types, "n": data.num_rows(), "rows": rows});
        (split.to_owned(), split_of)
    });
    Json::Object(splits.collect())
}

/// A value of a type, with texts of JSON as what they say, which Python gives.
fn decoded(value: &Value, feature: &Feature) -> Json {
    match (value, feature) {
        (Value::Str(text), Feature::Json) => serde_json::from_str(text).unwrap(),
        (Value::List(values), Feature::List(element)) => {
            values.iter().map(|value| decoded(value, element)).collect()
        }
        (Value::Struct(fields), Feature::Struct(features)) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), decoded(value, features.get(name).unwrap())));
            Json::Object(fields.collect())
        }
        (value, _) => plain(value),
    }
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) if value.is_finite() => serde_json::json!({ "f": value }),
        Value::Float(value) => format!("<{}>", value.to_string().to_lowercase()).into(),
        Value::Str(text) => text.as_str().into(),
        Value::UInt(value) => (*value).into(),
        Value::Bytes(bytes) => format!("<bytes b'{}'>", bytes.escape_ascii()).into(),
        Value::Quantity { quantity, count } => {
            let kind = match quantity {
                Quantity::Date32 => "date",
                Quantity::Time64(_) => "time",
                Quantity::Timestamp(TimeUnit::Nanosecond, _) => "Timestamp",
                Quantity::Timestamp(..) => "datetime",
                Quantity::Decimal { .. } => "Decimal",
                other => panic!("{other:?}"),
            };
            let written = Value::Quantity {
                quantity: quantity.clone(),
                count: *count,
            }
            .to_string();
            format!("<{kind} {}>", written.trim_matches('"').replace('T', " ")).into()
        }
        Value::List(values) => values.iter().map(plain).collect(),
        Value::Struct(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), plain(value)));
            Json::Object(fields.collect())
        }
        other => panic!("{other:?}"),
    }
}

/// What Python recorded, with its types by their names here, and its floats as numbers.
pub fn widened(recorded: &Json) -> Json {
    match recorded {
        Json::Object(fields) => match fields.get("f").filter(|_| fields.len() == 1) {
            Some(Json::String(float)) => {
                serde_json::json!({ "f": float.parse::<f64>().unwrap() })
            }
            _ => {
                let fields = fields.iter().map(|(name, value)| match name.as_str() {
                    "features" => (name.clone(), types(value)),
                    _ => (name.clone(), widened(value)),
                });
                Json::Object(fields.collect())
            }
        },
        Json::Array(values) => values.iter().map(widened).collect(),
        value => value.clone(),
    }
}

fn types(features: &Json) -> Json {
    let wider = |name: &str| match name {
        "large_string" => "string".to_owned(),
        "string_view" => "string".to_owned(),
        "Image(mode=None, decode=False)" => "struct<bytes: binary, path: string>".to_owned(),
        "Translation(languages=['de', 'en'])" => "struct<de: string, en: string>".to_owned(),
        "Array2D(shape=(2, 2), dtype='int32')" => "list<list<int32>>".to_owned(),
        "float16" => "float32".to_owned(),
        name => name
            .replace("large_string", "string")
            .replace("Json(decode=True)", "json"),
    };
    let features = features.as_object().unwrap().iter();
    features
        .map(|(column, name)| (column.clone(), Json::from(wider(name.as_str().unwrap()))))
        .collect()
}
