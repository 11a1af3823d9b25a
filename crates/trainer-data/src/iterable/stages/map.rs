use std::sync::Arc;

use super::{Stage, Upstream, exactly, numbered};
use crate::{
    Dataset, MapOptions, MapRows, Result,
    iterable::state::{State, unlike},
};

/// What a function makes of rows, so many at a time.
pub(in crate::iterable) struct Map {
    upstream: Box<dyn Stage>,
    function: Arc<dyn MapRows>,
    options: MapOptions,
    /// Where the rows before stood before the present batch, and how many there were until then.
    before: State,
    seen_before: u64,
    seen: u64,
    /// What was made of the present batch, and how much of it was given.
    made: Option<Dataset>,
    given: usize,
}

impl Map {
    pub(in crate::iterable) fn new(
        upstream: Upstream<'_>,
        function: Arc<dyn MapRows>,
        options: MapOptions,
        start: Option<&State>,
    ) -> Result<Self> {
        let (before, seen, given) = match start {
            None => (None, 0, 0),
            Some(State::Map {
                previous_state,
                previous_state_example_idx,
                num_examples_since_previous_state,
            }) => (
                Some(&**previous_state),
                *previous_state_example_idx,
                *num_examples_since_previous_state,
            ),
            Some(_) => return Err(unlike("map")),
        };
        let upstream = upstream(before)?;
        Ok(Self {
            before: upstream.state(),
            upstream,
            function,
            options,
            seen_before: seen,
            seen,
            made: None,
            given,
        })
    }
}

impl Stage for Map {
    fn next(&mut self, most: usize) -> Result<Option<Dataset>> {
        loop {
            if let Some(made) = &self.made {
                if self.given < made.num_rows() {
                    let end = made.num_rows().min(self.given.saturating_add(most));
                    let next = made.slice(self.given..end);
                    self.given = end;
                    return Ok(Some(next));
                }
                self.made = None;
                self.given = 0;
                self.before = self.upstream.state();
                self.seen_before = self.seen;
            }
            let Some(rows) = exactly(&mut *self.upstream, self.options.batch_size)? else {
                return Ok(None);
            };
            let made = rows.map_with(&*self.function, &self.options);
            self.made = Some(made.map_err(|error| numbered(error, self.seen))?);
            self.seen += rows.num_rows() as u64;
        }
    }

    fn state(&self) -> State {
        let made = self.made.as_ref().map(Dataset::num_rows);
        let (before, seen, given) = match made.is_some_and(|made| self.given >= made) {
            // Nothing of the batch is left.
            true => (self.upstream.state(), self.seen, 0),
            false => (self.before.clone(), self.seen_before, self.given),
        };
        State::Map {
            previous_state: Box::new(before),
            previous_state_example_idx: seen,
            num_examples_since_previous_state: given,
        }
    }
}
