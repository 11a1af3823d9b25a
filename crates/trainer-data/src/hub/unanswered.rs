use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// For so long a hub that did not answer is not asked again for what the cache can give.
///
/// A program loads a data set, a tokenizer and a model, and would wait for each.
const WHILE: Duration = Duration::from_secs(60);

/// When each hub was last asked in vain.
static SINCE: Mutex<BTreeMap<String, Instant>> = Mutex::new(BTreeMap::new());

/// The hub at `endpoint` has not answered.
pub(super) fn note(endpoint: &str) {
    since().insert(endpoint.to_owned(), Instant::now());
}

/// It has.
pub(super) fn forget(endpoint: &str) {
    since().remove(endpoint);
}

/// Whether it was asked in vain a moment ago.
pub(super) fn lately(endpoint: &str) -> bool {
    since()
        .get(endpoint)
        .is_some_and(|since| since.elapsed() < WHILE)
}

fn since() -> MutexGuard<'static, BTreeMap<String, Instant>> {
    SINCE.lock().unwrap_or_else(PoisonError::into_inner)
}
