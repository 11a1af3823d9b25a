//! Features as Python's `datasets` reads them.

use serde_json::{Map, Value as Json, json};

use crate::{Feature, Features};

/// The metadata of an Arrow schema that keep features.
pub(super) fn metadata(features: &Features) -> String {
    json!({ "info": { "features": of(features) } }).to_string()
}

/// What stands in `dataset_info.json` beside data of these features.
pub(super) fn info(features: &Features) -> Json {
    json!({
        "citation": "",
        "description": "",
        "features": of(features),
        "homepage": "",
        "license": "",
    })
}

fn of(features: &Features) -> Json {
    let features = features.iter();
    let features: Map<String, Json> = features
        .map(|(name, feature)| (name.to_owned(), one(feature)))
        .collect();
    Json::Object(features)
}

fn one(feature: &Feature) -> Json {
    match feature {
        Feature::Json => json!({ "_type": "Json" }),
        Feature::ClassLabel(label) => json!({ "names": label.names(), "_type": "ClassLabel" }),
        Feature::List(element) => json!({ "feature": one(element), "_type": "List" }),
        Feature::Struct(fields) => of(fields),
        // The others are called as there.
        simple => json!({ "dtype": simple.to_string(), "_type": "Value" }),
    }
}
