use std::collections::HashSet;
use std::path::Path;

use super::Checkpoint;
use crate::error::MismatchedWeight;
use crate::{Error, Parameters, Result};

/// Fills a model's weights, where they lie, with those of a folder (`model.safetensors` or `pytorch_model.bin`, sharded or
/// not). All are checked before the first is changed; what the folder has of whole numbers beside them is left out.
/// `base_prefix` is the name under which a model with a head holds the base model.
///
/// # Errors
/// When no weights file is there, one is broken, or the weights are not exactly this model's.
pub fn load_weights(parameters: &Parameters, folder: &Path, base_prefix: &str) -> Result<()> {
    let checkpoint = Checkpoint::open_folder(folder)?;
    let sources = match_names(parameters, &checkpoint, folder, base_prefix)?;
    check_shapes(parameters, &checkpoint, &sources)?;
    for (entry, source) in parameters.iter().zip(&sources) {
        let mut weight = entry.tensor.f_detach()?;
        weight.f_copy_(&checkpoint.read(source)?)?;
    }
    Ok(())
}

fn match_names<'a>(
    parameters: &Parameters,
    checkpoint: &'a Checkpoint,
    folder: &Path,
    base_prefix: &str,
) -> Result<Vec<&'a str>> {
    let mut sources = Vec::with_capacity(parameters.len());
    let mut missing = Vec::new();
    for entry in parameters {
        let mut names = std::iter::once(&entry.name).chain(&entry.tied);
        match names.find_map(|name| checkpoint.resolve(name, base_prefix)) {
            Some(source) => sources.push(source),
            None => missing.push(entry.name.clone()),
        }
    }
    let tied = parameters.iter().flat_map(|entry| &entry.tied);
    let tied = tied.filter_map(|name| checkpoint.resolve(name, base_prefix));
    let used: HashSet<&str> = sources.iter().copied().chain(tied).collect();
    let unexpected: Vec<String> = checkpoint
        .names()
        .iter()
        .filter(|name| !used.contains(name.as_str()) && !checkpoint.is_of_integers(name))
        .cloned()
        .collect();
    if missing.is_empty() && unexpected.is_empty() {
        return Ok(sources);
    }
    Err(Error::DifferentWeights {
        checkpoint: folder.to_owned(),
        missing,
        unexpected,
    })
}

fn check_shapes(parameters: &Parameters, checkpoint: &Checkpoint, sources: &[&str]) -> Result<()> {
    let mut mismatched = Vec::new();
    for (entry, source) in parameters.iter().zip(sources) {
        let expected = entry.tensor.size();
        let found = checkpoint.shape(source)?;
        if expected != found {
            mismatched.push(MismatchedWeight {
                name: entry.name.clone(),
                file: checkpoint.file_of(source)?.to_owned(),
                expected,
                found,
            });
        }
    }
    if mismatched.is_empty() {
        return Ok(());
    }
    Err(Error::MismatchedShapes {
        mismatched,
        hint: "",
    })
}
