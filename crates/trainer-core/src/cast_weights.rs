use tch::{Device, Kind, Tensor};
use trainer_models::{Compute, Parameters};
use trainer_torch::autocast::HalfKind;
use trainer_torch::fast;

use crate::Result;

/// The weights of a model in a type of 16 bits, until this is dropped: then they are again what they were.
///
/// Layers, and models that share the weights, see the cast ones meanwhile.
#[derive(Debug, Default)]
pub(crate) struct CastWeights {
    /// Each weight and what was in it.
    kept: Vec<(Tensor, Tensor)>,
}

impl CastWeights {
    /// Casts every weight, in place. `Compute::Fast` has them rounded to bfloat16 but still in float32 on the CPU.
    pub(crate) fn new(parameters: &Parameters, kind: HalfKind, compute: Compute) -> Result<Self> {
        let stays_float32 = kind == HalfKind::BFloat16 && !fast::leaves_bfloat16();
        let mut cast = Self::default();
        for entry in parameters {
            let mut weight = entry.tensor.shallow_clone();
            let data = weight.f_detach()?;
            let mut rounded = data.f_to_kind(kind.kind())?;
            if stays_float32 && compute == Compute::Fast && data.device() == Device::Cpu {
                rounded = rounded.f_to_kind(Kind::Float)?;
            }
            weight.f_set_data(&rounded)?;
            cast.kept.push((weight, data));
        }
        Ok(cast)
    }

    /// Gives back the weights. Where that fails it is tried once more by the drop.
    pub(crate) fn restore(mut self) -> Result<()> {
        self.put_back()
    }

    fn put_back(&mut self) -> Result<()> {
        while let Some((weight, data)) = self.kept.last_mut() {
            weight.f_set_data(data)?;
            self.kept.pop();
        }
        Ok(())
    }
}

impl Drop for CastWeights {
    /// Runs with weights only when an evaluation has failed, whose error is the one to be told.
    fn drop(&mut self) {
        let _ = self.put_back();
    }
}
