use std::path::Path;

use trainer_collate::Batch;

use crate::construction::Construction;
use crate::families::family_of;
use crate::weights::{Checkpoint, LoadReport, SaveOptions, load_weights, save_pretrained};
use crate::{
    Backbone, BackboneOutput, Compute, Layout, Mode, ModelOptions, Parameters, Prepared,
    PretrainedConfig, Result,
};

/// A pretrained network without a head, as [`AutoModel`](crate::AutoModel) gives it: for loops and heads of one's own.
///
/// Operations are recorded for gradients unless the call stands inside `tch::no_grad`.
#[derive(Debug)]
pub struct BaseModel {
    backbone: Box<dyn Backbone>,
    parameters: Parameters,
    config: PretrainedConfig,
    architecture: String,
    base_prefix: &'static str,
    has_pooler: bool,
}

impl BaseModel {
    /// Makes the model with the weights of `checkpoint`, or drawn ones. `origin` names the checkpoint.
    pub(crate) fn build(
        config: PretrainedConfig,
        checkpoint: Option<&Checkpoint>,
        origin: &str,
        options: &ModelOptions,
    ) -> Result<(Self, LoadReport)> {
        let family = family_of(&config)?;
        let construction = Construction::new(
            checkpoint,
            family.base_prefix(),
            family.read_config(&config)?.initializer_range,
            options.ignore_mismatched_sizes,
        );
        let has_pooler = !options.without_pooling_layer;
        Self::assemble(config, construction, has_pooler, origin)
    }

    fn assemble(
        mut config: PretrainedConfig,
        construction: Construction<'_>,
        has_pooler: bool,
        origin: &str,
    ) -> Result<(Self, LoadReport)> {
        let family = family_of(&config)?;
        let numbers = family.read_config(&config)?;
        let backbone = family.backbone(&construction.root(), &config, has_pooler)?;
        let architecture = format!("{}Model", family.class_name());
        let (parameters, report) = construction.finish(&architecture, origin)?;
        config.fill_in(numbers.keys);
        let model = Self {
            backbone,
            parameters,
            config,
            architecture,
            base_prefix: family.base_prefix(),
            has_pooler,
        };
        Ok((model, report))
    }

    /// The same model once more: layers of its own, which hold the same weights, as
    /// [`PretrainedModel::shallow_clone`](crate::PretrainedModel::shallow_clone).
    ///
    /// # Errors
    /// When libtorch refuses a handle, or a family of one's own asks for other weights than the first time.
    pub fn shallow_clone(&self) -> Result<Self> {
        let construction = Construction::sharing(&self.parameters, self.base_prefix);
        let (clone, _) = Self::assemble(self.config.clone(), construction, self.has_pooler, "")?;
        Ok(clone)
    }

    /// The most tokens of a row, special ones included; `None` where the network has no such limit.
    #[must_use]
    pub fn max_length(&self) -> Option<usize> {
        self.backbone.max_length()
    }

    /// Looks at a batch in host memory and puts it into the form that [`forward`](Self::forward) takes. With
    /// [`Compute::Fast`] the states are those of the tokens alone, one row after another, where the network takes that, see [`Layout`].
    ///
    /// # Errors
    /// When the batch cannot be used; the error names the tensor and the value.
    pub fn prepare(&self, mut batch: Batch, compute: Compute) -> Result<Prepared> {
        let mut inputs = batch.split_off(self.backbone.input_names());
        let size = self.backbone.prepare(&mut inputs)?;
        let layout = match compute == Compute::Fast && self.backbone.takes_packed() {
            true => Layout::packed(&mut inputs, size)?,
            false => Layout::padded(&mut inputs, size)?,
        };
        Ok(Prepared::new(inputs, Batch::new(), (layout, compute), 0))
    }

    /// Runs the network on a prepared batch that lies on the weights' device.
    ///
    /// # Errors
    /// When libtorch refuses an operation.
    pub fn forward(&self, prepared: &Prepared, mode: Mode) -> Result<BackboneOutput> {
        self.backbone
            .forward(prepared.inputs(), prepared.pass(mode))
    }

    /// The weights.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The configuration the model was made by.
    #[must_use]
    pub fn config(&self) -> &PretrainedConfig {
        &self.config
    }

    /// Writes `config.json` and `model.safetensors` into the folder `output_dir`, made if need be.
    ///
    /// # Errors
    /// When a file cannot be written; the error names it.
    pub fn save_pretrained(&self, output_dir: &Path) -> Result<()> {
        let (parameters, config) = (&self.parameters, &self.config);
        let options = SaveOptions::default();
        save_pretrained(output_dir, parameters, config, &self.architecture, &options)
    }

    /// Replaces the weights by those in the folder `checkpoint`, in place.
    ///
    /// # Errors
    /// When no weights file is there, one is broken, or the weights are not exactly this model's.
    pub fn load_weights(&self, checkpoint: &Path) -> Result<()> {
        load_weights(&self.parameters, checkpoint, self.base_prefix)
    }
}
