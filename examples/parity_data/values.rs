//! Values without loss, in the form that `parity/exact_values.py` writes too.

use serde_json::{Value as Json, json};
use trainer_data::{Feature, Value};

/// What `value` of a column of `feature` is: whole numbers, texts, truth values, null and lists as in JSON; all else as an object of one field:
///
/// * `{"float": bits}`, 16 hexadecimal digits; all `NaN` are one.
/// * `{"bytes": digits}`, hexadecimal.
/// * `{"json": text}`, a text of JSON.
/// * `{"is": text}`, a date, a time or a decimal number as it is written.
/// * `{"fields": [[name, value], …]}`, a struct.
pub(crate) fn exact(value: &Value, feature: &Feature) -> Json {
    match (value, feature) {
        (Value::Str(text), Feature::Json) => json!({ "json": text }),
        (Value::List(values), Feature::List(element)) => {
            values.iter().map(|value| exact(value, element)).collect()
        }
        (Value::Struct(values), Feature::Struct(features)) => {
            let field = |(name, value): &(String, Value)| {
                let feature = features.get(name).unwrap_or(&Feature::Null);
                json!([name, exact(value, feature)])
            };
            json!({ "fields": values.iter().map(field).collect::<Vec<_>>() })
        }
        (Value::Null, _) => Json::Null,
        (Value::Bool(value), _) => json!(value),
        (Value::Int(value), _) => json!(value),
        (Value::UInt(value), _) => json!(value),
        (Value::Float(value), _) if value.is_nan() => json!({ "float": "NaN" }),
        (Value::Float(value), _) => json!({ "float": format!("{:016x}", value.to_bits()) }),
        (Value::Str(text), _) => json!(text),
        (Value::Bytes(bytes), _) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "bytes": digits })
        }
        (other, _) => json!({ "is": other.to_string().trim_matches('"') }),
    }
}
