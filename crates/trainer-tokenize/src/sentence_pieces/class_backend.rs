use tokenizers::Tokenizer;
use tokenizers::models::unigram::Unigram;
use trainer_data::BoxError;

use super::{Model, characters_map, extra_ids};
use crate::class::{Parts, extra_tokens};
use crate::class_parts::Said;
use crate::config::TokenizerConfig;
use crate::limits::{guarded, set_normalizer};

/// The vocabulary that a class makes of a model, with the model's map of characters. All else is the class's, and comes after.
pub(crate) fn class_backend(
    model: &Model,
    parts: Parts,
    config: &TokenizerConfig,
    said: Said<'_>,
) -> Result<Tokenizer, BoxError> {
    if parts == Parts::Camembert && !model.is_unigram() {
        return Err("it is put together of pairs, which this class does not take".into());
    }
    let vocabulary = vocabulary(model, parts, config, said);
    let unigram = guarded(|| Unigram::from(vocabulary, Some(0), false))?;
    let mut backend = Tokenizer::new(unigram);
    set_normalizer(&mut backend, characters_map(model)?)?;
    Ok(backend)
}

/// `convert_from_spm` of the classes' converters.
fn vocabulary(
    model: &Model,
    parts: Parts,
    config: &TokenizerConfig,
    said: Said<'_>,
) -> Vec<(String, f64)> {
    let tokens = &config.special_tokens;
    let named = |token: &Option<String>, default: &str| {
        (token.clone().unwrap_or_else(|| default.to_owned()), 0.0)
    };
    let (pad, unk) = (
        named(&tokens.pad_token, "<pad>"),
        named(&tokens.unk_token, "<unk>"),
    );
    let owned = |(piece, score): (&str, f64)| (piece.to_owned(), score);
    // The pieces that stand for the special tokens are left out.
    let (mut vocabulary, left_out) = match parts {
        Parts::XlmRoberta => {
            let begin = named(&tokens.bos_token, "<s>");
            let end = named(&tokens.eos_token, "</s>");
            (vec![begin, pad, end, unk], 3)
        }
        Parts::Camembert => {
            let unused = |token: &str, score| (format!("{token}NOTUSED"), score);
            let (begin, end) = (unused("<s>", 0.0), unused("</s>", 0.0));
            (vec![begin, pad, end, unk, unused("<unk>", -100.0)], 1)
        }
        _ => (Vec::new(), 0),
    };
    vocabulary.extend(model.pieces().skip(left_out).map(owned));
    match parts {
        Parts::XlmRoberta | Parts::Camembert => {
            vocabulary.push(named(&tokens.mask_token, "<mask>"))
        }
        Parts::T5 => {
            let extra = extra_tokens(parts, Some(extra_ids(said.fields)));
            vocabulary.extend(extra.into_iter().rev().map(|token| (token, 0.0)));
        }
        _ => {}
    }
    vocabulary
}
