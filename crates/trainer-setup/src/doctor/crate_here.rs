//! The crate at hand: do its builds and programs find libtorch?

use super::report::Report;
use crate::cargo_config::{ConfigFile, State, what_hides_it};
use crate::libtorch::{Choice, Home};
use anyhow::Result;

pub(super) fn examine(report: &mut Report, home: &Home) -> Result<()> {
    let Some(config) = ConfigFile::find()? else {
        report.found("crate", "none here");
        return Ok(());
    };
    report.found("crate", config.path().display().to_string());
    let Ok(choice) = Choice::of(home) else {
        return Ok(());
    };
    match (config.state(choice.folder()), &choice) {
        (Ok(State::Leads), _) => {
            report.found("", format!("leads to {}", choice.folder().display()));
        }
        (Ok(State::Lacks), Choice::Own(_)) => {
            report.block("it does not lead to libtorch", "trainer setup");
        }
        (Ok(State::Lacks), Choice::Users(_)) => report.warn(
            "it does not lead to libtorch: programs are built by LIBTORCH and do not find it when they start",
            "trainer setup",
        ),
        (Err(error), _) => {
            let said = format!("{error:#}");
            let problem = said.lines().next().unwrap_or_default().to_owned();
            report.warn(
                problem,
                "`trainer setup` shows the lines that it should have",
            );
        }
    }
    for (problem, fix) in what_hides_it(config.path()) {
        report.warn(problem, fix);
    }
    Ok(())
}
