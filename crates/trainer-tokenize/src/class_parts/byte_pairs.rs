//! The classes of RoBERTa, GPT-2 and DeBERTa (the first): byte pairs.

use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{NormalizerWrapper, Tokenizer};

use crate::Result;
use crate::class_parts::Said;

pub(crate) fn configure(backend: &mut Tokenizer, said: Said<'_>) -> Result<()> {
    let words = ByteLevel::new(said.flag("add_prefix_space", false)?, true, true);
    backend.with_normalizer(None::<NormalizerWrapper>);
    backend.with_pre_tokenizer(Some(words));
    backend.with_decoder(Some(ByteLevel::default()));
    Ok(())
}
