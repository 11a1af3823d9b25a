//! The parts of a tokenizer that its class brings, whatever `tokenizer.json` says: the constructors of the classes of transformers 5.23.
//!
//! [`configure`] puts cleaning, cuts and decoder over those that were read, before tokens are added; [`surround`] the special tokens
//! around texts, once all have their ids.

mod byte_pairs;
mod deberta_v2;
mod pieces;
mod word_pieces;

use std::path::PathBuf;

use serde_json::{Map, Value};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::processors::PostProcessorWrapper;
use tokenizers::processors::roberta::RobertaProcessing;
use tokenizers::processors::template::{Template, TemplateProcessing};
use tokenizers::{ModelWrapper, Tokenizer};
use trainer_data::BoxError;

use crate::class::{Parts, class};
use crate::config::TokenizerConfig;
use crate::{Error, Result, fields};

/// The fields of `tokenizer_config.json`, and where it is.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) path: Option<&'a PathBuf>,
    pub(crate) fields: &'a Map<String, Value>,
}

impl Said<'_> {
    fn flag(self, name: &str, default: bool) -> Result<bool> {
        let said = fields::flag(self.path, self.fields, name)?;
        Ok(said.flatten().unwrap_or(default))
    }
}

/// The parts that the class brings for this kind of vocabulary.
fn parts_of(backend: &Tokenizer, config: &TokenizerConfig) -> Parts {
    use Parts::{
        Albert, AroundAsBert, Bert, Camembert, Deberta, DebertaV2, Gpt2, Mpnet, Roberta, T5,
        XlmRoberta,
    };
    let parts = class(&config.tokenizer_class).parts;
    match (backend.get_model(), parts) {
        (ModelWrapper::WordPiece(_), Bert | Mpnet | AroundAsBert)
        | (ModelWrapper::BPE(_), Roberta | Gpt2 | Deberta)
        | (ModelWrapper::Unigram(_), DebertaV2 | Albert | XlmRoberta | Camembert | T5) => parts,
        _ => Parts::AsFile,
    }
}

/// Puts the cleaning, the cuts, the decoder and what of the vocabulary the class decides over what was read. Other byte-level
/// vocabularies take `add_prefix_space`.
pub(crate) fn configure(
    backend: &mut Tokenizer,
    config: &TokenizerConfig,
    said: Said<'_>,
) -> Result<()> {
    match parts_of(backend, config) {
        Parts::AsFile | Parts::AroundAsBert => add_prefix_space(backend, said),
        Parts::Bert | Parts::Mpnet => word_pieces::configure(backend, said),
        Parts::Roberta | Parts::Gpt2 | Parts::Deberta => byte_pairs::configure(backend, said),
        Parts::DebertaV2 => deberta_v2::configure(backend, config, said),
        parts => pieces::configure(backend, config, parts, said),
    }
}

fn add_prefix_space(backend: &mut Tokenizer, said: Said<'_>) -> Result<()> {
    if let Some(PreTokenizerWrapper::ByteLevel(stored)) = backend.get_pre_tokenizer() {
        let stored = *stored;
        let add = said.flag("add_prefix_space", stored.add_prefix_space)?;
        backend.with_pre_tokenizer(Some(stored.add_prefix_space(add)));
    }
    Ok(())
}

/// Puts the special tokens of the class around texts.
pub(crate) fn surround(
    backend: &mut Tokenizer,
    config: &TokenizerConfig,
    said: Said<'_>,
) -> Result<()> {
    let parts = parts_of(backend, config);
    let tokens = &config.special_tokens;
    let with_id = |token: &Option<String>| {
        let token = token.clone()?;
        let id = backend.token_to_id(&token)?;
        Some((token, id))
    };
    let stored = backend.get_post_processor();
    let processor: Option<PostProcessorWrapper> = match parts {
        Parts::AsFile | Parts::Gpt2 => None,
        Parts::Albert if stored.is_some() => None,
        Parts::T5 => match with_id(&tokens.eos_token) {
            Some(end) => Some(template("$A $1", "$A $1 $B $1", &[end])?),
            None => None,
        },
        Parts::XlmRoberta | Parts::Camembert => {
            let ends = with_id(&tokens.bos_token).zip(with_id(&tokens.eos_token));
            ends.map(|(begin, end)| template("$1 $A $2", "$1 $A $2 $2 $B $2", &[begin, end]))
                .transpose()?
        }
        _ => {
            let ends = with_id(&tokens.cls_token).zip(with_id(&tokens.sep_token));
            ends.map(|(cls, sep)| around(parts, stored, cls, sep, said))
                .transpose()?
                .flatten()
        }
    };
    if let Some(processor) = processor {
        backend.with_post_processor(Some(processor));
    }
    Ok(())
}

