use crate::base_model::BaseModel;
use crate::bert::{BertForSequenceClassification, BertModel};
use crate::pretrained::{Build, unknown_model_type};
use crate::{Model, PretrainedConfig, Result};

/// What this crate has of one family of models.
pub(super) struct Family {
    model_type: &'static str,
    pub(super) base: Build<Box<dyn BaseModel>>,
    pub(super) sequence_classification: Build<Box<dyn Model>>,
}

macro_rules! family {
    ($model_type:literal, $base:ty, $sequence_classification:ty) => {
        Family {
            model_type: $model_type,
            base: |config, checkpoint, origin, options| {
                let (model, report) = <$base>::build(config, checkpoint, origin, options)?;
                Ok((Box::new(model), report))
            },
            sequence_classification: |config, checkpoint, origin, options| {
                let (model, report) =
                    <$sequence_classification>::build(config, checkpoint, origin, options)?;
                Ok((Box::new(model), report))
            },
        }
    };
}

/// One line a family, by its `model_type`.
const FAMILIES: &[Family] = &[family!("bert", BertModel, BertForSequenceClassification)];

/// The family that a configuration belongs to.
pub(super) fn family_of(config: &PretrainedConfig) -> Result<&'static Family> {
    let model_type = config.model_type()?;
    let supported = FAMILIES.iter().map(|family| family.model_type);
    FAMILIES
        .iter()
        .find(|family| family.model_type == model_type)
        .ok_or_else(|| unknown_model_type(config, model_type, supported))
}
