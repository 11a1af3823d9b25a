use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use super::{Repository, progress::Bar};
use crate::Result;

/// So many files are fetched at the same time, as in Python.
const AT_ONCE: usize = 8;

impl Repository {
    /// As [`Self::file`], of several files: what the cache lacks is fetched, eight files at a time, with one bar for all.
    ///
    /// # Errors
    /// Of several failures that of the first file; no further file is begun then.
    pub fn files_at<S: AsRef<str> + Sync>(&self, paths: &[S]) -> Result<Vec<PathBuf>> {
        let paths: Vec<_> = paths
            .iter()
            .map(|path| self.path(path.as_ref()))
            .collect::<Result<_>>()?;
        // Asked once, and not by each thread.
        self.settled()?;
        let bar = Bar::begin(&self.settings);
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let work = || {
            let mut mine = Vec::new();
            while !failed.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(path) = paths.get(at) else {
                    break;
                };
                let file = self.file_at(path, &bar);
                failed.fetch_or(file.is_err(), Ordering::Relaxed);
                mine.push((at, file));
            }
            mine
        };
        let mut files: Vec<(usize, Result<PathBuf>)> = thread::scope(|scope| {
            let threads = paths.len().min(AT_ONCE);
            let threads: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut files = work();
            for thread in threads {
                match thread.join() {
                    Ok(more) => files.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            files
        });
        files.sort_unstable_by_key(|(at, _)| *at);
        files.into_iter().map(|(_, file)| file).collect()
    }
}
