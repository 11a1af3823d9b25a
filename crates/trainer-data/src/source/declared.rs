//! Features as Python's `datasets` writes them: as JSON beside the data, as YAML in a data set card.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use crate::{ClassLabel, Feature, Features, Quantity};

/// The features in the `huggingface` metadata of an Arrow schema; none if there are none or they cannot be read.
pub(crate) fn from_metadata(metadata: &str) -> Features {
    let metadata: Json = serde_json::from_str(metadata).unwrap_or_default();
    metadata
        .pointer("/info/features")
        .and_then(Json::as_object)
        .map(from_json)
        .unwrap_or_default()
}

/// All features of a JSON object of them.
///
/// # Errors
/// Names a column whose type has no counterpart here.
pub(crate) fn all_of_json(features: &Map<String, Json>) -> Result<Features, String> {
    let named = features.iter().map(|(name, feature)| {
        Ok((
            name.as_str(),
            json(feature).ok_or_else(|| unsupported(name, feature))?,
        ))
    });
    named.collect()
}

/// All features of a card's list of them.
///
/// # Errors
/// Names a column whose type has no counterpart here.
pub(crate) fn all_of_card(features: &[Json]) -> Result<Features, String> {
    let named = features.iter().map(|feature| {
        let name = feature.get("name").and_then(Json::as_str);
        let name = name.ok_or_else(|| format!("features: {feature} has no name"))?;
        let declared = feature.as_object().and_then(card);
        Ok((name, declared.ok_or_else(|| unsupported(name, feature))?))
    });
    named.collect()
}

fn unsupported(column: &str, feature: &Json) -> String {
    let mut feature = feature.clone();
    if let Some(fields) = feature.as_object_mut() {
        fields.remove("name");
    }
    format!("column {column:?} is declared as {feature}, which is not supported")
}

/// The features of a JSON object of them that stands beside data, without those that have no counterpart here, and without
/// images and the like, which are as the data has them.
pub(crate) fn from_json(features: &Map<String, Json>) -> Features {
    let features = features
        .iter()
        .filter(|(_, feature)| !has_media(feature))
        .filter_map(|(name, feature)| Some((name.as_str(), json(feature)?)));
    features.collect()
}

fn has_media(feature: &Json) -> bool {
    match feature {
        Json::Object(fields) => {
            let is_media = |kind: &Json| kind.as_str().is_some_and(|kind| MEDIA.contains(&kind));
            fields.get("_type").is_some_and(is_media) || fields.values().any(has_media)
        }
        Json::Array(features) => features.iter().any(has_media),
        _ => false,
    }
}

/// What Python's `datasets` calls files of other programs.
const MEDIA: [&str; 5] = ["Image", "Audio", "Video", "Pdf", "Nifti"];

fn json(feature: &Json) -> Option<Feature> {
    let fields = match feature {
        Json::Array(element) => return element.first().and_then(json).map(Feature::list),
        feature => feature.as_object()?,
    };
    let element = || fields.get("feature").and_then(json);
    match fields.get("_type").and_then(Json::as_str) {
        None => whole(fields.len(), from_json(fields)),
        Some("Value") => fields.get("dtype").and_then(Json::as_str).and_then(named),
        Some("ClassLabel") => class_label(fields),
        Some("List" | "LargeList") => element().map(Feature::list),
        Some("Sequence") => element().map(sequence),
        Some("Translation") => {
            let languages = fields
                .get("languages")?
                .as_array()?
                .iter()
                .filter_map(Json::as_str);
            Some(Feature::Struct(
                languages
                    .map(|language| (language, Feature::String))
                    .collect(),
            ))
        }
        Some("Json") => Some(Feature::Json),
        Some(kind) if MEDIA.contains(&kind) => Some(media()),
        Some("Array2D") => array(fields, 2),
        Some("Array3D") => array(fields, 3),
        Some("Array4D") => array(fields, 4),
        Some("Array5D") => array(fields, 5),
        Some(_) => None,
    }
}

/// Images and the like: the bytes of a file, its name, or both.
fn media() -> Feature {
    let features = Features::new().with("bytes", Feature::Binary);
    Feature::Struct(features.with("path", Feature::String))
}

fn array(fields: &Map<String, Json>, dimensions: usize) -> Option<Feature> {
    let element = fields.get("dtype")?.as_str().and_then(named)?;
    Some((0..dimensions).fold(element, |element, _| Feature::list(element)))
}

/// The features of a card's list of them, without those that have no counterpart here.
fn from_card(features: &[Json]) -> Features {
    let named = |feature: &Json| {
        let fields = feature.as_object()?;
        Some((fields.get("name")?.as_str()?.to_owned(), card(fields)?))
    };
    features.iter().filter_map(named).collect()
}

