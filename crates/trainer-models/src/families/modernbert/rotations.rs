//! `rope_parameters` of a configuration.

use serde_json::{Map, Value};

/// Layers that look everywhere.
pub(super) const GLOBAL: &str = "full_attention";
/// Layers with a window.
pub(super) const LOCAL: &str = "sliding_attention";

/// Parameters of both types of layers with all that they stand for (`convert_rope_params_to_dict`): what `scaling`, the key of older
/// files, says of both is put over what is `given` of each; then comes the base of the type by default.
pub(super) fn complete(
    given: Option<&Map<String, Value>>,
    scaling: Option<&Value>,
    defaults: [(&str, f64); 2],
) -> Result<Map<String, Value>, String> {
    if let Some(unknown) = given.and_then(|all| {
        let mut names = all.keys();
        names.find(|name| ![GLOBAL, LOCAL].contains(&name.as_str()))
    }) {
        return Err(format!(
            "rope_parameters {unknown:?} is not supported, only those of {GLOBAL:?} and {LOCAL:?} are"
        ));
    }
    let mut all = Map::new();
    for (name, theta) in defaults {
        let mut of_type = object(given.and_then(|all| all.get(name)), name)?;
        of_type.extend(object(scaling, "rope_scaling")?);
        check_type(&of_type, name)?;
        let theta = of_type.entry("rope_theta").or_insert(theta.into());
        if !theta.as_f64().is_some_and(|theta| theta > 0.0) {
            return Err(format!(
                "rope_theta of {name} must be above 0, found {theta}"
            ));
        }
        of_type.insert("rope_type".to_owned(), "default".into());
        all.insert(name.to_owned(), Value::Object(of_type));
    }
    Ok(all)
}

fn object(value: Option<&Value>, name: &str) -> Result<Map<String, Value>, String> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(keys)) => Ok(keys.clone()),
        Some(other) => Err(format!("{name} must be an object, found {other}")),
    }
}

fn check_type(of_type: &Map<String, Value>, name: &str) -> Result<(), String> {
    match of_type.get("rope_type").or_else(|| of_type.get("type")) {
        Some(found) if found != "default" => Err(format!(
            "rope_type {found} of {name} is not supported, only \"default\" is"
        )),
        _ => Ok(()),
    }
}
