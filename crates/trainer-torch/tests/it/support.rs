//! What tests of libtorch's generators share.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps tests that seed or draw from libtorch's global generator out of each other's way, while it is held.
pub fn generator() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}
