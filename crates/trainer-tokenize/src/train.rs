//! Vocabularies of one's own texts.

use serde_json::{Value, json};
use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::models::unigram::{Unigram, UnigramTrainer};
use tokenizers::models::wordlevel::{WordLevel, WordLevelTrainer};
use tokenizers::models::wordpiece::{WordPiece, WordPieceTrainer};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::processors::PostProcessorWrapper;
use tokenizers::{AddedToken, ModelWrapper, Tokenizer as Backend};
use trainer_data::{BoxError, Dataset};

use crate::columns::{in_column, text_of, texts};
use crate::limits::{guarded, set_normalizer};
use crate::{Error, Result, Tokenizer};

impl Tokenizer {
    /// A tokenizer of the same kind, with the same cleaning, cuts, special tokens and configuration, whose vocabulary of at most
    /// `vocab_size` tokens is learned of texts: WordPiece, byte pairs, Unigram or whole words. `new_special_tokens` are added to the
    /// special ones. The special tokens have the first ids.
    ///
    /// ```no_run
    /// # fn main() -> trainer_tokenize::Result<()> {
    /// let tokenizer = trainer_tokenize::AutoTokenizer::from_pretrained("gpt2")?;
    /// let texts = ["To be, or not to be", "that is the question"];
    /// tokenizer.train_new_from_iterator(texts.iter(), 8000, &[])?.save_pretrained("shakespeare")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Train`] where a part of the tokenizer fails on the texts, or they are too few for Unigram.
    pub fn train_new_from_iterator<T: AsRef<str> + Send>(
        &self,
        of: impl Iterator<Item = T> + Send,
        vocab_size: usize,
        new_special_tokens: &[&str],
    ) -> Result<Tokenizer> {
        let backend = &self.inner.backend;
        let parts = backend.get_model();
        let special = self.special_for_training(new_special_tokens);
        let (model, mut trainer) =
            empty(parts, vocab_size, special, is_byte_level(backend)).map_err(Error::Train)?;
        let mut trained = Backend::new(model);
        set_normalizer(&mut trained, backend.get_normalizer().cloned()).map_err(Error::Train)?;
        trained.with_pre_tokenizer(backend.get_pre_tokenizer().cloned());
        trained.with_decoder(backend.get_decoder().cloned());
        guarded(|| trained.train(&mut trainer, of).map(|_| ())).map_err(Error::Train)?;
        if let Some(processor) = &self.inner.post_processor {
            let processor = renumbered(processor, &trained).map_err(Error::Train)?;
            trained.with_post_processor(Some(processor));
        }
        let mut config = self.config().clone();
        let new = new_special_tokens.iter().map(|&token| token.to_owned());
        config.extra_special_tokens.extend(new);
        Self::from_backend(trained, config)
    }

    /// As [`train_new_from_iterator`](Self::train_new_from_iterator), of a data set's column of texts.
    ///
    /// # Errors
    /// Also [`Error::Column`] and [`Error::NullText`].
    pub fn train_new_from_dataset(
        &self,
        dataset: &Dataset,
        column: &str,
        vocab_size: usize,
        new_special_tokens: &[&str],
    ) -> Result<Tokenizer> {
        let numbers: Vec<usize> = (0..dataset.num_rows()).collect();
        let rows = dataset
            .rows(&numbers)
            .map_err(|source| in_column(column, source))?;
        let column = texts(&rows, column)?;
        let all: Result<Vec<&str>> = numbers
            .iter()
            .map(|&row| text_of(&column, row, row))
            .collect();
        self.train_new_from_iterator(all?.into_iter(), vocab_size, new_special_tokens)
    }

    /// The added tokens that are special, all of them for Unigram, in the order of their ids; then the new ones.
    fn special_for_training(&self, new: &[&str]) -> Vec<AddedToken> {
        let unigram = matches!(self.inner.backend.get_model(), ModelWrapper::Unigram(_));
        let mut added: Vec<(u32, AddedToken)> = self
            .inner
            .backend
            .get_added_tokens_decoder()
            .into_iter()
            .collect();
        added.sort_by_key(|(id, _)| *id);
        let kept = added.into_iter().map(|(_, token)| token);
        let kept = kept
            .filter(|token| unigram || token.special)
            .map(|mut token| {
                token.special = true;
                token
            });
        let new = new
            .iter()
            .map(|&token| AddedToken::from(token.to_owned(), true));
        kept.chain(new).collect()
    }
}

