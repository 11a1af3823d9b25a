use std::path::Path;

use tokenizers::Tokenizer;
use tokenizers::decoders::wordpiece::WordPiece as WordPieceDecoder;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::template::{Template, TemplateProcessing};
use trainer_data::BoxError;

use crate::config::TokenizerConfig;
use crate::limits::{guarded, set_normalizer};
use crate::{Error, Result};

/// How BERT's tokenizer cleans a text before it is cut into pieces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cleaning {
    pub(crate) lower_case: bool,
    pub(crate) strip_accents: Option<bool>,
    pub(crate) chinese_chars: bool,
}

impl Default for Cleaning {
    /// Python's defaults; accents go when letters are lowered.
    fn default() -> Self {
        Self {
            lower_case: true,
            strip_accents: None,
            chinese_chars: true,
        }
    }
}

impl Cleaning {
    pub(crate) fn normalizer(self) -> BertNormalizer {
        BertNormalizer::new(
            true,
            self.chinese_chars,
            self.strip_accents,
            self.lower_case,
        )
    }
}

/// BERT's tokenizer from the text of a `vocab.txt`, one token a line, its line number from 0 being its id.
pub(crate) fn from_vocabulary(
    path: &Path,
    text: &[u8],
    cleaning: Cleaning,
    config: &TokenizerConfig,
) -> Result<Tokenizer> {
    let unusable = |source: BoxError| Error::Vocabulary {
        path: path.to_owned(),
        source,
    };
    let vocabulary = guarded(|| WordPiece::read_bytes(text)).map_err(unusable)?;
    let unk_token = config.special_tokens.unk_token.clone();
    let unk_token = unk_token.unwrap_or_else(|| "[UNK]".to_owned());
    let model = WordPiece::builder()
        .vocab(vocabulary)
        .unk_token(unk_token)
        .build()
        .map_err(unusable)?;
    let mut tokenizer = Tokenizer::new(model);
    set_normalizer(&mut tokenizer, Some(cleaning.normalizer())).map_err(unusable)?;
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    tokenizer.with_decoder(Some(WordPieceDecoder::default()));
    let what = path.display().to_string();
    let template = pair_template(&tokenizer, config, &what)?;
    tokenizer.with_post_processor(Some(template));
    Ok(tokenizer)
}

/// `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]` with BERT's token types.
///
/// # Errors
/// Names a special token that the vocabulary lacks.
pub(crate) fn pair_template(
    tokenizer: &Tokenizer,
    config: &TokenizerConfig,
    what: &str,
) -> Result<TemplateProcessing> {
    let special = |token: &Option<String>, default: &str| {
        let token = token.clone().unwrap_or_else(|| default.to_owned());
        match tokenizer.token_to_id(&token) {
            Some(id) => Ok((token, id)),
            None => Err(Error::MissingSpecialToken {
                what: what.to_owned(),
                token,
            }),
        }
    };
    let cls = special(&config.special_tokens.cls_token, "[CLS]")?;
    let sep = special(&config.special_tokens.sep_token, "[SEP]")?;
    let template = |pieces: Vec<String>| {
        Template::try_from(pieces).map_err(|reason| Error::Encode(BoxError::from(reason)))
    };
    let (first, second) = (format!("{}:0", cls.0), format!("{}:0", sep.0));
    let single = vec![first.clone(), "$A:0".to_owned(), second.clone()];
    let pair = vec![
        first,
        "$A:0".to_owned(),
        second,
        "$B:1".to_owned(),
        format!("{}:1", sep.0),
    ];
    TemplateProcessing::builder()
        .single(template(single)?)
        .pair(template(pair)?)
        .special_tokens(vec![cls, sep])
        .build()
        .map_err(|source| Error::Encode(source.into()))
}
