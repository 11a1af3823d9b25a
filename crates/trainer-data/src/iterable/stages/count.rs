use super::{Stage, Upstream};
use crate::{
    Dataset, Result,
    iterable::state::{State, unlike},
};

/// A count, and where the rows before stand.
pub(super) fn counted(start: Option<&State>) -> Result<(u64, Option<&State>)> {
    match start {
        None => Ok((0, None)),
        Some(State::Count {
            count,
            examples_iterable,
        }) => Ok((*count, Some(&**examples_iterable))),
        Some(_) => Err(unlike("count")),
    }
}

fn state(count: u64, upstream: &dyn Stage) -> State {
    State::Count {
        count,
        examples_iterable: Box::new(upstream.state()),
    }
}

/// No more rows than `wanted`, or `most` where that is less.
fn at_most(wanted: u64, most: usize) -> usize {
    usize::try_from(wanted).unwrap_or(usize::MAX).min(most)
}

/// The first rows.
pub(in crate::iterable) struct Take {
    upstream: Box<dyn Stage>,
    count: u64,
    taken: u64,
}

impl Take {
    pub(in crate::iterable) fn new(
        upstream: Upstream<'_>,
        count: u64,
        start: Option<&State>,
    ) -> Result<Self> {
        let (taken, before) = counted(start)?;
        Ok(Self {
            upstream: upstream(before)?,
            count,
            taken,
        })
    }
}

impl Stage for Take {
    fn next(&mut self, most: usize) -> Result<Option<Dataset>> {
        let most = at_most(self.count.saturating_sub(self.taken), most);
        if most == 0 {
            return Ok(None);
        }
        let rows = self.upstream.next(most)?;
        self.taken += rows.as_ref().map_or(0, Dataset::num_rows) as u64;
        Ok(rows)
    }

    fn state(&self) -> State {
        state(self.taken, &*self.upstream)
    }
}

/// All but the first rows.
pub(in crate::iterable) struct Skip {
    upstream: Box<dyn Stage>,
    count: u64,
    skipped: u64,
}

impl Skip {
    pub(in crate::iterable) fn new(
        upstream: Upstream<'_>,
        count: u64,
        start: Option<&State>,
    ) -> Result<Self> {
        let (skipped, before) = counted(start)?;
        Ok(Self {
            upstream: upstream(before)?,
            count,
            skipped,
        })
    }
}

impl Stage for Skip {
    fn next(&mut self, most: usize) -> Result<Option<Dataset>> {
        const ROWS: usize = 1000;
        while self.skipped < self.count {
            let most = at_most(self.count - self.skipped, ROWS);
            match self.upstream.next(most)? {
                Some(rows) => self.skipped += rows.num_rows() as u64,
                None => return Ok(None),
            }
        }
        self.upstream.next(most)
    }

    fn state(&self) -> State {
        state(self.skipped, &*self.upstream)
    }
}

/// Of so many rows one: the share of one of several processes.
pub(in crate::iterable) struct EveryNth {
    upstream: Box<dyn Stage>,
    step: usize,
    offset: usize,
    seen: u64,
}

impl EveryNth {
    pub(in crate::iterable) fn new(
        upstream: Upstream<'_>,
        step: usize,
        offset: usize,
        start: Option<&State>,
    ) -> Result<Self> {
        let (seen, before) = counted(start)?;
        Ok(Self {
            upstream: upstream(before)?,
            step,
            offset,
            seen,
        })
    }
}

impl Stage for EveryNth {
    fn next(&mut self, most: usize) -> Result<Option<Dataset>> {
        while let Some(rows) = self.upstream.next(most)? {
            let before = (self.seen % self.step as u64) as usize;
            self.seen += rows.num_rows() as u64;
            let first = (self.step + self.offset - before) % self.step;
            let own: Vec<usize> = (first..rows.num_rows()).step_by(self.step).collect();
            if !own.is_empty() {
                return rows.select(&own).map(Some);
            }
        }
        Ok(None)
    }

    fn state(&self) -> State {
        state(self.seen, &*self.upstream)
    }
}
