//! Trainings: the same cases in Python and here, compared bit by bit.

use super::options::Options;
use super::steps::{empty_folder, succeed, succeeds};
use crate::programs::Programs;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a case leaves: weights of 91 MB, their two moments, and room to write.
const BYTES_OF_A_RUN: u64 = 300_000_000;

/// What a case of a small model leaves, which is drawn from a configuration.
const BYTES_OF_A_SMALL_RUN: u64 = 30_000_000;

/// The cases that are also resumed, at these steps, by each program from what the other wrote.
const RESUMED: [(&str, u64); 2] = [("mrpc_60_steps", 30), ("bf16", 10)];

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let own = || workspace.path("parity/cases.json");
    let file = options.cases.clone().unwrap_or_else(own);
    let mut chosen = chosen_cases(&file, options.only.as_deref())?;
    let sides = Sides(Programs::prepare(workspace, "parity_case")?);
    let out = workspace.path("out/parity");
    let runs = if options.record { 3 } else { 2 };
    let needed: u64 = chosen.iter().map(|case| runs * bytes_of_a_run(case)).sum();
    empty_folder(&out, needed + 2 * RESUMED.len() as u64 * BYTES_OF_A_RUN)?;

    for case in &mut chosen {
        sides.add_files(case, &out)?;
    }
    let cases = write_cases(&out.join("cases.json"), &chosen)?;
    let [python, rust] = [out.join("python"), out.join("rust")];
    sides.run_python(&cases, &python)?;
    sides.run_rust(&cases, &rust)?;
    let mut equal = sides.compare(&cases, &python, &rust, &[])?;
    for (name, step) in RESUMED {
        if let Some(case) = chosen.iter().find(|case| case["name"] == name) {
            equal &= resume_crosswise(&sides, case, step, &out)?;
        }
    }
    if options.record {
        let without_dropout = out.join("python_without_dropout");
        let plain = write_cases(
            &out.join("without_dropout.json"),
            &chosen.into_iter().map(plain).collect::<Vec<_>>(),
        )?;
        sides.run_python(&plain, &without_dropout)?;
        let mut record = sides.0.script("record_cases.py");
        succeed(record.arg(&cases).arg(&python).arg(&without_dropout))?;
    }
    if !equal {
        return Ok(ExitCode::FAILURE);
    }
    std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}

fn bytes_of_a_run(case: &Value) -> u64 {
    match case["from_config"].as_bool() {
        Some(true) => BYTES_OF_A_SMALL_RUN,
        _ => BYTES_OF_A_RUN,
    }
}

/// Lets each program go on from the checkpoint that the other wrote, and compares both ends with Python's whole run.
fn resume_crosswise(sides: &Sides<'_>, case: &Value, step: u64, out: &Path) -> Result<bool> {
    let one = write_cases(&out.join("resumed.json"), std::slice::from_ref(case))?;
    let from = |side: &str, file: &str| -> Result<PathBuf> {
        let mut case = case.clone();
        let name = case["name"].as_str().unwrap_or_default();
        let checkpoint = format!("{side}/{name}/checkpoint-{step}");
        case["args"]["resume_from_checkpoint"] = out.join(checkpoint).to_string_lossy().into();
        write_cases(&out.join(file), &[case])
    };
    let [python_resumed, rust_resumed] = [out.join("python_resumed"), out.join("rust_resumed")];
    sides.run_python(&from("rust", "python_resumes.json")?, &python_resumed)?;
    sides.run_rust(&from("python", "rust_resumes.json")?, &rust_resumed)?;
    let whole = out.join("python");
    println!("\nRust resumed what Python wrote, against Python's uninterrupted run:");
    let equal = sides.compare(&one, &whole, &rust_resumed, &["--resumed"])?;
    println!("\nPython resumed what Rust wrote, against Python's uninterrupted run:");
    Ok(equal & sides.compare(&one, &whole, &python_resumed, &["--resumed"])?)
}

/// The case without dropout.
fn plain(mut case: Value) -> Value {
    case["dropout"] = false.into();
    case
}

/// Both programs.
struct Sides<'a>(Programs<'a>);

impl Sides<'_> {
    /// The model of a case that adds files to it becomes a copy that has them.
    fn add_files(&self, case: &mut Value, out: &Path) -> Result<()> {
        let Some(files) = case
            .as_object_mut()
            .and_then(|case| case.remove("add_files"))
        else {
            return Ok(());
        };
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        let folder = out.join("models").join(text("name"));
        let mut copy = self.0.script("model_copy.py");
        copy.arg(text("model")).arg(&folder).arg(files.to_string());
        succeed(&mut copy)?;
        case["model"] = folder.to_string_lossy().into();
        Ok(())
    }

    fn run_python(&self, cases: &Path, folder: &Path) -> Result<()> {
        succeed(self.0.script("cases.py").arg(cases).arg(folder))
    }

    fn run_rust(&self, cases: &Path, folder: &Path) -> Result<()> {
        let mut command = self.0.rust();
        succeed(command.arg(cases).arg(folder))
    }

    /// Prints the table of differences and says whether there is none.
    fn compare(&self, cases: &Path, python: &Path, rust: &Path, flags: &[&str]) -> Result<bool> {
        let mut command = self.0.script("compare_cases.py");
        succeeds(command.arg(cases).arg(python).arg(rust).args(flags))
    }
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
