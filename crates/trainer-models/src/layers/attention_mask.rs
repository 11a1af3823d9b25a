use tch::{Device, Kind, Tensor};
use trainer_collate::Batch;

use crate::{Error, Result};

/// The mask that scaled-dot-product attention takes, of what a batch calls `attention_mask`: 1 for a token, 0 for
/// padding, `[batch, length]`. Bool, `[batch, 1, length, length]`, true where attention may look.
///
/// None when there is nothing to mask, so that a faster kernel is chosen, as `sdpa_mask` of transformers' `masking_utils.py`
/// does. On the CPU the values are looked at for that; on a device that would wait for it, so there a mask that is given
/// is used (see [`Model::prepare_batch`](crate::Model::prepare_batch)). A mask of four dimensions is taken as it is.
pub(crate) fn bidirectional_mask(
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
    if mask.device() == Device::Cpu && is_all_true(&keep)? {
        return Ok(None);
    }
    let keep = keep.f_view([batch, 1, 1, length])?;
    Ok(Some(
        keep.f_expand([batch, 1, length, length], false)?
            .f_contiguous()?,
    ))
}

/// The batch, which lies in host memory, without an `attention_mask` that masks nothing.
pub(crate) fn drop_full_mask(mut batch: Batch) -> Result<Batch> {
    let full = match batch.get("attention_mask") {
        Some(mask) if mask.dim() == 2 => is_all_true(&mask.f_to_kind(Kind::Bool)?)?,
        _ => false,
    };
    if full {
        batch.remove("attention_mask");
    }
    Ok(batch)
}

fn is_all_true(mask: &Tensor) -> Result<bool> {
    Ok(mask.f_all()?.f_int64_value(&[])? != 0)
}
