//! Rows that are filled up in the call, where no collator does it later.

use tokenizers::utils::padding::PaddingDirection;

use crate::{EncodeOptions, Encoding, Error, Result, Side, Tokenizer};

/// To which length rows are padded, in the call or by a collator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// That of the longest row of those that are encoded, or are in a batch, together (`padding=True`, `"longest"`).
    Longest,
    /// One length for all: the `max_length` that is given, else the tokenizer's `model_max_length` (`"max_length"`). With neither,
    /// nothing is padded, as in Python.
    MaxLength,
    /// None: each row is as long as it is (`padding=False`).
    DoNotPad,
}

impl From<bool> for Padding {
    /// `true` is [`Longest`](Self::Longest), as in Python.
    fn from(on: bool) -> Self {
        if on { Self::Longest } else { Self::DoNotPad }
    }
}

/// Fills up what was encoded together, as `options` say: transformers' `_get_padding_truncation_strategies` and `pad_encodings`.
pub(crate) fn pad(
    tokenizer: &Tokenizer,
    encodings: &mut [Encoding],
    options: &EncodeOptions,
) -> Result<()> {
    let longest = || encodings.iter().map(Encoding::len).max();
    let length = match options.padding {
        Padding::DoNotPad => return Ok(()),
        Padding::Longest => longest(),
        Padding::MaxLength => options.max_length.or(tokenizer.model_max_length()),
    };
    let Some(length) = length else {
        return Ok(());
    };
    let length = match options.pad_to_multiple_of {
        Some(multiple) if multiple > 0 => multiple_above(length, multiple, options)?,
        _ => length,
    };
    let side = options.padding_side.unwrap_or(tokenizer.padding_side());
    to_length(tokenizer, encodings, length, side)
}

/// The multiple that a length is rounded up to. Where texts are cut to a limit it must be one.
fn multiple_above(length: usize, multiple: usize, options: &EncodeOptions) -> Result<usize> {
    let cut = options
        .truncation
        .is_some_and(|truncation| truncation.backend().is_some());
    if let Some(max_length) = options.max_length
        && cut
        && max_length % multiple != 0
    {
        return Err(Error::PaddingMultiple {
            max_length,
            multiple,
        });
    }
    let rounded = length.checked_next_multiple_of(multiple);
    Ok(rounded.unwrap_or(length))
}

/// Fills up rows to `length` tokens.
///
/// # Errors
/// [`Error::NoPadToken`].
pub(crate) fn to_length(
    tokenizer: &Tokenizer,
    encodings: &mut [Encoding],
    length: usize,
    side: Side,
) -> Result<()> {
    let (Some(token), Some(id)) = (tokenizer.pad_token(), tokenizer.pad_token_id()) else {
        return Err(Error::NoPadToken);
    };
    let type_id = tokenizer.pad_token_type_id();
    let direction = match side {
        Side::Left => PaddingDirection::Left,
        Side::Right => PaddingDirection::Right,
    };
    for encoding in encodings {
        encoding.backend.pad(length, id, type_id, token, direction);
    }
    Ok(())
}
