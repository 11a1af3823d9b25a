//! What is compared, and which flags go with it.

use super::{data, hub, tokenizers, trainings};
use crate::workspace::Workspace;
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of `cargo xtask parity`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// What is compared
    #[arg(value_enum, default_value_t = Subject::Trainings)]
    pub(super) subject: Subject,
    /// Only the cases, or tokenizers, whose names contain this
    #[arg(long, value_name = "TEXT")]
    pub(super) only: Option<String>,
    /// Cases of this file, in the form that parity/README.md describes, instead of parity/cases.json
    #[arg(long, value_name = "FILE", conflicts_with = "record")]
    pub(super) cases: Option<PathBuf>,
    /// Write what Python's runs ended with into parity/recorded.json, which the tests compare with
    #[arg(long)]
    pub(super) record: bool,
    /// How many random files `data` makes; 10000 if absent
    #[arg(long, value_name = "N")]
    pub(super) files: Option<u32>,
    /// What the random files of `data` follow from; 0 if absent
    #[arg(long, value_name = "S")]
    pub(super) seed: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Subject {
    /// The cases of parity/cases.json: every bit that a training leaves
    Trainings,
    /// What tokenizers make of texts: those of the hub's cache, and one of each class of Python's
    Tokenizers,
    /// What data files become: random ones of CSV and JSON, and the data sets of the hub's cache
    Data,
    /// What Python's hub client makes of the server of the tests, and each side of the other's cache
    Hub,
}

/// Compares what `options` say.
///
/// # Errors
/// Flags that are another subject's are refused.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let of_trainings = options.record || options.cases.is_some();
    let of_data = options.files.is_some() || options.seed.is_some();
    if of_trainings && options.subject != Subject::Trainings {
        bail!("only trainings have cases: leave --record and --cases out");
    }
    if of_data && options.subject != Subject::Data {
        bail!("only data files are random: leave --files and --seed out");
    }
    let is_named = matches!(options.subject, Subject::Trainings | Subject::Tokenizers);
    if options.only.is_some() && !is_named {
        bail!("only trainings and tokenizers are chosen by name: leave --only out");
    }
    match options.subject {
        Subject::Trainings => trainings::run(workspace, options),
        Subject::Tokenizers => tokenizers::run(workspace, options),
        Subject::Data => data::run(workspace, options),
        Subject::Hub => hub::run(workspace),
    }
}
