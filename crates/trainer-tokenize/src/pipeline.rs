//! The parts of a backend tokenizer that a configuration changes, and those that it describes.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use serde_json::{Map, Value};
use tokenizers::utils::padding::PaddingDirection;
use tokenizers::utils::truncation::TruncationDirection;
use tokenizers::{AddedToken, NormalizerWrapper, Tokenizer};

use crate::class::class;
use crate::config::{Side, TokenizerConfig};
use crate::growth::Growth;
use crate::limits::{check_added, check_all_added, guarded};
use crate::wordpiece::Cleaning;
use crate::{Error, Result, fields};

/// BERT's cleaning as the fields of `tokenizer_config.json` say, over what it would be without them.
pub(crate) fn cleaning(
    path: Option<&PathBuf>,
    from: &Map<String, Value>,
    default: Cleaning,
) -> Result<Cleaning> {
    let flag = |name| fields::flag(path, from, name);
    Ok(Cleaning {
        lower_case: flag("do_lower_case")?
            .flatten()
            .unwrap_or(default.lower_case),
        strip_accents: flag("strip_accents")?.unwrap_or(default.strip_accents),
        chinese_chars: flag("tokenize_chinese_chars")?
            .flatten()
            .unwrap_or(default.chinese_chars),
    })
}

/// Takes sides and the padding token from the padding and truncation that `tokenizer.json` was saved with; they serve
/// as defaults, and are not applied.
pub(crate) fn take_defaults(backend: &Tokenizer, config: &mut TokenizerConfig) {
    if let Some(padding) = backend.get_padding() {
        let pad_token = &mut config.special_tokens.pad_token;
        pad_token.get_or_insert_with(|| padding.pad_token.clone());
        config.padding_side = match padding.direction {
            PaddingDirection::Left => Side::Left,
            PaddingDirection::Right => Side::Right,
        };
    }
    if let Some(truncation) = backend.get_truncation() {
        config.truncation_side = match truncation.direction {
            TruncationDirection::Left => Side::Left,
            TruncationDirection::Right => Side::Right,
        };
    }
}

/// The tokens that files beside the vocabulary add to it.
#[derive(Default)]
pub(crate) struct Added {
    /// In the order of their ids.
    pub(crate) listed: Vec<AddedToken>,
    /// How special tokens match texts, of those of which a file says more than what they are.
    pub(crate) described: Vec<AddedToken>,
}

/// Adds the `added` tokens and the special tokens of `config` that the backend does not know as added tokens yet.
/// Those that its model has keep their ids; the others get new ones.
///
/// # Errors
/// When one or all together are too long, or the backend's normalizer fails on it.
pub(crate) fn add_missing_tokens(
    backend: &mut Tokenizer,
    config: &TokenizerConfig,
    added: &Added,
    growth: &Growth,
) -> Result<()> {
    let mask_takes_blanks = class(&config.tokenizer_class).parts.mask_takes_blanks();
    let mask = config.special_tokens.mask_token.as_deref();
    let have = backend.get_added_tokens_decoder();
    let mut seen: HashSet<String> = have.into_values().map(|token| token.content).collect();
    let named: HashSet<&str> = config
        .special_tokens
        .iter()
        .map(|(_, token)| token)
        .collect();
    let described = added.described.iter();
    let described: HashMap<&str, &AddedToken> = described
        .map(|token| (token.content.as_str(), token))
        .collect();
    let in_order = config.special_tokens.iter().map(|(_, token)| token);
    let extra = config.extra_special_tokens.iter().map(String::as_str);
    let special = in_order.chain(extra).map(|token| {
        if let Some(&described) = described.get(token) {
            return described.clone();
        }
        let takes_blanks = mask_takes_blanks && Some(token) == mask;
        AddedToken::from(token.to_owned(), true).lstrip(takes_blanks)
    });
    let mut missing = Vec::new();
    for mut token in added.listed.iter().cloned().chain(special) {
        token.special |= named.contains(token.content.as_str());
        if seen.insert(token.content.clone()) {
            check_added(&token.content, growth).map_err(Error::Bounds)?;
            missing.push(token);
        }
    }
    check_all_added(seen.iter().map(String::as_str)).map_err(Error::Bounds)?;
    // Nothing to add would build the library's tree of them anew.
    if !missing.is_empty() {
        guarded(|| backend.add_tokens(missing)).map_err(Error::Encode)?;
    }
    Ok(())
}

/// Writes into `config` what Python needs to rebuild a tokenizer whose class takes its cleaning from there and not from
/// `tokenizer.json`.
pub(crate) fn describe(backend: &Tokenizer, config: &mut TokenizerConfig) {
    if !class(&config.tokenizer_class).parts.are_word_pieces() {
        return;
    }
    if let Some(NormalizerWrapper::BertNormalizer(normalizer)) = backend.get_normalizer() {
        let fields = &mut config.other_fields;
        fields.insert("do_lower_case".to_owned(), normalizer.lowercase.into());
        fields.insert("strip_accents".to_owned(), normalizer.strip_accents.into());
        fields.insert(
            "tokenize_chinese_chars".to_owned(),
            normalizer.handle_chinese_chars.into(),
        );
    }
}
