use serde::Serialize;
use serde_json::{Map, Value};

/// The keys of a family's configuration as they stand in `config.json`.
pub(super) fn keys_of(config: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(config) {
        Ok(Value::Object(keys)) => keys,
        // A struct of numbers always becomes an object; infinite numbers become null.
        _ => Map::new(),
    }
}
