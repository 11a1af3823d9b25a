use tch::Tensor;

use super::DebertaV2Config;
use crate::construction::{Role, Scope};
use crate::layers::{Activation, Dropout, LayerNorm};
use crate::{Layout, Pass, Result};

/// `ConvLayer`: each token's neighbours, beside the first layer.
#[derive(Debug)]
pub(super) struct Convolution {
    weight: Tensor,
    bias: Tensor,
    groups: i64,
    activation: Activation,
    layer_norm: LayerNorm,
    dropout: Dropout,
}

impl Convolution {
    pub(super) fn new(scope: &Scope<'_>, config: &DebertaV2Config) -> Result<Self> {
        let (width, kernel) = (config.hidden_size, config.conv_kernel_size);
        let conv = scope / "conv";
        let shape = [width, width / config.conv_groups, kernel];
        let inputs = shape[1] * kernel;
        Ok(Self {
            weight: conv.weight("weight", &shape, Role::LinearWeight)?,
            bias: conv.weight("bias", &[width], Role::LinearBias { inputs })?,
            groups: config.conv_groups,
            activation: config.conv_act,
            layer_norm: LayerNorm::new(&(scope / "LayerNorm"), width, config.layer_norm_eps)?,
            dropout: Dropout::new(config.hidden_dropout_prob),
        })
    }

    pub(super) fn shallow_clone(&self) -> Self {
        Self {
            weight: self.weight.shallow_clone(),
            bias: self.bias.shallow_clone(),
            layer_norm: self.layer_norm.shallow_clone(),
            ..*self
        }
    }

    /// The normalised sum of what the first layer gives, `layer`, and the convolution of what it is given, `hidden`; zeros where `kept`,
    /// `[rows, columns]`, is false.
    pub(super) fn forward(
        &self,
        hidden: &Tensor,
        layer: &Tensor,
        kept: Option<&Tensor>,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let mut neighbours = match pass.layout {
            Layout::Padded { .. } => self.convolve(hidden)?,
            Layout::Packed(packed) => packed.pack(&self.convolve(&packed.unpack(hidden, 0.0)?)?)?,
        };
        if let Some(kept) = kept {
            let padding = kept.f_logical_not()?.f_unsqueeze(-1)?;
            let padding = padding.f_expand(neighbours.size(), false)?;
            neighbours = neighbours.f_masked_fill_(&padding, 0.0)?;
        }
        let neighbours = self.dropout.forward_as(&neighbours, pass)?;
        let neighbours = self.activation.forward(&neighbours)?;
        let states = self.layer_norm.forward(&layer.f_add(&neighbours)?)?;
        match kept {
            Some(kept) => Ok(states.f_mul(&kept.f_unsqueeze(2)?.f_to_kind(states.kind())?)?),
            None => Ok(states),
        }
    }

    /// `[rows, columns, width]` to the same.
    fn convolve(&self, states: &Tensor) -> Result<Tensor> {
        let channels = states.f_permute([0, 2, 1])?.f_contiguous()?;
        let padding = (self.weight.size()[2] - 1) / 2;
        let bias = Some(&self.bias);
        let around = channels.f_conv1d(&self.weight, bias, 1, padding, 1, self.groups)?;
        Ok(around.f_permute([0, 2, 1])?.f_contiguous()?)
    }
}
