use tch::Tensor;

use super::{Attend, Linear};
use crate::construction::Scope;
use crate::{Layout, Pass, Result};

/// Projections to queries, keys and values, and attention among the tokens of each row.
#[derive(Debug)]
pub struct SelfAttention {
    query: Linear,
    key: Linear,
    value: Linear,
    attend: Attend,
}

impl SelfAttention {
    /// `query`, `key` and `value` of states of `width`, for `heads` heads; `dropout` is that of the attention weights.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn new(scope: &Scope<'_>, width: i64, heads: i64, dropout: f64) -> Result<Self> {
        Ok(Self {
            query: Linear::new(&(scope / "query"), width, width)?,
            key: Linear::new(&(scope / "key"), width, width)?,
            value: Linear::new(&(scope / "value"), width, width)?,
            attend: Attend::new(width / heads, dropout),
        })
    }

    /// Projections that a family has made under its own names: to queries, keys and values.
    #[must_use]
    pub fn from_parts([query, key, value]: [Linear; 3], attend: Attend) -> Self {
        Self {
            query,
            key,
            value,
            attend,
        }
    }

    /// The layer once more, with the same weights.
    pub(crate) fn shallow_clone(&self) -> Self {
        Self {
            query: self.query.shallow_clone(),
            key: self.key.shallow_clone(),
            value: self.value.shallow_clone(),
            attend: self.attend,
        }
    }

    /// States of all tokens, `[…, width]`, to the same.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        if let Some(packed) = pass.fused([hidden, self.query.weight()]) {
            let states = Linear::forward_all([&self.query, &self.key, &self.value], hidden)?;
            return self.attend.fused(None, &states, packed, pass);
        }
        let query = self.query.forward(hidden)?;
        let key = self.key.forward(hidden)?;
        let value = self.value.forward(hidden)?;
        self.attend.forward(&query, &key, &value, pass)
    }

    /// What [`forward`](Self::forward) gives for the first token of every row, whose states are `first`: `[rows, width]`. The others are
    /// looked at, but ask nothing.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward_first(&self, hidden: &Tensor, first: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        if let Some(packed) = pass.fused([hidden, self.query.weight()]) {
            let query = Linear::forward_all([&self.query], first)?;
            let states = Linear::forward_all([&self.key, &self.value], hidden)?;
            return self.attend.fused(Some(&query), &states, packed, pass);
        }
        let query = self.query.forward(first)?;
        let key = self.key.forward(hidden)?;
        let value = self.value.forward(hidden)?;
        match pass.layout {
            Layout::Packed(packed) => {
                let states = [&query, &key, &value];
                self.attend.packed(states, packed, None, pass)
            }
            Layout::Padded { .. } => {
                let attended = self.attend.forward(&query, &key, &value, pass)?;
                pass.layout.first_tokens(&attended)
            }
        }
    }
}
