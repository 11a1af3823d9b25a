use crate::model_files::ModelFiles;
use crate::weights::{Checkpoint, LoadReport};
use crate::{ModelOptions, PretrainedConfig, Result};

/// Reads a model's `config.json` and lets `build` make it with the model's weights. The text given to it names them.
pub(crate) fn load_pretrained<M>(
    name_or_path: &str,
    options: &ModelOptions,
    build: impl FnOnce(
        PretrainedConfig,
        Option<&Checkpoint>,
        &str,
        &ModelOptions,
    ) -> Result<(M, LoadReport)>,
) -> Result<(M, LoadReport)> {
    let files = ModelFiles::locate(name_or_path)?;
    let config = PretrainedConfig::read(&files.require("config.json")?)?.with_options(options)?;
    // Before its weights are looked for: a family that is not there says more.
    crate::families::family_of(&config)?;
    let checkpoint = Checkpoint::open(&files)?;
    build(config, Some(&checkpoint), name_or_path, options)
}
