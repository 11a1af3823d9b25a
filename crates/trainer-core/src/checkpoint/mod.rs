//! Checkpoints as folders that appear whole or not at all.

mod best_model;
mod folders;
mod manifest;
mod output_lock;
mod resume;
mod rotation;
mod save;
mod staging;

use best_model::find_best;
pub(crate) use best_model::{best_of, load_best_model, remove_all_but_best};
use folders::{by_age, checkpoint_name, checkpoints, last_whole_checkpoint};
use manifest::verify_weights;
pub(crate) use output_lock::OutputLock;
pub(crate) use resume::{checkpoint_to_resume, resume};
pub(crate) use rotation::superfluous;
pub(crate) use save::save_checkpoint;
pub(crate) use staging::{remove_or_warn, tidy, write_whole};

/// Optimizer state, as `torch.save` writes it.
pub(crate) const OPTIMIZER: &str = "optimizer.pt";
/// Schedule state, as `torch.save` writes it.
pub(crate) const SCHEDULER: &str = "scheduler.pt";
/// State of the gradient scaler, where losses are scaled.
pub(crate) const SCALER: &str = "scaler.pt";
/// States of the random number generators.
pub(crate) const RNG_STATE: &str = "rng_state.pth";
/// [`TrainerState`](crate::TrainerState).
pub(crate) const TRAINER_STATE: &str = "trainer_state.json";
/// The arguments. Python's `training_args.bin` is a pickle of a Python object, which only Python can write.
pub(crate) const TRAINING_ARGS: &str = "training_args.json";
/// Sizes and hashes of the other files.
pub(crate) const MANIFEST: &str = "manifest.json";
