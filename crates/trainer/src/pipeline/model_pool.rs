use std::sync::{Mutex, MutexGuard, PoisonError};

use super::runnable::Runnable;
use crate::Result;

/// One model for any number of threads: who computes takes a clone that shares its weights, and puts it back.
#[derive(Debug)]
pub(super) struct ModelPool<M> {
    /// Clones are made of it; it does not compute.
    original: Mutex<M>,
    /// Clones that nobody uses: in the end as many as threads were there at once.
    free: Mutex<Vec<M>>,
}

impl<M: Runnable> ModelPool<M> {
    pub(super) fn new(model: M) -> Self {
        Self {
            original: Mutex::new(model),
            free: Mutex::new(Vec::new()),
        }
    }

    /// Computes with a clone that this call has for itself: nothing is locked meanwhile.
    pub(super) fn with<R>(&self, compute: impl FnOnce(&M) -> Result<R>) -> Result<R> {
        let free = lock(&self.free).pop();
        let model = match free {
            Some(model) => model,
            None => lock(&self.original).shallow_clone()?,
        };
        let result = compute(&model);
        lock(&self.free).push(model);
        result
    }
}

/// A panic elsewhere leaves what is locked here whole: models are put in and taken out at once.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
