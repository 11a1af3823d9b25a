use std::sync::Arc;

use super::{Stage, Upstream, count::counted, numbered};
use crate::{
    Dataset, Result,
    iterable::{pipeline::Keep, state::State},
};

/// The rows that a function keeps.
pub(in crate::iterable) struct Filter {
    upstream: Box<dyn Stage>,
    keep: Arc<Keep>,
    seen: u64,
}

impl Filter {
    pub(in crate::iterable) fn new(
        upstream: Upstream<'_>,
        keep: Arc<Keep>,
        start: Option<&State>,
    ) -> Result<Self> {
        let (seen, before) = counted(start)?;
        Ok(Self {
            upstream: upstream(before)?,
            keep,
            seen,
        })
    }
}

impl Stage for Filter {
    fn next(&mut self, most: usize) -> Result<Option<Dataset>> {
        while let Some(rows) = self.upstream.next(most)? {
            let kept = rows.filter_here(|row| (self.keep)(row));
            let kept = kept.map_err(|error| numbered(error, self.seen))?;
            self.seen += rows.num_rows() as u64;
            if !kept.is_empty() {
                return Ok(Some(kept));
            }
        }
        Ok(None)
    }

    fn state(&self) -> State {
        State::Count {
            count: self.seen,
            examples_iterable: Box::new(self.upstream.state()),
        }
    }
}
