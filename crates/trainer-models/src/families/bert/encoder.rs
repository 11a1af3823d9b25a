use tch::Tensor;

use super::BertConfig;
use super::layer::BertLayer;
use crate::construction::Scope;
use crate::{Pass, Result};

/// BERT's layers, one on the other; those of its relatives too.
#[derive(Debug)]
pub(crate) struct BertEncoder {
    layers: Vec<BertLayer>,
}

impl BertEncoder {
    pub(crate) fn new(scope: &Scope<'_>, config: &BertConfig) -> Result<Self> {
        let layers = (0..config.num_hidden_layers)
            .map(|number| BertLayer::new(&(scope / "layer" / number), config))
            .collect::<Result<_>>()?;
        Ok(Self { layers })
    }

    /// States of all tokens to the same, or to those that are [read](Pass::narrows).
    pub(crate) fn forward(&self, hidden: Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let through = |layers: &[BertLayer]| {
            let hidden = hidden.shallow_clone();
            let mut layers = layers.iter();
            layers.try_fold(hidden, |hidden, layer| layer.forward(&hidden, pass))
        };
        match self.layers.split_last() {
            Some((last, others)) if pass.narrows() => last.forward_first(&through(others)?, pass),
            None if pass.narrows() => pass.layout.first_tokens(&hidden),
            _ => through(&self.layers),
        }
    }
}
