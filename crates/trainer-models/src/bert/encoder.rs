use tch::Tensor;

use super::BertConfig;
use super::layer::BertLayer;
use crate::construction::Scope;
use crate::{Mode, Result};

#[derive(Debug)]
pub(super) struct BertEncoder {
    layers: Vec<BertLayer>,
}

impl BertEncoder {
    pub(super) fn new(scope: &Scope<'_>, config: &BertConfig) -> Result<Self> {
        let layers = (0..config.num_hidden_layers)
            .map(|number| BertLayer::new(&(scope / "layer" / number), config))
            .collect::<Result<_>>()?;
        Ok(Self { layers })
    }

    /// `[batch, length, hidden]` to the same; the mask as
    /// [`bidirectional_mask`](crate::layers::bidirectional_mask) makes it.
    pub(super) fn forward(
        &self,
        hidden: Tensor,
        mask: Option<&Tensor>,
        mode: Mode,
    ) -> Result<Tensor> {
        self.layers
            .iter()
            .try_fold(hidden, |hidden, layer| layer.forward(&hidden, mask, mode))
    }
}
