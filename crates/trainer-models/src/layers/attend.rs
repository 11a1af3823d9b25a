use tch::{Kind, Tensor};
use trainer_torch::{fast, varlen};

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
            Layout::Packed(packed) => self.packed([query, key, value], packed, None, pass),
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
        let (query, key, value) = (heads(query)?, heads(key)?, heads(value)?);
        self.by_heads([&query, &key, &value], mask, pass)
    }

    /// Queries, keys and values as `[rows, heads, length, head width]`, with true in the mask where they may look, to
    /// `[rows, length, width]`.
    pub(crate) fn by_heads(
        &self,
        [query, key, value]: [&Tensor; 3],
        mask: Option<&Tensor>,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let [rows, _, length, _] = query.size().try_into().unwrap_or([0; 4]);
        let attended = Tensor::f_scaled_dot_product_attention(
            query,
            key,
            value,
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
    pub(crate) fn fused(
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
            fast::Rows {
                lengths: &packed.lengths,
                keys: &packed.keys,
            },
            heads,
            dropout,
        )?)
    }

    /// Queries of all tokens or of the first of every row, to the same; `mask` is for queries of all tokens that do not see their whole row.
    pub(crate) fn packed(
        &self,
        states: [&Tensor; 3],
        packed: &Packed,
        mask: Option<&LocalMask>,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        match mask {
            Some(LocalMask::OfAllRows(mask)) => self.all_rows(states, packed, Some(mask), pass),
            Some(LocalMask::OfEachRow(masks)) => self.row_by_row(states, packed, masks, pass),
            None if states[0].device().is_cuda() => self.on_gpu(states, packed, pass),
            None => self.row_by_row(states, packed, &[], pass),
        }
    }

    /// All rows in one operation: without padding where there is a kernel for them.
    fn on_gpu(&self, states: [&Tensor; 3], packed: &Packed, pass: Pass<'_>) -> Result<Tensor> {
        let kind = states[2].kind();
        let heads = |states: &Tensor| -> Result<Tensor> {
            let split = states.f_view([states.size()[0], -1, self.head_width])?;
            Ok(split.f_to_kind(kind)?)
        };
        let [query, key, value] = [heads(states[0])?, heads(states[1])?, heads(states[2])?];
        // Padding that has stayed asks but is not looked at, which only a mask can say.
        if packed.keys != packed.lengths || !varlen::takes(&value) {
            return self.all_rows(states, packed, packed.mask.as_ref(), pass);
        }
        let keys = varlen::Rows {
            cu_seqlens: &packed.cu_seqlens,
            max_seqlen: packed.lengths.iter().max().copied().unwrap_or(0),
        };
        let ends = packed.lengths.len() as i64 + 1;
        let of_first_tokens = (query.size()[0] != key.size()[0])
            .then(|| Tensor::f_arange(ends, (Kind::Int, query.device())))
            .transpose()?;
        let queries = match &of_first_tokens {
            Some(cu_seqlens) => varlen::Rows {
                cu_seqlens,
                max_seqlen: 1,
            },
            None => keys,
        };
        let attended = varlen::attention(
            [&query, &key, &value],
            [queries, keys],
            self.scaling,
            self.dropout.probability(pass.mode),
        )?;
        Ok(attended.f_flatten(1, 2)?)
    }

    /// All rows in one operation, with padding and a mask: a GPU computes rows one after another sooner than they can be handed to it.
    fn all_rows(
        &self,
        [query, key, value]: [&Tensor; 3],
        packed: &Packed,
        mask: Option<&Tensor>,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let rows = packed.lengths.len() as i64;
        let heads = |states: &Tensor| -> Result<Tensor> {
            let split = states.f_view([
                rows,
                -1,
                states.size()[2] / self.head_width,
                self.head_width,
            ])?;
            Ok(split.f_transpose(1, 2)?)
        };
        let of_all_tokens = query.size()[0] == key.size()[0];
        let query = match of_all_tokens {
            true => packed.unpack(query, 0.0)?,
            false => query.f_unsqueeze(1)?,
        };
        let attended = Tensor::f_scaled_dot_product_attention(
            &heads(&query)?,
            &heads(&packed.unpack(key, 0.0)?)?,
            &heads(&packed.unpack(value, 0.0)?)?,
            mask,
            self.dropout.probability(pass.mode),
            false,
            self.scaling,
            false,
        )?;
        let joined = attended.f_transpose(1, 2)?.f_flatten(2, 3)?;
        match of_all_tokens {
            true => packed.pack(&joined),
            false => Ok(joined.f_flatten(0, 1)?),
        }
    }

    /// One row after another: each looks at its keys, so none needs a mask but its own.
    fn row_by_row(
        &self,
        [query, key, value]: [&Tensor; 3],
        packed: &Packed,
        masks: &[Option<Tensor>],
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
        let keys = |states: &Tensor, row: usize| heads(&states.f_narrow(0, 0, packed.keys[row])?);
        let mut rows = Vec::with_capacity(packed.lengths.len());
        for (row, ((query, key), value)) in query.iter().zip(&key).zip(&value).enumerate() {
            let attended = Tensor::f_scaled_dot_product_attention(
                &heads(query)?,
                &keys(key, row)?,
                &keys(value, row)?,
                masks.get(row).and_then(Option::as_ref),
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

/// True where the tokens of packed rows may look at others of their row.
#[derive(Debug)]
pub(crate) enum LocalMask {
    /// `[rows, 1, width, width]` of the padded batch: for all rows at once.
    OfAllRows(Tensor),
    /// `[1, 1, length, length]` for each row; `None` where its tokens see each other.
    OfEachRow(Vec<Option<Tensor>>),
}

impl LocalMask {
    pub(crate) fn shallow_clone(&self) -> Self {
        match self {
            Self::OfAllRows(mask) => Self::OfAllRows(mask.shallow_clone()),
            Self::OfEachRow(masks) => {
                let clone = |mask: &Option<Tensor>| mask.as_ref().map(Tensor::shallow_clone);
                Self::OfEachRow(masks.iter().map(clone).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;
    use trainer_collate::Batch;

    use super::*;
    use crate::{Compute, Mode, Prepared};

    type MakeLayout = fn(&mut Batch, [i64; 2]) -> Result<Layout>;

    /// A GPU's way, on the CPU: outputs and gradients of rows of these lengths.
    fn check_all_rows(
        lengths: &[i64],
        width: i64,
        first_queries: bool,
        make_layout: MakeLayout,
    ) -> Result<()> {
        let rows = lengths.len() as i64;
        let tokens = Tensor::f_arange(width, (Kind::Int64, Device::Cpu))?;
        let mask = tokens.f_lt_tensor(&Tensor::f_from_slice(lengths)?.f_view([rows, 1])?)?;
        let mut inputs = Batch::new();
        inputs.insert("attention_mask", mask.f_to_kind(Kind::Int64)?);
        let layout = make_layout(&mut inputs, [rows, width])?;
        let prepared = Prepared::new(inputs, Batch::new(), (layout, Compute::Fast), rows);
        let pass = prepared.pass(Mode::Train);
        let Layout::Packed(packed) = pass.layout else {
            panic!("padding stayed: {:?}", pass.layout);
        };
        let total: i64 = packed.lengths.iter().sum();
        let numbers = |count: i64, step: f64| -> Result<Tensor> {
            let all = Tensor::f_arange(count * 12, (Kind::Double, Device::Cpu))?;
            let all = all.f_mul_scalar(step)?.f_sin()?.f_view([count, 12])?;
            Ok(all.f_set_requires_grad(true)?)
        };
        let queries = if first_queries { rows } else { total };
        let states = [
            numbers(queries, 0.7)?,
            numbers(total, 1.3)?,
            numbers(total, 2.9)?,
        ];
        let attend = Attend::new(4, 0.0);
        let with_gradients = |output: Tensor| -> Result<Vec<Tensor>> {
            let weights = output.f_detach()?.f_cos()?;
            let sum = output.f_mul(&weights)?.f_sum(Kind::Double)?;
            let mut all = Tensor::f_run_backward(&[sum], &states, true, false)?;
            all.push(output);
            Ok(all)
        };
        let all = [&states[0], &states[1], &states[2]];
        let expected = with_gradients(attend.row_by_row(all, packed, &[], pass)?)?;
        let found = with_gradients(attend.all_rows(all, packed, packed.mask.as_ref(), pass)?)?;
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.size(), expected.size());
            assert!(
                found.f_allclose(expected, 1e-10, 1e-12, false)?,
                "{lengths:?}"
            );
        }
        Ok(())
    }

    #[test]
    fn all_rows_at_once_are_the_rows_one_by_one() -> Result<()> {
        for first_queries in [false, true] {
            for lengths in [&[3, 1, 5, 2][..], &[5, 5], &[1, 4], &[4], &[1], &[1, 1]] {
                let width = lengths.iter().max().copied().unwrap_or(1);
                for make_layout in [Layout::packed as MakeLayout, Layout::packed_with_padding] {
                    check_all_rows(lengths, width, first_queries, make_layout)?;
                    check_all_rows(lengths, width + 2, first_queries, make_layout)?;
                }
            }
        }
        Ok(())
    }
}
