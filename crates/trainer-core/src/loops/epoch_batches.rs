use trainer_collate::Batch;
use trainer_data::{Batches, Error as DataError};

use crate::Result;
use crate::run::Run;

/// The batches of an epoch that is trained on.
///
/// Where the collator draws, each is made before the one before it is used, as Python's loaders do it: that decides which numbers of the
/// generator are a batch's and which are dropout's. A checkpoint keeps where the generators stood before the batch that is made already,
/// so that a resumed run draws the same for it.
pub(super) struct EpochBatches {
    batches: Batches<Batch>,
    next: Option<Result<Batch, DataError>>,
    draws: bool,
}

impl EpochBatches {
    /// Of a run that resumes inside an epoch, the first batch of `batches` is the one that was made when the checkpoint was written: the
    /// generators are restored after it.
    pub(super) fn new(batches: Batches<Batch>, run: &mut Run) -> Result<Self> {
        let mut all = Self {
            batches,
            next: None,
            draws: run.collator.random().is_some(),
        };
        if all.draws && run.return_before_next()? {
            all.next = all.batches.next();
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

    fn next(&mut self, run: &mut Run) -> Result<Option<Batch>> {
        let batch = self.next.take().or_else(|| self.batches.next());
        if self.draws && batch.is_some() {
            run.remember_before_next()?;
            self.next = self.batches.next();
            if self.next.is_none() {
                run.before_next = None;
            }
        }
        Ok(batch.transpose()?)
    }
}
