use tch::{Device, Kind, Tensor};

use crate::Result;

/// How many kinds of distance there are, whatever the configuration says (`compute_position_bias`).
pub(super) const BUCKETS: i64 = 32;

/// From here on all distances are alike.
const FARTHEST: f64 = 128.0;

/// The kind of distance from each query's place to each key's: int64 `[length, length]`. Half of the kinds are for keys behind
/// the query, half for those before it; of each half one half is for a single distance each, the others grow
/// (`relative_position_bucket`).
pub(super) fn buckets(length: i64, device: Device) -> Result<Tensor> {
    let places = Tensor::f_arange(length, (Kind::Int64, device))?;
    let from_key_to_query = places.f_unsqueeze(1)?.f_sub(&places.f_unsqueeze(0)?)?;
    let half = BUCKETS / 2;
    let single = half / 2;
    let behind = from_key_to_query.f_lt(0)?.f_to_kind(Kind::Int64)?;
    let distance = from_key_to_query.f_abs()?;
    let growth = distance.f_to_kind(Kind::Float)?.f_div_scalar(single)?;
    let growth = growth
        .f_log()?
        .f_div_scalar((FARTHEST / single as f64).ln())?
        .f_mul_scalar(half - single)?;
    let far = growth.f_to_kind(Kind::Int64)?.f_add_scalar(single)?;
    let far = far.f_clamp_max(half - 1)?;
    let kind = distance.f_where_self(&distance.f_lt(single)?, &far)?;
    Ok(behind.f_mul_scalar(half)?.f_add(&kind)?)
}
