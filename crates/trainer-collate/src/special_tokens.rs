//! What collators that mask ask of a tokenizer.

use tch::Tensor;
use trainer_tokenize::Tokenizer;

use crate::{Error, Result};

/// Which of `ids` are special tokens, bool of the same shape: `get_special_tokens_mask(ids, already_has_special_tokens=True)`.
pub(crate) fn are_special(ids: &Tensor, tokenizer: &Tokenizer) -> Result<Tensor> {
    let special = tokenizer.all_special_ids();
    let special: Vec<i64> = special.into_iter().map(i64::from).collect();
    let special = Tensor::f_from_slice(&special)?;
    Ok(Tensor::f_isin(ids, &special, false, false)?)
}

/// The id of the mask token.
pub(crate) fn mask_token_id(tokenizer: &Tokenizer) -> Result<i64> {
    let id = tokenizer.mask_token_id().map(i64::from);
    id.ok_or(Error::NoMaskToken)
}
