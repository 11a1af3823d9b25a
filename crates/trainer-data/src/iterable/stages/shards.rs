use super::Stage;
use crate::{
    Dataset, Result,
    iterable::{
        shard::{Shard, ShardRows},
        state::{State, refused, unlike},
    },
};

/// The rows of shards, one behind the other.
pub(in crate::iterable) struct Shards {
    shards: Vec<Shard>,
    at: usize,
    /// How many rows of the shard at hand were given.
    given: u64,
    rows: Option<ShardRows>,
    /// Rows that were read and not given, from the second number on.
    left: Option<(Dataset, usize)>,
}

impl Shards {
    pub(in crate::iterable) fn new(shards: Vec<Shard>, start: Option<&State>) -> Result<Self> {
        let (at, given) = match start {
            None => (0, 0),
            Some(State::Shards {
                shard_idx,
                shard_example_idx,
            }) => (*shard_idx, *shard_example_idx),
            Some(_) => return Err(unlike("shards")),
        };
        if at > shards.len() || (at == shards.len() && given > 0) {
            let shards = shards.len();
            return Err(refused(&format!("it is at shard {at} of {shards}")));
        }
        Ok(Self {
            shards,
            at,
            given,
            rows: None,
            left: None,
        })
    }
}

impl Stage for Shards {
    fn next(&mut self, most: usize) -> Result<Option<Dataset>> {
        loop {
            if let Some((rows, from)) = &mut self.left {
                let end = rows.num_rows().min(from.saturating_add(most));
                let next = rows.slice(*from..end);
                *from = end;
                self.given += next.num_rows() as u64;
                if end == rows.num_rows() {
                    self.left = None;
                }
                return Ok(Some(next));
            }
            let Some(shard) = self.shards.get(self.at) else {
                return Ok(None);
            };
            let rows = match &mut self.rows {
                Some(rows) => rows,
                None => self.rows.insert(shard.read(self.given)?),
            };
            match rows.next()? {
                Some(rows) => self.left = Some((rows, 0)),
                None => {
                    self.rows = None;
                    self.at += 1;
                    self.given = 0;
                }
            }
        }
    }

    fn state(&self) -> State {
        State::Shards {
            shard_idx: self.at,
            shard_example_idx: self.given,
        }
    }
}
