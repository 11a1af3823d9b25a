use super::{Stage, exactly};
use crate::{
    Dataset, Result,
    iterable::state::{State, refused, unlike},
};

/// How rows of several groups of shards are mixed.
pub(in crate::iterable) struct MixedBy {
    /// How many groups there are.
    pub(in crate::iterable) groups: usize,
    /// How many rows of each in turn.
    pub(in crate::iterable) rows: usize,
}

/// Makes the stage of a group, from a state on.
type Group<'g> = &'g dyn Fn(usize, Option<&State>) -> Result<Box<dyn Stage>>;

/// Some rows of each group in turn, until all have ended. It is asked for that many.
pub(in crate::iterable) struct Cycle {
    groups: Vec<Box<dyn Stage>>,
    ended: Vec<bool>,
    next: usize,
    rows: usize,
}

impl Cycle {
    pub(in crate::iterable) fn new(
        group: Group<'_>,
        by: MixedBy,
        start: Option<&State>,
    ) -> Result<Self> {
        let count = by.groups;
        let (next, ended, parts) = match start {
            None => (0, vec![false; count], None),
            Some(State::Cycle { next, ended, parts }) => {
                if *next >= count || ended.len() != count || parts.len() != count {
                    return Err(refused(&format!("it is not of {count} groups of shards")));
                }
                (*next, ended.clone(), Some(parts))
            }
            Some(_) => return Err(unlike("cycle")),
        };
        let groups = (0..count).map(|at| group(at, parts.and_then(|parts| parts.get(at))));
        Ok(Self {
            groups: groups.collect::<Result<_>>()?,
            ended,
            next,
            rows: by.rows,
        })
    }
}

impl Stage for Cycle {
    fn next(&mut self, most: usize) -> Result<Option<Dataset>> {
        let most = most.min(self.rows);
        for _ in 0..self.groups.len() {
            let at = self.next;
            self.next = (at + 1) % self.groups.len();
            if self.ended[at] {
                continue;
            }
            match exactly(&mut *self.groups[at], most)? {
                Some(rows) => return Ok(Some(rows)),
                None => self.ended[at] = true,
            }
        }
        Ok(None)
    }

    fn state(&self) -> State {
        State::Cycle {
            next: self.next,
            ended: self.ended.clone(),
            parts: self.groups.iter().map(|group| group.state()).collect(),
        }
    }
}
