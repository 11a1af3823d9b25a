//! The classes of ALBERT, XLM-RoBERTa, CamemBERT and T5: pieces of words (Unigram).

use tokenizers::models::unigram::Unigram;
use tokenizers::normalizers::{Lowercase, NFKD, Replace, Sequence, StripAccents};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::sequence::Sequence as PreTokenizers;
use tokenizers::pre_tokenizers::whitespace::WhitespaceSplit;
use tokenizers::{ModelWrapper, NormalizerWrapper, Tokenizer};

use crate::class::Parts;
use crate::class_parts::Said;
use crate::config::TokenizerConfig;
use crate::limits::set_normalizer;
use crate::{Error, Result};

/// Of the file's normalizer its map of characters stays.
pub(crate) fn configure(
    backend: &mut Tokenizer,
    config: &TokenizerConfig,
    parts: Parts,
    said: Said<'_>,
) -> Result<()> {
    let map = backend.get_normalizer().and_then(characters_map);
    let normalizer = match parts {
        Parts::Albert => Some(Sequence::new(albert(map, said)?).into()),
        _ => map,
    };
    set_normalizer(backend, normalizer).map_err(Error::Encode)?;

    let scheme = match parts == Parts::T5 || said.flag("add_prefix_space", true)? {
        true => PrependScheme::Always,
        false => PrependScheme::Never,
    };
    let words = Metaspace::new('▁', scheme, true);
    let cuts: Vec<PreTokenizerWrapper> = vec![WhitespaceSplit.into(), words.clone().into()];
    backend.with_pre_tokenizer(Some(PreTokenizers::new(cuts)));
    backend.with_decoder(Some(words));
    if let ModelWrapper::Unigram(model) = backend.get_model() {
        let vocabulary: Vec<(String, f64)> = model.iter().cloned().collect();
        let unknown = unknown(&vocabulary, config, parts);
        let model = Unigram::from(vocabulary, Some(unknown), false).map_err(Error::Encode)?;
        backend.with_model(model);
    }
    Ok(())
}

/// The number of the unknown token, which most classes have in one place.
fn unknown(vocabulary: &[(String, f64)], config: &TokenizerConfig, parts: Parts) -> usize {
    match parts {
        Parts::Albert => 1,
        Parts::T5 => 2,
        Parts::XlmRoberta => 3,
        _ => {
            let token = config.special_tokens.unk_token.as_deref();
            let mut all = vocabulary.iter();
            let place = all.position(|(piece, _)| Some(piece.as_str()) == token);
            place.unwrap_or(0)
        }
    }
}

fn albert(map: Option<NormalizerWrapper>, said: Said<'_>) -> Result<Vec<NormalizerWrapper>> {
    let quotes = |from| Ok::<_, Error>(Replace::new(from, "\"").map_err(Error::Encode)?.into());
    let mut normalizers: Vec<NormalizerWrapper> = vec![quotes("``")?, quotes("''")?];
    if !said.flag("keep_accents", false)? {
        normalizers.extend([NFKD.into(), StripAccents.into()]);
    }
    if said.flag("do_lower_case", true)? {
        normalizers.push(Lowercase.into());
    }
    normalizers.extend(map);
    Ok(normalizers)
}

/// The first map of characters of a normalizer.
fn characters_map(normalizer: &NormalizerWrapper) -> Option<NormalizerWrapper> {
    match normalizer {
        NormalizerWrapper::Precompiled(_) => Some(normalizer.clone()),
        NormalizerWrapper::Sequence(sequence) => {
            let parts: &[NormalizerWrapper] = sequence.as_ref();
            let is_map =
                |part: &&NormalizerWrapper| matches!(part, NormalizerWrapper::Precompiled(_));
            parts.iter().find(is_map).cloned()
        }
        _ => None,
    }
}
