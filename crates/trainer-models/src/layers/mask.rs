use tch::{Kind, Tensor};

use crate::layout::is_all_true;
use crate::{Error, Result};

/// The mask that scaled-dot-product attention takes, of what a batch calls `attention_mask`: 1 for a token, 0 for
/// padding, `[batch, length]`. Bool, `[batch, 1, length, length]`, true where attention may look.
///
/// None when there is nothing to mask, so that a faster kernel is chosen, as `sdpa_mask` of transformers' `masking_utils.py`
/// does. A mask of four dimensions is taken as it is. The mask lies in host memory, so that no device is waited for.
pub(crate) fn attention_mask(
    mask: Option<&Tensor>,
    batch: i64,
    length: i64,
) -> Result<Option<Tensor>> {
    let Some(mask) = mask else {
        return Ok(None);
    };
    if mask.dim() == 4 {
        return Ok(Some(mask.shallow_clone()));
    }
    if mask.size() != [batch, length] {
        return Err(Error::input(
            "attention_mask",
            format!("[{batch}, {length}]"),
            format!("{:?}", mask.size()),
        ));
    }
    let keep = mask.f_to_kind(Kind::Bool)?;
    if is_all_true(&keep)? {
        return Ok(None);
    }
    let keep = keep.f_view([batch, 1, 1, length])?;
    Ok(Some(
        keep.f_expand([batch, 1, length, length], false)?
            .f_contiguous()?,
    ))
}

/// The least finite number of a type: what padding's scores are, as far as they are numbers.
pub(crate) fn least_of(kind: Kind) -> f64 {
    match kind {
        Kind::Half => -65_504.0,
        Kind::BFloat16 => f64::from(f32::from_bits(0xff7f_0000)),
        _ => f64::from(f32::MIN),
    }
}
