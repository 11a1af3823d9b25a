//! Labels of words as labels of tokens: `tokenize_and_align_labels` of Hugging Face's `run_ner.py`.

use trainer_data::{Column, Feature, Rows};

use crate::columns::in_column;
use crate::{Encoding, Error, Result};

/// Labels that no loss and no metric counts.
const IGNORED: i64 = -100;

/// The column with a label for each word of a row.
#[derive(Clone, Debug)]
pub(crate) struct WordLabels {
    pub(crate) column: String,
    pub(crate) all_tokens: bool,
}

impl WordLabels {
    /// For each encoding a list with a label for each token. `of` says which row it is of, and `words` how many words that has.
    pub(crate) fn align(
        &self,
        rows: &Rows<'_>,
        encodings: &[Encoding],
        of: &[usize],
        words: &[usize],
    ) -> Result<Column> {
        let name = &self.column;
        let column = rows
            .column(name)
            .map_err(|source| in_column(name, source))?;
        let inside = inside_of(column.feature());
        let mut all = Vec::with_capacity(encodings.len());
        for (encoding, &k) in encodings.iter().zip(of) {
            let labels = column
                .int_list(k)
                .map_err(|source| in_column(name, source))?;
            if labels.len() != words[k] {
                return Err(Error::WordLabels {
                    column: name.clone(),
                    row: rows.number(k).unwrap_or(k),
                    words: words[k],
                    labels: labels.len(),
                });
            }
            all.push(self.of_tokens(encoding.word_ids(), &labels, &inside));
        }
        Ok(Column::int_lists(all))
    }

    fn of_tokens(&self, word_ids: &[Option<u32>], labels: &[i64], inside: &[i64]) -> Vec<i64> {
        let mut before = None;
        let mut label_of = |word: Option<u32>| {
            let label = *labels.get(word? as usize)?;
            let first = std::mem::replace(&mut before, word) != word;
            match (first, self.all_tokens) {
                (true, _) => Some(label),
                (false, true) => Some(inside_label(label, inside)),
                (false, false) => None,
            }
        };
        word_ids
            .iter()
            .map(|&word| label_of(word).unwrap_or(IGNORED))
            .collect()
    }
}

/// For each class the one of a word's later tokens: `I-x` for `B-x` where there is such a class, else the class itself.
fn inside_of(feature: &Feature) -> Vec<i64> {
    let label = feature.as_class_label();
    let names = label.map_or(&[][..], |label| label.names());
    let inside = |(class, name): (i64, &String)| {
        let inside = name.strip_prefix("B-").map(|kind| format!("I-{kind}"));
        let class_of = |inside| label?.str2int(inside).ok();
        inside.as_deref().and_then(class_of).unwrap_or(class)
    };
    (0..).zip(names).map(inside).collect()
}

fn inside_label(label: i64, inside: &[i64]) -> i64 {
    let class = usize::try_from(label).ok();
    let known = class.and_then(|class| inside.get(class));
    known.copied().unwrap_or(label)
}
