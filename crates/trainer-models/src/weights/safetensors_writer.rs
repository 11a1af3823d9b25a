use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use tch::{Device, Kind, Tensor};
use trainer_data::durable::StagedFile;

use crate::{Error, Result};

/// Bytes of a float32.
pub(super) const ELEMENT_BYTES: usize = 4;

/// Writes float32 tensors as Python's `safetensors.torch.save_file(tensors, path, metadata={"format": "pt"})` does, byte
/// for byte. Tensors on a device come to the host one at a time.
pub(super) fn write_safetensors(path: &Path, tensors: &[(&str, &Tensor)]) -> Result<()> {
    let mut tensors = tensors.to_vec();
    tensors.sort_by_key(|(name, _)| *name);
    let header = header(path, &tensors)?;
    let mut file = StagedFile::create(path).map_err(Error::io("write", path))?;
    let mut write = |bytes: &[u8]| file.write_all(bytes).map_err(Error::io("write", path));
    write(&(header.len() as u64).to_le_bytes())?;
    write(&header)?;
    for (_, tensor) in &tensors {
        write(&bytes_of(tensor)?)?;
    }
    file.keep().map_err(Error::io("write", path))
}

fn header(path: &Path, tensors: &[(&str, &Tensor)]) -> Result<Vec<u8>> {
    let mut start = 0;
    let mut infos = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        if tensor.f_kind()? != Kind::Float {
            return Err(Error::weights_file(path, format!("{name} is not float32")));
        }
        let end = start + tensor.numel() * ELEMENT_BYTES;
        let shape = tensor
            .size()
            .into_iter()
            .map(|size| usize::try_from(size).unwrap_or(0));
        infos.push((
            (*name).to_owned(),
            TensorInfo {
                dtype: Dtype::F32,
                shape: shape.collect(),
                data_offsets: (start, end),
            },
        ));
        start = end;
    }
    let format = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let metadata = Metadata::new(Some(format), infos)
        .map_err(|source| Error::weights_file(path, source.to_string()))?;
    let mut header = serde_json::to_vec(&metadata).map_err(|source| Error::Json {
        origin: path.display().to_string(),
        source,
    })?;
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok(header)
}

fn bytes_of(tensor: &Tensor) -> Result<Vec<u8>> {
    let host = tensor
        .f_detach()?
        .f_to_device(Device::Cpu)?
        .f_contiguous()?;
    let mut bytes = vec![0; host.numel() * ELEMENT_BYTES];
    host.f_copy_data_u8(&mut bytes, host.numel())?;
    Ok(bytes)
}
