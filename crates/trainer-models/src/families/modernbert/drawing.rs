use tch::Tensor;

use super::ModernBertConfig;
use crate::construction::Scope;

/// How weights are drawn (`ModernBertPreTrainedModel._init_weights`): as everywhere, then, by what holds the layer, once more, normal but for
/// what is too far from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawing {
    range: f64,
    cutoff: f64,
    layers: f64,
    width: f64,
}

impl Drawing {
    pub(super) fn of(config: &ModernBertConfig) -> Self {
        Self {
            range: config.initializer_range,
            cutoff: config.initializer_cutoff_factor,
            layers: config.num_hidden_layers as f64,
            width: config.hidden_size as f64,
        }
    }

    /// Weights of tables, and of layers that lead into a block.
    pub(super) fn inward(self, scope: &Scope<'_>, weight: &Tensor) {
        scope.draw_again(weight, self.range, self.cutoff);
    }

    /// Weights of layers that lead out of one.
    pub(super) fn outward(self, scope: &Scope<'_>, weight: &Tensor) {
        let deviation = self.range / (2.0 * self.layers).sqrt();
        scope.draw_again(weight, deviation, self.cutoff);
    }

    /// Weights of the last layer of a head.
    pub(super) fn last(self, scope: &Scope<'_>, weight: &Tensor) {
        scope.draw_again(weight, self.width.powf(-0.5), self.cutoff);
    }
}
