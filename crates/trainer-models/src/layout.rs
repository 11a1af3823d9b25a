use tch::{Device, Kind, Tensor};
use trainer_collate::Batch;
use trainer_torch::checkpoint::checkpoint;
use trainer_torch::fast;

use crate::layers::attention_mask;
use crate::{Mode, Result};

/// How a model computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compute {
    /// The operations of PyTorch's own model in its order: the same digits as Python for the same seed.
    Reference,
    /// The same results to rounding, without work on padding, which is taken out before the embeddings, nor on states that the head
    /// does not read; on the CPU by the fused operations of [`trainer_torch::fast`]. Outputs for single tokens are zero where there
    /// is padding, unless the head says otherwise. Dropout drops other values than in `Reference`.
    #[default]
    Fast,
}

impl Compute {
    /// Both ways.
    pub const ALL: [Self; 2] = [Self::Reference, Self::Fast];

    /// The name on the command line and in JSON: `reference` or `fast`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Fast => "fast",
        }
    }
}

impl std::fmt::Display for Compute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// How the tokens of a batch lie in the states of its layers. Only attention looks into it, and heads through its methods.
#[derive(Debug)]
#[non_exhaustive]
pub enum Layout {
    /// As in the batch: states are `[rows, length, …]`.
    Padded {
        /// Bool, `[rows, 1, length, length]`, true where attention may look; `None` where it may look everywhere.
        mask: Option<Tensor>,
    },
    /// One after another without padding: states are `[tokens, …]`.
    Packed(Packed),
}

/// Where the tokens of a packed batch are from.
#[derive(Debug)]
pub struct Packed {
    /// Tokens of each row, at least 1.
    pub lengths: Vec<i64>,
    /// How many of them, the row's first, attention looks at: all, but where [padding has stayed](Layout::packed_with_padding).
    pub keys: Vec<i64>,
    /// Where each row begins and the last one ends: int32, `[rows + 1]`.
    pub cu_seqlens: Tensor,
    /// The place of each token among all of the padded batch, row by row: int64, `[tokens]`.
    pub places: Tensor,
    /// Columns of the padded batch.
    pub width: i64,
    /// Where the padded batch has tokens: bool, `[rows, 1, 1, width]`, as attention's masks; `None` where it has no padding.
    pub mask: Option<Tensor>,
}

impl Packed {
    /// States of all tokens, `[tokens, …]`, as `[rows, width, …]`, with a number where there is padding.
    pub(crate) fn unpack(&self, states: &Tensor, padding: f64) -> Result<Tensor> {
        let rows = self.lengths.len() as i64;
        let rest = states.size().split_off(1);
        let shape = [&[rows, self.width], rest.as_slice()].concat();
        if self.mask.is_none() {
            return Ok(states.f_reshape(shape.as_slice())?);
        }
        let places = [&[rows * self.width], rest.as_slice()].concat();
        let all = Tensor::f_full(places, padding, (states.kind(), states.device()))?;
        Ok(all
            .f_index_copy(0, &self.places, states)?
            .f_view(shape.as_slice())?)
    }

    /// The way back: `[rows, width, …]` to the states of all tokens, `[tokens, …]`.
    pub(crate) fn pack(&self, states: &Tensor) -> Result<Tensor> {
        let all = states.f_flatten(0, 1)?;
        match self.mask {
            Some(_) => Ok(all.f_index_select(0, &self.places)?),
            None => Ok(all),
        }
    }
}

/// What every layer is told on the way down.
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
    /// Whether dropout drops.
    pub mode: Mode,
    /// Which operations compute.
    pub compute: Compute,
    /// How the tokens lie.
    pub layout: &'a Layout,
    /// Which states of the last layer are read.
    pub reads: Reads,
    /// Whether layers are [computed again](Self::recomputing) in the backward pass instead of being kept.
    pub gradient_checkpointing: bool,
}

/// Which states of a backbone's last layer its head reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reads {
    /// Those of all tokens.
    AllTokens,
    /// Those of the first token of every row.
    FirstTokens,
}

impl<'a> Pass<'a> {
    /// Whether the last layer gives the states of the rows' first tokens alone: where no others are read, and padding is out.
    #[must_use]
    pub fn narrows(&self) -> bool {
        self.reads == Reads::FirstTokens && matches!(self.layout, Layout::Packed(_))
    }

    /// The first token of every row, `[rows, …]`, of the states that the last layer gives.
    ///
    /// # Errors
    /// libtorch's.
    pub fn first_tokens(&self, states: &Tensor) -> Result<Tensor> {
        match self.narrows() {
            true => Ok(states.shallow_clone()),
            false => self.layout.first_tokens(states),
        }
    }

