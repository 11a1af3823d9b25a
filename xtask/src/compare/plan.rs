//! What is run, with which flags, in which order.

use super::{report, task::Task};
use crate::programs::Programs;
use crate::side::{Measured, Side};
use crate::workspace::Workspace;
use anyhow::Result;
use std::process::ExitCode;

/// Flags of `cargo xtask compare`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// What the model is trained for
    #[arg(long, value_enum, default_value_t = Task::Glue)]
    task: Task,
    /// How often each program runs; medians are compared
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Hub name or local folder of the model
    #[arg(long, default_value = "sentence-transformers/all-MiniLM-L6-v2")]
    model: String,
    /// Training steps of each run
    #[arg(long = "max_steps", alias = "max-steps", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    max_steps: u32,
    /// The whole job with default arguments, 3 epochs, instead of --max_steps
    #[arg(long)]
    full: bool,
    /// More flags that both programs get, after --
    #[arg(last = true)]
    flags: Vec<String>,
}

impl Options {
    /// The flags that both programs get, as `TrainingArguments` names them.
    fn flags(&self) -> Vec<String> {
        // The first logged loss marks the first step; a progress bar would hide it.
        let mut flags: Vec<String> = ["--disable_tqdm", "true", "--logging_first_step", "true"]
            .map(str::to_owned)
            .to_vec();
        if self.full {
            flags.extend(["--eval_strategy", "epoch"].map(str::to_owned));
        } else {
            flags.extend(steps(self.max_steps));
            flags
                .extend(["--logging_strategy", "steps", "--logging_steps", "1"].map(str::to_owned));
        }
        flags.extend_from_slice(&self.flags);
        flags
    }
}

fn steps(count: u32) -> Vec<String> {
    vec![
        "--max_steps".into(),
        count.to_string(),
        "--save_strategy".into(),
        "no".into(),
    ]
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let programs = Programs::prepare(workspace, options.task.example())?;
    let out = workspace.path("out/compare").join(options.task.example());
    let run = |side: Side, flags: &[String]| -> Result<Measured> {
        let mut command = options.task.command(side, &programs, &options.model);
        command.args(flags);
        side.run(command, &out)
    };

    println!("first one step of each that does not count: it fills the disk cache");
    for side in [Side::Rust, Side::Python] {
        run(side, &[steps(1), options.flags()[..4].to_vec()].concat())?;
    }
    let mut measured = [Vec::new(), Vec::new()];
    for round in 1..=options.rounds {
        for (side, kept) in [Side::Rust, Side::Python].into_iter().zip(&mut measured) {
            let found = run(side, &options.flags())?;
            println!("round {round}, {side}: {found}");
            kept.push(found);
        }
    }
    let [rust, python] = measured;
    print!("\n{}", report::table(&rust, &python));
    Ok(ExitCode::SUCCESS)
}
