//! Tokenizers for datasets.
//!
//! [`AutoTokenizer`] reads what the Hugging Face libraries write: `tokenizer.json`, or the `vocab.txt` of a BERT, or
//! the `vocab.json` and `merges.txt` of a RoBERTa or GPT-2, or the SentencePiece model of an ALBERT, T5, XLM-RoBERTa, CamemBERT or
//! DeBERTa-v2, with `tokenizer_config.json` and `special_tokens_map.json`. A [`Tokenizer`] encodes texts and pairs of texts, decodes, and
//! saves a folder that Python's `AutoTokenizer.from_pretrained` loads and that gives the same ids there.
//! [`Tokenizer::single`] and [`Tokenizer::pair`] are column mappings for `Dataset::map`: they add `input_ids` and what else
//! the model takes, without padding, which is the collator's work, unless [`EncodeOptions::padding`] asks for it.
//!
//! A text that is too long for the model becomes several rows by [`Tokenizer::encode_windows`], and by
//! [`QuestionAnsweringFeatures`] with the place of an answer in each.
//!
//! [`Tokenizer::apply_chat_template`] writes a chat as the text that a model was trained on, [`Tokenizer::encode_chat`] its tokens.
//!
//! [`Tokenizer::train_new_from_iterator`] learns a vocabulary of one's own texts.
//!
//! The rules of tokenization are the `tokenizers` crate's, the one that Python's library calls. What this crate adds is
//! the part that Python holds in `transformers`: which class a folder means, its defaults, special tokens, limits, sides.
//!
//! ```no_run
//! use trainer_tokenize::AutoTokenizer;
//!
//! # fn main() -> trainer_tokenize::Result<()> {
//! let tokenizer = AutoTokenizer::from_pretrained("bert-base-cased")?;
//! let encoding = tokenizer.encode_pair("A cat sat.", "A cat was sitting.")?;
//! println!("{:?} {:?}", encoding.ids(), encoding.type_ids());
//! # Ok(())
//! # }
//! ```

mod auto;
mod byte_pairs;
mod chat;
mod class;
mod class_parts;
mod columns;
mod config;
mod encode;
mod encoding;
mod error;
mod fields;
mod fingerprint;
mod growth;
mod joining;
mod known_words;
mod limits;
mod longest_text;
mod numbers;
mod options;
mod padding;
mod pipeline;
mod question_answering;
mod save;
mod sentence_pieces;
mod source;
mod special_tokens;
mod tokenizer;
mod train;
mod windows;
mod word_labels;
mod wordpiece;

pub use auto::AutoTokenizer;
pub use chat::{ChatMessage, ChatOptions, ChatTemplates};
pub use columns::EncodeColumns;
pub use config::{Side, TokenizerConfig};
pub use encoding::Encoding;
pub use error::{Error, Result};
pub use options::{DecodeOptions, EncodeOptions, Truncation};
pub use padding::Padding;
pub use question_answering::QuestionAnsweringFeatures;
pub use special_tokens::SpecialTokens;
pub use tokenizer::Tokenizer;
