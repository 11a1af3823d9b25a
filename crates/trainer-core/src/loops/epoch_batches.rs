use trainer_collate::Batch;
use trainer_data::{Error as DataError, IterableState};

use crate::Result;
use crate::batch_source::SourceBatches;
use crate::run::Run;

/// The batches of an epoch that is trained on.
///
/// Where the collator draws, each is made before the one before it is used, as Python's loaders do it: that decides which numbers of the
/// generator are a batch's and which are dropout's. A checkpoint keeps where the generators stood before the batch that is made already,
/// so that a resumed run draws the same for it.
pub(super) struct EpochBatches {
    batches: SourceBatches,
    next: Option<Result<Batch, DataError>>,
    /// Where a stream stood before `next`.
    before_next: Option<IterableState>,
    draws: bool,
}

impl EpochBatches {
    /// Of a run that resumes inside an epoch, the first batch of `batches` is the one that was made when the checkpoint was written: the
    /// generators are restored after it.
    pub(super) fn new(batches: SourceBatches, run: &mut Run) -> Result<Self> {
        let mut all = Self {
            batches,
            next: None,
            before_next: None,
            draws: run.collator.random().is_some(),
        };
        if all.draws && run.return_before_next()? {
            all.read_ahead();
            run.restore_rng()?;
        }
        Ok(all)
    }

    /// As many batches as an optimizer step takes, or as are left.
    pub(super) fn window(&mut self, run: &mut Run) -> Result<Vec<Batch>> {
        let mut window = Vec::new();
        while window.len() < run.plan.gradient_accumulation_steps {
            match self.next(run)? {
                Some(batch) => window.push(batch),
                None => break,
            }
        }
        Ok(window)
    }

    fn read_ahead(&mut self) {
        self.before_next = self.state();
        self.next = self.batches.next();
    }

    fn state(&self) -> Option<IterableState> {
        match &self.batches {
            SourceBatches::Rows(_) => None,
            SourceBatches::Stream(batches) => Some(batches.state_dict()),
        }
    }

    /// Where a stream stands behind the batches that were given.
    pub(super) fn stream_state(&self) -> Option<IterableState> {
        match &self.next {
            Some(_) => self.before_next.clone(),
            None => self.state(),
        }
    }

    fn next(&mut self, run: &mut Run) -> Result<Option<Batch>> {
        let batch = self.next.take().or_else(|| self.batches.next());
        if self.draws && batch.is_some() {
            run.remember_before_next()?;
            self.read_ahead();
            if self.next.is_none() {
                run.before_next = None;
            }
        }
        Ok(batch.transpose()?)
    }
}
