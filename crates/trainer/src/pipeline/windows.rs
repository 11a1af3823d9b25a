use std::ops::Range;

use trainer_tokenize::Encoding;

/// The windows over some texts, one text's after the other's.
pub(super) struct Windows {
    encodings: Vec<Encoding>,
    /// Where each text's windows end.
    ends: Vec<usize>,
    /// The number of the first text.
    first: usize,
}

impl Windows {
    pub(super) fn new(first: usize) -> Self {
        Self {
            encodings: Vec::new(),
            ends: Vec::new(),
            first,
        }
    }

    /// Adds the windows of one more text.
    pub(super) fn push(&mut self, windows: Vec<Encoding>) {
        self.encodings.extend(windows);
        self.ends.push(self.encodings.len());
    }

    pub(super) fn encodings(&self) -> &[Encoding] {
        &self.encodings
    }

    /// How many tokens these windows have.
    pub(super) fn lengths(&self, windows: &[usize]) -> Vec<usize> {
        windows.iter().map(|&at| self.encodings[at].len()).collect()
    }

    /// The number of the text that a window is of.
    pub(super) fn text(&self, window: usize) -> usize {
        self.first + self.ends.partition_point(|&end| end <= window)
    }

    /// Which windows are of each text, in the order of the texts.
    pub(super) fn of_texts(&self) -> impl Iterator<Item = Range<usize>> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, &end)| begin..end)
    }
}