/// Puts what begins and ends a text around it where `add_bos_token` and `add_eos_token` say so, which Python heeds where there is no
/// `tokenizer.json`: of classes that put nothing else around texts, and of ALBERT where one is said.
pub(crate) fn begin_and_end(
    backend: &mut Tokenizer,
    config: &TokenizerConfig,
    said: Said<'_>,
) -> Result<()> {
    let parts = parts_of(backend, config);
    let names = ["add_bos_token", "add_eos_token"];
    match parts {
        Parts::Gpt2 | Parts::AsFile => {}
        Parts::Albert if names.iter().any(|name| said.fields.contains_key(*name)) => {}
        _ => return Ok(()),
    }
    let mut tokens = Vec::new();
    let mut numbered = |name: &str, token: &Option<String>| -> Result<String> {
        let wanted = said.flag(name, false)?;
        let token = token.clone().filter(|_| wanted);
        let known = token.and_then(|token| Some((backend.token_to_id(&token)?, token)));
        Ok(known.map_or(String::new(), |(id, token)| {
            tokens.push((token, id));
            format!("${}", tokens.len())
        }))
    };
    let begin = numbered("add_bos_token", &config.special_tokens.bos_token)?;
    let end = numbered("add_eos_token", &config.special_tokens.eos_token)?;
    let part = |text: &str, kind: u8| {
        let pieces = [begin.as_str(), text, end.as_str()]
            .into_iter()
            .filter(|piece| !piece.is_empty());
        pieces
            .map(|piece| format!("{piece}:{kind}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    if !tokens.is_empty() || parts != Parts::Gpt2 {
        let (first, second) = (part("$A", 0), part("$B", 1));
        let processor = template(&first, &format!("{first} {second}"), &tokens)?;
        backend.with_post_processor(Some(processor));
    }
    Ok(())
}

/// Of the classes that have a token before the texts and one behind each; `None` where the file has it as it should be.
fn around(
    parts: Parts,
    stored: Option<&PostProcessorWrapper>,
    cls: (String, u32),
    sep: (String, u32),
    said: Said<'_>,
) -> Result<Option<PostProcessorWrapper>> {
    let processor = match (parts, stored) {
        (Parts::Roberta, _) => RobertaProcessing::new(sep, cls)
            .trim_offsets(said.flag("trim_offsets", true)?)
            .add_prefix_space(said.flag("add_prefix_space", false)?)
            .into(),
        (Parts::Mpnet, _) => RobertaProcessing::new(sep, cls)
            .trim_offsets(true)
            .add_prefix_space(false)
            .into(),
        (Parts::Deberta, _) => template("$1 $A $2", "$1 $A $2 $2 $B $2", &[cls, sep])?,
        (_, Some(PostProcessorWrapper::Bert(bert)))
            if (bert.get_sep_copy(), bert.get_cls_copy()) == (sep.clone(), cls.clone()) =>
        {
            return Ok(None);
        }
        _ => template("$1:0 $A:0 $2:0", "$1:0 $A:0 $2:0 $B:1 $2:1", &[cls, sep])?,
    };
    Ok(Some(processor))
}

/// A template in which `$1` and `$2` are these tokens.
fn template(single: &str, pair: &str, tokens: &[(String, u32)]) -> Result<PostProcessorWrapper> {
    let of = |pieces: &str| {
        let piece = |piece: &str| {
            (1..)
                .zip(tokens)
                .fold(piece.to_owned(), |piece, (number, (token, _))| {
                    piece.replace(&format!("${number}"), token)
                })
        };
        let pieces: Vec<String> = pieces.split(' ').map(piece).collect();
        Template::try_from(pieces).map_err(|reason| Error::Encode(BoxError::from(reason)))
    };
    let mut distinct = tokens.to_vec();
    distinct.dedup();
    TemplateProcessing::builder()
        .single(of(single)?)
        .pair(of(pair)?)
        .special_tokens(distinct)
        .build()
        .map(Into::into)
        .map_err(|source| Error::Encode(source.into()))
}
