use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;
use tch::Tensor;

use super::safetensors_reader::SafetensorsReader;
use crate::model_files::ModelFiles;
use crate::{Error, Result};

pub(crate) const WEIGHTS_FILE: &str = "model.safetensors";
pub(crate) const INDEX_FILE: &str = "model.safetensors.index.json";
const PICKLES: [&str; 2] = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

/// The weights of a saved model, in one file or several, by the names that models of today have.
///
/// Names are today's: `LayerNorm.gamma` and `.beta` of old files are `.weight` and `.bias` here, as Python renames them
/// (`conversion_mapping.py`, "legacy"), and the buffers `position_ids` are left out (`_adjust_missing_and_unexpected_keys`).
#[derive(Debug)]
pub struct Checkpoint {
    files: Vec<SafetensorsReader>,
    tensors: HashMap<String, Location>,
    names: Vec<String>,
}

#[derive(Debug)]
struct Location {
    file: usize,
    name: String,
}

#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

impl Checkpoint {
    /// Opens the weights in a folder.
    ///
    /// # Errors
    /// When no weights file is there, or one is broken.
    pub fn open_folder(folder: &Path) -> Result<Self> {
        Self::open(&ModelFiles::folder(folder)?)
    }

    /// Opens the weights of a model: one file, or the files that an index names.
    pub(crate) fn open(place: &ModelFiles) -> Result<Self> {
        if let Some(path) = place.find(WEIGHTS_FILE)? {
            return Ok(Self::of_files(vec![SafetensorsReader::open(&path)?]));
        }
        if let Some(index) = place.find(INDEX_FILE)? {
            return Self::open_shards(place, &index);
        }
        for file in PICKLES {
            if place.find(file)?.is_some() {
                return Err(Error::PickledWeights {
                    place: place.name().to_owned(),
                    file,
                });
            }
        }
        Err(Error::NoFile {
            place: place.name().to_owned(),
            file: "model.safetensors and no model.safetensors.index.json",
        })
    }

    fn open_shards(place: &ModelFiles, index_path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(index_path).map_err(Error::io("read", index_path))?;
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
            if shard.contains(['/', '\\']) || !shard.ends_with(".safetensors") {
                return Err(Error::weights_file(
                    index_path,
                    format!("{shard:?} is not the name of a safetensors file in the same folder"),
                ));
            }
            let path = place.find(shard)?.ok_or_else(|| {
                Error::weights_file(
                    index_path,
                    format!("the shard {shard} that it names is not there"),
                )
            })?;
            let file = SafetensorsReader::open(&path)?;
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
        Ok(Self::of_files(files))
    }

    fn of_files(files: Vec<SafetensorsReader>) -> Self {
        let mut tensors = HashMap::new();
        let mut names = Vec::new();
        for (file, reader) in files.iter().enumerate() {
            for name in reader.names() {
                let today = todays_name(&name);
                if today == "position_ids" || today.ends_with(".position_ids") {
                    continue;
                }
                let location = Location { file, name };
                if tensors.insert(today.clone(), location).is_none() {
                    names.push(today);
                }
            }
        }
        Self {
            files,
            tensors,
            names,
        }
    }

    /// The name in this checkpoint of the model's weight `name`: itself, or with or without the base model's prefix, so
    /// that a bare model loads into one with a head and the other way round.
    pub(crate) fn resolve(&self, name: &str, base_prefix: &str) -> Option<&str> {
        let bare = name
            .strip_prefix(base_prefix)
            .and_then(|rest| rest.strip_prefix('.'));
        let other = match bare {
            Some(bare) => bare.to_owned(),
            None => format!("{base_prefix}.{name}"),
        };
        [name, &other]
            .into_iter()
            .find_map(|candidate| self.tensors.get_key_value(candidate))
            .map(|(name, _)| name.as_str())
    }

    /// Names of all tensors, in file order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn shape(&self, name: &str) -> Result<Vec<i64>> {
        let (file, name) = self.locate(name)?;
        file.shape(name)
    }

    /// The tensor as float32 in host memory.
    pub(crate) fn read(&self, name: &str) -> Result<Tensor> {
        let (file, name) = self.locate(name)?;
        file.read(name)
    }

    /// The file that holds the tensor.
    pub(crate) fn file_of(&self, name: &str) -> Result<&Path> {
        Ok(self.locate(name)?.0.path())
    }

    fn locate(&self, name: &str) -> Result<(&SafetensorsReader, &str)> {
        self.tensors
            .get(name)
            .and_then(|at| Some((self.files.get(at.file)?, at.name.as_str())))
            .ok_or_else(|| {
                Error::weights_file(Path::new(WEIGHTS_FILE), format!("it has no tensor {name}"))
            })
    }
}

fn todays_name(name: &str) -> String {
    name.replace("LayerNorm.gamma", "LayerNorm.weight")
        .replace("LayerNorm.beta", "LayerNorm.bias")
}
