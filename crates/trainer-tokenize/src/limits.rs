//! What a tokenizer's files may ask for, looked at before and after the library reads them. `docs/security.md` has the bounds.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;
use tokenizers::processors::PostProcessorWrapper;
use tokenizers::{
    AddedToken, Model, ModelWrapper, NormalizedString, Normalizer, NormalizerWrapper, Tokenizer,
};
use trainer_data::{BoxError, caught};

use crate::growth::{Growth, MOST_GROWTH, check_characters_map, replacement_growth};
use crate::longest_text::LongestText;

/// How long a word may be that WordPiece cuts, in characters: its time grows with the square of it and more.
const MOST_CHARS_PER_WORD: usize = 1000;
/// Ids are below this: the library counts up to the highest.
const MOST_IDS: u32 = 1 << 24;
/// How long a token that is added to a vocabulary may be, in bytes: texts are searched for all of them.
const LONGEST_ADDED: usize = 4096;
/// How many bytes all added tokens may have together: the library builds a tree of them.
const MOST_ADDED: usize = 1 << 20;
/// How long a piece of Unigram may be, in bytes: the library has a level of recursion for each.
const LONGEST_PIECE: usize = 1024;
/// How many special tokens an encoding may get.
const MOST_SPECIAL_TOKENS: usize = 1024;
/// So many characters of a token are shown.
const SHOWN: usize = 60;
/// How often a text may stand in its encoding.
const MOST_COPIES: usize = 16;

/// Calls the library. Where it panics, as on some texts and vocabularies, its message is the error, and nothing is printed.
///
/// # Errors
/// The library's.
pub(crate) fn guarded<T>(call: impl FnOnce() -> Result<T, BoxError>) -> Result<T, BoxError> {
    caught(call)
        .unwrap_or_else(|panic| Err(format!("the tokenizers library failed: {panic}").into()))
}

/// Sets the normalizer, by which the library reads its added tokens anew.
///
/// # Errors
/// The library's.
pub(crate) fn set_normalizer(
    backend: &mut Tokenizer,
    normalizer: Option<impl Into<NormalizerWrapper>>,
) -> Result<(), BoxError> {
    guarded(|| backend.with_normalizer(normalizer).map(drop))
}

/// The parts of a `tokenizer.json` that the library works by while it reads the others.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(default)]
    normalizer: Value,
    #[serde(default, borrow)]
    added_tokens: Vec<Added<'a>>,
    #[serde(default)]
    model: ModelPart,
}

#[derive(Default, Deserialize)]
struct ModelPart {
    #[serde(default)]
    vocab: LongestText,
}

#[derive(Deserialize)]
struct Added<'a> {
    #[serde(borrow)]
    content: Cow<'a, str>,
}

/// Reads a `tokenizer.json`.
///
/// # Errors
/// The library's, and what is refused before it sees the file.
pub(crate) fn read(text: &[u8]) -> Result<Tokenizer, BoxError> {
    let parts: Parts<'_> = serde_json::from_slice(text)?;
    check_piece(parts.model.vocab.0)?;
    check_maps(&parts.normalizer)?;
    let normalizer: Option<NormalizerWrapper> =
        guarded(|| Ok(serde_json::from_value(parts.normalizer)?))?;
    // They are normalized as they are added.
    let growth = Growth::of(normalizer.as_ref())?;
    check_all_added(parts.added_tokens.iter().map(|token| &*token.content))?;
    for token in parts.added_tokens {
        check_added(&token.content, &growth)?;
    }
    guarded(|| Tokenizer::from_bytes(text))
}

/// Looks at a token before it is added, which normalizes it.
///
/// # Errors
/// When it is too long, or becomes so.
pub(crate) fn check_added(token: &str, growth: &Growth) -> Result<(), BoxError> {
    if token.len() > LONGEST_ADDED {
        let shown: String = token.chars().take(SHOWN).collect();
        return Err(format!(
            "the added token {shown:?}… has {} bytes, more than {LONGEST_ADDED}",
            token.len()
        )
        .into());
    }
    growth.check(token)
}

/// Looks at how long all added tokens are together.
///
/// # Errors
/// When they are too long.
pub(crate) fn check_all_added<'t>(
    tokens: impl IntoIterator<Item = &'t str>,
) -> Result<(), BoxError> {
    let bytes: usize = tokens.into_iter().map(str::len).sum();
    match bytes > MOST_ADDED {
        true => Err(format!("its added tokens have {bytes} bytes, more than {MOST_ADDED}").into()),
        false => Ok(()),
    }
}

/// Looks for added tokens of which the normalizer makes the same text. The library finds one of them there, another one in each process.
///
/// # Errors
/// Names two such tokens.
pub(crate) fn check_added_apart(backend: &Tokenizer) -> Result<(), BoxError> {
    let Some(normalizer) = backend.get_normalizer() else {
        return Ok(());
    };
    let added: BTreeMap<u32, AddedToken> = backend.get_added_tokens_decoder().into_iter().collect();
    let mut known: HashMap<String, String> = HashMap::new();
    for token in added.into_values().filter(|token| token.normalized) {
        let mut text = NormalizedString::from(token.content.as_str());
        guarded(|| normalizer.normalize(&mut text))?;
        if let Some(other) = known.insert(text.get().to_owned(), token.content.clone()) {
            return Err(format!(
                "the normalizer makes the same of {other:?} and {:?}; leave one out, or have it matched as it stands (\"normalized\": false)",
                token.content
            )
            .into());
        }
    }
    Ok(())
}

