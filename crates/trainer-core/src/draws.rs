//! Where the generators stand that a collator draws from.

use trainer_collate::Batch;
use trainer_data::Collate;
use trainer_torch::rng;
use trainer_torch::rng_state::BeforeNext;

use crate::{Error, Result};

/// Of libtorch on the CPU, and the collator's own.
pub(crate) fn generators(collator: &dyn Collate<Batch = Batch>) -> Result<BeforeNext> {
    let own = collator.random().map(|random| random.generator_state());
    let own = own.transpose().map_err(Error::own("collator"))?;
    Ok(BeforeNext {
        cpu: rng::get_state()?,
        generator: own.flatten(),
    })
}

/// Puts them where they stood.
pub(crate) fn set_generators(
    collator: &dyn Collate<Batch = Batch>,
    stood: &BeforeNext,
) -> Result<()> {
    rng::set_state(&stood.cpu)?;
    set_own(collator, stood.generator.as_deref())
}

/// Puts the collator's own generator where it stood, if it has one.
pub(crate) fn set_own(
    collator: &dyn Collate<Batch = Batch>,
    generator: Option<&[u8]>,
) -> Result<()> {
    match (collator.random(), generator) {
        (Some(random), Some(state)) => {
            let set = random.set_generator_state(state);
            set.map_err(Error::own("collator"))
        }
        _ => Ok(()),
    }
}
