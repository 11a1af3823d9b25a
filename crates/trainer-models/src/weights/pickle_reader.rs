use std::collections::HashMap;
use std::path::{Path, PathBuf};

use tch::{Kind, Tensor};
use trainer_torch::pickle::{self, Value};

use super::placement::placed;
use crate::{Error, Result};

/// The weights that Python's `torch.save` wrote, all in memory. Nothing that the pickle asks for is run.
#[derive(Debug)]
pub(super) struct PickleReader {
    path: PathBuf,
    names: Vec<String>,
    values: HashMap<String, Value>,
}

impl PickleReader {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let value = pickle::load(path).map_err(|source| match source {
            trainer_torch::Error::Io { source, .. } => Error::io("open", path)(source),
            source => Error::PickledWeights {
                source: source.into(),
            },
        })?;
        let not_weights = |found: &str| {
            Error::weights_file(
                path,
                format!("expected a dict of tensors by their names, found {found}"),
            )
        };
        let dict = value.as_dict().ok_or_else(|| not_weights(value.kind()))?;
        let mut names = Vec::new();
        let mut values = HashMap::new();
        for (key, value) in dict {
            let name = key
                .as_str()
                .ok_or_else(|| not_weights(&format!("a key that is of type {}", key.kind())))?;
            // The last of two entries counts, as in Python.
            if values
                .insert(name.to_owned(), value.shallow_clone())
                .is_none()
            {
                names.push(name.to_owned());
            }
        }
        Ok(Self {
            path: path.to_owned(),
            names,
            values,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Names of the tensors, in the order of the file.
    pub(super) fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    pub(super) fn shape(&self, name: &str) -> Result<Vec<i64>> {
        Ok(self.tensor(name)?.size())
    }

    pub(super) fn kind(&self, name: &str) -> Option<Kind> {
        self.tensor(name).ok()?.f_kind().ok()
    }

    /// The tensor as float32 in memory of its own, where Python's would lie: storages begin at multiples of 64 bytes in the
    /// file, as they do here.
    pub(super) fn read(&self, name: &str) -> Result<Tensor> {
        let tensor = self.tensor(name)?;
        match tensor.f_kind()? {
            Kind::Float => placed(tensor, tensor.data_ptr() as usize),
            Kind::ComplexFloat | Kind::ComplexDouble => Err(Error::weights_file(
                &self.path,
                format!("{name} has complex numbers"),
            )),
            _ => Ok(tensor.f_to_kind(Kind::Float)?.f_contiguous()?),
        }
    }

    fn tensor(&self, name: &str) -> Result<&Tensor> {
        let found = self.values.get(name);
        found.and_then(Value::as_tensor).ok_or_else(|| {
            let found = found.map_or("nothing", Value::kind);
            Error::weights_file(
                &self.path,
                format!("{name} must be a tensor, found {found}"),
            )
        })
    }
}