/// Looks at the longest piece of a vocabulary before the library builds a tree of its bytes, which overflows the stack where it is deep.
///
/// # Errors
/// When it is too long.
pub(crate) fn check_piece(bytes: usize) -> Result<(), BoxError> {
    match bytes > LONGEST_PIECE {
        true => Err(format!(
            "a piece of its vocabulary has {bytes} bytes, more than {LONGEST_PIECE}"
        )
        .into()),
        false => Ok(()),
    }
}

/// Looks for maps of characters, in sequences too.
fn check_maps(normalizer: &Value) -> Result<(), BoxError> {
    match normalizer {
        Value::Array(values) => values.iter().try_for_each(check_maps),
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| match value {
            Value::String(map) if name == "precompiled_charsmap" => check_characters_map(map),
            value => check_maps(value),
        }),
        _ => Ok(()),
    }
}

/// Looks at the parts of a tokenizer that bound what it makes of a text.
///
/// # Errors
/// Says what is out of bounds.
pub(crate) fn check(
    backend: &Tokenizer,
    post_processor: Option<&PostProcessorWrapper>,
) -> Result<(), BoxError> {
    check_model(backend.get_model())?;
    if let Some(processor) = post_processor {
        let added = processed(&serde_json::to_value(processor)?);
        if added.copies > MOST_COPIES {
            return Err(format!(
                "its template has a text {} times, more than {MOST_COPIES}",
                added.copies
            )
            .into());
        }
        if added.special_tokens > MOST_SPECIAL_TOKENS {
            return Err(format!(
                "its template adds {} special tokens, more than {MOST_SPECIAL_TOKENS}",
                added.special_tokens
            )
            .into());
        }
    }
    if let Some(decoder) = backend.get_decoder() {
        let growth = decoder_growth(&serde_json::to_value(decoder)?);
        if growth > MOST_GROWTH {
            return Err(format!(
                "its decoder makes more than {MOST_GROWTH} times as much of a token"
            )
            .into());
        }
    }
    Ok(())
}

fn check_model(model: &ModelWrapper) -> Result<(), BoxError> {
    if let ModelWrapper::WordPiece(pieces) = model
        && pieces.max_input_chars_per_word > MOST_CHARS_PER_WORD
    {
        return Err(format!(
            "its max_input_chars_per_word is {}, more than {MOST_CHARS_PER_WORD}",
            pieces.max_input_chars_per_word
        )
        .into());
    }
    // Those of Unigram stand in a list.
    if !matches!(model, ModelWrapper::Unigram(_)) {
        let vocabulary = model.get_vocab();
        if let Some((token, id)) = vocabulary.iter().find(|(_, id)| **id >= MOST_IDS) {
            let shown: String = token.chars().take(SHOWN).collect();
            return Err(format!("the id of {shown:?} is {id}, not below {MOST_IDS}").into());
        }
    }
    Ok(())
}

/// What an encoding of two texts gets.
struct Processed {
    /// How often one of them stands in it.
    copies: usize,
    special_tokens: usize,
}

/// Of a post-processor as JSON.
fn processed(processor: &Value) -> Processed {
    let list = |value: &Value, name: &str| -> Vec<Value> {
        value
            .get(name)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let mut all = Processed {
        copies: 1,
        special_tokens: 0,
    };
    for inner in list(processor, "processors") {
        let inner = processed(&inner);
        all.copies = all.copies.saturating_mul(inner.copies);
        all.special_tokens = all.special_tokens.saturating_mul(inner.copies);
        all.special_tokens = all.special_tokens.saturating_add(inner.special_tokens);
    }
    for template in ["single", "pair"] {
        let (mut copies, mut special_tokens) = ([0, 0], 0_usize);
        for piece in list(processor, template) {
            if let Some(id) = piece.pointer("/Sequence/id") {
                copies[usize::from(id == "B")] += 1;
            }
            let id = piece.pointer("/SpecialToken/id").and_then(Value::as_str);
            let ids = id.and_then(|id| processor.get("special_tokens")?.get(id)?.get("ids"));
            let ids = ids.and_then(Value::as_array).map_or(0, Vec::len);
            special_tokens = special_tokens.saturating_add(ids);
        }
        all.copies = all.copies.max(copies[0]).max(copies[1]);
        all.special_tokens = all.special_tokens.max(special_tokens);
    }
    all
}

/// How many times as long a decoder, as JSON, makes a token at most.
fn decoder_growth(decoder: &Value) -> usize {
    let inner = decoder.get("decoders").and_then(Value::as_array);
    let inner = inner.into_iter().flatten().map(decoder_growth);
    let own = match decoder.get("type").and_then(Value::as_str) {
        Some("Replace") => replacement_growth(decoder),
        _ => 1,
    };
    inner.fold(own, usize::saturating_mul)
}
