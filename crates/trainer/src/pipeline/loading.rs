use serde_json::Value;
use trainer_core::choose_device;
use trainer_data::warning;
use trainer_models::{AutoConfig, LoadReport, ModelOptions, PretrainedConfig};
use trainer_tokenize::AutoTokenizer;

use super::error::class_names;
use super::runnable::Runnable;
use super::runner::Runner;
use super::{PipelineError, PipelineOptions};
use crate::Result;

/// The models of a pipeline.
pub(super) struct ModelKind<M> {
    /// What they do, in words.
    pub(super) task: &'static str,
    pub(super) head: Head,
    /// `AutoModel…::from_pretrained_with_report`.
    pub(super) load: Load<M>,
}

/// What a pipeline's models have on top.
#[derive(Clone, Copy)]
pub(super) enum Head {
    /// A head, which was trained: what the names of the models' classes end with.
    Trained(&'static str),
    /// Nothing: models of any class do, and their heads are left out.
    None,
}

type Load<M> = fn(&str, ModelOptions) -> trainer_models::Result<(M, LoadReport)>;

impl<M: Runnable> ModelKind<M> {
    /// The tokenizer and the model of a folder or hub name, on the device that the options choose.
    ///
    /// Weights that are missing are an error, and no warning: a head that was drawn answers at random.
    pub(super) fn load(
        &self,
        name: &str,
        options: &PipelineOptions,
    ) -> Result<(Runner<M>, PretrainedConfig)> {
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
        let suffix = match self.head {
            Head::Trained(suffix) => suffix,
            Head::None => "Model",
        };
        if !report.missing.is_empty() {
            return Err(PipelineError::NoHead {
                name: name.to_owned(),
                task: self.task,
                suffix,
                architectures,
                missing: report.missing,
            }
            .into());
        }
        if matches!(self.head, Head::None) {
            return Ok(());
        }
        if !report.is_exact() {
            warning!("{report}");
        }
        let is_meant = |class: &String| class.ends_with(suffix);
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
