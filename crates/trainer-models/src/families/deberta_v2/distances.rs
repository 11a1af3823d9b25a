use tch::{Device, Kind, Tensor};

use crate::Result;

/// Which kinds of distances between two tokens there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Distances {
    /// From here on all distances are alike.
    pub(super) farthest: i64,
    /// Kinds on either side; `None` for a kind each distance.
    pub(super) buckets: Option<i64>,
}

impl Distances {
    /// Kinds on either side of a token.
    pub(super) fn span(&self) -> i64 {
        self.buckets.unwrap_or(self.farthest)
    }

    /// The kind of the distance from each key's place to each query's, with its sign: int64 `[1, length, length]`
    /// (`build_relative_position`).
    pub(super) fn kinds(&self, length: i64, device: Device) -> Result<Tensor> {
        let places = Tensor::f_arange(length, (Kind::Int64, device))?;
        let distances = places.f_unsqueeze(1)?.f_sub(&places.f_unsqueeze(0)?)?;
        let kinds = match self.buckets {
            Some(buckets) => bucketed(&distances, buckets, self.farthest)?,
            None => distances,
        };
        Ok(kinds.f_unsqueeze(0)?)
    }
}

/// The near half of the kinds are for one distance each, the others grow (`make_log_bucket_position`).
fn bucketed(distances: &Tensor, buckets: i64, farthest: i64) -> Result<Tensor> {
    let single = buckets / 2;
    let near = distances
        .f_lt(single)?
        .f_logical_and(&distances.f_gt(-single)?)?;
    let nearest = distances.f_full_like(single - 1)?;
    let lengths = nearest.f_where_self(&near, &distances.f_abs()?)?;
    // In float32, of which the ends of the kinds depend.
    let number = (Kind::Float, distances.device());
    let longest = (farthest - 1) as f64 / single as f64;
    let longest = Tensor::f_full([0_i64; 0], longest, number)?.f_log()?;
    let growth = lengths.f_div_scalar(single)?.f_log()?.f_div(&longest)?;
    let growth = growth.f_mul_scalar(single - 1)?.f_ceil()?;
    let far = growth.f_add_scalar(single)?;
    let far = far.f_mul(&distances.f_sign()?)?;
    let kinds = distances
        .f_to_kind(Kind::Float)?
        .f_where_self(&lengths.f_le(single)?, &far)?;
    Ok(kinds.f_to_kind(Kind::Int64)?)
}
