use crate::model_files::ModelFiles;
use crate::{PretrainedConfig, Result};

/// Reads the `config.json` of a model by its name on the hub or its folder.
#[derive(Debug)]
pub struct AutoConfig;

impl AutoConfig {
    /// The configuration of the model in the folder `name_or_path`, or else of the hub's model of that name.
    ///
    /// # Errors
    /// When there is no such model or it has no `config.json`, or that file cannot be read or used.
    pub fn from_pretrained(name_or_path: &str) -> Result<PretrainedConfig> {
        let files = ModelFiles::locate(name_or_path)?;
        PretrainedConfig::read(&files.require("config.json")?)
    }
}
