use std::{collections::HashMap, ops::Range, sync::Arc, thread::JoinHandle};

use crossbeam::channel::{Receiver, Sender, unbounded};

use super::batches::Epoch;
use crate::{Error, Result};

/// Threads that make batches ahead.
///
/// Each batch given out asks for one more, so no more than `ahead` are ready or in the making at any time.
pub(super) struct Workers<B> {
    /// Nothing once the workers are told to stop.
    jobs: Option<Sender<usize>>,
    made: Receiver<(usize, Result<B>)>,
    waiting: Range<usize>,
    early: HashMap<usize, Result<B>>,
    threads: Vec<JoinHandle<()>>,
}

impl<B: Send + 'static> Workers<B> {
    pub(super) fn start(
        epoch: &Arc<Epoch<B>>,
        batches: Range<usize>,
        threads: usize,
        ahead: usize,
    ) -> Result<Self> {
        let (jobs, todo) = unbounded();
        let (finished, made) = unbounded();
        let mut workers = Self {
            jobs: Some(jobs),
            made,
            waiting: batches,
            early: HashMap::new(),
            threads: Vec::with_capacity(threads),
        };
        for number in 0..threads {
            let (epoch, todo, finished) = (Arc::clone(epoch), todo.clone(), finished.clone());
            let thread = std::thread::Builder::new()
                .name(format!("data-{number}"))
                .spawn(move || make(&epoch, &todo, &finished))
                .map_err(|source| Error::Workers {
                    message: "a worker thread could not be started".to_owned(),
                    source: Some(source.into()),
                })?;
            workers.threads.push(thread);
        }
        for _ in 0..ahead.min(workers.waiting.len()) {
            workers.ask();
        }
        Ok(workers)
    }

    /// Batch `batch`; the callers ask for one after the other.
    pub(super) fn receive(&mut self, batch: usize) -> Result<B> {
        loop {
            if let Some(result) = self.early.remove(&batch) {
                self.ask();
                return result;
            }
            let (number, result) = self.made.recv().map_err(|_| Error::Workers {
                message: format!("the workers ended before batch {batch} was made"),
                source: None,
            })?;
            self.early.insert(number, result);
        }
    }

    fn ask(&mut self) {
        if let (Some(jobs), Some(batch)) = (&self.jobs, self.waiting.next()) {
            // Fails only when all workers are gone, which `receive` reports.
            let _ = jobs.send(batch);
        }
    }
}

impl<B> Drop for Workers<B> {
    fn drop(&mut self) {
        if let Some(jobs) = self.jobs.take() {
            drop(jobs);
        }
        // The workers would otherwise first work off what is already asked for.
        let (_, nothing) = unbounded();
        drop(std::mem::replace(&mut self.made, nothing));
        for thread in self.threads.drain(..) {
            // A worker's panic has nowhere to go: the iteration is over.
            let _ = thread.join();
        }
    }
}

fn make<B: Send + 'static>(
    epoch: &Epoch<B>,
    todo: &Receiver<usize>,
    finished: &Sender<(usize, Result<B>)>,
) {
    for batch in todo {
        if finished.send((batch, epoch.batch(batch))).is_err() {
            break;
        }
    }
}
