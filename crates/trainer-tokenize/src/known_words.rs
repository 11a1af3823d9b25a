//! The ids of words that were met before: most words of a data set are among them, and the library makes each anew.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::{Encoding, ModelWrapper, NormalizerWrapper, Tokenizer};
use trainer_data::BoxError;

use crate::limits::guarded;

/// So many maps, each with words of its own, so that threads seldom wait for one.
const MAPS: usize = 64;
/// So many words are kept in each map, those that came first.
const MOST_WORDS: usize = 1 << 11;
/// Longer ones are not kept, in bytes.
const LONGEST_WORD: usize = 64;

/// For tokenizers that make of a text what they make of the parts between its blanks, one after the other.
pub(crate) struct KnownWords {
    maps: [Mutex<Words>; MAPS],
    /// Chooses a word's map.
    hasher: RandomState,
}

/// Words and their ids.
type Words = HashMap<Box<str>, Box<[u32]>>;

impl KnownWords {
    /// `None` where a blank might be part of a token, or decide what stands beside it.
    pub(crate) fn of(backend: &Tokenizer) -> Option<Self> {
        let words = matches!(backend.get_model(), ModelWrapper::WordPiece(_));
        let cleaning = backend.get_normalizer();
        let cleaning = matches!(cleaning, None | Some(NormalizerWrapper::BertNormalizer(_)));
        let cuts = backend.get_pre_tokenizer();
        let cuts = matches!(cuts, Some(PreTokenizerWrapper::BertPreTokenizer(_)));
        // The library looks for tokens with `normalized` in the cleaned text, where characters of Chinese have blanks around them.
        let added = backend.get_added_tokens_decoder();
        let added = added.values().all(|token| match token.normalized {
            true => token.content.bytes().all(|byte| byte.is_ascii_graphic()),
            false => !token.content.contains(' '),
        });
        (words && cleaning && cuts && added).then(|| Self {
            maps: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
        })
    }

    /// What [`Tokenizer::encode_fast`] makes of a text, but for the tokens' texts and words.
    ///
    /// # Errors
    /// The library's.
    pub(crate) fn encode(&self, backend: &Tokenizer, text: &str) -> Result<Encoding, BoxError> {
        let mut ids = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            if let Some(known) = self.map(word).get(word) {
                ids.extend_from_slice(known);
                continue;
            }
            let made = guarded(|| backend.encode_fast(word, false))?;
            ids.extend_from_slice(made.get_ids());
            if word.len() <= LONGEST_WORD {
                let mut map = self.map(word);
                if map.len() < MOST_WORDS {
                    map.insert(word.into(), made.get_ids().into());
                }
            }
        }
        Ok(bare(ids))
    }

    fn map(&self, word: &str) -> MutexGuard<'_, Words> {
        // The remainder is less than MAPS.
        #[expect(clippy::cast_possible_truncation)]
        let number = (self.hasher.hash_one(word) % MAPS as u64) as usize;
        let map = self.maps[number].lock();
        map.unwrap_or_else(PoisonError::into_inner)
    }
}

fn bare(ids: Vec<u32>) -> Encoding {
    let length = ids.len();
    let (zeros, ones) = (vec![0; length], vec![1; length]);
    Encoding::new(
        ids,
        zeros.clone(),
        vec![String::new(); length],
        vec![None; length],
        vec![(0, 0); length],
        zeros,
        ones,
        Vec::new(),
        Default::default(),
    )
}
