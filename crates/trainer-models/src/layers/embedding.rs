use tch::Tensor;
use trainer_torch::fast;

use crate::construction::{Role, Scope};
use crate::{Pass, Result};

/// `torch.nn.Embedding`; the row of padding gets no gradient.
#[derive(Debug)]
pub struct Embedding {
    weight: Tensor,
    padding: Option<i64>,
}

impl Embedding {
    /// A table of `entries` rows; the row `padding`, which if negative counts from the end, is drawn as zeros and gets no gradient.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn new(scope: &Scope<'_>, entries: i64, width: i64, padding: Option<i64>) -> Result<Self> {
        let padding = padding.map(|row| if row < 0 { row + entries } else { row });
        Ok(Self {
            weight: scope.weight("weight", &[entries, width], Role::Embedding { padding })?,
            padding,
        })
    }

    /// A table of sines and cosines of the rows' numbers, as it is drawn.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn sinusoidal(scope: &Scope<'_>, entries: i64, width: i64) -> Result<Self> {
        Ok(Self {
            weight: scope.weight("weight", &[entries, width], Role::SinusoidalEmbedding)?,
            padding: None,
        })
    }

    pub(crate) fn weight(&self) -> &Tensor {
        &self.weight
    }

    /// Integers `[…]` to `[…, width]`.
    ///
    /// # Errors
    /// libtorch's, such as for a number outside the table in host memory.
    pub fn forward(&self, ids: &Tensor) -> Result<Tensor> {
        Ok(Tensor::f_embedding(
            &self.weight,
            ids,
            self.padding.unwrap_or(-1),
            false,
            false,
        )?)
    }

    /// The sum of a row of each table, in the order of the tables, with their numbers `[…]`: to `[…, width]`.
    ///
    /// # Errors
    /// As [`forward`](Self::forward), and when there is no table or shapes do not fit each other.
    pub fn sum(tables: &[(&Self, &Tensor)], pass: Pass<'_>) -> Result<Tensor> {
        let row = |(table, ids): &(&Self, &Tensor)| table.forward(ids);
        match tables {
            [first, others @ ..]
                if pass
                    .fused(tables.iter().map(|(table, _)| &table.weight))
                    .is_none() =>
            {
                others
                    .iter()
                    .try_fold(row(first)?, |sum, other| Ok(sum.f_add(&row(other)?)?))
            }
            _ => {
                let rows = tables.iter().map(|(table, ids)| fast::Table {
                    weight: &table.weight,
                    ids,
                    padding: table.padding,
                });
                Ok(fast::embedding_sum(&rows.collect::<Vec<_>>())?)
            }
        }
    }
}
