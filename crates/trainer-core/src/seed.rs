use crate::Result;

/// Seeds libtorch's generators, of the CPU and of every CUDA device, as Hugging Face's `set_seed`.
///
/// Call it before a model is made so that its new head is drawn from this seed.
///
/// # Errors
/// When libtorch refuses.
pub fn set_seed(seed: u64) -> Result<()> {
    Ok(trainer_torch::rng::manual_seed(seed)?)
}
