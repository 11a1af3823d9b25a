//! `rng_state.pth` of a checkpoint: where every generator stood, Python's and NumPy's included.
//!
//! This crate has neither Python's nor NumPy's generator. What a checkpoint says of them is kept and written back, so
//! that a run that goes from Python to Rust and back loses nothing; a run that began here writes what `random.seed` and
//! `numpy.random.seed` would have made of its seed.
//!
//! ```
//! use trainer_torch::rng_state::RngState;
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("rng_state.pth");
//! let state = RngState::capture(None, 42)?;
//! state.save(&file)?;
//! assert_eq!(RngState::load(&file)?, state);
//! state.restore()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
mod form;
mod mersenne_twister;

use std::path::Path;

use crate::{Error, Result, pickle, rng};

/// State of Python's `random` (`random.getstate()`).
#[derive(Clone, Debug, PartialEq)]
pub struct PythonState {
    /// Version of the form; 3.
    pub version: i64,
    /// 624 words of a Mersenne twister, and its position.
    pub words: Vec<u32>,
    /// The second of a pair of normal numbers, if it waits.
    pub gauss_next: Option<f64>,
}

/// State of NumPy's global generator (`numpy.random.get_state()`).
#[derive(Clone, Debug, PartialEq)]
pub struct NumpyState {
    /// 624 words of a Mersenne twister.
    pub key: Vec<u32>,
    /// Its position.
    pub pos: i64,
    /// 1 if the second of a pair of normal numbers waits, else 0.
    pub has_gauss: i64,
    /// That number.
    pub cached_gaussian: f64,
}

/// Where a data collator that draws stood. Python's checkpoints do not have it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CollatorState {
    /// The collator's own generator, if it has one.
    pub generator: Option<Vec<u8>>,
    /// Where the generators stood before the batch that comes next was drawn, if it was drawn already.
    pub before_next: Option<BeforeNext>,
}

/// Generators before a batch was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct BeforeNext {
    /// libtorch's on the CPU.
    pub cpu: Vec<u8>,
    /// The collator's own, if it has one.
    pub generator: Option<Vec<u8>>,
}

/// States of all generators.
#[derive(Clone, Debug, PartialEq)]
pub struct RngState {
    /// Python's.
    pub python: PythonState,
    /// NumPy's.
    pub numpy: NumpyState,
    /// libtorch's on the CPU, [`rng::CPU_STATE_BYTES`] long.
    pub cpu: Vec<u8>,
    /// libtorch's on CUDA devices, the first first; empty without CUDA.
    pub cuda: Vec<Vec<u8>>,
    /// A data collator's, if it draws.
    pub collator: Option<CollatorState>,
    /// libtorch's on the CPU before the order of the epoch's rows was drawn, where it is drawn from that. Python's checkpoints do
    /// not have it.
    pub before_order: Option<Vec<u8>>,
}

impl RngState {
    /// libtorch's generators as they stand, of the CUDA devices the first, which one process uses; Python's and NumPy's
    /// from `previous`, what the run resumed from, or else as their libraries seed them with `seed`.
    ///
    /// # Errors
    /// CUDA's.
    pub fn capture(previous: Option<&Self>, seed: u64) -> Result<Self> {
        Ok(Self {
            python: previous
                .map_or_else(|| PythonState::seeded(seed), |state| state.python.clone()),
            numpy: previous.map_or_else(|| NumpyState::seeded(seed), |state| state.numpy.clone()),
            cpu: rng::get_state()?,
            cuda: rng::get_cuda_states()?.into_iter().take(1).collect(),
            collator: None,
            before_order: None,
        })
    }

    /// Sets libtorch's generators to this state: the CPU's, and of the CUDA devices those that are both here and in the
    /// state.
    ///
    /// # Errors
    /// When a state has the wrong size.
    pub fn restore(&self) -> Result<()> {
        rng::set_state(&self.cpu)?;
        let devices = crate::cuda::device_count()?.min(self.cuda.len());
        rng::set_cuda_states(&self.cuda[..devices])
    }

    /// Reads a file that Hugging Face's Trainer or [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, has another form, or asks for anything but data; the error names it.
    pub fn load(path: &Path) -> Result<Self> {
        let value = pickle::load(path)?;
        form::from_value(&value).map_err(|source| Error::Pickle {
            path: path.to_owned(),
            source,
        })
    }

    /// Writes a file that Hugging Face's Trainer reads. With one CUDA device its state stands alone, with several in a list,
    /// as the Trainer has them in one and in several processes.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let value = form::to_value(self).map_err(|source| Error::Pickle {
            path: path.to_owned(),
            source,
        })?;
        pickle::save(path, &value)
    }
}