    /// Whether a layer is to be computed by [`recomputing`](Self::recomputing): there is a backward pass, which reaches its states.
    #[must_use]
    pub fn recomputes(&self, states: &Tensor) -> bool {
        self.gradient_checkpointing && states.requires_grad()
    }

    /// Computes a layer, which holds its weights, of states, and again in the backward pass, with the same numbers dropped. In between
    /// nothing of it is kept but the states.
    ///
    /// # Errors
    /// The layer's.
    pub fn recomputing(
        &self,
        states: &Tensor,
        layer: impl Fn(&Tensor, Pass<'_>) -> Result<Tensor> + 'static,
    ) -> Result<Tensor> {
        self.recomputing_all(&[states], move |states, pass| layer(&states[0], pass))
    }

    /// [`recomputing`](Self::recomputing) of a layer that is given several tensors with gradients.
    ///
    /// # Errors
    /// The layer's.
    pub fn recomputing_all(
        &self,
        inputs: &[&Tensor],
        layer: impl Fn(&[Tensor], Pass<'_>) -> Result<Tensor> + 'static,
    ) -> Result<Tensor> {
        let (mode, compute, reads) = (self.mode, self.compute, self.reads);
        let layout = self.layout.shallow_clone();
        let run = move |inputs: &[Tensor]| {
            let pass = Pass {
                mode,
                compute,
                layout: &layout,
                reads,
                gradient_checkpointing: false,
            };
            layer(inputs, pass)
        };
        Ok(checkpoint(inputs, run)?)
    }

    /// Where tokens lie if the fused operations of [`trainer_torch::fast`] compute: for states, and a layer's weight.
    pub(crate) fn fused<'t>(
        &self,
        tensors: impl IntoIterator<Item = &'t Tensor>,
    ) -> Option<&'a Packed> {
        match self.layout {
            Layout::Packed(packed)
                if self.compute == Compute::Fast && tensors.into_iter().all(fast::takes) =>
            {
                Some(packed)
            }
            _ => None,
        }
    }
}

impl Layout {
    fn shallow_clone(&self) -> Self {
        match self {
            Self::Padded { mask } => Self::Padded {
                mask: mask.as_ref().map(Tensor::shallow_clone),
            },
            Self::Packed(packed) => Self::Packed(Packed {
                lengths: packed.lengths.clone(),
                keys: packed.keys.clone(),
                cu_seqlens: packed.cu_seqlens.shallow_clone(),
                places: packed.places.shallow_clone(),
                width: packed.width,
                mask: packed.mask.as_ref().map(Tensor::shallow_clone),
            }),
        }
    }

    /// Of inputs in host memory, of so many rows and columns: their `attention_mask` is taken out and becomes the layout's.
    ///
    /// # Errors
    /// When the mask is neither `[rows, length]` nor of four dimensions.
    pub fn padded(inputs: &mut Batch, [rows, length]: [i64; 2]) -> Result<Self> {
        let mask = inputs.remove("attention_mask");
        let mask = attention_mask(mask.as_ref(), rows, length)?;
        Ok(Self::Padded { mask })
    }

    /// Of inputs in host memory without the padding that their `attention_mask` tells of, which is taken out of them too:
    /// `[rows, length, …]` becomes `[tokens, …]`. [`padded`](Self::padded) where padding has to stay: a row whose first token is masked,
    /// which heads read; a mask of four dimensions.
    ///
    /// # Errors
    /// As [`padded`](Self::padded), and libtorch's.
    pub fn packed(inputs: &mut Batch, size: [i64; 2]) -> Result<Self> {
        match pack(inputs, size, false)? {
            Some(packed) => Ok(Self::Packed(packed)),
            None => Self::padded(inputs, size),
        }
    }

    /// As [`packed`](Self::packed), with the padding behind each row as tokens of it, which look at the others and are not seen: for
    /// losses that read what is computed for padding. [`padded`](Self::padded) where padding stands before or between tokens, too.
    ///
    /// # Errors
    /// As [`padded`](Self::padded), and libtorch's.
    pub fn packed_with_padding(inputs: &mut Batch, size: [i64; 2]) -> Result<Self> {
        match pack(inputs, size, true)? {
            Some(packed) => Ok(Self::Packed(packed)),
            None => Self::padded(inputs, size),
        }
    }

    /// The first token of every row, of states of all tokens: `[rows, …]`.
    ///
    /// # Errors
    /// libtorch's.
    pub fn first_tokens(&self, states: &Tensor) -> Result<Tensor> {
        match self {
            Self::Padded { .. } => Ok(states.f_select(1, 0)?),
            Self::Packed(packed) => {
                let rows = packed.lengths.len() as i64;
                Ok(states.f_index_select(0, &packed.cu_seqlens.f_narrow(0, 0, rows)?)?)
            }
        }
    }

