use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Where a stream stands, between two of its batches: what [`IterableBatches::state_dict`](super::IterableBatches::state_dict) gives and
/// [`IterableDataset::load_state_dict`](super::IterableDataset::load_state_dict) takes. By serde it can be written and read, as JSON say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IterableState {
    version: u32,
    epoch: u64,
    examples_iterable: State,
}

impl IterableState {
    const VERSION: u32 = 1;

    pub(super) fn new(epoch: u64, state: State) -> Self {
        Self {
            version: Self::VERSION,
            epoch,
            examples_iterable: state,
        }
    }

    /// The epoch that was read.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Where each part of the stream stands.
    pub(super) fn parts(&self) -> Result<&State> {
        match self.version {
            Self::VERSION => Ok(&self.examples_iterable),
            other => Err(refused(&format!("it is of version {other}, not 1"))),
        }
    }
}

/// Where a part of a stream stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum State {
    /// Among shards, and in one of them.
    Shards {
        shard_idx: usize,
        shard_example_idx: u64,
    },
    /// What was before the present batch of a map, how many rows were read then, and how many of those that it made were given.
    Map {
        previous_state: Box<State>,
        previous_state_example_idx: u64,
        num_examples_since_previous_state: usize,
    },
    /// How many rows were counted.
    Count {
        count: u64,
        examples_iterable: Box<State>,
    },
    /// Of parts that are read in turn, the next.
    Cycle {
        next: usize,
        ended: Vec<bool>,
        parts: Vec<State>,
    },
    Buffer(Box<BufferState>),
}

/// What is in a buffer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BufferState {
    /// Before the oldest row that is left.
    pub(super) previous_state: State,
    /// How many rows were read since.
    pub(super) read: u64,
    /// Which of them are left: those that are given next, and those that are mixed with others before.
    pub(super) rows: Vec<u64>,
    /// How many are given next.
    pub(super) given_next: usize,
    /// Where the generator stands.
    pub(super) generator: [u64; 5],
    pub(super) ended: bool,
}

/// The state is of another stream.
pub(super) fn refused(message: &str) -> Error {
    Error::InvalidArgument {
        name: "state_dict",
        message: format!("the state is not one of this stream: {message}"),
    }
}

/// As [`refused`], where a part of another kind is expected.
pub(super) fn unlike(expected: &str) -> Error {
    refused(&format!("there should be a part of kind {expected}"))
}
