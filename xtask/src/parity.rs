//! `cargo xtask parity`: the same cases in Python and here, compared bit by bit.

use crate::hub_cache::Assets;
use crate::workspace::Workspace;
use crate::{example, libtorch, prerequisites, python_side};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the cases whose names contain this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Write what Python's runs ended with into parity/recorded.json, which the tests compare with
    #[arg(long, conflicts_with = "only")]
    record: bool,
}

/// The case that is also resumed at this step, by each program from what the other wrote.
const RESUMED: (&str, u64) = ("mrpc_60_steps", 30);

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    prerequisites::check_compilers()?;
    libtorch::ensure(workspace, &libtorch::Options::default())?;
    let python = python_side::ensure(workspace)?;
    let program = example::build(workspace, "parity_case")?;
    let assets = Assets::find(workspace);
    println!("{assets}");
    let threads = example::threads();
    println!("{threads} threads each");

    let out = workspace.path("out/parity");
    if out.exists() {
        std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    }
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    let prepared = |mut command: Command| {
        command
            .envs(assets.environment())
            .env("OMP_NUM_THREADS", &threads)
            .current_dir(workspace.root());
        command
    };
    let script = |name: &str| {
        let mut command = python.command();
        command.arg(workspace.path("parity").join(name));
        prepared(command)
    };
    let run_both = |cases: [&Path; 2], folders: [&Path; 2]| -> Result<()> {
        succeed(script("cases.py").arg(cases[0]).arg(folders[0]))?;
        succeed(
            prepared(Command::new(&program))
                .arg(cases[1])
                .arg(folders[1]),
        )
    };
    let compare = |cases: &Path, left: &Path, right: &Path| -> Result<bool> {
        let mut command = script("compare_cases.py");
        succeeds(command.arg(cases).arg(left).arg(right))
    };

    let chosen = chosen_cases(
        &workspace.path("parity/cases.json"),
        options.only.as_deref(),
    )?;
    let cases = write_cases(&out.join("cases.json"), &chosen)?;
    let [whole_python, whole_rust] = [out.join("python"), out.join("rust")];
    run_both([&cases, &cases], [&whole_python, &whole_rust])?;
    let mut equal = compare(&cases, &whole_python, &whole_rust)?;

    if let Some(case) = chosen.iter().find(|case| case["name"] == RESUMED.0) {
        let one = write_cases(&out.join("resumed.json"), std::slice::from_ref(case))?;
        let from = |folder: &Path, file: &str| -> Result<PathBuf> {
            let mut case = case.clone();
            let checkpoint = folder
                .join(RESUMED.0)
                .join(format!("checkpoint-{}", RESUMED.1));
            case["args"]["resume_from_checkpoint"] = checkpoint.to_string_lossy().into();
            write_cases(&out.join(file), &[case])
        };
        let in_python = from(&whole_rust, "python_resumes.json")?;
        let in_rust = from(&whole_python, "rust_resumes.json")?;
        let [python_resumed, rust_resumed] = [out.join("python_resumed"), out.join("rust_resumed")];
        run_both([&in_python, &in_rust], [&python_resumed, &rust_resumed])?;
        println!("\nRust resumed what Python wrote, against Python's uninterrupted run:");
        equal &= compare(&one, &whole_python, &rust_resumed)?;
        println!("\nPython resumed what Rust wrote, against Python's uninterrupted run:");
        equal &= compare(&one, &whole_python, &python_resumed)?;
    }
    if options.record {
        let plain: Vec<Value> = chosen
            .into_iter()
            .map(|mut case| {
                case["dropout"] = false.into();
                case
            })
            .collect();
        let plain = write_cases(&out.join("without_dropout.json"), &plain)?;
        let without_dropout = out.join("python_without_dropout");
        succeed(script("cases.py").arg(&plain).arg(&without_dropout))?;
        let mut record = script("record_cases.py");
        succeed(record.arg(&cases).arg(&whole_python).arg(&without_dropout))?;
    }
    Ok(if equal {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn chosen_cases(path: &Path, only: Option<&str>) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let all: Vec<Value> =
        serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let name = |case: &Value| case["name"].as_str().unwrap_or_default().to_owned();
    let chosen: Vec<Value> = all
        .iter()
        .filter(|case| only.is_none_or(|only| name(case).contains(only)))
        .cloned()
        .collect();
    if chosen.is_empty() {
        let names: Vec<String> = all.iter().map(name).collect();
        bail!("no case is called so; there are {}", names.join(", "));
    }
    Ok(chosen)
}

fn write_cases(path: &Path, cases: &[Value]) -> Result<PathBuf> {
    let text = serde_json::to_string_pretty(cases)?;
    std::fs::write(path, text).with_context(|| path.display().to_string())?;
    Ok(path.to_owned())
}

fn succeed(command: &mut Command) -> Result<()> {
    if succeeds(command)? {
        return Ok(());
    }
    bail!("{} failed", command.get_program().display())
}

fn succeeds(command: &mut Command) -> Result<bool> {
    let status = command
        .status()
        .with_context(|| format!("{} did not start", command.get_program().display()))?;
    Ok(status.success())
}