/// The model without its vocabulary, and what learns another.
fn empty(
    model: &ModelWrapper,
    vocab_size: usize,
    special: Vec<AddedToken>,
    bytes: bool,
) -> Result<(ModelWrapper, TrainerWrapper), BoxError> {
    Ok(match model {
        ModelWrapper::BPE(pairs) => {
            let mut trainer = BpeTrainer::builder()
                .vocab_size(vocab_size)
                .special_tokens(special)
                .show_progress(false);
            if let Some(prefix) = &pairs.continuing_subword_prefix {
                trainer = trainer.continuing_subword_prefix(prefix.clone());
            }
            if let Some(suffix) = &pairs.end_of_word_suffix {
                trainer = trainer.end_of_word_suffix(suffix.clone());
            }
            if bytes {
                trainer = trainer.initial_alphabet(ByteLevel::alphabet().into_iter().collect());
            }
            (emptied(pairs)?.into(), trainer.build().into())
        }
        ModelWrapper::WordPiece(pieces) => {
            let model = WordPiece::builder()
                .vocab([])
                .unk_token(pieces.unk_token.clone())
                .continuing_subword_prefix(pieces.continuing_subword_prefix.clone())
                .max_input_chars_per_word(pieces.max_input_chars_per_word)
                .build()?;
            let trainer = WordPieceTrainer::builder()
                .vocab_size(vocab_size)
                .special_tokens(special)
                .show_progress(false);
            (model.into(), trainer.build().into())
        }
        ModelWrapper::WordLevel(words) => {
            let model = WordLevel::builder()
                .unk_token(words.unk_token.clone())
                .build()?;
            let trainer = WordLevelTrainer::builder()
                .vocab_size(vocab_size)
                .special_tokens(special)
                .show_progress(false)
                .build()?;
            (model.into(), trainer.into())
        }
        ModelWrapper::Unigram(unigram) => {
            let stored = serde_json::to_value(unigram)?;
            let at = stored["unk_id"]
                .as_u64()
                .and_then(|at| usize::try_from(at).ok());
            let unknown = at
                .and_then(|at| unigram.iter().nth(at))
                .map(|(token, _)| token.clone());
            let vocabulary = unknown.iter().map(|token| (token.clone(), 0.0)).collect();
            let place = unknown.as_ref().map(|_| 0);
            let model = Unigram::from(vocabulary, place, unigram.byte_fallback())?;
            let trainer = UnigramTrainer::builder()
                .vocab_size(u32::try_from(vocab_size)?)
                .special_tokens(special)
                .unk_token(unknown)
                .show_progress(false)
                .build()?;
            (model.into(), trainer.into())
        }
    })
}

/// Byte pairs of no pair.
fn emptied(pairs: &BPE) -> Result<BPE, BoxError> {
    let mut model = BPE::builder().build()?;
    model.dropout = pairs.dropout;
    model.unk_token.clone_from(&pairs.unk_token);
    model
        .continuing_subword_prefix
        .clone_from(&pairs.continuing_subword_prefix);
    model
        .end_of_word_suffix
        .clone_from(&pairs.end_of_word_suffix);
    model.fuse_unk = pairs.fuse_unk;
    model.byte_fallback = pairs.byte_fallback;
    model.ignore_merges = pairs.ignore_merges;
    Ok(model)
}

fn is_byte_level(backend: &Backend) -> bool {
    let is_one = |part: &PreTokenizerWrapper| matches!(part, PreTokenizerWrapper::ByteLevel(_));
    match backend.get_pre_tokenizer() {
        Some(PreTokenizerWrapper::Sequence(parts)) => {
            let parts: &[PreTokenizerWrapper] = parts.as_ref();
            parts.iter().any(is_one)
        }
        Some(part) => is_one(part),
        None => false,
    }
}

/// The post-processor with the ids that its tokens have in `trained`.
fn renumbered(
    processor: &PostProcessorWrapper,
    trained: &Backend,
) -> Result<PostProcessorWrapper, BoxError> {
    let id_of = |token: &str| {
        let missing =
            || format!("the special token {token:?} is not in the vocabulary that was learned");
        trained.token_to_id(token).ok_or_else(missing)
    };
    let mut stored = serde_json::to_value(processor)?;
    if let Some(special) = stored
        .get_mut("special_tokens")
        .and_then(Value::as_object_mut)
    {
        for token in special.values_mut() {
            let names = token["tokens"].as_array().cloned().unwrap_or_default();
            let names = names.iter().filter_map(Value::as_str);
            token["ids"] = json!(names.map(id_of).collect::<Result<Vec<u32>, _>>()?);
        }
    }
    for name in ["cls", "sep"] {
        if let Some(token) = stored
            .pointer(&format!("/{name}/0"))
            .and_then(Value::as_str)
        {
            stored[name] = json!([token, id_of(token)?]);
        }
    }
    Ok(serde_json::from_value(stored)?)
}
