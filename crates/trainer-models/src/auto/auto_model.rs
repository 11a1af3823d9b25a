use crate::pretrained::load_pretrained;
use crate::weights::LoadReport;
use crate::{BaseModel, ModelOptions, PretrainedConfig, Result};

/// Models without a head, by name.
///
/// ```no_run
/// use trainer_models::{AutoModel, ModelOptions};
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
    pub fn from_pretrained(name_or_path: &str, options: ModelOptions) -> Result<BaseModel> {
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
    ) -> Result<(BaseModel, LoadReport)> {
        load_pretrained(name_or_path, &options, BaseModel::build)
    }

    /// A model with drawn weights, as Python's constructor draws them from the same seed.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn from_config(
        config: impl Into<PretrainedConfig>,
        options: ModelOptions,
    ) -> Result<BaseModel> {
        let config = config.into().with_options(&options)?;
        Ok(BaseModel::build(config, None, "", &options)?.0)
    }
}
