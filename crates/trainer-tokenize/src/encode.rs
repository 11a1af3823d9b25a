use tokenizers::utils::truncation::{TruncationDirection, TruncationParams, truncate_encodings};
use tokenizers::{InputSequence, ModelWrapper, PostProcessor};

use crate::config::Side;
use crate::limits::guarded;
use crate::{
    DecodeOptions, EncodeOptions, Encoding, Error, Padding, Result, Tokenizer, Truncation, windows,
};

/// Whether an encoding tracks where its tokens stand in the text, which costs time.
#[derive(Clone, Copy)]
pub(crate) enum Offsets {
    Characters,
    Untracked,
}

/// What becomes of the tokens that truncation cuts off.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overflow {
    Dropped,
    /// They make further windows, the encoding's overflowing parts.
    Windows,
}

/// The steps of `tokenizers`' `encode` with `post_process`, with truncation that is chosen for each call:
/// each text to tokens, truncation to the limit less the special tokens, special tokens around.
pub(crate) fn encode(
    tokenizer: &Tokenizer,
    text: InputSequence<'_>,
    pair: Option<InputSequence<'_>>,
    options: &EncodeOptions,
    offsets: Offsets,
    overflow: Overflow,
) -> Result<Encoding> {
    let first = tokens(tokenizer, text, offsets)?;
    let second = pair
        .map(|pair| tokens(tokenizer, pair, offsets))
        .transpose()?;
    let (first, second) = truncate(tokenizer, first, second, options, overflow)?;
    let backend = match &tokenizer.inner.post_processor {
        Some(post) => guarded(|| post.process(first, second, options.add_special_tokens)),
        None => Ok(concatenate(first, second)),
    };
    let backend = backend.map_err(Error::Encode)?;
    Ok(Encoding { backend })
}

fn tokens(
    tokenizer: &Tokenizer,
    text: InputSequence<'_>,
    offsets: Offsets,
) -> Result<tokenizers::Encoding> {
    let backend = &tokenizer.inner.backend;
    let growth = tokenizer.inner.growth.check_sequence(&text);
    growth.map_err(Error::Encode)?;
    if let (Offsets::Untracked, InputSequence::Raw(text), Some(words)) =
        (offsets, &text, &tokenizer.inner.known_words)
    {
        return words.encode(backend, text).map_err(Error::Encode);
    }
    guarded(|| match offsets {
        Offsets::Characters => backend.encode_char_offsets(text, false),
        Offsets::Untracked => backend.encode_fast(text, false),
    })
    .map_err(Error::Encode)
}

/// What the backend does without a post-processor: the texts one after the other, the second of type 1.
fn concatenate(
    first: tokenizers::Encoding,
    second: Option<tokenizers::Encoding>,
) -> tokenizers::Encoding {
    let Some(second) = second else {
        return first;
    };
    let numbered = [first, second]
        .into_iter()
        .zip([0, 1])
        .map(|(mut encoding, type_id)| {
            encoding.set_sequence_id(usize::from(type_id > 0));
            encoding.set_type_ids(vec![type_id; encoding.len()]);
            encoding
        });
    tokenizers::Encoding::merge(numbered, false)
}

type Pair = (tokenizers::Encoding, Option<tokenizers::Encoding>);

fn truncate(
    tokenizer: &Tokenizer,
    first: tokenizers::Encoding,
    second: Option<tokenizers::Encoding>,
    options: &EncodeOptions,
    overflow: Overflow,
) -> Result<Pair> {
    let Some((truncation, max_length)) = limit(tokenizer, options) else {
        return Ok((first, second));
    };
    let Some(strategy) = truncation.backend() else {
        return Ok((first, second));
    };
    let special = match options.add_special_tokens {
        true => tokenizer.num_special_tokens_to_add(second.is_some()),
        false => 0,
    };
    let lengths: Vec<usize> = [
        Some(first.len()),
        second.as_ref().map(tokenizers::Encoding::len),
    ]
    .into_iter()
    .flatten()
    .collect();
    let impossible = || Error::Truncate {
        max_length,
        strategy: truncation.name(),
        lengths: lengths.clone(),
        special,
    };
    let params = TruncationParams {
        direction: match options
            .truncation_side
            .unwrap_or(tokenizer.truncation_side())
        {
            Side::Left => TruncationDirection::Left,
            Side::Right => TruncationDirection::Right,
        },
        max_length: max_length.checked_sub(special).ok_or_else(impossible)?,
        strategy,
        stride: match overflow {
            Overflow::Dropped => 0,
            Overflow::Windows => options.stride,
        },
    };
    if overflow == Overflow::Windows {
        windows::check_stride(&params, &lengths, max_length)?;
    }
    let (mut first, mut second) =
        truncate_encodings(first, second, &params).map_err(|_| impossible())?;
    let texts = [Some(&mut first), second.as_mut()].into_iter().flatten();
    for (number, text) in (0..).zip(texts) {
        match overflow {
            // They would get special tokens too: of a pair every part of the one with every part of the other.
            Overflow::Dropped => drop(text.take_overflowing()),
            Overflow::Windows => windows::number_parts(text, number),
        }
    }
    Ok((first, second))
}

/// How and to how many tokens to truncate, if at all: transformers' `_get_padding_truncation_strategies`.
fn limit(tokenizer: &Tokenizer, options: &EncodeOptions) -> Option<(Truncation, usize)> {
    let truncation = match (options.truncation, options.max_length) {
        (Some(truncation), _) => truncation,
        (None, Some(_)) if options.padding == Padding::DoNotPad => Truncation::LongestFirst,
        (None, _) => Truncation::Off,
    };
    if truncation == Truncation::Off {
        return None;
    }
    let max_length = options.max_length.or(tokenizer.model_max_length());
    if max_length.is_none() {
        tokenizer.warn_of_no_limit();
    }
    Some((truncation, max_length?))
}

pub(crate) fn decode(
    tokenizer: &Tokenizer,
    ids: &[i64],
    options: &DecodeOptions,
) -> Result<String> {
    let number = |(position, &id): (usize, &i64)| {
        u32::try_from(id).map_err(|_| Error::TokenId { id, position })
    };
    let ids: Vec<u32> = ids.iter().enumerate().map(number).collect::<Result<_>>()?;
    let backend = &tokenizer.inner.backend;
    let is_shown = |&id: &u32| {
        let token = backend.id_to_token(id);
        let is_special = |token: &str| backend.get_added_vocabulary().is_special_token(token);
        token.is_some_and(|token| !options.skip_special_tokens || !is_special(&token))
    };
    // Of no token at all the library's decoder of byte pairs makes a panic.
    if !ids.iter().any(is_shown) {
        return Ok(String::new());
    }
    let text =
        guarded(|| backend.decode(&ids, options.skip_special_tokens)).map_err(Error::Decode)?;
    let byte_pairs = matches!(backend.get_model(), ModelWrapper::BPE(_));
    let configured = tokenizer.config().clean_up_tokenization_spaces;
    match options.clean_up.unwrap_or(configured) && !byte_pairs {
        true => Ok(without_spaces_before_punctuation(text)),
        false => Ok(text),
    }
}

/// transformers' `clean_up_tokenization`.
fn without_spaces_before_punctuation(text: String) -> String {
    let replacements = [
        (" .", "."),
        (" ?", "?"),
        (" !", "!"),
        (" ,", ","),
        (" ' ", "'"),
        (" n't", "n't"),
        (" 'm", "'m"),
        (" 's", "'s"),
        (" 've", "'ve"),
        (" 're", "'re"),
    ];
    replacements
        .into_iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}
