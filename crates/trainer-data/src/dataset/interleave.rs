use super::{
    Dataset,
    join::{concatenate_datasets, refused},
};
use crate::{Error, Result, numpy::Generator};

/// When [`interleave_datasets`] is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoppingStrategy {
    /// As soon as one data set has no more rows.
    #[default]
    FirstExhausted,
    /// When every row came at least once; data sets that end before begin again.
    AllExhausted,
    /// When every row came once; data sets that end before are left out from then on.
    AllExhaustedWithoutReplacement,
}

/// How [`interleave_datasets`] takes rows: the arguments of Python's function.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Interleave {
    stopping_strategy: StoppingStrategy,
    probabilities: Option<(Vec<f64>, u64)>,
}

impl Interleave {
    /// A row of each data set in turn, up to the end of the shortest.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on as `strategy` says.
    pub fn stopping_strategy(mut self, strategy: StoppingStrategy) -> Self {
        self.stopping_strategy = strategy;
        self
    }

    /// Instead of in turn, the data set of each row is drawn at random: with `probabilities`, one for each data set and 1 in all, by
    /// numpy's generator seeded `seed`.
    pub fn probabilities(mut self, probabilities: impl Into<Vec<f64>>, seed: u64) -> Self {
        self.probabilities = Some((probabilities.into(), seed));
        self
    }
}

/// The rows of all `datasets` mixed, each data set's in its order; the same as Python's `interleave_datasets` for the same
/// arguments.
///
/// ```
/// use trainer_data::{Column, Columns, Dataset, Interleave, interleave_datasets};
/// let of = |rows| Dataset::from_columns(Columns::new().with("x", Column::ints(rows)));
/// let mixed = interleave_datasets(&[of(0..3)?, of(10..12)?], &Interleave::new())?;
/// let x: Result<Vec<i64>, _> = mixed.iter().map(|row| row.int("x")).collect();
/// assert_eq!(x?, [0, 10, 1, 11]);
/// # Ok::<(), trainer_data::Error>(())
/// ```
///
/// # Errors
/// As [`concatenate_datasets`]; [`Error::InvalidArgument`] for probabilities that are not one for each data set, not between 0 and 1, or
/// not 1 in all, and for a data set without rows that would have to be drawn from or begun again, or one of probability 0 that would
/// have to end.
pub fn interleave_datasets(datasets: &[Dataset], options: &Interleave) -> Result<Dataset> {
    if datasets.is_empty() {
        return Err(refused("there is none".to_owned()));
    }
    let lengths: Vec<usize> = datasets.iter().map(Dataset::num_rows).collect();
    let strategy = options.stopping_strategy;
    let order = match &options.probabilities {
        None => in_turn(&lengths, strategy)?,
        Some((probabilities, seed)) => {
            check(probabilities, &lengths, strategy)?;
            at_random(
                &lengths,
                strategy,
                probabilities,
                &mut Generator::new(*seed),
            )
        }
    };
    let offsets = lengths.iter().scan(0, |end, length| {
        let begin = *end;
        *end += length;
        Some(begin)
    });
    let offsets: Vec<usize> = offsets.collect();
    let all = concatenate_datasets(datasets)?;
    Ok(all.choose(order.into_iter().map(|(source, row)| offsets[source] + row)))
}

/// A data set's number and a row of it.
type Place = (usize, usize);

fn in_turn(lengths: &[usize], strategy: StoppingStrategy) -> Result<Vec<Place>> {
    let shortest = lengths.iter().copied().min().unwrap_or_default();
    let longest = lengths.iter().copied().max().unwrap_or_default();
    let rounds = match strategy {
        StoppingStrategy::FirstExhausted => shortest,
        StoppingStrategy::AllExhausted if shortest == 0 && longest > 0 => {
            return Err(refused(
                "one has no rows, and so cannot begin again until all have ended".to_owned(),
            ));
        }
        _ => longest,
    };
    let mut order = Vec::new();
    for round in 0..rounds {
        for (source, length) in lengths.iter().enumerate() {
            match strategy {
                StoppingStrategy::AllExhaustedWithoutReplacement if round >= *length => {}
                _ => order.push((source, round % length)),
            }
        }
    }
    Ok(order)
}

fn check(probabilities: &[f64], lengths: &[usize], strategy: StoppingStrategy) -> Result<()> {
    let refused = |message| {
        let name = "probabilities";
        Err(Error::InvalidArgument { name, message })
    };
    if probabilities.len() != lengths.len() {
        let (given, wanted) = (probabilities.len(), lengths.len());
        return refused(format!("{given} for {wanted} data sets"));
    }
    if let Some(wrong) = probabilities.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return refused(format!("{wrong} is not between 0 and 1"));
    }
    let sum: f64 = probabilities.iter().sum();
    // numpy's own tolerance.
    if (sum - 1.0).abs() > f64::EPSILON.sqrt() {
        return refused(format!("they are {sum} in all, not 1"));
    }
    let each = || probabilities.iter().zip(lengths).enumerate();
    let empty = each().find(|(_, (probability, length))| **probability > 0.0 && **length == 0);
    if let Some((at, _)) = empty {
        return refused(format!("data set {at}, from 0, has no rows to be drawn"));
    }
    let never = each().find(|(_, (probability, length))| **probability == 0.0 && **length > 0);
    match (strategy, never) {
        (StoppingStrategy::FirstExhausted, _) | (_, None) => Ok(()),
        (_, Some((at, _))) => refused(format!(
            "data set {at}, from 0, never ends, because its probability is 0"
        )),
    }
}

fn at_random(
    lengths: &[usize],
    strategy: StoppingStrategy,
    probabilities: &[f64],
    generator: &mut Generator,
) -> Vec<Place> {
    /// So many draws at once, as in Python.
    const BLOCK: usize = 1000;
    let mut order = Vec::new();
    let mut taken = vec![0_usize; lengths.len()];
    let has_ended = |taken: &[usize], source: usize| taken[source] >= lengths[source];
    loop {
        for source in generator.weighted(probabilities, BLOCK) {
            let is_new = !has_ended(&taken, source);
            if is_new || strategy != StoppingStrategy::AllExhaustedWithoutReplacement {
                order.push((source, taken[source] % lengths[source]));
                taken[source] += 1;
            }
            let mut drawn = (0..lengths.len()).filter(|at| probabilities[*at] > 0.0);
            let is_done = match strategy {
                StoppingStrategy::FirstExhausted => drawn.any(|at| has_ended(&taken, at)),
                _ => drawn.all(|at| has_ended(&taken, at)),
            };
            if is_done {
                return order;
            }
        }
    }
}
