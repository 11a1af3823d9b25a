use std::{
    ops::ControlFlow::{Break, Continue},
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    thread::{self, JoinHandle},
};

use crate::{Dataset, Error, Result, caught, source::StreamedFile};

/// Rows that belong together, which are read from their first on.
#[derive(Clone)]
pub(super) enum Shard {
    File(Arc<StreamedFile>),
    Rows(Dataset),
}

impl Shard {
    /// The rows behind the first `skip`.
    pub(super) fn read(&self, skip: u64) -> Result<ShardRows> {
        match self {
            Self::File(file) => ReadAhead::start(file, skip).map(ShardRows::File),
            Self::Rows(dataset) => {
                let at = usize::try_from(skip).unwrap_or(usize::MAX);
                Ok(ShardRows::Rows(dataset.clone(), at))
            }
        }
    }
}

/// The rows of a shard that is read.
pub(super) enum ShardRows {
    File(ReadAhead),
    Rows(Dataset, usize),
}

impl ShardRows {
    /// The next rows, one at least; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Dataset>> {
        match self {
            Self::File(file) => file.next(),
            Self::Rows(dataset, at) => {
                const ROWS: usize = 1000;
                let begin = dataset.num_rows().min(*at);
                let end = dataset.num_rows().min(begin.saturating_add(ROWS));
                *at = end;
                Ok((begin < end).then(|| dataset.slice(begin..end)))
            }
        }
    }
}

/// A file that a thread reads: while some rows are used, the next ones are read.
pub(super) struct ReadAhead {
    rows: Option<Receiver<Result<Dataset>>>,
    thread: Option<JoinHandle<()>>,
}

impl ReadAhead {
    fn start(file: &Arc<StreamedFile>, skip: u64) -> Result<Self> {
        let (give, rows) = sync_channel(0);
        let file = Arc::clone(file);
        let read = move || {
            let read = caught(|| {
                file.each_batch(skip, &mut |batch| {
                    let is_gone = !batch.is_empty() && give.send(Ok(batch)).is_err();
                    Ok(if is_gone { Break(()) } else { Continue(()) })
                })
            });
            let read = read.unwrap_or_else(|panic| Err(broken(panic)));
            if let Err(error) = read {
                // Whoever does not wait for rows does not wait for an error either.
                let _ = give.send(Err(error));
            }
        };
        let thread = thread::Builder::new().name("trainer-data stream".to_owned());
        let thread = thread.spawn(read).map_err(|source| Error::Io {
            path: PathBuf::from("a thread for a file"),
            source,
        })?;
        Ok(Self {
            rows: Some(rows),
            thread: Some(thread),
        })
    }

    fn next(&mut self) -> Result<Option<Dataset>> {
        let Some(rows) = &self.rows else {
            return Ok(None);
        };
        let next = rows.recv().ok().transpose();
        if !matches!(next, Ok(Some(_))) {
            self.rows = None;
        }
        next
    }
}

/// Waits for the rows that are in the making.
impl Drop for ReadAhead {
    fn drop(&mut self) {
        self.rows = None;
        if let Some(thread) = self.thread.take() {
            // What it had to say, it has sent.
            let _ = thread.join();
        }
    }
}

fn broken(source: crate::BoxError) -> Error {
    Error::Workers {
        message: format!("a file could not be read: {source}"),
        source: Some(source),
    }
}
