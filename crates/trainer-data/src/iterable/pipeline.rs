//! From shards to rows, by the steps that a stream was told.

use std::sync::Arc;

use super::{
    shard::Shard,
    stages::{
        Buffer, ChangeColumns, Cycle, EveryNth, Filter, Map, MixedBy, Shards, Skip, Stage, Take,
    },
    state::State,
};
use crate::{BoxError, MapOptions, MapRows, Result, Row, numpy::Generator};

/// Decides which rows stay.
pub(super) type Keep = dyn Fn(&Row<'_>) -> Result<bool, BoxError> + Send + Sync;

/// What is done with the rows before.
#[derive(Clone)]
pub(super) enum Step {
    Map(Arc<dyn MapRows>, MapOptions),
    Filter(Arc<Keep>),
    /// How many, and whether they are parted where shards are.
    Take(u64, bool),
    Skip(u64, bool),
    Shuffle(Shuffle),
    Rename(Vec<(String, String)>),
    Remove(Vec<String>),
    Select(Vec<String>),
}

#[derive(Clone)]
pub(super) struct Shuffle {
    pub(super) seed: u64,
    pub(super) buffer_size: usize,
    /// From how many shards the buffer is filled at a time.
    pub(super) shards: usize,
    /// How many rows of each in turn.
    pub(super) rows: usize,
}

impl Step {
    /// Whether Python hands on tables here, and not row by row.
    pub(super) fn keeps_tables(&self) -> bool {
        matches!(
            self,
            Self::Take(..) | Self::Skip(..) | Self::Shuffle(_) | Self::Select(_)
        )
    }

    /// Whether the order of shards must stay, so that the same rows are left out.
    pub(super) fn fixes_order(&self) -> bool {
        matches!(self, Self::Take(..) | Self::Skip(..))
    }
}

/// The order of `shards` in `epoch`.
pub(super) fn of_epoch(shards: &[Shard], steps: &[Step], epoch: u64) -> Vec<Shard> {
    let mut shards = shards.to_vec();
    if epoch > 0 && !steps.iter().any(Step::fixes_order) {
        Generator::new(epoch).shuffle(&mut shards);
    }
    shards
}

/// The shards that are part `index` of `count`.
pub(super) fn part<T: Clone>(shards: &[T], count: usize, index: usize, contiguous: bool) -> Vec<T> {
    if !contiguous {
        return shards.iter().skip(index).step_by(count).cloned().collect();
    }
    let (each, more) = (shards.len() / count, shards.len() % count);
    let begin = each * index + index.min(more);
    let end = begin + each + usize::from(index < more);
    shards[begin..end].to_vec()
}

/// What gives the rows of `shards` after `steps`, from `start` on.
pub(super) fn build(
    shards: &[Shard],
    steps: &[Step],
    epoch: u64,
    start: Option<&State>,
) -> Result<Box<dyn Stage>> {
    let Some((step, before)) = steps.split_last() else {
        return Ok(Box::new(Shards::new(shards.to_vec(), start)?));
    };
    if let Step::Shuffle(shuffle) = step {
        let upstream = |start: Option<&State>| mixed(shards, before, epoch, shuffle, start);
        let generator = generator(shuffle.seed, epoch);
        let in_turn = shuffle.shards > 1 && !shards.is_empty();
        let sizes = (shuffle.buffer_size, shuffle.rows, in_turn);
        return Ok(Box::new(Buffer::new(&upstream, generator, sizes, start)?));
    }
    let upstream = |start: Option<&State>| build(shards, before, epoch, start);
    Ok(match step {
        Step::Map(function, options) => {
            let function = Arc::clone(function);
            Box::new(Map::new(&upstream, function, options.clone(), start)?)
        }
        Step::Filter(keep) => Box::new(Filter::new(&upstream, Arc::clone(keep), start)?),
        Step::Take(count, _) => Box::new(Take::new(&upstream, *count, start)?),
        Step::Skip(count, _) => Box::new(Skip::new(&upstream, *count, start)?),
        Step::Rename(..) | Step::Remove(_) | Step::Select(_) => {
            Box::new(ChangeColumns::new(upstream(start)?, step.clone()))
        }
        Step::Shuffle(_) => upstream(start)?,
    })
}

/// What a buffer is filled from: groups of shards in turn.
fn mixed(
    shards: &[Shard],
    steps: &[Step],
    epoch: u64,
    shuffle: &Shuffle,
    start: Option<&State>,
) -> Result<Box<dyn Stage>> {
    let groups = shards.len().min(shuffle.shards);
    if shuffle.shards <= 1 || groups == 0 {
        return build(shards, steps, epoch, start);
    }
    let make = |group: usize, start: Option<&State>| {
        let shards = part(shards, groups, group, true);
        build(&shards, steps, epoch, start)
    };
    let by = MixedBy {
        groups,
        rows: shuffle.rows,
    };
    Ok(Box::new(Cycle::new(&make, by, start)?))
}

/// What the buffer of a shuffle draws from: Python's `shift_rngs`.
fn generator(seed: u64, epoch: u64) -> Generator {
    match epoch {
        0 => Generator::new(seed),
        epoch => {
            let drawn = Generator::new(seed).up_to((1 << 63) - 1);
            Generator::new(drawn.saturating_sub(epoch))
        }
    }
}

/// The rows of one of several processes.
pub(super) fn build_node(
    shards: &[Shard],
    steps: &[Step],
    epoch: u64,
    (rank, world): (usize, usize),
    start: Option<&State>,
) -> Result<Box<dyn Stage>> {
    if shards.len().is_multiple_of(world) {
        let steps = parted(steps, shards.len(), world, rank);
        let shards = part(shards, world, rank, false);
        return build(&shards, &steps, epoch, start);
    }
    let upstream = |start: Option<&State>| build(shards, steps, epoch, start);
    Ok(Box::new(EveryNth::new(&upstream, world, rank, start)?))
}

/// The steps of part `index` of `count` of so many `shards`: rows that are taken or left out are parted too.
pub(super) fn parted(steps: &[Step], shards: usize, count: usize, index: usize) -> Vec<Step> {
    let sources = count.min(shards).max(1) as u64;
    let index = index as u64;
    let own = |all: u64| match index < sources {
        true => all / sources + u64::from(index < all % sources),
        false => 0,
    };
    let parted = steps.iter().map(|step| match step {
        Step::Take(all, true) => Step::Take(own(*all), true),
        Step::Skip(all, true) => Step::Skip(own(*all), true),
        step => step.clone(),
    });
    parted.collect()
}
