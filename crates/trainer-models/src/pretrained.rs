use crate::model_files::ModelFiles;
use crate::weights::{Checkpoint, LoadReport};
use crate::{Error, ModelOptions, PretrainedConfig, Result};

/// Makes a model from its configuration, with the weights of a checkpoint or drawn ones. The text names the checkpoint.
pub(crate) type Build<M> =
    fn(PretrainedConfig, Option<&Checkpoint>, &str, &ModelOptions) -> Result<(M, LoadReport)>;

/// Reads a model's `config.json`, asks `choose` what builds such a model, and builds it with the model's weights.
pub(crate) fn load_pretrained<M>(
    name_or_path: &str,
    options: &ModelOptions,
    choose: impl FnOnce(&PretrainedConfig) -> Result<Build<M>>,
) -> Result<(M, LoadReport)> {
    let files = ModelFiles::locate(name_or_path)?;
    let config = PretrainedConfig::read(&files.require("config.json")?)?.with_options(options)?;
    let build = choose(&config)?;
    let checkpoint = Checkpoint::open(&files)?;
    build(config, Some(&checkpoint), name_or_path, options)
}

/// Builds a model with drawn weights.
pub(crate) fn draw_from_config<M>(
    config: PretrainedConfig,
    options: &ModelOptions,
    choose: impl FnOnce(&PretrainedConfig) -> Result<Build<M>>,
) -> Result<M> {
    let config = config.with_options(options)?;
    let build = choose(&config)?;
    let (model, _) = build(config, None, "", options)?;
    Ok(model)
}

/// The error for a configuration of a family that is not among `supported`.
pub(crate) fn unknown_model_type(
    config: &PretrainedConfig,
    model_type: &str,
    supported: impl IntoIterator<Item = &'static str>,
) -> Error {
    Error::UnknownModelType {
        origin: config.origin().to_owned(),
        model_type: model_type.to_owned(),
        supported: supported.into_iter().collect(),
    }
}
