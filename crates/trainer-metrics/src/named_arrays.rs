//! Arrays by name.

use std::borrow::Borrow;

use crate::array::Array;
use crate::error::{MetricError, Result};

/// Arrays of one evaluation by name, in the order they were added: `logits` alone for most models, `start_logits` and
/// `end_logits` for answers in a text.
///
/// ```
/// use trainer_metrics::{Array, NamedArrays};
///
/// let one = NamedArrays::new().with("logits", Array::float(&[2, 3], vec![0.0; 6])?);
/// assert_eq!(one.shape(), [2, 3]);
/// let two = one.with("hidden", Array::float(&[2, 8], vec![0.0; 16])?);
/// assert_eq!(two.require("hidden")?.shape(), [2, 8]);
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NamedArrays {
    entries: Vec<(String, Array)>,
}

impl NamedArrays {
    /// None yet.
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// With `array` under `name` at the end, or in the place of one of that name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, array: Array) -> Self {
        let name = name.into();
        match self.entries.iter_mut().find(|(have, _)| *have == name) {
            Some((_, slot)) => *slot = array,
            None => self.entries.push((name, array)),
        }
        self
    }

    /// The array called `name`, if there is one.
    pub fn get(&self, name: &str) -> Option<&Array> {
        let entry = self.entries.iter().find(|(have, _)| have == name)?;
        Some(&entry.1)
    }

    /// The array called `name`.
    ///
    /// # Errors
    ///
    /// [`MetricError::MissingArray`] names those there are.
    pub fn require(&self, name: &str) -> Result<&Array> {
        self.get(name).ok_or_else(|| self.missing(name))
    }

    /// The array called `name`, or the only one, whatever its name.
    ///
    /// # Errors
    ///
    /// [`MetricError::MissingArray`] where there are several and none is called so, or there is none.
    pub fn single(&self, name: &str) -> Result<&Array> {
        match self.entries.as_slice() {
            [(_, only)] => Ok(only),
            _ => self.require(name),
        }
    }

    fn missing(&self, name: &str) -> MetricError {
        MetricError::MissingArray {
            name: name.to_owned(),
            present: self.names().map(str::to_owned).collect(),
        }
    }

    /// The shape of the first array, which is the only one of most models; `[0]` where there is none.
    pub fn shape(&self) -> &[usize] {
        self.entries
            .first()
            .map_or(&[0], |(_, array)| array.shape())
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.as_str())
    }

    /// Names and arrays, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Array)> {
        self.entries
            .iter()
            .map(|(name, array)| (name.as_str(), array))
    }

    /// How many arrays there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The rows of all parts, in order, array by array; narrower ones are filled with `padding` on the right, see
    /// [`Array::concatenate`].
    ///
    /// # Errors
    ///
    /// [`MetricError::MissingArray`] where a part lacks one that the first has, and those of [`Array::concatenate`].
    pub fn concatenate<N: Borrow<Self>>(parts: &[N], padding: i64) -> Result<Self> {
        let mut all = Self::new();
        for name in parts
            .first()
            .into_iter()
            .flat_map(|first| first.borrow().names())
        {
            let arrays = parts.iter().map(|part| part.borrow().require(name));
            let arrays = arrays.collect::<Result<Vec<_>>>()?;
            all = all.with(name, Array::concatenate(&arrays, padding)?);
        }
        Ok(all)
    }
}
