//! SentencePiece models: `spiece.model`, `sentencepiece.bpe.model`, `spm.model` and `tokenizer.model`.
//!
//! `model` reads the file, [`class_backend`] makes of it what a class of Python's makes, and [`plain_backend`] what Python makes where
//! no class is known: `convert_slow_tokenizer.py` and `tokenization_utils_tokenizers.py` of transformers 5.23.

mod class_backend;
mod merges;
mod model;
mod plain_backend;

pub(crate) use class_backend::class_backend;
pub(crate) use model::Model;
pub(crate) use plain_backend::{plain_backend, plain_defaults};

use serde_json::{Map, Value};
use tokenizers::{AddedToken, NormalizerWrapper};
use trainer_data::BoxError;

use crate::class::{GENERIC, Parts, class, extra_tokens};
use crate::growth::check_characters;
use crate::limits::guarded;

/// The names under which Python looks for the model of a class, the first that is there; none of a class that is not built from one here.
pub(crate) fn file_names(class_name: &str) -> &'static [&'static str] {
    match class(class_name).parts {
        Parts::Albert | Parts::T5 => &["tokenizer.model", "spiece.model"],
        Parts::XlmRoberta | Parts::Camembert => &["tokenizer.model", "sentencepiece.bpe.model"],
        Parts::DebertaV2 => &["tokenizer.model", "spm.model"],
        _ if class_name == GENERIC => &["tokenizer.model"],
        _ => &[],
    }
}

/// The further special tokens where no file names any: the model's control pieces and those that its maker defined, and T5's own.
pub(crate) fn extra_special_tokens(
    model: &Model,
    parts: Parts,
    fields: &Map<String, Value>,
) -> Result<Vec<String>, BoxError> {
    let pieces = model.added_pieces().map(|(piece, _)| piece.to_owned());
    let mut tokens: Vec<String> = pieces.collect();
    if parts == Parts::T5 {
        let wanted = extra_ids(fields);
        let have = tokens
            .iter()
            .filter(|token| token.contains("<extra_id_"))
            .count() as u64;
        if have == 0 {
            tokens.extend(extra_tokens(parts, Some(wanted)));
        } else if wanted > 0 && wanted != have {
            return Err(format!(
                "it has {have} pieces for masked spans, where extra_ids says {wanted}"
            )
            .into());
        }
    }
    Ok(tokens)
}

/// How the model's added pieces match texts: as they stand.
pub(crate) fn described(model: &Model) -> impl Iterator<Item = AddedToken> {
    model
        .added_pieces()
        .map(|(piece, special)| AddedToken::from(piece.to_owned(), special).normalized(false))
}

/// How many tokens for masked spans T5 has.
fn extra_ids(fields: &Map<String, Value>) -> u64 {
    let said = fields.get("extra_ids").and_then(Value::as_u64);
    said.unwrap_or(100)
}

/// The model's map of characters, if it has one.
fn characters_map(model: &Model) -> Result<Option<NormalizerWrapper>, BoxError> {
    let Some(map) = model.characters_map() else {
        return Ok(None);
    };
    check_characters(map)?;
    let map = guarded(|| Ok(tokenizers::normalizers::Precompiled::from(map)?))?;
    Ok(Some(map.into()))
}
