//! What libtorch has and `tch` does not bind: mixed precision, fused optimizer steps, gradient slots, generator states, Python's
//! checkpoint files, CUDA found at run time, facts about the machine.
//!
//! A thin C++ shim calls libtorch's own kernels, so that results are PyTorch's to the bit; the safe functions here are
//! the only way to it. No C++ exception crosses the boundary: each comes back as an [`Error`].
//!
//! Files of `torch.save` are read by a small pickle machine in Rust ([`pickle`], [`rng_state`]) instead of libtorch's
//! unpickler. libtorch's knows neither NumPy's arrays, which `rng_state.pth` holds, nor `defaultdict`, and trusts the
//! bytes it is given; one machine that knows a dozen constructors, bounds what it builds and refuses every other by name
//! serves all of a checkpoint's files.
//!
//! ```
//! use trainer_torch::{info, rng};
//!
//! rng::manual_seed(42)?;
//! let before = rng::get_state()?;
//! let first = rng::draw_base_seed()?;
//! rng::set_state(&before)?;
//! assert_eq!(rng::draw_base_seed()?, first);
//! println!("libtorch {} on {}", info::version(), info::cpu_capability()?);
//! # Ok::<(), trainer_torch::Error>(())
//! ```

pub mod amp;
pub mod autocast;
pub mod checkpoint;
pub mod cuda;
mod error;
pub mod fast;
mod ffi;
pub mod foreach;
pub mod fused;
pub mod grad;
pub mod info;
pub mod memory;
pub mod norm;
pub mod pickle;
pub mod pointwise;
pub mod rng;
pub mod rng_state;
pub mod varlen;

pub use error::{Error, PickleError, Result};
