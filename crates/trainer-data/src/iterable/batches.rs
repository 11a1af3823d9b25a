use super::{
    IterableDataset,
    pipeline::{build, build_node, of_epoch},
    stages::{Stage, exactly},
    state::IterableState,
};
use crate::{Dataset, Error, Result};

/// The rows of a stream, so many at a time; [`IterableDataset::batches`] makes it.
///
/// An error is the last item.
pub struct IterableBatches {
    stage: Box<dyn Stage>,
    epoch: u64,
    batch_size: usize,
    ended: bool,
}

impl IterableBatches {
    pub(super) fn new(stream: &IterableDataset, batch_size: usize) -> Result<Self> {
        if batch_size == 0 {
            return Err(Error::InvalidArgument {
                name: "batch_size",
                message: "must be at least 1".to_owned(),
            });
        }
        let epoch = stream.epoch;
        let start = stream.start.as_ref().filter(|start| start.epoch() == epoch);
        let start = start.map(IterableState::parts).transpose()?;
        let shards = of_epoch(&stream.shards, &stream.steps, epoch);
        let stage = match stream.node {
            Some(node) => build_node(&shards, &stream.steps, epoch, node, start)?,
            None => build(&shards, &stream.steps, epoch, start)?,
        };
        Ok(Self {
            stage,
            epoch,
            batch_size,
            ended: false,
        })
    }

    /// Where the stream stands behind the batches that were given.
    #[must_use]
    pub fn state_dict(&self) -> IterableState {
        IterableState::new(self.epoch, self.stage.state())
    }
}

impl Iterator for IterableBatches {
    type Item = Result<Dataset>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = exactly(&mut *self.stage, self.batch_size).transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl std::iter::FusedIterator for IterableBatches {}

impl std::fmt::Debug for IterableBatches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IterableBatches")
            .field("epoch", &self.epoch)
            .field("batch_size", &self.batch_size)
            .finish_non_exhaustive()
    }
}
