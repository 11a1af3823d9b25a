//! Putting the arrays of several batches one after the other.

use ndarray::{ArrayD, Axis, IxDyn, Slice};

use crate::array::Array;
use crate::error::{MetricError, Result};

impl Array {
    /// The rows of all arrays, in order.
    ///
    /// Where the arrays differ in their second dimension, as batches padded to their own longest row do, the shorter
    /// ones are filled with `padding` on the right, as the Python Trainer does with -100. Each value is copied once.
    ///
    /// ```
    /// use trainer_metrics::Array;
    ///
    /// let short = Array::int(&[1, 2], vec![1, 2])?;
    /// let long = Array::int(&[1, 3], vec![3, 4, 5])?;
    /// let all = Array::concatenate(&[short, long], -100)?;
    /// assert_eq!(all, Array::int(&[2, 3], vec![1, 2, -100, 3, 4, 5])?);
    /// # Ok::<(), trainer_metrics::MetricError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`MetricError::Concatenate`] if there is no array, or where they differ in kind, rank or a later dimension.
    pub fn concatenate<A: std::borrow::Borrow<Self>>(arrays: &[A], padding: i64) -> Result<Self> {
        let arrays: Vec<&Self> = arrays.iter().map(std::borrow::Borrow::borrow).collect();
        let mismatch = |first: &Self, other: &Self| MetricError::Concatenate {
            expected: first.describe(),
            found: other.describe(),
        };
        let first = *arrays.first().ok_or_else(|| MetricError::Concatenate {
            expected: "at least one array".to_string(),
            found: "none".to_string(),
        })?;
        for other in &arrays {
            let (expected, found) = (first.shape(), other.shape());
            let fits =
                expected.len() == found.len() && expected.iter().skip(2).eq(found.iter().skip(2));
            if expected.is_empty() || !fits {
                return Err(mismatch(first, other));
            }
        }
        match first {
            Self::Float(_) => {
                let parts = arrays.iter().map(|array| array.as_float().ok_or(*array));
                let parts: Vec<_> = parts
                    .collect::<Result<_, _>>()
                    .map_err(|other| mismatch(first, other))?;
                Ok(Self::Float(rows_of(&parts, padding as f32)))
            }
            Self::Int(_) => {
                let parts = arrays.iter().map(|array| array.as_int().ok_or(*array));
                let parts: Vec<_> = parts
                    .collect::<Result<_, _>>()
                    .map_err(|other| mismatch(first, other))?;
                Ok(Self::Int(rows_of(&parts, padding)))
            }
        }
    }
}

/// Arrays of the same rank (at least 1), equal in all dimensions but the first two.
fn rows_of<T: Clone>(parts: &[&ArrayD<T>], padding: T) -> ArrayD<T> {
    let mut shape = parts
        .first()
        .map_or_else(Vec::new, |part| part.shape().to_vec());
    for axis in 0..shape.len().min(2) {
        let sizes = parts.iter().map(|part| part.len_of(Axis(axis)));
        shape[axis] = if axis == 0 {
            sizes.sum()
        } else {
            sizes.max().unwrap_or(0)
        };
    }
    let mut all = ArrayD::from_elem(IxDyn(&shape), padding);
    let mut row = 0;
    for part in parts {
        let end = row + part.len_of(Axis(0));
        let mut target = all.slice_axis_mut(Axis(0), Slice::from(row..end));
        if shape.len() > 1 {
            target.slice_axis_inplace(Axis(1), Slice::from(0..part.len_of(Axis(1))));
        }
        target.assign(part);
        row = end;
    }
    all
}
