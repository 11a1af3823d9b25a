//! Warnings of this project, which reach users of programs that have set up no logging too.

use std::fmt;
use std::io::Write;

#[doc(hidden)]
pub use tracing;

/// As `tracing::warn!`. Where the program has set up no logging, the message goes to standard error, as with Python's
/// handler of last resort.
///
/// ```
/// trainer_data::warning!("skipping {}: {}", "checkpoint-500", "it is damaged");
/// ```
#[macro_export]
macro_rules! warning {
    ($($message:tt)+) => {
        if $crate::last_resort::tracing::dispatcher::has_been_set() {
            $crate::last_resort::tracing::warn!($($message)+);
        } else {
            $crate::last_resort::write(format_args!($($message)+));
        }
    };
}

#[doc(hidden)]
pub fn write(message: fmt::Arguments<'_>) {
    // Where nobody reads any more, a warning is no reason to end a run.
    let _ = writeln!(std::io::stderr(), "warning: {message}");
}
