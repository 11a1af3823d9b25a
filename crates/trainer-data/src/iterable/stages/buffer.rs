use std::collections::{HashMap, HashSet, VecDeque};

use super::{Stage, Upstream, exactly, joined};
use crate::{
    Dataset, Result,
    iterable::state::{BufferState, State, refused, unlike},
    numpy::Generator,
};

/// Rows in random order, as far as a buffer reaches: Python's `BufferShuffledExamplesIterable`.
///
/// The buffer is filled, brought into random order, and given but for half of it, which is mixed with what comes next.
pub(in crate::iterable) struct Buffer {
    upstream: Box<dyn Stage>,
    size: usize,
    /// How many rows are read at a time, and whether they come of groups in turn, the last of each as they are.
    chunk: usize,
    in_turn: bool,
    generator: Generator,
    /// The rows that are given next, and their numbers in the order in which they were read.
    next: Dataset,
    next_numbers: Vec<u64>,
    given: usize,
    /// The rows that are kept, and their numbers.
    kept: Dataset,
    kept_numbers: Vec<u64>,
    ended: bool,
    /// How many rows were read.
    read: u64,
    /// How many were before each filling, and where the rows stood then: of those fillings of which rows are left.
    fillings: VecDeque<(u64, State)>,
}

impl Buffer {
    /// A buffer for `size` rows, which are read `chunk` at a time, `in_turn` of several groups.
    pub(in crate::iterable) fn new(
        upstream: Upstream<'_>,
        generator: Generator,
        (size, chunk, in_turn): (usize, usize, bool),
        start: Option<&State>,
    ) -> Result<Self> {
        let start = match start {
            None => None,
            Some(State::Buffer(state)) => Some(&**state),
            Some(_) => return Err(unlike("buffer")),
        };
        let upstream = upstream(start.map(|start| &start.previous_state))?;
        let mut buffer = Self {
            upstream,
            size,
            chunk,
            in_turn,
            generator,
            next: Dataset::default(),
            next_numbers: Vec::new(),
            given: 0,
            kept: Dataset::default(),
            kept_numbers: Vec::new(),
            ended: false,
            read: 0,
            fillings: VecDeque::new(),
        };
        if let Some(start) = start {
            buffer.restore(start)?;
        }
        Ok(buffer)
    }

    fn ask(&mut self, count: usize) -> Result<Option<Dataset>> {
        match self.in_turn {
            true => self.upstream.next(count),
            false => exactly(&mut *self.upstream, count),
        }
    }

    /// Reads the rows again that were left.
    fn restore(&mut self, state: &BufferState) -> Result<()> {
        let (given_next, kept) = state
            .rows
            .split_at_checked(state.given_next)
            .ok_or_else(|| refused("a buffer gives more rows than it has"))?;
        let most = self
            .size
            .saturating_add(self.size)
            .saturating_add(self.chunk);
        if state.rows.len() > most || state.rows.iter().any(|row| *row >= state.read) {
            return Err(refused("a buffer has other rows"));
        }
        self.generator = Generator::of_words(state.generator);
        self.fillings.push_back((0, self.upstream.state()));
        let left: HashSet<u64> = state.rows.iter().copied().collect();
        let mut places: HashMap<u64, usize> = HashMap::with_capacity(state.rows.len());
        let mut parts = Vec::new();
        let mut found = 0;
        while self.read < state.read {
            let before = usize::try_from(state.read - self.read).unwrap_or(usize::MAX);
            let Some(rows) = self.ask(self.chunk.min(before))? else {
                return Err(refused("there are fewer rows"));
            };
            let numbers = self.read..self.read + rows.num_rows() as u64;
            let wanted: Vec<u64> = numbers.filter(|number| left.contains(number)).collect();
            let own: Vec<usize> = wanted
                .iter()
                .map(|number| (number - self.read) as usize)
                .collect();
            self.read += rows.num_rows() as u64;
            for number in wanted {
                places.insert(number, found);
                found += 1;
            }
            if !own.is_empty() {
                parts.push(rows.select(&own)?.in_memory()?);
            }
        }
        let all = match parts.is_empty() {
            true => Dataset::default(),
            false => joined(parts)?,
        };
        let of = |numbers: &[u64]| {
            let places = numbers.iter().map(|number| places.get(number).copied());
            let places: Option<Vec<usize>> = places.collect();
            places.ok_or_else(|| refused("a buffer has a row that is not there"))
        };
        (self.next, self.kept) = (all.select(&of(given_next)?)?, all.select(&of(kept)?)?);
        self.next_numbers = given_next.to_vec();
        self.kept_numbers = kept.to_vec();
        self.ended = state.ended;
        Ok(())
    }

    /// Fills the buffer, and decides what is given next.
    fn fill(&mut self) -> Result<()> {
        self.fillings.push_back((self.read, self.upstream.state()));
        let mut numbers = std::mem::take(&mut self.kept_numbers);
        let mut parts = Vec::new();
        if !numbers.is_empty() {
            parts.push(std::mem::take(&mut self.kept));
        }
        while numbers.len() < self.size {
            let Some(rows) = self.ask(self.chunk)? else {
                self.ended = true;
                break;
            };
            let end = self.read + rows.num_rows() as u64;
            numbers.extend(self.read..end);
            self.read = end;
            parts.push(rows);
        }
        self.given = 0;
        if parts.is_empty() {
            self.next = Dataset::default();
            self.next_numbers.clear();
            return Ok(());
        }
        let all = joined(parts)?;
        let order = self.generator.permutation(numbers.len());
        let kept = if self.ended { 0 } else { self.size / 2 };
        let (next, kept) = order.split_at(order.len() - kept);
        self.next = all.select(next)?;
        // Copied, so that the rows that it stood among need no memory any more.
        self.kept = all.select(kept)?.in_memory()?;
        self.next_numbers = next.iter().map(|at| numbers[*at]).collect();
        self.kept_numbers = kept.iter().map(|at| numbers[*at]).collect();
        Ok(())
    }

    /// Forgets where the rows stood before those that are left.
    fn forget(&mut self) {
        let left = self.next_numbers[self.given..]
            .iter()
            .chain(&self.kept_numbers);
        let oldest = left.copied().min().unwrap_or(self.read);
        while self
            .fillings
            .get(1)
            .is_some_and(|(read, _)| *read <= oldest)
        {
            self.fillings.pop_front();
        }
    }
}

impl Stage for Buffer {
    fn next(&mut self, most: usize) -> Result<Option<Dataset>> {
        while self.given >= self.next_numbers.len() {
            if self.ended {
                return Ok(None);
            }
            self.fill()?;
            self.forget();
        }
        let end = self.next_numbers.len().min(self.given.saturating_add(most));
        let next = self.next.slice(self.given..end);
        self.given = end;
        Ok(Some(next))
    }

    fn state(&self) -> State {
        let now = (self.read, self.upstream.state());
        let left = self.next_numbers[self.given..]
            .iter()
            .chain(&self.kept_numbers);
        let rows: Vec<u64> = left.copied().collect();
        let oldest = rows.iter().min().copied();
        let before = self.fillings.iter().rev();
        let before = oldest.and_then(|oldest| before.clone().find(|(read, _)| *read <= oldest));
        let (first, previous_state) = before.unwrap_or(&now);
        State::Buffer(Box::new(BufferState {
            previous_state: previous_state.clone(),
            read: self.read - first,
            rows: rows.iter().map(|row| row - first).collect(),
            given_next: self.next_numbers.len() - self.given,
            generator: self.generator.words(),
            ended: self.ended,
        }))
    }
}
