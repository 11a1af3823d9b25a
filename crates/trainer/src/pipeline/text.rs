use std::borrow::Cow;

/// What a pipeline is asked about: one text, or a pair of texts (Python's `text` and `text_pair`).
///
/// Texts of all usual types turn into one, so that lists of them are taken as they are: `["a", "b"]`, `&Vec<String>`,
/// `[("a", "b")]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'t> {
    /// The text, or the first of a pair.
    pub text: &'t str,
    /// The second of a pair.
    pub pair: Option<&'t str>,
}

impl<'t> Text<'t> {
    /// A text.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { text, pair: None }
    }

    /// A pair of texts, which the model sees as one row.
    #[must_use]
    pub fn pair(first: &'t str, second: &'t str) -> Self {
        Self {
            text: first,
            pair: Some(second),
        }
    }
}

/// `From` for each type, text by text.
macro_rules! from_texts {
    ($($one:ty: $text:ident => $made:expr;)*) => { $(
        impl<'t> From<$one> for Text<'t> {
            fn from($text: $one) -> Self {
                $made
            }
        }
    )* };
}

from_texts! {
    &'t str: text => Self::new(text);
    &'t &str: text => Self::new(text);
    &'t String: text => Self::new(text);
    &'t Box<str>: text => Self::new(text);
    &'t Cow<'_, str>: text => Self::new(text);
    &'t Text<'_>: text => *text;
    (&'t str, &'t str): pair => Self::pair(pair.0, pair.1);
    (&'t String, &'t String): pair => Self::pair(pair.0, pair.1);
    &'t (&str, &str): pair => Self::pair(pair.0, pair.1);
    &'t (String, String): pair => Self::pair(&pair.0, &pair.1);
}
