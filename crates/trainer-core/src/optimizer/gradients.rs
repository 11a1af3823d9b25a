use tch::{Device, Kind, Tensor};
use trainer_torch::grad;

use super::ParamGroup;
use super::error::Result;

/// Tensors of one device and dtype, by their place in a list.
pub(crate) struct Alike {
    pub(crate) device: Device,
    pub(crate) kind: Kind,
    pub(crate) indices: Vec<usize>,
}

/// Splits a list as PyTorch's `_group_tensors_by_device_and_dtype` does: groups in the order of their first tensor.
pub(crate) fn by_device_and_kind(tensors: &[Tensor]) -> Vec<Alike> {
    let mut groups: Vec<Alike> = Vec::new();
    for (index, tensor) in tensors.iter().enumerate() {
        let (device, kind) = (tensor.device(), tensor.kind());
        match groups
            .iter_mut()
            .find(|group| group.device == device && group.kind == kind)
        {
            Some(group) => group.indices.push(index),
            None => groups.push(Alike {
                device,
                kind,
                indices: vec![index],
            }),
        }
    }
    groups
}

/// The weights of a group that have a gradient, with it, by their place in the group.
pub(crate) fn with_gradients(group: &ParamGroup) -> Result<Vec<(usize, Tensor, Tensor)>> {
    let mut found = Vec::with_capacity(group.params.len());
    for (index, param) in group.params.iter().enumerate() {
        if let Some(grad) = grad::get(param)? {
            found.push((index, param.shallow_clone(), grad));
        }
    }
    Ok(found)
}
