#![allow(unsafe_code)]

use tch::Tensor;

use super::in_host_memory;
use crate::Result;
use crate::ffi::{self, owned_tensor};

/// One of the tables that [`embedding_sum`] adds rows of.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// `[entries, width]`.
    pub weight: &'a Tensor,
    /// Which rows are taken: int64, `[…]`.
    pub ids: &'a Tensor,
    /// The row that gets no gradient.
    pub padding: Option<i64>,
}

/// The sum of one row of each table: ids of one shape `[…]` and tables of one width to `[…, width]`.
///
/// A table's gradient is as large as the table, but takes memory and time for the rows that occur alone: the others are zeros that the
/// system maps to one page.
///
/// ```
/// use tch::Tensor;
/// use trainer_torch::fast::{Table, embedding_sum};
///
/// let weight = Tensor::from_slice(&[1.0f32, 2.0, 3.0, 4.0]).view([2, 2]);
/// let ids = Tensor::from_slice(&[1i64, 0, 1]);
/// let rows = embedding_sum(&[Table { weight: &weight, ids: &ids, padding: None }])?;
/// assert_eq!(Vec::<f32>::try_from(rows.view([-1]))?, [3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When there is no table, shapes do not fit each other, an id is not in its table, or a tensor does not lie in host memory as float32, ids
/// as int64.
pub fn embedding_sum(tables: &[Table<'_>]) -> Result<Tensor> {
    let weights: Vec<_> = tables.iter().map(|table| table.weight.as_ptr()).collect();
    let ids: Vec<_> = tables.iter().map(|table| table.ids.as_ptr()).collect();
    let paddings: Vec<i64> = tables
        .iter()
        .map(|table| table.padding.unwrap_or(-1))
        .collect();
    // SAFETY: the lists hold `tables.len()` pointers of live tensors; what comes back is owned.
    unsafe {
        owned_tensor("embedding_sum", |output| {
            ffi::trainer_torch_embedding_sum(
                weights.as_ptr(),
                ids.as_ptr(),
                paddings.as_ptr(),
                tables.len(),
                output,
            )
        })
    }
}

/// Zeros of a tensor's shape and kind. Large ones of float32 in host memory take no memory until they are written to.
///
/// # Errors
/// When there is no memory.
pub fn zeros_like(tensor: &Tensor) -> Result<Tensor> {
    if !in_host_memory(tensor) || !tensor.is_contiguous() {
        return Ok(tensor.f_zeros_like()?);
    }
    let size = tensor.size();
    // SAFETY: the list holds a size a dimension; what comes back is owned.
    unsafe {
        owned_tensor("zeros_like", |output| {
            ffi::trainer_torch_zero_pages(size.as_ptr(), size.len(), output)
        })
    }
}

/// Those rows of a gradient that may hold other numbers than zero, `[rows, width]`, a copy; `None` where that is not known. It is known of
/// the large gradients of [`embedding_sum`] until something else than [`scale_`](super::scale_) writes to them, and of large
/// [`zeros_like`] until something else than [`adamw_`](super::adamw_) does. What is written by way of [`Tensor::data`], which libtorch does not
/// count, is not seen.
///
/// # Errors
/// When there is no memory.
pub fn written_rows(gradient: &Tensor) -> Result<Option<Tensor>> {
    let mut rows = std::ptr::null_mut();
    // SAFETY: the pointer is of a live tensor; what comes back is owned, or null.
    unsafe {
        ffi::check(
            "written_rows",
            ffi::trainer_torch_written_rows(gradient.as_ptr(), &raw mut rows),
        )?;
        Ok((!rows.is_null()).then(|| Tensor::from_ptr(rows)))
    }
}
