use super::registry::family_of;
use crate::base_model::BaseModel;
use crate::pretrained::{draw_from_config, load_pretrained};
use crate::weights::LoadReport;
use crate::{ModelOptions, PretrainedConfig, Result};

/// Models without a head, by name.
///
/// ```no_run
/// use trainer_models::{AutoModel, BaseModel, ModelOptions};
///
/// # fn main() -> trainer_models::Result<()> {
/// let bert = AutoModel::from_pretrained("bert-base-cased", ModelOptions::new())?;
/// println!("{} weights", bert.parameters().len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct AutoModel;

impl AutoModel {
    /// The model in the folder `name_or_path`, or else the hub's model of that name, in host memory and float32 whatever
    /// floating-point type its files have.
    ///
    /// Weights that the files lack are drawn from libtorch's global generator, and a warning names them.
    ///
    /// # Errors
    /// As [`AutoModelForSequenceClassification::from_pretrained`](crate::AutoModelForSequenceClassification::from_pretrained).
    pub fn from_pretrained(
        name_or_path: &str,
        options: ModelOptions,
    ) -> Result<Box<dyn BaseModel>> {
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
    ) -> Result<(Box<dyn BaseModel>, LoadReport)> {
        load_pretrained(name_or_path, &options, |config| Ok(family_of(config)?.base))
    }

    /// A model with drawn weights, as Python's constructor draws them from the same seed.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn from_config(
        config: impl Into<PretrainedConfig>,
        options: ModelOptions,
    ) -> Result<Box<dyn BaseModel>> {
        draw_from_config(
            config.into(),
            &options,
            |config| Ok(family_of(config)?.base),
        )
    }
}
