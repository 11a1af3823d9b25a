use tch::{Device, Kind, Tensor};

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
