//! Results of checks, a line of JSON each.

use std::process::ExitCode;

use serde_json::json;

/// How a check ended, and what was seen.
pub(crate) enum Outcome {
    Held(String),
    Failed(String),
    /// It has no meaning on this device.
    Skipped(String),
}

impl Outcome {
    /// Held where `found` is at most `limit`; not a number is not.
    pub(crate) fn within(found: f64, limit: f64, what: &str) -> Self {
        let seen = format!("{what} {found:.1e}, at most {limit:.0e}");
        match found <= limit {
            true => Self::Held(seen),
            false => Self::Failed(seen),
        }
    }
}

/// Which checks have failed.
#[derive(Default)]
pub(crate) struct Report {
    failed: usize,
}

impl Report {
    /// Runs a check and prints how it ended. An error is a failure, and the next check runs all the same.
    pub(crate) fn run(&mut self, name: &str, check: impl FnOnce() -> trainer::Result<Outcome>) {
        let (state, seen) = match check() {
            Ok(Outcome::Held(seen)) => ("ok", seen),
            Ok(Outcome::Skipped(why)) => ("skipped", why),
            Ok(Outcome::Failed(seen)) => ("failed", seen),
            Err(error) => ("failed", error.report()),
        };
        self.failed += usize::from(state == "failed");
        println!("{}", json!({"check": name, "state": state, "seen": seen}));
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(self.failed > 0))
    }
}
