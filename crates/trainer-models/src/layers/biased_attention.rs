use tch::{Kind, Tensor};

use super::{Dropout, Linear, least_of};
use crate::layout::Packed;
use crate::{Layout, Pass, Result};

/// What is added to the scores of every query and key before the softmax.
#[derive(Debug)]
pub struct AttentionBias {
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// `[rows, heads, length, length]`, and of the mask's kind what takes padding out, `[rows, 1, length, length]`.
    Padded { bias: Tensor, mask: Option<Tensor> },
    /// `[1, heads, tokens, tokens]` for every row.
    Packed(Vec<Tensor>),
}

impl AttentionBias {
    /// Of a bias of the batch's columns, `[heads, columns, columns]`, for states that lie as `layout` says.
    ///
    /// # Errors
    /// libtorch's.
    pub fn new(bias: &Tensor, states: &Tensor, layout: &Layout) -> Result<Self> {
        let bias = bias.f_unsqueeze(0)?;
        let form = match layout {
            Layout::Padded { mask } => {
                let [_, heads, columns, _] = bias.size().try_into().unwrap_or([0; 4]);
                let all = [states.size()[0], heads, columns, columns];
                Form::Padded {
                    bias: bias.f_expand(all, false)?.f_contiguous()?,
                    mask: mask
                        .as_ref()
                        .map(|mask| added(mask, states.kind()))
                        .transpose()?,
                }
            }
            Layout::Packed(packed) => Form::Packed(of_rows(&bias, packed)?),
        };
        Ok(Self { form })
    }

    /// What has gradients, to be given to a layer that is [computed again](Pass::recomputing_all).
    pub(crate) fn tensors(&self) -> Vec<&Tensor> {
        match &self.form {
            Form::Padded { bias, .. } => vec![bias],
            Form::Packed(biases) => biases.iter().collect(),
        }
    }

    /// The same bias of other [`tensors`](Self::tensors), as many and of the same shapes.
    pub(crate) fn with_tensors(&self, tensors: &[Tensor]) -> Self {
        let form = match (&self.form, tensors) {
            (Form::Padded { mask, .. }, [bias]) => Form::Padded {
                bias: bias.shallow_clone(),
                mask: mask.as_ref().map(Tensor::shallow_clone),
            },
            _ => Form::Packed(tensors.iter().map(Tensor::shallow_clone).collect()),
        };
        Self { form }
    }

    pub(crate) fn shallow_clone(&self) -> Self {
        let tensors = self.tensors().into_iter().map(Tensor::shallow_clone);
        self.with_tensors(&tensors.collect::<Vec<_>>())
    }
}

/// The bias among the tokens of each row, by the columns that they had.
fn of_rows(bias: &Tensor, packed: &Packed) -> Result<Vec<Tensor>> {
    let columns = packed.places.f_remainder(packed.width)?;
    let rows = columns.f_split_with_sizes(&packed.lengths, 0)?;
    rows.iter()
        .map(|columns| {
            Ok(bias
                .f_index_select(2, columns)?
                .f_index_select(3, columns)?)
        })
        .collect()
}

/// A mask as numbers to add: 0 where attention may look, elsewhere the least there is of this kind (`eager_mask` of transformers'
/// `masking_utils.py`).
fn added(mask: &Tensor, kind: Kind) -> Result<Tensor> {
    if mask.kind() != Kind::Bool {
        return Ok(mask.shallow_clone());
    }
    let zero = Tensor::f_zeros([0_i64; 0], (kind, mask.device()))?;
    Ok(zero.f_where_scalarother(mask, least_of(kind))?)
}

/// Self-attention of several heads whose scores get an [`AttentionBias`]: `softmax(q kᵀ / √width + bias) v`, step by step as
/// transformers computes it where scaled-dot-product attention is not its own.
#[derive(Debug)]
pub struct BiasedAttention {
    query: Linear,
    key: Linear,
    value: Linear,
    head_width: i64,
    dropout: Dropout,
}

