use tch::Tensor;

use crate::Result;

/// What a weight does in its layer, which decides how it is drawn, whether it decays and what counts as embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// `[outputs, inputs]`.
    LinearWeight,
    /// `[outputs]`, of a linear layer that takes `inputs`.
    LinearBias {
        /// How many inputs the layer has.
        inputs: i64,
    },
    /// `[entries, width]`; the row `padding` is zero.
    Embedding {
        /// The entry that stands for padding.
        padding: Option<i64>,
    },
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

    /// What PyTorch's own constructors of layers draw: `nn.Linear.reset_parameters` (`kaiming_uniform_` with
    /// `a = sqrt(5)`, then a uniform bias), `nn.Embedding.reset_parameters`, `nn.LayerNorm.reset_parameters`.
    pub(super) fn draw_default(self, weight: &Tensor) -> Result<()> {
        match self {
            Self::LinearWeight => {
                let inputs = weight.size().get(1).copied().unwrap_or(0) as f64;
                draw_uniform(
                    weight,
                    3f64.sqrt() * (KAIMING_GAIN_SQUARED.sqrt() / inputs.sqrt()),
                )
            }
            Self::LinearBias { inputs } => draw_uniform(weight, 1.0 / (inputs as f64).sqrt()),
            Self::Embedding { padding } => draw_embedding(weight, 1.0, padding),
            Self::NormWeight => fill(weight, 1.0),
            Self::NormBias => fill(weight, 0.0),
        }
    }

    /// What `PreTrainedModel._init_weights` draws (transformers 5.23, `modeling_utils.py`).
    pub(super) fn draw_pretrained(self, weight: &Tensor, std: f64) -> Result<()> {
        match self {
            Self::LinearWeight => draw_normal(weight, std),
            Self::Embedding { padding } => draw_embedding(weight, std, padding),
            Self::NormWeight => fill(weight, 1.0),
            Self::LinearBias { .. } | Self::NormBias => fill(weight, 0.0),
        }
    }
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