/// A feature of a card: `dtype: string`, `dtype: {class_label: …}`, `list: …`, `sequence: …` or `struct: […]`.
fn card(fields: &Map<String, Json>) -> Option<Feature> {
    let inner = |feature: &Json| match feature {
        Json::String(name) => named(name),
        Json::Array(list) => whole(list.len(), from_card(list)),
        Json::Object(fields) => card(fields),
        _ => None,
    };
    if let Some(label) = fields.get("class_label") {
        return class_label(label.as_object()?);
    }
    if let Some(element) = fields.get("list") {
        return inner(element).map(Feature::list);
    }
    if let Some(element) = fields.get("sequence") {
        return inner(element).map(sequence);
    }
    if let Some(fields) = fields.get("struct") {
        return inner(fields);
    }
    inner(fields.get("dtype")?)
}

/// A struct, unless some of its `expected` fields could not be read: then the file's own types are better.
fn whole(expected: usize, features: Features) -> Option<Feature> {
    (features.len() == expected).then_some(Feature::Struct(features))
}

/// A sequence of structs is a struct of lists in `datasets`.
fn sequence(element: Feature) -> Feature {
    match element {
        Feature::Struct(fields) => {
            let lists = fields
                .iter()
                .map(|(name, feature)| (name, Feature::list(feature.clone())));
            Feature::Struct(lists.collect())
        }
        element => Feature::list(element),
    }
}

/// How many classes may be only counted, without their names.
const MOST_CLASSES: u64 = 1_000_000;

/// Names as a list, or as an object from the number to the name, or only how many there are. They must differ, and none
/// be missing.
fn class_label(fields: &Map<String, Json>) -> Option<Feature> {
    let names: Vec<String> = match fields.get("names") {
        Some(Json::Array(names)) => names.iter().map(text).collect(),
        Some(Json::Object(names)) => {
            let mut names: Vec<(usize, String)> = names
                .iter()
                .map(|(at, name)| Some((at.parse().ok()?, text(name))))
                .collect::<Option<_>>()?;
            names.sort();
            if names
                .iter()
                .enumerate()
                .any(|(at, (number, _))| at != *number)
            {
                return None;
            }
            names.into_iter().map(|(_, name)| name).collect()
        }
        _ => (0..fields
            .get("num_classes")?
            .as_u64()
            .filter(|count| *count <= MOST_CLASSES)?)
            .map(|at| at.to_string())
            .collect(),
    };
    let differ = names.iter().collect::<HashSet<_>>().len() == names.len();
    differ.then(|| Feature::ClassLabel(ClassLabel::new(names)))
}

fn text(name: &Json) -> String {
    name.as_str()
        .map_or_else(|| name.to_string(), str::to_owned)
}

fn named(dtype: &str) -> Option<Feature> {
    match dtype {
        "null" => Some(Feature::Null),
        "bool" => Some(Feature::Bool),
        "int8" => Some(Feature::Int8),
        "int16" => Some(Feature::Int16),
        "int32" => Some(Feature::Int32),
        "int64" => Some(Feature::Int64),
        "uint8" => Some(Feature::UInt8),
        "uint16" => Some(Feature::UInt16),
        "uint32" => Some(Feature::UInt32),
        "uint64" => Some(Feature::UInt64),
        "float16" | "float32" => Some(Feature::Float32),
        "float64" => Some(Feature::Float64),
        "string" | "large_string" | "string_view" => Some(Feature::String),
        "binary" | "large_binary" | "binary_view" => Some(Feature::Binary),
        "json" => Some(Feature::Json),
        "image" | "audio" | "video" | "pdf" | "nifti" => Some(media()),
        name => Quantity::named(name).map(Feature::Quantity),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{from_card, from_json};
    use crate::{Feature, Features};

    #[test]
    fn json_and_card_say_the_same() {
        let expected = Features::new()
            .with("text", Feature::String)
            .with("tags", Feature::list(Feature::class_label(["O", "B"])))
            .with(
                "answers",
                Feature::Struct(Features::new().with("start", Feature::list(Feature::Int32))),
            );
        let json = json!({
            "text": {"dtype": "string", "_type": "Value"},
            "tags": {"feature": {"names": ["O", "B"], "_type": "ClassLabel"}, "_type": "List"},
            "answers": {"feature": {"start": {"dtype": "int32", "_type": "Value"}}, "_type": "Sequence"},
            "picture": {"_type": "Image"},
        });
        let card = json!([
            {"name": "text", "dtype": "string"},
            {"name": "tags", "list": {"class_label": {"names": {"1": "B", "0": "O"}}}},
            {"name": "answers", "sequence": [{"name": "start", "dtype": "int32"}]},
            {"name": "picture", "dtype": "image"},
        ]);
        assert_eq!(json.as_object().map(from_json), Some(expected.clone()));
        // A card's words are all there is for a file that says nothing.
        let picture = Features::new().with("bytes", Feature::Binary);
        let picture = Feature::Struct(picture.with("path", Feature::String));
        let expected = expected.with("picture", picture);
        assert_eq!(card.as_array().map(|card| from_card(card)), Some(expected));
    }
}
