//! What stands between shards and rows, each asking the one before for rows.

mod buffer;
mod change_columns;
mod count;
mod cycle;
mod filter;
mod map;
mod shards;

pub(super) use buffer::Buffer;
pub(super) use change_columns::{ChangeColumns, changed};
pub(super) use count::{EveryNth, Skip, Take};
pub(super) use cycle::{Cycle, MixedBy};
pub(super) use filter::Filter;
pub(super) use map::Map;
pub(super) use shards::Shards;

use super::state::State;
use crate::{Dataset, Error, Result, concatenate_datasets};

/// Gives rows.
pub(super) trait Stage: Send {
    /// At most `most` of the next rows, and at least one; nothing at the end, also when it is asked again.
    fn next(&mut self, most: usize) -> Result<Option<Dataset>>;

    /// Where it stands: behind the rows that it gave.
    fn state(&self) -> State;
}

/// Makes the stage before, from a state on.
pub(super) type Upstream<'u> = &'u dyn Fn(Option<&State>) -> Result<Box<dyn Stage>>;

/// The next `count` rows of `stage`, or fewer at the end; nothing where none are left.
pub(super) fn exactly(stage: &mut dyn Stage, count: usize) -> Result<Option<Dataset>> {
    let Some(first) = stage.next(count)? else {
        return Ok(None);
    };
    let mut rows = first.num_rows();
    let mut parts = vec![first];
    while rows < count
        && let Some(part) = stage.next(count - rows)?
    {
        rows += part.num_rows();
        parts.push(part);
    }
    joined(parts).map(Some)
}

/// All rows of `parts`, of which there is at least one.
fn joined(mut parts: Vec<Dataset>) -> Result<Dataset> {
    match parts.len() {
        1 => Ok(parts.remove(0)),
        _ => concatenate_datasets(&parts),
    }
}

/// An error of rows that are numbered from the first of a batch, with the numbers that they have in the stream.
fn numbered(error: Error, before: u64) -> Error {
    let before = usize::try_from(before).unwrap_or(usize::MAX);
    match error {
        Error::Rows {
            operation,
            first,
            last,
            source,
        } => Error::Rows {
            operation,
            first: first.saturating_add(before),
            last: last.saturating_add(before),
            source,
        },
        error => error,
    }
}
