//! Which files of a model hold its weights.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::Deserialize;
use trainer_data::regular_file;

use super::weights_file::{Form, WeightsFile};
use crate::model_files::ModelFiles;
use crate::{Error, Result};

pub(super) const WEIGHTS_FILE: &str = "model.safetensors";
pub(super) const INDEX_FILE: &str = "model.safetensors.index.json";

/// One file or an index of several, in the order in which Python looks for them.
const CANDIDATES: [(&str, &str, Form); 2] = [
    (WEIGHTS_FILE, INDEX_FILE, Form::Safetensors),
    (
        "pytorch_model.bin",
        "pytorch_model.bin.index.json",
        Form::Pickle,
    ),
];

/// Weights of TensorFlow and Flax, with the argument by which transformers 4 reads them.
const FOREIGN: [(&str, &str); 5] = [
    ("tf_model.h5", "from_tf"),
    ("tf_model.h5.index.json", "from_tf"),
    ("model.ckpt.index", "from_tf"),
    ("flax_model.msgpack", "from_flax"),
    ("flax_model.msgpack.index.json", "from_flax"),
];

#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// Opens the files of a model's weights.
pub(super) fn open_files(place: &ModelFiles) -> Result<Vec<WeightsFile>> {
    for (whole, index, form) in CANDIDATES {
        if let Some(path) = place.find(whole)? {
            return Ok(vec![WeightsFile::open(&path, form)?]);
        }
        if let Some(path) = place.find(index)? {
            return open_shards(place, &path, form);
        }
    }
    for (file, argument) in FOREIGN {
        if place.find(file)?.is_some() {
            return Err(Error::ForeignWeights {
                place: place.name().to_owned(),
                file,
                argument,
            });
        }
    }
    Err(Error::NoFile {
        place: place.name().to_owned(),
        file: "model.safetensors or pytorch_model.bin, nor an index of either",
    })
}

fn open_shards(place: &ModelFiles, index_path: &Path, form: Form) -> Result<Vec<WeightsFile>> {
    let text = regular_file::read_to_string(index_path).map_err(Error::io("read", index_path))?;
    let index: Index = serde_json::from_str(&text).map_err(|source| Error::Json {
        origin: index_path.display().to_string(),
        source,
    })?;
    let shards: Vec<&String> = {
        let mut seen = HashSet::new();
        index
            .weight_map
            .values()
            .filter(|shard| seen.insert(*shard))
            .collect()
    };
    let mut files = Vec::new();
    let mut held = HashSet::new();
    for shard in shards {
        if shard.contains(['/', '\\']) || !shard.ends_with(form.extension()) {
            return Err(Error::weights_file(
                index_path,
                format!(
                    "{shard:?} is not the name of a {} file in the same folder",
                    form.extension()
                ),
            ));
        }
        let path = place.find(shard)?.ok_or_else(|| {
            Error::weights_file(
                index_path,
                format!("the shard {shard} that it names is not there"),
            )
        })?;
        let file = WeightsFile::open(&path, form)?;
        held.extend(file.names().into_iter().map(|name| (shard.clone(), name)));
        files.push(file);
    }
    for (name, shard) in index.weight_map {
        if !held.contains(&(shard.clone(), name.clone())) {
            return Err(Error::weights_file(
                index_path,
                format!("it says that {shard} holds {name}, which is not so"),
            ));
        }
    }
    Ok(files)
}
