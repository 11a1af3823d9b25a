use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Error, PretrainedConfig, Result};

/// The keys of a family's configuration as they stand in `config.json`.
pub(super) fn keys_of(config: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(config) {
        Ok(Value::Object(keys)) => keys,
        // A struct of numbers always becomes an object; infinite numbers become null.
        _ => Map::new(),
    }
}

/// The configuration with what other families' names say under this family's own, as Python's `attribute_map` does: pairs of such a
/// name and its own.
///
/// # Errors
/// When both are there and differ.
pub(super) fn renamed(
    config: &PretrainedConfig,
    names: &[(&str, &str)],
) -> Result<PretrainedConfig> {
    let mut renamed = config.clone();
    for (other, own) in names {
        match (config.get(other), config.get(own)) {
            (Some(value), None) => renamed.set(*own, value.clone()),
            (Some(one), Some(two)) if one != two => {
                let reason =
                    format!("{other} and {own} are the same number, found {one} and {two}");
                return Err(Error::config(config.origin(), reason));
            }
            _ => {}
        }
    }
    Ok(renamed)
}
