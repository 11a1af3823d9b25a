use tch::Device;
use trainer_collate::{Batch, NamedTensors};
use trainer_data::BoxError;
use trainer_metrics::Metric;
use trainer_models::{Compute, Mode, Model, ModelOutput, Prepared};
use trainer_torch::autocast::HalfKind;
use trainer_torch::fast;

use crate::Result;
use crate::cast_weights::CastWeights;
use crate::loss::{Criterion, LabelUse};
use crate::precision::Precision;

/// Changes a model's outputs, on the device, before they are kept: the outputs and the labels of a batch to what is kept.
pub(crate) type PreprocessLogits =
    Box<dyn Fn(NamedTensors, &Batch) -> Result<NamedTensors, BoxError> + Send>;

/// What computes: the model on its device, and what its loss is.
pub(crate) struct Engine {
    pub(crate) model: Box<dyn Model>,
    pub(crate) device: Device,
    pub(crate) compute: Compute,
    pub(crate) precision: Precision,
    pub(crate) criterion: Box<dyn Criterion>,
    /// Names of the tensors that hold labels: the arguments', else the model's.
    pub(crate) label_names: Vec<String>,
    pub(crate) compute_metrics: Option<Box<dyn Metric>>,
    pub(crate) preprocess_logits: Option<PreprocessLogits>,
}

/// A batch that was looked at in host memory and is ready for the device.
pub(crate) struct Work {
    prepared: Prepared,
    /// What the criterion is given: labels, or the whole batch.
    for_criterion: Batch,
    /// Names of the batch's tensors.
    pub(crate) names: Vec<String>,
    /// What the mean of the batch's loss is over.
    pub(crate) items: i64,
    pub(crate) rows: usize,
    /// Whether all labels are there.
    pub(crate) has_labels: bool,
}

impl Engine {
    /// Looks at a batch in host memory for what would break the model on the device, and counts its items. Labels for a
    /// criterion of the user's own are not the model's to judge.
    pub(crate) fn prepare(&self, mut batch: Batch) -> Result<Work> {
        let rows = batch.num_examples();
        let all = batch.names().map(str::to_owned).collect();
        let names: Vec<&str> = self.label_names.iter().map(String::as_str).collect();
        let has_labels = names.iter().all(|name| batch.get(name).is_some());
        let mut for_criterion = Batch::new();
        let labels = match self.criterion.label_use() {
            LabelUse::Own => {
                for_criterion = batch.shallow_clone();
                batch.split_off(&names)
            }
            LabelUse::Model | LabelUse::Checked => Batch::new(),
        };
        let mut prepared = self.model.prepare(batch, self.compute)?;
        let labels = match self.criterion.label_use() {
            LabelUse::Own => labels,
            LabelUse::Checked => {
                for_criterion = prepared.take_labels();
                for_criterion.shallow_clone()
            }
            LabelUse::Model => prepared.labels().shallow_clone(),
        };
        let items = self
            .criterion
            .num_items(&labels, prepared.num_items(), rows)?;
        Ok(Work {
            prepared,
            for_criterion,
            names: all,
            items,
            rows,
            has_labels,
        })
    }

    /// [`prepare`](Self::prepare) where nobody but the criterion reads the outputs.
    pub(crate) fn prepare_for_loss(&self, batch: Batch) -> Result<Work> {
        let work = self.prepare(batch)?;
        Ok(match self.criterion.reads_outputs() {
            true => work,
            false => Work {
                prepared: work.prepared.for_loss_alone(),
                ..work
            },
        })
    }

    /// Runs the model on the device, and gives what the criterion is to be given there.
    pub(crate) fn forward(&self, work: &Work, mode: Mode) -> Result<(ModelOutput, Batch)> {
        let prepared = work.prepared.to_device(self.device)?;
        let for_criterion = work.for_criterion.to_device(self.device)?;
        let forward = || self.model.forward(&prepared, mode);
        Ok((self.precision.forward(forward)?, for_criterion))
    }

    /// Evaluates outside of a training, with the weights in the type that `bf16_full_eval` or `fp16_full_eval` asks for.
    pub(crate) fn outside_training<T>(
        &mut self,
        evaluate: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let Some(kind) = self.precision.full_eval() else {
            return evaluate(self);
        };
        let cast = CastWeights::new(self.model.parameters(), kind, self.compute)?;
        // Weights that are float32 still, though rounded, meet states that are to be rounded too.
        let in_bfloat16 = kind == HalfKind::BFloat16
            && self.compute == Compute::Fast
            && self.device == Device::Cpu
            && fast::has_bfloat16_products();
        let precision = self.precision;
        if in_bfloat16 {
            self.precision = precision.with_mixed(kind);
        }
        let output = evaluate(self);
        self.precision = precision;
        let output = output?;
        cast.restore()?;
        Ok(output)
    }
}
