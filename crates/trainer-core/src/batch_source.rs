//! Where batches come from: the rows of a data set in a sampler's order, or a stream.

use std::sync::Arc;

use trainer_collate::Batch;
use trainer_data::{
    Batches, BoxError, Collate, DataLoader, Dataset, DrawBatch, Error as DataError,
    IterableDataLoader, Rows, StreamBatches,
};

use crate::Result;
use crate::stream_position::StreamPosition;

/// What gives the batches of an epoch.
pub(crate) enum BatchSource {
    Rows(DataLoader<Batch>),
    Stream(Box<IterableDataLoader<Batch>>),
}

impl BatchSource {
    /// How many batches an epoch has, if that is known.
    pub(crate) fn len(&self) -> Option<usize> {
        match self {
            Self::Rows(loader) => Some(loader.len()),
            Self::Stream(_) => None,
        }
    }

    /// All batches, in their order.
    pub(crate) fn all(&self) -> Result<SourceBatches> {
        Ok(match self {
            Self::Rows(loader) => SourceBatches::Rows(Box::new(loader.iter(0))),
            Self::Stream(loader) => {
                let epoch = loader.stream().epoch();
                SourceBatches::Stream(Box::new(loader.iter(epoch)?))
            }
        })
    }

    /// The batches of `epoch` but for the first `skip`, which for a stream `position` says.
    pub(crate) fn from(
        &self,
        epoch: u64,
        skip: usize,
        position: Option<&StreamPosition>,
    ) -> Result<SourceBatches> {
        let state = position.and_then(|position| position.state.as_ref());
        Ok(match (self, state) {
            (Self::Rows(loader), _) => SourceBatches::Rows(Box::new(loader.iter_from(epoch, skip))),
            (Self::Stream(loader), Some(state)) => {
                SourceBatches::Stream(Box::new(loader.iter_from(state, skip)?))
            }
            (Self::Stream(loader), None) => SourceBatches::Stream(Box::new(loader.iter(epoch)?)),
        })
    }
}

/// The batches of an epoch.
pub(crate) enum SourceBatches {
    Rows(Box<Batches<Batch>>),
    Stream(Box<StreamBatches<Batch>>),
}

impl Iterator for SourceBatches {
    type Item = Result<Batch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Rows(batches) => batches.next(),
            Self::Stream(batches) => batches.next(),
        }
    }
}

/// Says which of some columns are used.
type Used = dyn Fn(&Dataset) -> Result<Dataset, BoxError> + Send + Sync;

/// A collator that is given only the columns that are used: what is done to a stream, whose columns may not be known before.
pub(crate) struct OfUsedColumns {
    pub(crate) collator: Arc<dyn Collate<Batch = Batch>>,
    pub(crate) used: Box<Used>,
}

impl Collate for OfUsedColumns {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        let used = (self.used)(rows.dataset())?;
        self.collator.collate(&used.all_rows())
    }

    fn random(&self) -> Option<&dyn DrawBatch<Batch>> {
        self.collator.random()
    }
}
