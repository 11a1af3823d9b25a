use std::sync::{PoisonError, RwLock};

use super::{FAMILIES, Family};
use crate::{Error, PretrainedConfig, Result};

/// Families from outside this crate.
static REGISTERED: RwLock<Vec<&'static dyn Family>> = RwLock::new(Vec::new());

/// Makes a family of one's own known to `AutoModel…`, by its `model_type`, for the rest of the program.
///
/// # Errors
/// When there is a family of that `model_type` already.
pub fn register_family(family: &'static dyn Family) -> Result<()> {
    let mut registered = REGISTERED.write().unwrap_or_else(PoisonError::into_inner);
    let model_type = family.model_type();
    let mut known = FAMILIES.iter().chain(registered.iter());
    if known.any(|known| known.model_type() == model_type) {
        return Err(Error::DuplicateModelType(model_type));
    }
    registered.push(family);
    Ok(())
}

/// The family that a configuration belongs to.
pub(crate) fn family_of(config: &PretrainedConfig) -> Result<&'static dyn Family> {
    let registered = REGISTERED.read().unwrap_or_else(PoisonError::into_inner);
    let families = || FAMILIES.iter().chain(registered.iter()).copied();
    let model_type = config.model_type()?;
    families()
        .find(|family| family.model_type() == model_type)
        .ok_or_else(|| Error::UnknownModelType {
            origin: config.origin().to_owned(),
            model_type: model_type.to_owned(),
            supported: families().map(Family::model_type).collect(),
        })
}
