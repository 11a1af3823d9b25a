use std::f64::consts::SQRT_2;

use tch::{Device, Kind, Tensor};

use crate::Result;

/// What a weight does in its layer, which decides how it is drawn, whether it decays and what counts as embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// `[outputs, inputs]`, or `[outputs, inputs, width]` of a convolution.
    LinearWeight,
    /// `[outputs]`, of a linear layer that takes `inputs`.
    LinearBias {
        /// How many inputs the layer has.
        inputs: i64,
    },
    /// A bias that belongs to no layer, zero at first.
    Bias,
    /// `[entries, width]`; the row `padding` is zero.
    Embedding {
        /// The entry that stands for padding.
        padding: Option<i64>,
    },
    /// `[entries, width]`; each row holds sines and cosines of its number.
    SinusoidalEmbedding,
    /// Scale of a normalisation layer.
    NormWeight,
    /// Shift of a normalisation layer.
    NormBias,
}

impl Role {
    /// Whether the weight belongs to a normalisation layer, which weight decay spares.
    #[must_use]
    pub fn in_norm(self) -> bool {
        matches!(self, Self::NormWeight | Self::NormBias)
    }

    /// Whether the weight is a table that is looked up in.
    #[must_use]
    pub fn in_embedding(self) -> bool {
        matches!(self, Self::Embedding { .. } | Self::SinusoidalEmbedding)
    }

    /// What PyTorch's own constructors of layers draw: `nn.Linear.reset_parameters` (`kaiming_uniform_` with
    /// `a = sqrt(5)`, then a uniform bias), `nn.Embedding.reset_parameters`, `nn.LayerNorm.reset_parameters`.
    pub(super) fn draw_default(self, weight: &Tensor) -> Result<()> {
        match self {
            Self::LinearWeight => {
                let inputs = weight.size().iter().skip(1).product::<i64>() as f64;
                draw_uniform(
                    weight,
                    3f64.sqrt() * (KAIMING_GAIN_SQUARED.sqrt() / inputs.sqrt()),
                )
            }
            Self::LinearBias { inputs } => draw_uniform(weight, 1.0 / (inputs as f64).sqrt()),
            Self::Embedding { padding } => draw_embedding(weight, 1.0, padding),
            Self::SinusoidalEmbedding => draw_embedding(weight, 1.0, None),
            Self::NormWeight => fill(weight, 1.0),
            Self::Bias | Self::NormBias => fill(weight, 0.0),
        }
    }

    /// What `PreTrainedModel._init_weights` draws (transformers 5.23, `modeling_utils.py`).
    pub(super) fn draw_pretrained(self, weight: &Tensor, std: f64) -> Result<()> {
        match self {
            Self::LinearWeight => draw_normal(weight, std),
            Self::Embedding { padding } => draw_embedding(weight, std, padding),
            Self::SinusoidalEmbedding => {
                // Python draws before it writes over it.
                draw_normal(weight, std)?;
                fill_with_waves(weight)
            }
            Self::NormWeight => fill(weight, 1.0),
            Self::LinearBias { .. } | Self::Bias | Self::NormBias => fill(weight, 0.0),
        }
    }
}

/// How a weight is drawn when its model is complete.
#[derive(Clone, Copy, Debug)]
pub(super) enum Draw {
    /// As its role asks.
    As(Role),
    /// By a normal distribution without what is more than `cutoff` deviations from 0.
    Truncated { deviation: f64, cutoff: f64 },
}

impl Draw {
    pub(super) fn draw(self, weight: &Tensor, initializer_range: f64) -> Result<()> {
        match self {
            Self::As(role) => role.draw_pretrained(weight, initializer_range),
            Self::Truncated { deviation, cutoff } => draw_truncated(weight, deviation, cutoff),
        }
    }
}

/// `torch.nn.init.trunc_normal_` around 0.
fn draw_truncated(weight: &Tensor, deviation: f64, cutoff: f64) -> Result<()> {
    let end = cutoff * deviation;
    let part = Tensor::f_full(
        [0_i64; 0],
        end / deviation / SQRT_2,
        (Kind::Double, Device::Cpu),
    )?;
    let part = part.f_erf()?.f_double_value(&[])?;
    let (below, above) = ((1.0 - part) / 2.0, (1.0 + part) / 2.0);
    let mut weight = weight.shallow_clone();
    let mut weight = weight.f_uniform_(2.0 * below - 1.0, 2.0 * above - 1.0)?;
    let mut weight = weight.f_erfinv_()?;
    let mut weight = weight.f_mul_scalar_(deviation * SQRT_2)?;
    let _drawn = weight.f_clamp_(-end, end)?;
    Ok(())
}

/// `2 / (1 + a²)` with `a = sqrt(5)`, rounded as Python rounds it: `math.sqrt(5) ** 2` is above 5.
const KAIMING_GAIN_SQUARED: f64 = 2.0 / (1.0 + 5.000_000_000_000_001);

fn draw_uniform(weight: &Tensor, bound: f64) -> Result<()> {
    let _drawn = weight.shallow_clone().f_uniform_(-bound, bound)?;
    Ok(())
}

fn draw_normal(weight: &Tensor, std: f64) -> Result<()> {
    let _drawn = weight.shallow_clone().f_normal_(0.0, std)?;
    Ok(())
}

fn draw_embedding(weight: &Tensor, std: f64, padding: Option<i64>) -> Result<()> {
    draw_normal(weight, std)?;
    match padding {
        Some(row) => fill(&weight.f_select(0, row)?, 0.0),
        None => Ok(()),
    }
}

fn fill(weight: &Tensor, value: f64) -> Result<()> {
    let _filled = weight.shallow_clone().f_fill_(value)?;
    Ok(())
}

/// Sines in even, cosines in odd columns (`create_sinusoidal_embeddings` of `modeling_distilbert.py`), computed in double precision.
fn fill_with_waves(weight: &Tensor) -> Result<()> {
    let (entries, width) = weight.size2()?;
    let wave = |row: i64, column: i64| {
        let exponent = (2 * (column / 2)) as f64 / width as f64;
        let angle = row as f64 / 10_000_f64.powf(exponent);
        match column % 2 {
            0 => angle.sin(),
            _ => angle.cos(),
        }
    };
    let waves: Vec<f64> = (0..entries)
        .flat_map(|row| (0..width).map(move |column| wave(row, column)))
        .collect();
    let waves = Tensor::f_from_slice(&waves)?.f_view([entries, width])?;
    weight.shallow_clone().f_copy_(&waves)?;
    Ok(())
}
