//! BERT's and MPNet's classes: WordPiece.

use tokenizers::decoders::wordpiece::WordPiece as WordPieceDecoder;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::{NormalizerWrapper, Tokenizer};

use crate::class_parts::Said;
use crate::limits::set_normalizer;
use crate::wordpiece::Cleaning;
use crate::{Error, Result, pipeline};

/// What is unsaid of cleaning stays as it was read.
pub(crate) fn configure(backend: &mut Tokenizer, said: Said<'_>) -> Result<()> {
    let stored = match backend.get_normalizer() {
        Some(NormalizerWrapper::BertNormalizer(stored)) => Cleaning {
            lower_case: stored.lowercase,
            strip_accents: stored.strip_accents,
            chinese_chars: stored.handle_chinese_chars,
        },
        _ => Cleaning::default(),
    };
    let cleaning = pipeline::cleaning(said.path, said.fields, stored)?;
    set_normalizer(backend, Some(cleaning.normalizer())).map_err(Error::Encode)?;
    backend.with_pre_tokenizer(Some(BertPreTokenizer));
    backend.with_decoder(Some(WordPieceDecoder::default()));
    Ok(())
}
