use tch::Tensor;
use trainer_torch::fast;

use super::Dropout;
use crate::layout::Packed;
use crate::{Layout, Pass, Result};

/// Scaled-dot-product attention of several heads over the tokens of each row
/// ([Vaswani et al. 2017](https://arxiv.org/abs/1706.03762)): `softmax(q kᵀ scaling) v`.
#[derive(Clone, Copy, Debug)]
pub struct Attend {
    head_width: i64,
    scaling: f64,
    dropout: Dropout,
}

impl Attend {
    /// Heads of this width, scaled by its inverse square root; `dropout` is that of the attention weights.
    #[must_use]
    pub fn new(head_width: i64, dropout: f64) -> Self {
        Self {
            head_width,
            scaling: (head_width as f64).powf(-0.5),
            dropout: Dropout::new(dropout),
        }
    }

    /// Projected states of all heads side by side, `[rows, length, width]` or `[tokens, width]` as `pass` says, to the same.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward(
        &self,
        query: &Tensor,
        key: &Tensor,
        value: &Tensor,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        match pass.layout {
            Layout::Padded { mask } => self.padded(query, key, value, mask.as_ref(), pass),
            Layout::Packed(packed) => self.packed([query, key, value], packed, pass),
        }
    }

    /// The operations of `sdpa_attention_forward` of transformers, in its order.
    fn padded(
        &self,
        query: &Tensor,
        key: &Tensor,
        value: &Tensor,
        mask: Option<&Tensor>,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let (rows, length, _) = query.size3()?;
        let heads = |projected: &Tensor| -> Result<Tensor> {
            let split = projected.f_view([rows, length, -1, self.head_width])?;
            Ok(split.f_transpose(1, 2)?)
        };
        let attended = Tensor::f_scaled_dot_product_attention(
            &heads(query)?,
            &heads(key)?,
            &heads(value)?,
            mask,
            self.dropout.probability(pass.mode),
            false,
            self.scaling,
            false,
        )?;
        let attended = attended.f_reshape([rows, -1, length, self.head_width])?;
        let joined = attended.f_transpose(1, 2)?.f_contiguous()?;
        Ok(joined.f_reshape([rows, length, -1])?.f_contiguous()?)
    }

    /// All rows in one operation with a backward of its own: see [`fast::attention`].
    pub(super) fn fused(
        &self,
        first_queries: Option<&Tensor>,
        states: &Tensor,
        packed: &Packed,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let parts = if first_queries.is_some() { 2 } else { 3 };
        let heads = fast::Heads {
            number: states.size()[1] / (parts * self.head_width),
            scaling: self.scaling,
        };
        let dropout = self.dropout.draw(pass.mode)?;
        Ok(fast::attention(
            first_queries,
            states,
            &packed.lengths,
            heads,
            dropout,
        )?)
    }

    /// One row after another: none sees padding, so none needs a mask. Queries are those of all tokens or of the first of every row.
    pub(super) fn packed(
        &self,
        [query, key, value]: [&Tensor; 3],
        packed: &Packed,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let split = |states: &Tensor, lengths: &[i64]| -> Result<Vec<Tensor>> {
            let heads = states.f_view([states.size()[0], -1, self.head_width])?;
            Ok(heads.f_split_with_sizes(lengths, 0)?)
        };
        let query = match query.size()[0] == key.size()[0] {
            true => split(query, &packed.lengths)?,
            false => split(query, &vec![1; packed.lengths.len()])?,
        };
        let (key, value) = (split(key, &packed.lengths)?, split(value, &packed.lengths)?);
        let heads = |row: &Tensor| row.f_transpose(0, 1)?.f_unsqueeze(0);
        let mut rows = Vec::with_capacity(packed.lengths.len());
        for ((query, key), value) in query.iter().zip(&key).zip(&value) {
            let attended = Tensor::f_scaled_dot_product_attention(
                &heads(query)?,
                &heads(key)?,
                &heads(value)?,
                None::<Tensor>,
                self.dropout.probability(pass.mode),
                false,
                self.scaling,
                false,
            )?;
            rows.push(attended.f_squeeze_dim(0)?.f_transpose(0, 1)?);
        }
        let joined = Tensor::f_cat(&rows, 0)?;
        Ok(joined.f_reshape([joined.size()[0], -1])?)
    }
}
