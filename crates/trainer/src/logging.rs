//! Showing what happens: log messages on the terminal.

use tracing_subscriber::EnvFilter;
use trainer_core::LogLevel;

/// Writes log messages of this level and above to standard error; `Passive` means warnings, as in Python, and with
/// warnings comes the plan of a run: steps, batch sizes, device. `RUST_LOG` wins where it is set. Does nothing where the
/// program has set up its logging already.
///
/// A program that never calls this, and has no logging of its own, shows warnings alone.
pub fn log_to_stderr(level: LogLevel) {
    let directive = match level {
        LogLevel::Debug | LogLevel::Detail => "debug",
        LogLevel::Info => "info",
        LogLevel::Warning | LogLevel::Passive => "warn,trainer_core::plan=info",
        LogLevel::Error | LogLevel::Critical => "error",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(directive));
    // It fails only where a subscriber is set already, which is the program's choice then.
    let _already_set = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        // Where standard error is closed, the report of that would end the run.
        .log_internal_errors(false)
        .try_init();
}
