use std::sync::atomic::{AtomicBool, Ordering};

use trainer_data::warning;
use trainer_tokenize::{EncodeOptions, Encoding, Tokenizer, Truncation};

use super::{PipelineError, PipelineOptions, Text};

/// Makes tokens of texts, no more than the model takes.
#[derive(Debug)]
pub(super) struct Tokens {
    tokenizer: Tokenizer,
    truncation: Truncation,
    limit: Option<usize>,
    told_of_cut: AtomicBool,
}

impl Tokens {
    /// `longest` is how many tokens the model takes.
    pub(super) fn new(
        tokenizer: Tokenizer,
        longest: Option<usize>,
        options: &PipelineOptions,
    ) -> Self {
        // What the tokenizer's files say is a wish; longer rows that are not to be cut may go well.
        let wished = tokenizer
            .model_max_length()
            .filter(|_| options.truncation != Truncation::Off);
        let limits = [longest, wished, options.max_length];
        Self {
            limit: limits.into_iter().flatten().min(),
            truncation: options.truncation,
            told_of_cut: AtomicBool::new(false),
            tokenizer,
        }
    }

    /// The most tokens that tokenizer and model take and the options allow.
    pub(super) fn limit(&self) -> Option<usize> {
        self.limit
    }

    pub(super) fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The tokens of text number `number`, at least one.
    pub(super) fn encode(&self, number: usize, text: Text<'_>) -> Result<Encoding, PipelineError> {
        let encode =
            |options: &EncodeOptions| self.tokenizer.encode_with(text.text, text.pair, options);
        self.encode_by(number, encode)
    }

    /// The tokens that `encode` makes of text number `number`, at least one, cut where they are too many.
    pub(super) fn encode_by(
        &self,
        number: usize,
        encode: impl Fn(&EncodeOptions) -> trainer_tokenize::Result<Encoding>,
    ) -> Result<Encoding, PipelineError> {
        let failed = |source| PipelineError::Encode {
            text: number,
            source,
        };
        let whole = encode(&EncodeOptions::new()).map_err(failed)?;
        let tokens = whole.len();
        let encoding = match self.limit {
            Some(limit) if tokens > limit && self.truncation == Truncation::Off => {
                return Err(PipelineError::TooLong {
                    text: number,
                    tokens,
                    limit,
                });
            }
            Some(limit) if tokens > limit => {
                self.tell_of_cut(number, tokens, limit);
                let options = EncodeOptions::new().truncation(self.truncation);
                encode(&options.max_length(limit)).map_err(failed)?
            }
            _ => whole,
        };
        match encoding.is_empty() {
            true => Err(PipelineError::NoTokens { text: number }),
            false => Ok(encoding),
        }
    }

    /// The windows that `encode` makes of text number `number`, each of as many tokens as are taken, `stride` of them in common with the
    /// window before.
    pub(super) fn windows_by(
        &self,
        number: usize,
        stride: usize,
        encode: impl Fn(&EncodeOptions) -> trainer_tokenize::Result<Vec<Encoding>>,
    ) -> Result<Vec<Encoding>, PipelineError> {
        let options = EncodeOptions::new();
        let options = match self.limit {
            None => options,
            Some(limit) => options
                .truncation(Truncation::LongestFirst)
                .max_length(limit)
                .stride(stride),
        };
        let windows = encode(&options).map_err(|source| PipelineError::Encode {
            text: number,
            source,
        })?;
        match windows.iter().any(Encoding::is_empty) {
            true => Err(PipelineError::NoTokens { text: number }),
            false => Ok(windows),
        }
    }

    fn tell_of_cut(&self, text: usize, tokens: usize, limit: usize) {
        if !self.told_of_cut.swap(true, Ordering::Relaxed) {
            warning!(
                "text {text} has {tokens} tokens and is cut to {limit}; others that are too long are cut without further warning"
            );
        }
    }
}