impl BiasedAttention {
    /// Projections that a family has made under its own names, to queries, keys and values of heads of this width; `dropout` is
    /// that of the attention weights.
    #[must_use]
    pub fn from_parts([query, key, value]: [Linear; 3], head_width: i64, dropout: Dropout) -> Self {
        Self {
            query,
            key,
            value,
            head_width,
            dropout,
        }
    }

    pub(crate) fn shallow_clone(&self) -> Self {
        Self {
            query: self.query.shallow_clone(),
            key: self.key.shallow_clone(),
            value: self.value.shallow_clone(),
            head_width: self.head_width,
            dropout: self.dropout,
        }
    }

    /// States of all tokens, `[…, width]`, to the same.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward(&self, hidden: &Tensor, bias: &AttentionBias, pass: Pass<'_>) -> Result<Tensor> {
        let projections = [&self.query, &self.key, &self.value];
        let [query, key, value] = match pass.fused([hidden, self.query.weight()]) {
            Some(_) => thirds(&Linear::forward_all(projections, hidden)?)?,
            None => {
                let [query, key, value] = projections.map(|layer| layer.forward(hidden));
                [query?, key?, value?]
            }
        };
        match &bias.form {
            Form::Padded { bias, mask } => {
                self.padded([&query, &key, &value], bias, mask.as_ref(), pass)
            }
            Form::Packed(biases) => self.packed([&query, &key, &value], biases, pass),
        }
    }

    fn padded(
        &self,
        states: [&Tensor; 3],
        bias: &Tensor,
        mask: Option<&Tensor>,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let (rows, length, width) = states[0].size3()?;
        let heads = |projected: &Tensor| -> Result<Tensor> {
            let split = projected.f_view([rows, length, -1, self.head_width])?;
            Ok(split.f_transpose(1, 2)?)
        };
        let [query, key, value] = states.map(heads);
        let scores = query?.f_matmul(&key?.f_transpose(-1, -2)?)?;
        let mut scores = scores.f_div_scalar((self.head_width as f64).sqrt())?;
        // In place, so that the scores keep their type.
        let mut scores = scores.f_add_(bias)?;
        if let Some(mask) = mask {
            scores = scores.f_add(mask)?;
        }
        let weights = scores.f_softmax(-1, None)?;
        let weights = self.dropout.forward(&weights, pass.mode)?;
        let attended = weights.f_matmul(&value?)?;
        let joined = attended.f_permute([0, 2, 1, 3])?.f_contiguous()?;
        Ok(joined.f_view([rows, length, width])?)
    }

    /// One row after another, by the bias of each.
    fn packed(&self, states: [&Tensor; 3], biases: &[Tensor], pass: Pass<'_>) -> Result<Tensor> {
        let lengths: Vec<i64> = biases.iter().map(|bias| bias.size()[2]).collect();
        let split = |states: &Tensor| -> Result<Vec<Tensor>> {
            let heads = states.f_reshape([states.size()[0], -1, self.head_width])?;
            Ok(heads
                .f_transpose(0, 1)?
                .f_unsqueeze(0)?
                .f_split_with_sizes(&lengths, 2)?)
        };
        let [query, key, value] = states.map(split);
        let (query, key, value) = (query?, key?, value?);
        let mut rows = Vec::with_capacity(biases.len());
        for (((query, key), value), bias) in query.iter().zip(&key).zip(&value).zip(biases) {
            let attended = Tensor::f_scaled_dot_product_attention(
                query,
                key,
                value,
                Some(&bias.f_to_kind(query.kind())?),
                self.dropout.probability(pass.mode),
                false,
                None,
                false,
            )?;
            rows.push(attended.f_squeeze_dim(0)?.f_transpose(0, 1)?);
        }
        let joined = Tensor::f_cat(&rows, 0)?;
        Ok(joined.f_reshape([joined.size()[0], -1])?)
    }
}

/// States side by side, apart.
fn thirds(states: &Tensor) -> Result<[Tensor; 3]> {
    let width = states.size()[1] / 3;
    let part = |number: i64| states.f_narrow(1, number * width, width);
    Ok([part(0)?, part(1)?, part(2)?])
}
