//! Where weights lie in memory.

use tch::{Device, Kind, Tensor};

use crate::Result;

/// What libtorch's own memory begins at multiples of, in bytes (`c10::gAlignment`).
const ALIGNMENT: usize = 64;
const ELEMENT_BYTES: usize = 4;

/// Memory for a float32 tensor of this shape, contiguous, `offset` bytes from a multiple of 64; whatever was there.
///
/// Python's weights are the mapped file, and lie as far from a multiple of 64 bytes as in the file. The product with a single
/// row is computed by another kernel, and rounds differently, where weights are not aligned.
pub(super) fn place(shape: &[i64], offset: usize) -> Result<Tensor> {
    let lead = (offset % ALIGNMENT / ELEMENT_BYTES) as i64;
    // An impossible number is libtorch's to refuse.
    let numel = shape
        .iter()
        .fold(1_i64, |numel, &size| numel.saturating_mul(size));
    let elements = lead.saturating_add(numel);
    let memory = Tensor::f_empty([elements], (Kind::Float, Device::Cpu))?;
    let place = memory.f_narrow(0, lead, numel)?.f_view(shape)?;
    // A tensor in its own right, no view of one.
    Ok(place.f_data()?)
}

/// The float32 tensor in memory of its own, at such a [`place`].
pub(super) fn placed(tensor: &Tensor, offset: usize) -> Result<Tensor> {
    let mut place = place(&tensor.size(), offset)?;
    place.f_copy_(tensor)?;
    Ok(place)
}
