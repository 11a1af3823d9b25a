use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use tch::{Device, Kind, Tensor};
use trainer_data::regular_file;
use trainer_torch::memory;

use super::placement::place;
use crate::{Error, Result};

/// The header's length field, and the most that safetensors allows a header to be.
const LENGTH_BYTES: u64 = 8;
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// An open safetensors file whose header has been checked against the file's size; tensors are read one at a time.
#[derive(Debug)]
pub(crate) struct SafetensorsReader {
    path: PathBuf,
    file: File,
    metadata: Metadata,
    data_start: u64,
}

impl SafetensorsReader {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let (file, file_bytes) = regular_file::open(path).map_err(Error::io("open", path))?;
        let header = read_header(&file, path, file_bytes)?;
        let invalid = |source| broken(path, &format!("its header is not valid ({source})"));
        let Unique = serde_json::from_slice(&header).map_err(invalid)?;
        let metadata: Metadata = serde_json::from_slice(&header).map_err(invalid)?;
        let data_start = LENGTH_BYTES + header.len() as u64;
        let expected = data_start.saturating_add(metadata.data_len() as u64);
        if file_bytes != expected {
            let state = if file_bytes < expected {
                "is cut off"
            } else {
                "has bytes after its last tensor"
            };
            return Err(Error::weights_file(
                path,
                format!(
                    "the file {state}: its header describes {expected} bytes, it has {file_bytes}"
                ),
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            metadata,
            data_start,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Names of the tensors, in the order in which they lie in the file.
    pub(crate) fn names(&self) -> Vec<String> {
        self.metadata.offset_keys()
    }

    pub(crate) fn shape(&self, name: &str) -> Result<Vec<i64>> {
        self.info(name)?
            .shape
            .iter()
            .map(|&size| {
                i64::try_from(size)
                    .map_err(|_| broken(&self.path, &format!("{name} has a dimension of {size}")))
            })
            .collect()
    }

    /// The tensor as float32 in host memory, whatever type the file has it in: a float32 tensor as far from a multiple of 64
    /// bytes as in the file, as Python maps it; others are converted, in Python too, into memory of their own.
    pub(crate) fn read(&self, name: &str) -> Result<Tensor> {
        let info = self.info(name)?;
        let kind = self.kind(name).ok_or_else(|| {
            Error::weights_file(
                &self.path,
                format!(
                    "{name} is of type {:?}; weights must be floats of 16 to 64 bits or whole numbers",
                    info.dtype
                ),
            )
        })?;
        let shape = self.shape(name)?;
        // That its elements take these bytes has been checked with the header.
        let offset = self.data_start + info.data_offsets.0 as u64;
        let mut tensor = match kind {
            Kind::Float => place(&shape, (offset % 64) as usize)?,
            _ => Tensor::f_empty(&shape, (kind, Device::Cpu))?,
        };
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| memory::read_exact(&mut tensor, file))
            .map_err(Error::io("read", &self.path))?;
        Ok(tensor.f_to_kind(Kind::Float)?)
    }

    /// The type of the tensor's elements; `None` for types that are not read.
    pub(crate) fn kind(&self, name: &str) -> Option<Kind> {
        match self.metadata.info(name)?.dtype {
            Dtype::F64 => Some(Kind::Double),
            Dtype::F32 => Some(Kind::Float),
            Dtype::F16 => Some(Kind::Half),
            Dtype::BF16 => Some(Kind::BFloat16),
            Dtype::I64 => Some(Kind::Int64),
            Dtype::I32 => Some(Kind::Int),
            Dtype::I16 => Some(Kind::Int16),
            Dtype::I8 => Some(Kind::Int8),
            Dtype::U8 | Dtype::BOOL => Some(Kind::Uint8),
            _ => None,
        }
    }

    fn info(&self, name: &str) -> Result<&TensorInfo> {
        self.metadata
            .info(name)
            .ok_or_else(|| Error::weights_file(&self.path, format!("it has no tensor {name}")))
    }
}

/// An object that has no name twice: the library would take the last of them.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(Self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of tensors by their names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            let _: IgnoredAny = map.next_value()?;
            if let Some(name) = names.replace(name) {
                return Err(de::Error::custom(format!("it has {name:?} twice")));
            }
        }
        Ok(self)
    }
}

fn read_header(mut file: &File, path: &Path, file_bytes: u64) -> Result<Vec<u8>> {
    if file_bytes < LENGTH_BYTES {
        return Err(broken(path, &format!("it has {file_bytes} bytes")));
    }
    let mut length = [0; LENGTH_BYTES as usize];
    file.read_exact(&mut length)
        .map_err(Error::io("read", path))?;
    let length = u64::from_le_bytes(length);
    if length > MAX_HEADER_BYTES || length > file_bytes - LENGTH_BYTES {
        return Err(broken(
            path,
            &format!("its header would take {length} bytes of {file_bytes}"),
        ));
    }
    let mut header = Vec::new();
    file.take(length)
        .read_to_end(&mut header)
        .map_err(Error::io("read", path))?;
    Ok(header)
}

fn broken(path: &Path, what: &str) -> Error {
    Error::weights_file(
        path,
        format!("not a safetensors file, or cut off or corrupt: {what}"),
    )
}
