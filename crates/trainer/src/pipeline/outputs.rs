//! A model's outputs in host memory.

use tch::{Device, Kind, Tensor};
use trainer_tokenize::Side;

use super::PipelineError;
use crate::Result;

/// An output of this shape, one number after the other.
pub(super) fn numbers(output: &Tensor, expected: &[usize]) -> Result<Vec<f32>> {
    let found = output.size();
    let is_expected = |(found, expected): (&i64, &usize)| usize::try_from(*found) == Ok(*expected);
    if found.len() != expected.len() || !found.iter().zip(expected).all(is_expected) {
        let expected = expected.to_vec();
        return Err(PipelineError::Shape { expected, found }.into());
    }
    let output = output.f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?;
    Ok(Vec::try_from(&output.f_contiguous()?.f_view([-1])?)?)
}

/// The last dimension of an output of tokens, `[rows, length, width]`.
pub(super) fn width(output: &Tensor) -> usize {
    let size = output.size().get(2).copied().unwrap_or(0);
    usize::try_from(size).unwrap_or(0)
}

/// The rows of an output of tokens, `width` numbers a token one after the other, without what batches were padded with: row `k` has
/// `lengths[k]` tokens. `shape` is that of a token's numbers, empty for a single one.
pub(super) fn unpadded(
    output: &Tensor,
    lengths: &[usize],
    shape: &[usize],
    side: Side,
) -> Result<Vec<Vec<f32>>> {
    let longest = lengths.iter().copied().max().unwrap_or(0);
    let width: usize = shape.iter().product();
    let all = numbers(output, &[&[lengths.len(), longest], shape].concat())?;
    let row = |(row, &length): (&[f32], &usize)| {
        let begin = first_token(length, longest, side) * width;
        row[begin..begin + length * width].to_vec()
    };
    let rows = all.chunks((longest * width).max(1));
    Ok(rows.zip(lengths).map(row).collect())
}

/// The place of the first token of a row that was padded to `longest` tokens.
pub(super) fn first_token(length: usize, longest: usize, side: Side) -> usize {
    match side {
        Side::Left => longest - length,
        Side::Right => 0,
    }
}
