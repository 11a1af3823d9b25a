//! Calls of libraries that panic on what a file holds.

use std::{
    any::Any,
    cell::Cell,
    panic::{self, AssertUnwindSafe, catch_unwind},
    sync::Once,
};

use crate::BoxError;

thread_local! {
    /// How many calls of [`caught`] this thread is inside of.
    static CAUGHT: Cell<usize> = const { Cell::new(0) };
}

/// What `call` gives, or what it says where it panics; a panic prints nothing.
///
/// It is for calls of libraries that panic on what a file or a text holds. The first call puts a panic hook before the one
/// that is there, which goes on to see all other panics. `call` must stay on this thread, and what it changes must not be
/// used after a panic.
///
/// ```
/// let text = trainer_data::caught(|| "file".strip_prefix("x").map(str::to_owned).expect("no prefix"));
/// assert_eq!(text.unwrap_err().to_string(), "no prefix");
/// ```
///
/// # Errors
/// The message of the panic.
pub fn caught<T>(call: impl FnOnce() -> T) -> Result<T, BoxError> {
    static HOOK: Once = Once::new();
    // A thread that panics may not change the hook.
    if !std::thread::panicking() {
        HOOK.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |panic| {
                // A thread that ends has no count any more.
                if CAUGHT.try_with(Cell::get).unwrap_or(0) == 0 {
                    before(panic);
                }
            }));
        });
    }
    CAUGHT.set(CAUGHT.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(call));
    CAUGHT.set(CAUGHT.get() - 1);
    result.map_err(|panic| message(panic.as_ref()).into())
}

/// What a caught panic said.
pub(crate) fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
