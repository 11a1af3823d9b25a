use tch::{Device, Kind, Tensor};
use trainer_torch::pickle::Dict;
use trainer_torch::pointwise;

use super::SavedState;
use super::error::Result;

/// The second moment: of a matrix and more only the means along rows and along columns, of a vector whole.
#[derive(Debug)]
pub(super) enum SecondMoment {
    Factored { row: Tensor, col: Tensor },
    Whole(Tensor),
}

impl SecondMoment {
    /// Of a weight that no step has changed yet.
    pub(super) fn new(param: &Tensor) -> Result<Self> {
        let options = (param.f_kind()?, param.device());
        Ok(match factors(&param.size()) {
            Some((row, col)) => Self::Factored {
                row: Tensor::f_zeros(row, options)?,
                col: Tensor::f_zeros(col, options)?,
            },
            None => Self::Whole(param.f_zeros_like()?),
        })
    }

    /// Takes in squared gradients; gives what the gradient is multiplied with.
    pub(super) fn update(&mut self, squared: &Tensor, beta2: f64) -> Result<Tensor> {
        match self {
            Self::Factored { row, col } => {
                let _ = row.f_mul_scalar_(beta2)?;
                pointwise::add_(row, &mean(squared, -1, false)?, 1.0 - beta2)?;
                let _ = col.f_mul_scalar_(beta2)?;
                pointwise::add_(col, &mean(squared, -2, false)?, 1.0 - beta2)?;
                let row = row
                    .f_div(&mean(row, -1, true)?)?
                    .f_rsqrt_()?
                    .f_unsqueeze(-1)?;
                Ok(row.f_mul(&col.f_unsqueeze(-2)?.f_rsqrt()?)?)
            }
            Self::Whole(whole) => {
                let _ = whole.f_mul_scalar_(beta2)?;
                pointwise::add_(whole, squared, 1.0 - beta2)?;
                Ok(whole.f_rsqrt()?)
            }
        }
    }

    pub(super) fn pack(&self, entries: &mut Dict) {
        match self {
            Self::Factored { row, col } => {
                entries.push("exp_avg_sq_row", row.shallow_clone());
                entries.push("exp_avg_sq_col", col.shallow_clone());
            }
            Self::Whole(whole) => entries.push("exp_avg_sq", whole.shallow_clone()),
        }
    }

    pub(super) fn unpack(saved: &SavedState<'_>, options: (Kind, Device)) -> Result<Self> {
        let shape = saved.param().size();
        Ok(match factors(&shape) {
            Some((row, col)) => Self::Factored {
                row: saved.tensor_of("exp_avg_sq_row", &row, options)?,
                col: saved.tensor_of("exp_avg_sq_col", &col, options)?,
            },
            None => Self::Whole(saved.tensor_of("exp_avg_sq", &shape, options)?),
        })
    }
}

/// Shapes of the means along rows and along columns of a matrix or a stack of matrices.
fn factors(shape: &[i64]) -> Option<(Vec<i64>, Vec<i64>)> {
    let [stack @ .., rows, columns] = shape else {
        return None;
    };
    Some(([stack, &[*rows]].concat(), [stack, &[*columns]].concat()))
}

fn mean(tensor: &Tensor, dim: i64, keep_dim: bool) -> Result<Tensor> {
    Ok(tensor.f_mean_dim(Some(&[dim][..]), keep_dim, None)?)
}
