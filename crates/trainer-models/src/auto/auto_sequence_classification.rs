use super::registry::family_of;
use crate::pretrained::{draw_from_config, load_pretrained};
use crate::weights::LoadReport;
use crate::{Model, ModelOptions, PretrainedConfig, Result};

/// Models that give scores to whole sequences, by name.
///
/// ```no_run
/// use trainer_models::{AutoModelForSequenceClassification, num_labels};
///
/// # fn main() -> trainer_models::Result<()> {
/// let model = AutoModelForSequenceClassification::from_pretrained("bert-base-cased", num_labels(2))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct AutoModelForSequenceClassification;

impl AutoModelForSequenceClassification {
    /// The model in the folder `name_or_path`, or else the hub's model of that name, with a head as `options` say, in
    /// host memory and float32 whatever floating-point type its files have.
    ///
    /// A head that the files lack is drawn from libtorch's global generator (seed it first), as Python draws it: normal
    /// with the configuration's `initializer_range`, biases zero; nothing else is drawn. A warning names such weights.
    ///
    /// # Errors
    /// When there is no such model, its family is not supported, a file is missing, broken or a pickle, or a weight has
    /// another shape than the model (unless [`ignore_mismatched_sizes`](ModelOptions::ignore_mismatched_sizes)).
    pub fn from_pretrained(name_or_path: &str, options: ModelOptions) -> Result<Box<dyn Model>> {
        let (model, report) = Self::from_pretrained_with_report(name_or_path, options)?;
        report.warn();
        Ok(model)
    }

    /// [`from_pretrained`](Self::from_pretrained) with the report instead of a warning.
    ///
    /// # Errors
    /// As `from_pretrained`.
    pub fn from_pretrained_with_report(
        name_or_path: &str,
        options: ModelOptions,
    ) -> Result<(Box<dyn Model>, LoadReport)> {
        load_pretrained(name_or_path, &options, |config| {
            Ok(family_of(config)?.sequence_classification)
        })
    }

    /// A model with drawn weights, as Python's constructor draws them from the same seed.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn from_config(
        config: impl Into<PretrainedConfig>,
        options: ModelOptions,
    ) -> Result<Box<dyn Model>> {
        draw_from_config(config.into(), &options, |config| {
            Ok(family_of(config)?.sequence_classification)
        })
    }
}
