use std::path::Path;

use tch::{Kind, Tensor};

use super::pickle_reader::PickleReader;
use super::safetensors_reader::SafetensorsReader;
use crate::Result;

/// The forms that a file of weights may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Safetensors,
    Pickle,
}

impl Form {
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Safetensors => ".safetensors",
            Self::Pickle => ".bin",
        }
    }
}

/// An open file of weights.
#[derive(Debug)]
pub(super) enum WeightsFile {
    Safetensors(SafetensorsReader),
    Pickle(PickleReader),
}

impl WeightsFile {
    pub(super) fn open(path: &Path, form: Form) -> Result<Self> {
        Ok(match form {
            Form::Safetensors => Self::Safetensors(SafetensorsReader::open(path)?),
            Form::Pickle => Self::Pickle(PickleReader::open(path)?),
        })
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Safetensors(file) => file.path(),
            Self::Pickle(file) => file.path(),
        }
    }

    /// Names of the tensors, in the order of the file.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Safetensors(file) => file.names(),
            Self::Pickle(file) => file.names(),
        }
    }

    pub(super) fn shape(&self, name: &str) -> Result<Vec<i64>> {
        match self {
            Self::Safetensors(file) => file.shape(name),
            Self::Pickle(file) => file.shape(name),
        }
    }

    /// The type of the tensor's elements; `None` for types that are not read.
    pub(super) fn kind(&self, name: &str) -> Option<Kind> {
        match self {
            Self::Safetensors(file) => file.kind(name),
            Self::Pickle(file) => file.kind(name),
        }
    }

    /// The tensor as float32 in host memory.
    pub(super) fn read(&self, name: &str) -> Result<Tensor> {
        match self {
            Self::Safetensors(file) => file.read(name),
            Self::Pickle(file) => file.read(name),
        }
    }
}