    /// States as they lie in the batch, `[rows, length, …]`; zeros where there is padding.
    ///
    /// # Errors
    /// libtorch's.
    pub fn unpack(&self, states: Tensor) -> Result<Tensor> {
        self.unpack_over(states, 0.0)
    }

    /// [`unpack`](Self::unpack) with this number where there is padding.
    ///
    /// # Errors
    /// libtorch's.
    pub fn unpack_over(&self, states: Tensor, padding: f64) -> Result<Tensor> {
        match self {
            Self::Padded { .. } => Ok(states),
            Self::Packed(packed) => packed.unpack(&states, padding),
        }
    }

    /// True for tokens and false for padding, bool `[rows, length]`, where padding has stayed and there is any; of masks that were of two
    /// dimensions.
    pub(crate) fn kept(&self) -> Result<Option<Tensor>> {
        match self {
            Self::Padded { mask: Some(mask) } => Ok(Some(mask.f_select(1, 0)?.f_select(1, 0)?)),
            Self::Padded { mask: None } | Self::Packed(_) => Ok(None),
        }
    }

    /// On another device, without waiting for it.
    ///
    /// # Errors
    /// libtorch's, when the device is absent or its memory is full.
    pub(crate) fn to_device(&self, device: Device) -> Result<Self> {
        // As in `NamedTensors::to_device`: only copies from host memory to a GPU need not be waited for.
        let moved =
            |tensor: &Tensor| tensor.f_to_device_(device, tensor.kind(), device.is_cuda(), false);
        Ok(match self {
            Self::Padded { mask } => Self::Padded {
                mask: mask.as_ref().map(moved).transpose()?,
            },
            Self::Packed(packed) => Self::Packed(Packed {
                lengths: packed.lengths.clone(),
                keys: packed.keys.clone(),
                cu_seqlens: moved(&packed.cu_seqlens)?,
                places: moved(&packed.places)?,
                width: packed.width,
                mask: packed.mask.as_ref().map(moved).transpose()?,
            }),
        })
    }
}

/// The work of [`Layout::packed`] and [`Layout::packed_with_padding`]; `None`, and the inputs as they were, where they do not serve.
fn pack(inputs: &mut Batch, [rows, width]: [i64; 2], with_padding: bool) -> Result<Option<Packed>> {
    let integers = (Kind::Int64, Device::Cpu);
    let keep = match inputs.get("attention_mask") {
        Some(mask) if mask.size() == [rows, width] => mask.f_to_kind(Kind::Bool)?,
        Some(_) => return Ok(None),
        None => Tensor::f_ones([rows, width], (Kind::Bool, Device::Cpu))?,
    };
    if rows == 0 || width == 0 || !is_all_true(&keep.f_select(1, 0)?)? {
        return Ok(None);
    }
    let mask = keep.f_view([rows, 1, 1, width])?;
    let counts = keep.f_sum_dim_intlist([1].as_slice(), true, Kind::Int64)?;
    let has_padding = i64::try_from(&counts.f_sum(Kind::Int64)?)? != rows * width;
    let keys = Vec::try_from(&counts.f_view([-1])?)?;
    let (places, lengths): (_, Vec<i64>) = match with_padding {
        true => {
            let first = Tensor::f_arange(width, integers)?.f_lt_tensor(&counts)?;
            if !is_all_true(&first.f_eq_tensor(&keep)?)? {
                return Ok(None);
            }
            let rows = vec![width; keys.len()];
            (Tensor::f_arange(first.numel() as i64, integers)?, rows)
        }
        false => (keep.f_view([-1])?.f_nonzero()?.f_view([-1])?, keys.clone()),
    };
    let mut ends = vec![0];
    ends.extend(lengths.iter().scan(0_i64, |end, length| {
        *end += length;
        Some(*end)
    }));
    inputs.remove("attention_mask");
    let names: Vec<String> = inputs.names().map(str::to_owned).collect();
    for name in names {
        let Some(tensor) = inputs.get(&name).filter(|tensor| tensor.dim() >= 2) else {
            continue;
        };
        let rest = &tensor.size()[2..];
        let all = tensor.f_expand([&[rows, width], rest].concat(), false)?;
        let flat = all.f_reshape([&[rows * width], rest].concat())?;
        inputs.insert(name, flat.f_index_select(0, &places)?);
    }
    Ok(Some(Packed {
        mask: has_padding.then_some(mask),
        cu_seqlens: Tensor::f_from_slice(&ends)?.f_to_kind(Kind::Int)?,
        places,
        lengths,
        keys,
        width,
    }))
}

pub(crate) fn is_all_true(mask: &Tensor) -> Result<bool> {
    Ok(mask.f_all()?.f_int64_value(&[])? != 0)
}
