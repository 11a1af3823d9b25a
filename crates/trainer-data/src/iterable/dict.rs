use std::{ops::Index, sync::Arc};

use super::{IterableDataset, pipeline::Keep};
use crate::{BoxError, Error, MapRows, Result, Row};

/// Streams by the names of their splits, in order: what [`DatasetLoader::streaming`](crate::DatasetLoader::streaming) gives.
#[derive(Debug, Clone, Default)]
pub struct IterableDatasetDict {
    splits: Vec<(String, IterableDataset)>,
}

impl IterableDatasetDict {
    /// Adds `stream` under `split`, replacing one of that name in its place.
    pub fn insert(&mut self, split: impl Into<String>, stream: IterableDataset) {
        let split = split.into();
        match self.splits.iter_mut().find(|(have, _)| *have == split) {
            Some((_, slot)) => *slot = stream,
            None => self.splits.push((split, stream)),
        }
    }

    /// The stream of `split`.
    ///
    /// # Errors
    /// [`Error::UnknownSplit`] lists the splits there are.
    pub fn get(&self, split: &str) -> Result<&IterableDataset> {
        let found = self.iter().find(|(have, _)| *have == split);
        found
            .map(|(_, stream)| stream)
            .ok_or_else(|| Error::UnknownSplit {
                name: split.to_owned(),
                present: self.iter().map(|(have, _)| have.to_owned()).collect(),
            })
    }

    /// [`IterableDataset::map`] of every split.
    #[must_use]
    pub fn map(&self, function: impl MapRows + 'static) -> Self {
        let function: Arc<dyn MapRows> = Arc::new(function);
        self.each(|stream| stream.mapped(Arc::clone(&function)))
    }

    /// [`IterableDataset::filter`] of every split.
    #[must_use]
    pub fn filter(
        &self,
        keep: impl Fn(&Row<'_>) -> Result<bool, BoxError> + Send + Sync + 'static,
    ) -> Self {
        let keep: Arc<Keep> = Arc::new(keep);
        self.each(|stream| stream.filtered(Arc::clone(&keep)))
    }

    fn each(&self, change: impl Fn(&IterableDataset) -> IterableDataset) -> Self {
        let splits = self.iter();
        let splits = splits.map(|(split, stream)| (split.to_owned(), change(stream)));
        Self {
            splits: splits.collect(),
        }
    }

    /// Names and streams, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &IterableDataset)> {
        self.splits
            .iter()
            .map(|(split, stream)| (split.as_str(), stream))
    }
}

impl Index<&str> for IterableDatasetDict {
    type Output = IterableDataset;

    /// # Panics
    /// If there is no such split; [`IterableDatasetDict::get`] gives an error instead.
    fn index(&self, split: &str) -> &IterableDataset {
        match self.get(split) {
            Ok(stream) => stream,
            Err(error) => panic!("{error}"),
        }
    }
}
