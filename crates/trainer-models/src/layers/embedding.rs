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

    /// The sum of a row of each table, the tables and their numbers in the order of the sum: numbers `[…]` to `[…, width]`.
    ///
    /// # Errors
    /// As [`forward`](Self::forward), and when shapes do not fit each other.
    pub fn sum<const N: usize>(tables: [(&Self, &Tensor); N], pass: Pass<'_>) -> Result<Tensor> {
        if pass.fused(tables.map(|(table, _)| &table.weight)).is_some() {
            let rows = tables.map(|(table, ids)| fast::Table {
                weight: &table.weight,
                ids,
                padding: table.padding,
            });
            return Ok(fast::embedding_sum(&rows)?);
        }
        let mut rows = tables.into_iter().map(|(table, ids)| table.forward(ids));
        let first = rows.next().expect("a table at least")?;
        rows.try_fold(first, |sum, rows| Ok(sum.f_add(&rows?)?))
    }
}
