//! Texts that are too long as several encodings.

use std::iter;

use tokenizers::utils::truncation::{TruncationParams, TruncationStrategy};

use crate::encode::{self, Offsets, Overflow};
use crate::{EncodeOptions, Encoding, Error, Result, Tokenizer, padding};

impl Tokenizer {
    /// Encodes one text, or a pair, as `options` say, and what truncation cuts off as further encodings: Python's
    /// `return_overflowing_tokens`. The windows, one at least, are as long as the limit allows, each with the special tokens.
    ///
    /// A window begins [`stride`](EncodeOptions::stride) tokens before the end of the one before it (where texts are cut on the
    /// left, it ends so many after the beginning). The text of a pair that is not cut stands in every window. Where both are
    /// cut, every part of the one stands with every part of the other. Offsets count from the beginning of the whole text.
    ///
    /// ```no_run
    /// use trainer_tokenize::{AutoTokenizer, EncodeOptions, Truncation};
    /// # fn main() -> trainer_tokenize::Result<()> {
    /// # let (question, article) = ("", "");
    /// let tokenizer = AutoTokenizer::from_pretrained("bert-base-cased")?;
    /// let options = EncodeOptions::new().truncation(Truncation::OnlySecond).max_length(384).stride(128);
    /// for window in tokenizer.encode_windows(question, Some(article), &options)? {
    ///     println!("{:?}", window.ids());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`encode_with`](Self::encode_with); [`Error::Stride`] when the stride leaves no room for a step.
    pub fn encode_windows(
        &self,
        text: &str,
        pair: Option<&str>,
        options: &EncodeOptions,
    ) -> Result<Vec<Encoding>> {
        let offsets = Offsets::Characters;
        let (text, pair) = (text.into(), pair.map(Into::into));
        let encoding = encode::encode(self, text, pair, options, offsets, Overflow::Windows)?;
        let mut parts: Vec<Encoding> = parts(encoding).collect();
        padding::pad(self, &mut parts, options)?;
        Ok(parts)
    }

    /// [`encode_windows`](Self::encode_windows) of a text that is parted into words, see [`encode_words`](Self::encode_words). Words are
    /// counted from the beginning of the whole text.
    ///
    /// # Errors
    /// As `encode_windows`.
    pub fn encode_word_windows(
        &self,
        words: &[&str],
        options: &EncodeOptions,
    ) -> Result<Vec<Encoding>> {
        let (words, offsets) = (words.into(), Offsets::Characters);
        let encoding = encode::encode(self, words, None, options, offsets, Overflow::Windows)?;
        Ok(parts(encoding).collect())
    }

    /// The windows of several texts or pairs, in order, on this thread, and for each window the number of its text: Python's
    /// `overflow_to_sample_mapping`.
    ///
    /// # Errors
    /// [`Error::Row`] with the number of the first row that fails.
    pub fn batch_windows<'t>(
        &self,
        rows: impl IntoIterator<Item = (&'t str, Option<&'t str>)>,
        options: &EncodeOptions,
    ) -> Result<(Vec<Encoding>, Vec<usize>)> {
        let (mut windows, mut of) = (Vec::new(), Vec::new());
        let unpadded = options.clone().unpadded();
        for (row, (text, pair)) in rows.into_iter().enumerate() {
            let parts = self.encode_windows(text, pair, &unpadded);
            windows.extend(parts.map_err(|source| source.in_row(row))?);
            of.resize(windows.len(), row);
        }
        padding::pad(self, &mut windows, options)?;
        Ok((windows, of))
    }
}

/// An encoding, then its overflowing parts.
pub(crate) fn parts(mut encoding: Encoding) -> impl Iterator<Item = Encoding> {
    let overflowing = encoding.backend.take_overflowing().into_iter();
    iter::once(encoding).chain(overflowing.map(|backend| Encoding { backend }))
}

/// Says of what was cut off text `number` of a pair that it belongs to that text, and is of that type, which the backend's
/// post-processors say of the first window alone.
pub(crate) fn number_parts(text: &mut tokenizers::Encoding, number: u8) {
    for part in text.get_overflowing_mut() {
        part.set_sequence_id(usize::from(number));
        part.set_type_ids(vec![u32::from(number); part.len()]);
    }
}

/// Whether windows of `params` over texts of these lengths go on. The backend, which would panic where they do not, gives a
/// text no room too where only special tokens fit: what it makes of that, a window with all of the text, is no window.
pub(crate) fn check_stride(
    params: &TruncationParams,
    lengths: &[usize],
    max_length: usize,
) -> Result<()> {
    let too_wide = |room: &usize| *room <= params.stride;
    let cut = rooms(params, lengths)
        .into_iter()
        .zip(lengths)
        .filter(|(room, length)| room < length);
    let room = iter::once(params.max_length)
        .chain(cut.map(|(room, _)| room))
        .find(too_wide);
    match room {
        None => Ok(()),
        Some(room) => Err(Error::Stride {
            max_length,
            stride: params.stride,
            room,
        }),
    }
}

/// How many tokens of each text a window has: `truncate_encodings`. Where that fails, so many as the text has.
fn rooms(params: &TruncationParams, lengths: &[usize]) -> Vec<usize> {
    let limit = params.max_length;
    let excess = lengths.iter().sum::<usize>().saturating_sub(limit);
    let mut rooms = lengths.to_vec();
    match (params.strategy, lengths) {
        _ if excess == 0 => {}
        (TruncationStrategy::LongestFirst, &[first, second]) => {
            let shorter = first.min(second);
            let longer = match shorter.checked_add(shorter) {
                Some(both) if both <= limit => limit - shorter,
                _ => limit - limit / 2,
            };
            let shorter = limit - longer;
            rooms = match first > second {
                true => vec![longer, shorter],
                false => vec![shorter, longer],
            };
        }
        (TruncationStrategy::LongestFirst, _) => rooms[0] = limit,
        (strategy, _) => {
            let at = usize::from(strategy == TruncationStrategy::OnlySecond);
            if let Some(room) = rooms.get_mut(at).filter(|length| **length > excess) {
                *room -= excess;
            }
        }
    }
    rooms
}
