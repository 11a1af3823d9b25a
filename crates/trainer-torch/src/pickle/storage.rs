//! The dtypes of storages, under the names that Python gives them.

use tch::{Kind, Tensor};

use crate::PickleError;

const NAMES: [(&str, Kind, usize); 12] = [
    ("FloatStorage", Kind::Float, 4),
    ("DoubleStorage", Kind::Double, 8),
    ("HalfStorage", Kind::Half, 2),
    ("BFloat16Storage", Kind::BFloat16, 2),
    ("LongStorage", Kind::Int64, 8),
    ("IntStorage", Kind::Int, 4),
    ("ShortStorage", Kind::Int16, 2),
    ("CharStorage", Kind::Int8, 1),
    ("ByteStorage", Kind::Uint8, 1),
    ("BoolStorage", Kind::Bool, 1),
    ("ComplexFloatStorage", Kind::ComplexFloat, 8),
    ("ComplexDoubleStorage", Kind::ComplexDouble, 16),
];

/// The dtype of a storage class of the module `torch`.
pub(super) fn kind(name: &str) -> Option<Kind> {
    NAMES
        .iter()
        .find(|(known, _, _)| *known == name)
        .map(|(_, kind, _)| *kind)
}

/// Name of the storage class for a dtype, and its element's size in bytes.
pub(crate) fn class(kind: Kind) -> Option<(&'static str, usize)> {
    NAMES
        .iter()
        .find(|(_, known, _)| *known == kind)
        .map(|(name, _, size)| (*name, *size))
}

/// Where the machine gets the bytes of storages from.
pub(super) trait Storages {
    /// The storage `key` as a tensor of one axis in host memory.
    fn read(&mut self, key: &str, kind: Kind, numel: usize) -> Result<Tensor, PickleError>;
}

/// A tensor's elements in host memory. The tensor must be contiguous, lie there, and have a [class].
#[allow(unsafe_code)]
pub(super) fn bytes(tensor: &Tensor) -> &[u8] {
    let size = size_in_bytes(tensor);
    if size == 0 {
        return &[];
    }
    // SAFETY: a contiguous tensor in host memory owns `size` bytes from its data pointer on, as long as it lives.
    unsafe { std::slice::from_raw_parts(tensor.data_ptr().cast::<u8>(), size) }
}

/// A fresh tensor's elements in host memory, to be filled. The same conditions hold.
#[allow(unsafe_code)]
pub(crate) fn bytes_mut(tensor: &mut Tensor) -> &mut [u8] {
    let size = size_in_bytes(tensor);
    if size == 0 {
        return &mut [];
    }
    // SAFETY: as for `bytes`; the tensor is borrowed alone, and any byte may be written.
    unsafe { std::slice::from_raw_parts_mut(tensor.data_ptr().cast::<u8>(), size) }
}

fn size_in_bytes(tensor: &Tensor) -> usize {
    tensor.numel()
        * tensor
            .f_kind()
            .ok()
            .and_then(class)
            .map_or(0, |(_, size)| size)
}
