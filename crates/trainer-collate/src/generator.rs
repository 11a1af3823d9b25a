use std::sync::{Mutex, MutexGuard, PoisonError};

use trainer_torch::rng;

use crate::Result;

/// Where a collator draws from: libtorch's default CPU generator, or one of its own with a seed.
#[derive(Debug, Default)]
pub(crate) struct Generator {
    seed: Option<u64>,
    /// With a seed, once something was drawn: the state.
    state: Mutex<Option<Vec<u8>>>,
}

impl Generator {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self {
            seed: Some(seed),
            state: Mutex::default(),
        }
    }

    /// Calls `draw` with libtorch's default generator standing where this one does.
    pub(crate) fn with<T>(&self, draw: impl FnOnce() -> Result<T>) -> Result<T> {
        let Some(seed) = self.seed else {
            return draw();
        };
        let mut state = self.lock();
        let state = match &mut *state {
            Some(state) => state,
            fresh => fresh.insert(rng::state_of_seed(seed)?),
        };
        rng::with_state(state, draw)?
    }

    /// The state of a generator of its own.
    pub(crate) fn state(&self) -> Result<Option<Vec<u8>>> {
        match (self.seed, &*self.lock()) {
            (None, _) => Ok(None),
            (_, Some(state)) => Ok(Some(state.clone())),
            (Some(seed), None) => Ok(Some(rng::state_of_seed(seed)?)),
        }
    }

    /// Sets the state of a generator of its own; without one nothing happens.
    pub(crate) fn set_state(&self, state: &[u8]) {
        if self.seed.is_some() {
            *self.lock() = Some(state.to_vec());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<u8>>> {
        // A panic leaves the state that was there before.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
