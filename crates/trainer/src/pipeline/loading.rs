use serde_json::Value;
use trainer_core::choose_device;
use trainer_data::warning;
use trainer_models::{
    AutoConfig, LoadReport, Model, ModelOptions, PretrainedConfig, PretrainedModel,
};
use trainer_tokenize::AutoTokenizer;

use super::error::class_names;
use super::runner::Runner;
use super::{PipelineError, PipelineOptions};
use crate::Result;

/// The models of a pipeline.
pub(super) struct ModelKind {
    /// What they do, in words.
    pub(super) task: &'static str,
    /// What the names of their classes end with.
    pub(super) suffix: &'static str,
    /// `AutoModelFor…::from_pretrained_with_report`.
    pub(super) load: Load,
}

type Load = fn(&str, ModelOptions) -> trainer_models::Result<(PretrainedModel, LoadReport)>;

impl ModelKind {
    /// The tokenizer and the model of a folder or hub name, on the device that the options choose.
    ///
    /// Weights that are missing are an error, and no warning: a head that was drawn answers at random.
    pub(super) fn load(
        &self,
        name: &str,
        options: &PipelineOptions,
    ) -> Result<(Runner, PretrainedConfig)> {
        let config = AutoConfig::from_pretrained(name)?;
        let tokenizer = AutoTokenizer::from_pretrained(name)?;
        let (model, report) = (self.load)(name, ModelOptions::new())?;
        self.check(name, &config, report)?;
        let device = match options.device {
            Some(device) => device,
            None => choose_device(false)?,
        };
        model.parameters().to_device(device)?;
        Ok((Runner::new(model, tokenizer, device, options), config))
    }

    fn check(&self, name: &str, config: &PretrainedConfig, report: LoadReport) -> Result<()> {
        let architectures = architectures(config);
        if !report.missing.is_empty() {
            return Err(PipelineError::NoHead {
                name: name.to_owned(),
                task: self.task,
                suffix: self.suffix,
                architectures,
                missing: report.missing,
            }
            .into());
        }
        if !report.is_exact() {
            warning!("{report}");
        }
        let is_meant = |class: &String| class.ends_with(self.suffix);
        if !architectures.is_empty() && !architectures.iter().any(is_meant) {
            warning!(
                "the config.json of {name:?} names {}: its head may be made for something else than {}",
                class_names(&architectures),
                self.task
            );
        }
        Ok(())
    }
}

fn architectures(config: &PretrainedConfig) -> Vec<String> {
    let names = config.get("architectures").and_then(Value::as_array);
    let text = |name: &Value| name.as_str().map(str::to_owned);
    names.into_iter().flatten().filter_map(text).collect()
}
