use std::collections::HashMap;
use std::path::Path;

use tch::{Kind, Tensor};

use super::opening::{WEIGHTS_FILE, open_files};
use super::weights_file::WeightsFile;
use crate::model_files::ModelFiles;
use crate::{Error, Result};

/// The weights of a saved model, in one file or several, by the names that models of today have.
///
/// Names are today's: `LayerNorm.gamma` and `.beta` of old files are `.weight` and `.bias` here, as Python renames them
/// (`conversion_mapping.py`, "legacy"), and the buffers `position_ids` are left out (`_adjust_missing_and_unexpected_keys`).
#[derive(Debug)]
pub struct Checkpoint {
    files: Vec<WeightsFile>,
    tensors: HashMap<String, Location>,
    names: Vec<String>,
}

#[derive(Debug)]
struct Location {
    file: usize,
    name: String,
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
        Ok(Self::of_files(open_files(place)?))
    }

    fn of_files(files: Vec<WeightsFile>) -> Self {
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

    /// How many elements all tensors have together; those whose shapes cannot be read have none.
    pub(crate) fn num_elements(&self) -> u64 {
        self.names
            .iter()
            .filter_map(|name| self.shape(name).ok())
            .map(|shape| {
                shape.iter().fold(1_u64, |elements, size| {
                    elements.saturating_mul(size.unsigned_abs())
                })
            })
            .fold(0, u64::saturating_add)
    }

    /// The file that was opened first.
    pub(crate) fn first_file(&self) -> &Path {
        self.files
            .first()
            .map_or(Path::new(WEIGHTS_FILE), WeightsFile::path)
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

    /// Whether the tensor is of whole numbers, such as positions that older models wrote beside their weights.
    pub(crate) fn is_of_integers(&self, name: &str) -> bool {
        let kind = self
            .locate(name)
            .ok()
            .and_then(|(file, name)| file.kind(name));
        kind.is_some_and(|kind| {
            let integers = [
                Kind::Uint8,
                Kind::Int8,
                Kind::Int16,
                Kind::Int,
                Kind::Int64,
                Kind::Bool,
            ];
            integers.contains(&kind)
        })
    }

    /// The file that holds the tensor.
    pub(crate) fn file_of(&self, name: &str) -> Result<&Path> {
        Ok(self.locate(name)?.0.path())
    }

    fn locate(&self, name: &str) -> Result<(&WeightsFile, &str)> {
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
