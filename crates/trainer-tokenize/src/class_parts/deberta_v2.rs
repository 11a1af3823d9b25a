//! What DeBERTa's tokenizer class brings, whatever `tokenizer.json` says: `tokenization_deberta_v2.py` of transformers 5.23.

use serde_json::{Map, Value};
use tokenizers::models::unigram::Unigram;
use tokenizers::normalizers::replace::ReplacePattern;
use tokenizers::normalizers::{Lowercase, NFC, Replace, Sequence, Strip};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::punctuation::Punctuation;
use tokenizers::pre_tokenizers::sequence::Sequence as PreTokenizers;
use tokenizers::{ModelWrapper, NormalizerWrapper, SplitDelimiterBehavior, Tokenizer};

use crate::class_parts::Said;
use crate::config::TokenizerConfig;
use crate::limits::set_normalizer;
use crate::{Error, Result};

/// Puts the class's cleaning, with `do_lower_case`, its cuts, with `split_by_punct` and `add_prefix_space`, and its unknown token over the
/// parts that were read.
pub(crate) fn configure(
    backend: &mut Tokenizer,
    config: &TokenizerConfig,
    said: Said<'_>,
) -> Result<()> {
    let mut normalizers: Vec<NormalizerWrapper> = Vec::new();
    if said.flag("do_lower_case", false)? {
        normalizers.push(Lowercase.into());
    }
    let blanks = ReplacePattern::Regex(r"\s{2,}|[\n\r\t]".to_owned());
    normalizers.push(Replace::new(blanks, " ").map_err(Error::Encode)?.into());
    normalizers.push(NFC.into());
    normalizers.push(Strip::new(false, true).into());
    set_normalizer(backend, Some(Sequence::new(normalizers))).map_err(Error::Encode)?;

    let scheme = match said.flag("add_prefix_space", true)? {
        true => PrependScheme::Always,
        false => PrependScheme::First,
    };
    let words = Metaspace::new('▁', scheme, true);
    let mut cuts: Vec<PreTokenizerWrapper> = Vec::new();
    if said.flag("split_by_punct", false)? {
        cuts.push(Punctuation::new(SplitDelimiterBehavior::Isolated).into());
    }
    cuts.push(words.clone().into());
    backend.with_pre_tokenizer(Some(PreTokenizers::new(cuts)));
    backend.with_decoder(Some(words));
    if let ModelWrapper::Unigram(model) = backend.get_model() {
        let vocabulary: Vec<(String, f64)> = model.iter().cloned().collect();
        let unknown = unknown(&vocabulary, config, said.fields);
        let model = Unigram::from(vocabulary, Some(unknown), false).map_err(Error::Encode)?;
        backend.with_model(model);
    }
    Ok(())
}

/// The number of the unknown token: where the vocabulary has it with the score of tokens that no text has, else as the configuration says.
fn unknown(
    vocabulary: &[(String, f64)],
    config: &TokenizerConfig,
    from: &Map<String, Value>,
) -> usize {
    let token = config.special_tokens.unk_token.as_deref();
    let mut all = vocabulary.iter();
    let place = all.position(|(piece, score)| Some(piece.as_str()) == token && *score == 0.0);
    let said = from.get("unk_id").and_then(Value::as_u64);
    let said = said.and_then(|said| usize::try_from(said).ok());
    place.or(said).unwrap_or(1)
}
