//! Texts as SQuAD's scripts compare them.

use std::collections::HashMap;

/// The words of an answer in lower case, without the punctuation of ASCII and the articles.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words(Vec<String>);

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let mut plain = text.to_lowercase();
        plain.retain(|character| !character.is_ascii_punctuation());
        let words = plain.split(is_space).flat_map(without_articles);
        Self(words.collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// F1 of the words in common, of which there is one at least; else `None`.
    pub(super) fn f1(&self, truth: &Self) -> Option<f64> {
        let mut left: HashMap<&str, usize> = HashMap::new();
        for word in &truth.0 {
            *left.entry(word).or_default() += 1;
        }
        let mut common = 0_usize;
        for word in &self.0 {
            if let Some(count) = left.get_mut(word.as_str()).filter(|count| **count > 0) {
                *count -= 1;
                common += 1;
            }
        }
        if common == 0 {
            return None;
        }
        let precision = common as f64 / self.0.len() as f64;
        let recall = common as f64 / truth.0.len() as f64;
        Some((2.0 * precision * recall) / (precision + recall))
    }
}

/// What is left of a text without spaces where each `a`, `an` and `the` becomes a space. Such an article ends where letters and
/// digits do: at a dash that is not of ASCII, for instance.
fn without_articles(text: &str) -> Vec<String> {
    let mut left = vec![String::new()];
    for run in runs(text) {
        match (run, left.last_mut()) {
            ("a" | "an" | "the", _) => left.push(String::new()),
            (run, Some(last)) => last.push_str(run),
            (_, None) => {}
        }
    }
    left.retain(|word| !word.is_empty());
    left
}

/// The text in runs of letters and digits, and of what is neither.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let of_word = rest.chars().next()?.is_alphanumeric();
        let end = rest.find(|character: char| character.is_alphanumeric() != of_word);
        let (run, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind;
        Some(run)
    })
}

/// Where Python's `str.split` splits.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}
