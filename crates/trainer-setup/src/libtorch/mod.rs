//! libtorch: the user's own, or a folder taken out of PyPI's torch wheel.
//!
//! The wheel holds PyTorch's libraries with their headers, but most of its five gigabytes of libraries and dependencies
//! serve CUDA or Python. The CPU's part works alone: `libtorch_cpu`, `libc10`, `libgomp`, and on Linux the two small
//! CUDA libraries that `libtorch_cpu.so` is linked to. `libtorch.so`, which is empty but asks for the CUDA libraries,
//! becomes a one-line linker script.
//!
//! Everything is staged in `libtorch.partial/`; a manifest is written last and one rename makes the folder appear. Each
//! start compares the libraries' sizes with the manifest (`--verify` and `doctor` their hashes), so a set-up that was
//! cut short or damaged is done again and never used.

mod choice;
mod download;
mod ensure;
mod home;
mod manifest;
mod pins;
mod set_up;
mod version;
mod wheel;

pub use choice::Choice;
pub use ensure::{Options, ensure, ensure_in};
pub use home::Home;
pub use pins::TORCH;
pub use version::check_folder;

pub(crate) use manifest::{Depth, Manifest};
pub(crate) use version::holds_libraries;
