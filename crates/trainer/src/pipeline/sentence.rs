use std::borrow::Cow;

/// What tokens are classified of: a text, or one that is parted into words (Python's `is_split_into_words`).
///
/// Texts and words of the usual types turn into one, so that lists of them are taken as they are: `["a cat", "a dog"]`,
/// `&Vec<String>`, `[["a", "cat"]]`, `&Vec<Vec<String>>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sentence<'t> {
    /// A text, which the tokenizer parts.
    Text(&'t str),
    /// Its words.
    Words(Vec<&'t str>),
}

impl<'t> Sentence<'t> {
    /// The text; of words the text that they make with `delimiter` between them.
    pub(super) fn text(&self, delimiter: &str) -> Cow<'t, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Words(words) => Cow::Owned(words.join(delimiter)),
        }
    }

    /// Where in the text each word begins, in characters; `None` for a text that is no words, whose tokens know their place.
    pub(super) fn word_begins(&self, delimiter: &str) -> Option<Vec<usize>> {
        let Self::Words(words) = self else {
            return None;
        };
        let gap = delimiter.chars().count();
        let begin = |next: &mut usize, word: &&str| {
            let begin = *next;
            *next += word.chars().count() + gap;
            Some(begin)
        };
        Some(words.iter().scan(0, begin).collect())
    }
}

/// `From` for each type, text by text.
macro_rules! from_texts {
    ($($one:ty)*) => { $(
        impl<'t> From<$one> for Sentence<'t> {
            fn from(text: $one) -> Self {
                Self::Text(text)
            }
        }
    )* };
}

from_texts! { &'t str &'t &str &'t String &'t Box<str> &'t Cow<'_, str> }

impl<'t, S: AsRef<str>> From<&'t [S]> for Sentence<'t> {
    fn from(words: &'t [S]) -> Self {
        Self::Words(words.iter().map(AsRef::as_ref).collect())
    }
}

impl<'t, S: AsRef<str>> From<&'t Vec<S>> for Sentence<'t> {
    fn from(words: &'t Vec<S>) -> Self {
        words.as_slice().into()
    }
}

impl<'t, S: AsRef<str>, const WORDS: usize> From<&'t [S; WORDS]> for Sentence<'t> {
    fn from(words: &'t [S; WORDS]) -> Self {
        words.as_slice().into()
    }
}

impl<'t, const WORDS: usize> From<[&'t str; WORDS]> for Sentence<'t> {
    fn from(words: [&'t str; WORDS]) -> Self {
        Self::Words(words.into())
    }
}
