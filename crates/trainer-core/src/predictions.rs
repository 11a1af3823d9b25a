use tch::{Device, Kind, Tensor};
use trainer_metrics::{Array, EvalPrediction, IGNORED_LABEL};

use crate::Result;

/// Predictions and labels batch by batch, joined once.
#[derive(Default)]
pub(crate) struct Predictions {
    predictions: Vec<Array>,
    labels: Vec<Array>,
}

impl Predictions {
    pub(crate) fn push(&mut self, batch: EvalPrediction) {
        self.predictions.push(batch.predictions);
        self.labels.push(batch.label_ids);
    }

    /// All batches as one, along the first dimension; narrower ones are filled with -100 on the right.
    pub(crate) fn concatenated(self) -> Result<EvalPrediction> {
        Ok(EvalPrediction {
            predictions: Array::concatenate(&self.predictions, IGNORED_LABEL)?,
            label_ids: Array::concatenate(&self.labels, IGNORED_LABEL)?,
        })
    }
}

/// A copy of a tensor in host memory: whole numbers and booleans as int64, everything else as float32.
pub(crate) fn to_array(tensor: &Tensor) -> Result<Array> {
    let shape: Vec<usize> = tensor
        .size()
        .into_iter()
        .map(|dim| usize::try_from(dim).unwrap_or(0))
        .collect();
    let host = tensor
        .f_detach()?
        .f_to_device(Device::Cpu)?
        .f_reshape([-1])?;
    if matches!(
        host.kind(),
        Kind::Float | Kind::Half | Kind::BFloat16 | Kind::Double
    ) {
        Ok(Array::float(
            &shape,
            Vec::try_from(host.f_to_kind(Kind::Float)?)?,
        )?)
    } else {
        Ok(Array::int(
            &shape,
            Vec::try_from(host.f_to_kind(Kind::Int64)?)?,
        )?)
    }
}

/// The labels of a set without labels.
pub(crate) fn no_labels() -> Result<Array> {
    Ok(Array::int(&[0], Vec::new())?)
}
