//! Findings in two columns, problems below them.

use std::process::ExitCode;

/// Prints findings; remembers whether one of them prevents building.
#[derive(Default)]
pub(super) struct Report {
    blocked: bool,
}

impl Report {
    /// Something that was found.
    pub(super) fn found(&self, name: &str, text: impl AsRef<str>) {
        println!("{name:<14}{}", text.as_ref());
    }

    /// Something to improve; building works.
    pub(super) fn warn(&self, problem: impl AsRef<str>, fix: impl AsRef<str>) {
        self.found("", format!("note: {}", problem.as_ref()));
        self.found("", format!("fix:  {}", fix.as_ref()));
    }

    /// Something without which nothing can be built.
    pub(super) fn block(&mut self, problem: impl AsRef<str>, fix: impl AsRef<str>) {
        self.found("", format!("WRONG: {}", problem.as_ref()));
        self.found("", format!("fix:   {}", fix.as_ref()));
        self.blocked = true;
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        if self.blocked {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }
}
