//! The parts of a backend tokenizer that a configuration changes, and those that it describes.

use std::collections::HashSet;
use std::path::PathBuf;

use serde_json::{Map, Value};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::processors::PostProcessorWrapper;
use tokenizers::processors::roberta::RobertaProcessing;
use tokenizers::utils::padding::PaddingDirection;
use tokenizers::utils::truncation::TruncationDirection;
use tokenizers::{AddedToken, ModelWrapper, NormalizerWrapper, Tokenizer};

use crate::class::class;
use crate::config::{Side, TokenizerConfig};
use crate::growth::Growth;
use crate::limits::{check_added, guarded};
use crate::wordpiece::{self, Cleaning};
use crate::{Error, Result, deberta, fields};

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

/// Puts what the tokenizer's class decides, and the fields of `tokenizer_config.json` that say how texts are cut, over what
/// `tokenizer.json` says, as Python does.
///
/// BERT's class brings its normalizer, with `do_lower_case` and its companions, how words are parted, and the special tokens
/// around texts; RoBERTa's the latter two, with `add_prefix_space` and `trim_offsets`; DeBERTa's all of them, see [`deberta`]. Other byte-level vocabularies take
/// `add_prefix_space`.
pub(crate) fn configure(
    backend: &mut Tokenizer,
    config: &TokenizerConfig,
    path: Option<&PathBuf>,
    from: &Map<String, Value>,
) -> Result<()> {
    let class = class(&config.tokenizer_class);
    match backend.get_model() {
        ModelWrapper::WordPiece(_) if class.bert => {
            return configure_bert(backend, config, path, from);
        }
        ModelWrapper::BPE(_) if class.roberta => {
            return configure_roberta(backend, config, path, from);
        }
        ModelWrapper::Unigram(model) if class.deberta => {
            let model = model.clone();
            deberta::configure(backend, &model, config, path, from)?;
            return surround(backend, config);
        }
        _ => {}
    }
    if let Some(PreTokenizerWrapper::ByteLevel(stored)) = backend.get_pre_tokenizer() {
        let mut stored = *stored;
        if let Some(add) = fields::flag(path, from, "add_prefix_space")?.flatten() {
            stored.add_prefix_space = add;
            backend.with_pre_tokenizer(Some(stored));
        }
    }
    Ok(())
}

fn configure_bert(
    backend: &mut Tokenizer,
    config: &TokenizerConfig,
    path: Option<&PathBuf>,
    from: &Map<String, Value>,
) -> Result<()> {
    let stored = match backend.get_normalizer() {
        Some(NormalizerWrapper::BertNormalizer(stored)) => Cleaning {
            lower_case: stored.lowercase,
            strip_accents: stored.strip_accents,
            chinese_chars: stored.handle_chinese_chars,
        },
        _ => Cleaning::default(),
    };
    let cleaning = cleaning(path, from, stored)?;
    backend.with_normalizer(Some(cleaning.normalizer()));
    backend.with_pre_tokenizer(Some(BertPreTokenizer));
    surround(backend, config)
}

/// Puts the special tokens around texts, where the vocabulary has them.
fn surround(backend: &mut Tokenizer, config: &TokenizerConfig) -> Result<()> {
    let Some((sep, cls)) = around(backend, config) else {
        return Ok(());
    };
    if let Some(PostProcessorWrapper::Bert(stored)) = backend.get_post_processor()
        && (stored.get_sep_copy(), stored.get_cls_copy()) == (sep, cls)
    {
        return Ok(());
    }
    let template = wordpiece::pair_template(backend, config, "tokenizer.json")?;
    backend.with_post_processor(Some(template));
    Ok(())
}

/// What stands behind texts and before the first, with its ids. A vocabulary without these tokens gets them later, at its
/// end.
fn around(backend: &Tokenizer, config: &TokenizerConfig) -> Option<((String, u32), (String, u32))> {
    let with_id = |token: &Option<String>| {
        let token = token.clone()?;
        let id = backend.token_to_id(&token)?;
        Some((token, id))
    };
    let tokens = &config.special_tokens;
    Some((with_id(&tokens.sep_token)?, with_id(&tokens.cls_token)?))
}

fn configure_roberta(
    backend: &mut Tokenizer,
    config: &TokenizerConfig,
    path: Option<&PathBuf>,
    from: &Map<String, Value>,
) -> Result<()> {
    let flag = |name, default| -> Result<bool> {
        Ok(fields::flag(path, from, name)?.flatten().unwrap_or(default))
    };
    let add_prefix_space = flag("add_prefix_space", false)?;
    let trim_offsets = flag("trim_offsets", true)?;
    let parts = match backend.get_pre_tokenizer() {
        Some(PreTokenizerWrapper::ByteLevel(stored)) => *stored,
        _ => ByteLevel::default(),
    };
    backend.with_pre_tokenizer(Some(parts.add_prefix_space(add_prefix_space)));
    if let Some((sep, cls)) = around(backend, config) {
        let processing = RobertaProcessing::new(sep, cls)
            .trim_offsets(trim_offsets)
            .add_prefix_space(add_prefix_space);
        backend.with_post_processor(Some(processing));
    }
    Ok(())
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

/// Adds the `added` tokens and the special tokens of `config` that the backend does not know as added tokens yet.
/// Those that its model has keep their ids; the others get new ones.
///
/// # Errors
/// When one is too long, or the backend's normalizer fails on it.
pub(crate) fn add_missing_tokens(
    backend: &mut Tokenizer,
    config: &TokenizerConfig,
    added: &[AddedToken],
    growth: &Growth,
) -> Result<()> {
    let have = backend.get_added_tokens_decoder();
    let mut seen: HashSet<String> = have.into_values().map(|token| token.content).collect();
    let named = config.special_tokens.iter().map(|(_, token)| token);
    let extra = config.extra_special_tokens.iter().map(String::as_str);
    let special = named
        .chain(extra)
        .map(|token| AddedToken::from(token.to_owned(), true));
    let mut missing = Vec::new();
    for token in added.iter().cloned().chain(special) {
        if seen.insert(token.content.clone()) {
            check_added(&token.content, growth).map_err(Error::Bounds)?;
            missing.push(token);
        }
    }
    guarded(|| Ok(backend.add_tokens(&missing))).map_err(Error::Encode)?;
    Ok(())
}

/// Writes into `config` what Python needs to rebuild a BERT, whose class takes its cleaning from there and not from
/// `tokenizer.json`.
pub(crate) fn describe(backend: &Tokenizer, config: &mut TokenizerConfig) {
    if !class(&config.tokenizer_class).bert {
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
