//! Where weights lie in memory.

use tch::{Device, Kind, Tensor};

use crate::Result;

/// What libtorch's own memory begins at multiples of, in bytes (`c10::gAlignment`).
const ALIGNMENT: usize = 64;
const ELEMENT_BYTES: usize = 4;

/// The float32 tensor in memory of its own, contiguous, `offset` bytes from a multiple of 64.
///
/// Python's weights are the mapped file, and lie as far from a multiple of 64 bytes as in the file. The product with a single
/// row is computed by another kernel, and rounds differently, where weights are not aligned.
pub(super) fn placed(tensor: &Tensor, offset: usize) -> Result<Tensor> {
    let lead = (offset % ALIGNMENT / ELEMENT_BYTES) as i64;
    let numel = tensor.numel() as i64;
    let memory = Tensor::f_empty([lead + numel], (Kind::Float, Device::Cpu))?;
    let mut place = memory
        .f_narrow(0, lead, numel)?
        .f_view(tensor.size().as_slice())?;
    place.f_copy_(tensor)?;
    // A tensor in its own right, no view of one.
    Ok(place.f_data()?)
}
