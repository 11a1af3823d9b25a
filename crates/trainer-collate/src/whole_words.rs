//! Which tokens are of one word, by where they stand in the text: `_calc_word_ids_and_prob_mask` and `_whole_word_mask` of transformers'
//! `data_collator.py`.

use tch::{Kind, Tensor};

use crate::Result;

/// Which tokens begin a word, `[rows, length]`, bool: those that do not begin where the token before ends, or that follow a special
/// token. `offsets` are `[rows, length, 2]`, `special` is `[rows, length]`, bool.
pub(crate) fn begins_of_words(offsets: &Tensor, special: &Tensor) -> Result<Tensor> {
    let (begins, ends) = (offsets.f_select(2, 0)?, offsets.f_select(2, 1)?);
    let ends_before = ends.f_roll([1], [1])?;
    let _ = ends_before.f_narrow(1, 0, 1)?.f_fill_(-1)?;
    let special_before = special.f_roll([1], [1])?;
    let _ = special_before.f_narrow(1, 0, 1)?.f_fill_(0)?;
    let apart = begins.f_ne_tensor(&ends_before)?;
    let begins = apart.f_logical_or(&special_before)?;
    Ok(begins.f_logical_and(&special.f_logical_not()?)?)
}

/// The tokens of all words of which a token is among `chosen`, `[rows, length]`, bool. A word goes from its begin to the next; special
/// tokens are of none.
pub(crate) fn whole(chosen: &Tensor, begins: &Tensor, special: &Tensor) -> Result<Tensor> {
    let words = begins.f_cumsum(1, Kind::Int64)?;
    let same = words.f_unsqueeze(2)?.f_eq_tensor(&words.f_unsqueeze(1)?)?;
    let ordinary = special.f_logical_not()?;
    let chosen = chosen.f_logical_and(&ordinary)?;
    let touched = same.f_logical_and(&chosen.f_unsqueeze(1)?)?;
    let any = touched.f_any_dim(2, false)?;
    Ok(any.f_logical_and(&ordinary)?)
}
