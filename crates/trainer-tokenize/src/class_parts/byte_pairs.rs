//! The classes of RoBERTa, GPT-2 and DeBERTa (the first): byte pairs.

use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{NormalizerWrapper, Tokenizer};

use crate::class_parts::Said;
use crate::limits::set_normalizer;
use crate::{Error, Result};

pub(crate) fn configure(backend: &mut Tokenizer, said: Said<'_>) -> Result<()> {
    let words = ByteLevel::new(said.flag("add_prefix_space", false)?, true, true);
    set_normalizer(backend, None::<NormalizerWrapper>).map_err(Error::Encode)?;
    backend.with_pre_tokenizer(Some(words));
    backend.with_decoder(Some(ByteLevel::default()));
    Ok(())
}
