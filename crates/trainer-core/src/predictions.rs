use tch::{Device, Kind, Tensor};
use trainer_collate::NamedTensors;
use trainer_metrics::{Array, NamedArrays};

use crate::Result;

/// Copies of tensors in host memory, as [`to_array`] makes them.
pub(crate) fn to_arrays(tensors: &NamedTensors) -> Result<NamedArrays> {
    tensors
        .iter()
        .try_fold(NamedArrays::new(), |all, (name, tensor)| {
            Ok(all.with(name, to_array(tensor)?))
        })
}

/// A copy of a tensor in host memory, as metrics take it: whole numbers and booleans as int64, everything else as float32.
///
/// # Errors
/// libtorch's.
pub fn to_array(tensor: &Tensor) -> Result<Array> {
    let shape: Vec<usize> = tensor
        .size()
        .into_iter()
        .map(|dim| usize::try_from(dim).unwrap_or(0))
        .collect();
    let host = tensor
        .f_detach()?
        .f_to_device(Device::Cpu)?
        .f_reshape([-1])?;
    if matches!(
        host.kind(),
        Kind::Float | Kind::Half | Kind::BFloat16 | Kind::Double
    ) {
        Ok(Array::float(
            &shape,
            Vec::try_from(host.f_to_kind(Kind::Float)?)?,
        )?)
    } else {
        Ok(Array::int(
            &shape,
            Vec::try_from(host.f_to_kind(Kind::Int64)?)?,
        )?)
    }
}
