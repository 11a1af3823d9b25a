use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokenizers::processors::PostProcessorWrapper;
use tokenizers::{InputSequence, PostProcessor};

use crate::config::{Side, TokenizerConfig};
use crate::growth::Growth;
use crate::known_words::KnownWords;
use crate::pipeline::Added;
use crate::{
    DecodeOptions, EncodeColumns, EncodeOptions, Encoding, Error, Result, SpecialTokens, encode,
    limits, padding, pipeline,
};

/// Texts to token ids and back. Cloning is cheap: clones share the vocabulary.
#[derive(Clone)]
pub struct Tokenizer {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    /// Never truncates, never pads and adds no special tokens: those are steps of their own, so that no option of an
    /// encoding needs a changed copy of the vocabulary.
    pub(crate) backend: tokenizers::Tokenizer,
    pub(crate) post_processor: Option<PostProcessorWrapper>,
    /// How long the backend's normalizer makes texts.
    pub(crate) growth: Growth,
    /// Of texts whose places and words nobody asks for.
    pub(crate) known_words: Option<KnownWords>,
    pub(crate) config: TokenizerConfig,
    warned_of_no_limit: AtomicBool,
}

impl Tokenizer {
    /// A tokenizer of the `tokenizers` crate with what `config` adds to it: for vocabularies that the program trains
    /// itself. Truncation and padding that the backend is set to are dropped; special tokens of `config` that the
    /// vocabulary lacks are added to it.
    ///
    /// # Errors
    /// When the backend refuses the change, or [`Error::Bounds`].
    ///
    /// ```
    /// use tokenizers::models::wordpiece::WordPiece;
    /// use trainer_tokenize::{Tokenizer, TokenizerConfig};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// let vocabulary = WordPiece::read_bytes(b"[UNK]\n[PAD]\n[CLS]\n[SEP]\n[MASK]\ncat")?;
    /// let model = WordPiece::builder().vocab(vocabulary).build()?;
    /// let tokenizer = Tokenizer::from_backend(tokenizers::Tokenizer::new(model), TokenizerConfig::new("BertTokenizer"))?;
    /// assert_eq!(tokenizer.encode("cat")?.ids(), [5]);
    /// assert_eq!(tokenizer.pad_token_id(), Some(1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_backend(backend: tokenizers::Tokenizer, config: TokenizerConfig) -> Result<Self> {
        Self::assemble(backend, config, &Added::default(), |_, _| Ok(()))
    }

    /// As [`from_backend`](Self::from_backend), with tokens that are added before the special ones, and `finish`, which may put other
    /// special tokens around texts once all are there.
    pub(crate) fn assemble(
        mut backend: tokenizers::Tokenizer,
        mut config: TokenizerConfig,
        added: &Added,
        finish: impl FnOnce(&mut tokenizers::Tokenizer, &TokenizerConfig) -> Result<()>,
    ) -> Result<Self> {
        limits::check(&backend, backend.get_post_processor()).map_err(Error::Bounds)?;
        let growth = Growth::of(backend.get_normalizer()).map_err(Error::Bounds)?;
        backend.with_padding(None);
        backend.with_truncation(None).map_err(Error::Encode)?;
        pipeline::add_missing_tokens(&mut backend, &config, added, &growth)?;
        finish(&mut backend, &config)?;
        limits::check_added_apart(&backend).map_err(Error::AddedTokens)?;
        let post_processor = backend.get_post_processor().cloned();
        backend.with_post_processor(None::<PostProcessorWrapper>);
        pipeline::describe(&backend, &mut config);
        Ok(Self {
            inner: Arc::new(Inner {
                known_words: KnownWords::of(&backend),
                backend,
                post_processor,
                growth,
                config,
                warned_of_no_limit: AtomicBool::new(false),
            }),
        })
    }

    /// Encodes one text with its special tokens, not truncated.
    ///
    /// # Errors
    /// [`Error::Encode`] when the vocabulary can express neither the text nor its unknown token, and where a part of the
    /// tokenizer fails on the text.
    pub fn encode(&self, text: &str) -> Result<Encoding> {
        self.encode_with(text, None, &EncodeOptions::new())
    }

    /// Encodes a pair of texts as one row with its special tokens, not truncated.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn encode_pair(&self, first: &str, second: &str) -> Result<Encoding> {
        self.encode_with(first, Some(second), &EncodeOptions::new())
    }

    /// Encodes one text, or a pair, as `options` say.
    ///
    /// # Errors
    /// As [`encode`](Self::encode); [`Error::Truncate`] when the limit cannot be kept.
    pub fn encode_with(
        &self,
        text: &str,
        pair: Option<&str>,
        options: &EncodeOptions,
    ) -> Result<Encoding> {
        self.encode_sequence(text.into(), pair.map(Into::into), options)
    }

    /// Encodes what may be parted into words, and pads it.
    fn encode_sequence(
        &self,
        text: InputSequence<'_>,
        pair: Option<InputSequence<'_>>,
        options: &EncodeOptions,
    ) -> Result<Encoding> {
        let offsets = encode::Offsets::Characters;
        let overflow = encode::Overflow::Dropped;
        let mut encoding = encode::encode(self, text, pair, options, offsets, overflow)?;
        padding::pad(self, std::slice::from_mut(&mut encoding), options)?;
        Ok(encoding)
    }

    /// Encodes a text that is parted into words, as token classification has it: Python's `is_split_into_words`.
    ///
    /// [`word_ids`](Encoding::word_ids) say which word a token comes from, and [`offsets`](Encoding::offsets) where in that word
    /// it stands.
    ///
    /// # Errors
    /// As [`encode_with`](Self::encode_with).
    ///
    /// ```no_run
    /// # fn main() -> trainer_tokenize::Result<()> {
    /// use trainer_tokenize::{AutoTokenizer, EncodeOptions};
    /// let tokenizer = AutoTokenizer::from_pretrained("bert-base-cased")?;
    /// let encoding = tokenizer.encode_words(&["Ada", "Lovelace"], &EncodeOptions::new())?;
    /// assert_eq!(encoding.word_ids(), [None, Some(0), Some(1), Some(1), Some(1), None]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn encode_words(&self, words: &[&str], options: &EncodeOptions) -> Result<Encoding> {
        self.encode_sequence(words.into(), None, options)
    }

    /// Encodes several texts or pairs, in order, on this thread.
    ///
    /// # Errors
    /// [`Error::Row`] with the number of the first row that fails.
    pub fn batch<'t>(
        &self,
        rows: impl IntoIterator<Item = (&'t str, Option<&'t str>)>,
        options: &EncodeOptions,
    ) -> Result<Vec<Encoding>> {
        let unpadded = options.clone().unpadded();
        let encode = |(row, (text, pair))| {
            self.encode_with(text, pair, &unpadded)
                .map_err(|source: Error| source.in_row(row))
        };
        let encodings: Result<Vec<Encoding>> = rows.into_iter().enumerate().map(encode).collect();
        let mut encodings = encodings?;
        padding::pad(self, &mut encodings, options)?;
        Ok(encodings)
    }

    /// The mapping of a column of texts to the columns that the model takes.
    #[must_use]
    pub fn single(&self, column: &str) -> EncodeColumns {
        EncodeColumns::new(self, column, None)
    }

    /// The mapping of two columns of texts, encoded as pairs, to the columns that the model takes.
    #[must_use]
    pub fn pair(&self, first: &str, second: &str) -> EncodeColumns {
        EncodeColumns::new(self, first, Some(second))
    }

    /// The text that the ids stand for. Ids that the vocabulary does not have are left out, as in Python.
    ///
    /// # Errors
    /// [`Error::TokenId`] for a number that cannot be an id, for instance the -100 of masked labels.
    pub fn decode(&self, ids: &[i64], skip_special_tokens: bool) -> Result<String> {
        let options = DecodeOptions::new().skip_special_tokens(skip_special_tokens);
        self.decode_with(ids, &options)
    }

    /// The text that the ids stand for, as `options` say.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn decode_with(&self, ids: &[i64], options: &DecodeOptions) -> Result<String> {
        encode::decode(self, ids, options)
    }

    /// The texts of several rows of ids.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn batch_decode<I: AsRef<[i64]>>(
        &self,
        rows: &[I],
        skip_special_tokens: bool,
    ) -> Result<Vec<String>> {
        let decode = |ids: &I| self.decode(ids.as_ref(), skip_special_tokens);
        rows.iter().map(decode).collect()
    }

    /// The id of a token, special tokens included.
    #[must_use]
    pub fn token_to_id(&self, token: &str) -> Option<u32> {
        self.inner.backend.token_to_id(token)
    }

    /// The token of an id, special tokens included.
    #[must_use]
    pub fn id_to_token(&self, id: u32) -> Option<String> {
        self.inner.backend.id_to_token(id)
    }

    /// Number of tokens, added ones included: Python's `len(tokenizer)`, what an embedding table needs.
    #[must_use]
    pub fn vocab_size(&self) -> usize {
        self.inner.backend.get_vocab_size(true)
    }

    /// Number of special tokens that an encoding gets, of one text or of a pair.
    #[must_use]
    pub fn num_special_tokens_to_add(&self, pair: bool) -> usize {
        self.inner
            .post_processor
            .as_ref()
            .map_or(0, |post| post.added_tokens(pair))
    }

    /// Everything beside the vocabulary.
    #[must_use]
    pub fn config(&self) -> &TokenizerConfig {
        &self.inner.config
    }

    /// The named special tokens.
    #[must_use]
    pub fn special_tokens(&self) -> &SpecialTokens {
        &self.inner.config.special_tokens
    }

    /// The token that fills short rows, if there is one.
    #[must_use]
    pub fn pad_token(&self) -> Option<&str> {
        self.special_tokens().pad_token.as_deref()
    }

    /// Its id. GPT-2, for one, has none.
    #[must_use]
    pub fn pad_token_id(&self) -> Option<u32> {
        self.token_to_id(self.pad_token()?)
    }

    /// The id of the token for what the vocabulary cannot express, if there is one.
    #[must_use]
    pub fn unk_token_id(&self) -> Option<u32> {
        self.token_to_id(self.special_tokens().unk_token.as_deref()?)
    }

    /// The id of the token before the texts, if there is one.
    #[must_use]
    pub fn cls_token_id(&self) -> Option<u32> {
        self.token_to_id(self.special_tokens().cls_token.as_deref()?)
    }

    /// The id of the token that hides another, if there is one.
    #[must_use]
    pub fn mask_token_id(&self) -> Option<u32> {
        self.token_to_id(self.special_tokens().mask_token.as_deref()?)
    }

    /// The ids of all special tokens, named and other: Python's `all_special_ids`.
    #[must_use]
    pub fn all_special_ids(&self) -> Vec<u32> {
        let config = self.config();
        let named = config.special_tokens.iter().map(|(_, token)| token);
        let extra = config.extra_special_tokens.iter().map(String::as_str);
        let ids = named
            .chain(extra)
            .filter_map(|token| self.token_to_id(token));
        ids.collect()
    }

    /// What fills `token_type_ids`: 0, as in Python.
    #[must_use]
    pub fn pad_token_type_id(&self) -> u32 {
        0
    }

    /// Where batches are padded.
    #[must_use]
    pub fn padding_side(&self) -> Side {
        self.inner.config.padding_side
    }

    /// Where texts are cut.
    #[must_use]
    pub fn truncation_side(&self) -> Side {
        self.inner.config.truncation_side
    }

    /// The most tokens that the model takes, special tokens included; `None` is no limit.
    #[must_use]
    pub fn model_max_length(&self) -> Option<usize> {
        self.inner.config.model_max_length
    }

    /// The columns that encoding makes, the ids first.
    #[must_use]
    pub fn model_input_names(&self) -> &[String] {
        &self.inner.config.model_input_names
    }

    /// Says once for each tokenizer that truncation was asked for without any limit.
    pub(crate) fn warn_of_no_limit(&self) {
        if !self.inner.warned_of_no_limit.swap(true, Ordering::Relaxed) {
            trainer_data::warning!(
                "truncation was asked for, but neither a max_length was given nor has the model one: nothing is truncated"
            );
        }
    }
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer")
            .field("vocab_size", &self.vocab_size())
            .field("config", &self.inner.config)
            .finish()
    }
}
