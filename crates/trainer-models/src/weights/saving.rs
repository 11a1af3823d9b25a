use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Serialize;
use tch::Tensor;
use trainer_data::durable;

use super::opening::{INDEX_FILE, WEIGHTS_FILE};
use super::safetensors_writer::{ELEMENT_BYTES, write_safetensors};
use crate::{Error, Parameters, PretrainedConfig, Result};

/// How `save_pretrained_with` splits weights over files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaveOptions {
    /// The most bytes of weights in one file. A model that needs more is split into
    /// `model-00001-of-0000N.safetensors`, … with an index; a single larger weight gets a file of its own.
    pub max_shard_size: usize,
}

impl Default for SaveOptions {
    /// One file up to 50 GB, as Python.
    fn default() -> Self {
        Self {
            max_shard_size: 50_000_000_000,
        }
    }
}

#[derive(Serialize)]
struct Index<'a> {
    metadata: IndexMetadata,
    weight_map: BTreeMap<&'a str, String>,
}

#[derive(Serialize)]
struct IndexMetadata {
    total_parameters: usize,
    total_size: usize,
}

type Shard<'a> = Vec<(&'a str, &'a Tensor)>;

/// Writes `config.json` and the weights into `folder`, made if need be, as Python's `save_pretrained`. `architecture` is the
/// name of the model's class, such as `BertForSequenceClassification`.
///
/// # Errors
/// When a file cannot be written; the error names it.
pub fn save_pretrained(
    folder: &Path,
    parameters: &Parameters,
    config: &PretrainedConfig,
    architecture: &str,
    options: &SaveOptions,
) -> Result<()> {
    fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
    let json = config.to_saved_json(architecture)?;
    write(&folder.join("config.json"), json.as_bytes())?;
    save_weights(folder, parameters, options)
}

fn save_weights(folder: &Path, parameters: &Parameters, options: &SaveOptions) -> Result<()> {
    let shards = split(parameters, options.max_shard_size);
    let mut written = Vec::new();
    if let [only] = shards.as_slice() {
        write_safetensors(&folder.join(WEIGHTS_FILE), only)?;
        written.push(WEIGHTS_FILE.to_owned());
    } else {
        for (number, shard) in shards.iter().enumerate() {
            let name = shard_name(number, shards.len());
            write_safetensors(&folder.join(&name), shard)?;
            written.push(name);
        }
        write_index(folder, parameters, &shards)?;
        written.push(INDEX_FILE.to_owned());
    }
    remove_stale(folder, &written)
}

/// In the model's order; a weight above the limit alone is a file of its own (`split_torch_state_dict_into_shards`).
fn split(parameters: &Parameters, limit: usize) -> Vec<Shard<'_>> {
    let mut shards = Vec::new();
    let mut current = Shard::new();
    let mut current_size = 0;
    for entry in parameters {
        let size = entry.tensor.numel() * ELEMENT_BYTES;
        let item = (entry.name.as_str(), &entry.tensor);
        if size > limit {
            shards.push(vec![item]);
            continue;
        }
        if current_size + size > limit {
            shards.push(std::mem::take(&mut current));
            current_size = 0;
        }
        current.push(item);
        current_size += size;
    }
    if !current.is_empty() || shards.is_empty() {
        shards.push(current);
    }
    shards
}

fn write_index(folder: &Path, parameters: &Parameters, shards: &[Shard<'_>]) -> Result<()> {
    let total_parameters = parameters.num_elements(false);
    let mut weight_map = BTreeMap::new();
    for (number, shard) in shards.iter().enumerate() {
        for (name, _) in shard {
            weight_map.insert(*name, shard_name(number, shards.len()));
        }
    }
    let index = Index {
        metadata: IndexMetadata {
            total_parameters,
            total_size: total_parameters * ELEMENT_BYTES,
        },
        weight_map,
    };
    let path = folder.join(INDEX_FILE);
    let json = serde_json::to_string_pretty(&index).map_err(|source| Error::Json {
        origin: path.display().to_string(),
        source,
    })?;
    write(&path, (json + "\n").as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    durable::write(path, bytes).map_err(Error::io("write", path))
}

fn shard_name(number: usize, count: usize) -> String {
    format!("model-{:05}-of-{count:05}.safetensors", number + 1)
}

/// Removes weights of an earlier save that would be read in place of the new ones or never again.
fn remove_stale(folder: &Path, written: &[String]) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let entry = entry.map_err(Error::io("read", folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = name == WEIGHTS_FILE || name == INDEX_FILE || is_shard(&name);
        if ours && !written.contains(&name) {
            fs::remove_file(entry.path()).map_err(Error::io("remove", &entry.path()))?;
        }
    }
    Ok(())
}

fn is_shard(name: &str) -> bool {
    let numbers = name
        .strip_prefix("model-")
        .and_then(|rest| rest.strip_suffix(".safetensors"))
        .and_then(|rest| rest.split_once("-of-"));
    numbers.is_some_and(|(number, count)| {
        [number, count]
            .iter()
            .all(|part| part.len() == 5 && part.bytes().all(|byte| byte.is_ascii_digit()))
    })
}
